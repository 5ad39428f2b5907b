/* SPDX-License-Identifier: MIT
 * adam: g += decay w (Adam) or w *= 1 - lr decay (AdamW); m = beta1 m + (1 - beta1) g;
 *       v = beta2 v + (1 - beta2) g^2; w -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps).
 *       w, g, m, v: one shape.  w, m and v are changed.
 * The operations are in the order of torch.optim's, so both can be compared step by step. */
#include "config.h"
#include "codelets/optimizer/adam.h"
#include "codelets/shared/room.h"
#include "codelets/clip/update.h"

#include <math.h>

enum { DECOUPLED }; /* attr */
/* Scalars.  The corrections are 1 - beta1^t and sqrt(1 - beta2^t). */
enum { LR, BETA1, BETA2, EPS, WEIGHT_DECAY, CORRECTION1, CORRECTION2, SCALARS };
_Static_assert(SCALARS == PLAIT__ADAM_SCALARS, "others know how many there are");

/* In double, as torch.optim computes them: 1 - 0.999 in float is off by 5e-5. */
void plait__adam_scalars(const struct plait_optimizer *o, int64_t t, struct plait_scalars *scalars)
{
	scalars->value[LR] = o->lr;
	scalars->value[BETA1] = o->beta1;
	scalars->value[BETA2] = o->beta2;
	scalars->value[EPS] = o->eps;
	scalars->value[WEIGHT_DECAY] = o->weight_decay;
	scalars->value[CORRECTION1] = 1.0 - pow(o->beta1, (double)t);
	scalars->value[CORRECTION2] = sqrt(1.0 - pow(o->beta2, (double)t));
}

struct plait_node *plait__adam(const struct plait_optimizer *o, struct plait_node *parameter,
			       struct plait_node *gradient)
{
	const double attr[] = { [DECOUPLED] = o->kind == PLAIT_ADAMW };

	if (!parameter)
		return NULL;
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_adam,
		.ninputs = 4,
		.input = (struct plait_node *[]){ parameter, gradient, plait__state(parameter),
						  plait__state(parameter) },
		.nattr = sizeof attr / sizeof *attr,
		.attr = attr,
	});
}

struct plait__adam_rule plait__adam_rule_of(const struct plait_call *call)
{
	const double *now = call->scalars->value;
	bool decoupled = call->node->attr[DECOUPLED] != 0.0;

	PLAIT__ASSERT(now[LR] >= 0, "the learning rate is not negative");
	PLAIT__ASSERT(now[CORRECTION1] > 0 && now[CORRECTION1] <= 1 && now[CORRECTION2] > 0 &&
			      now[CORRECTION2] <= 1,
		      "adam's corrections are in (0,1]: its updates count from 1");
	return (struct plait__adam_rule){
		.beta1 = (float)now[BETA1],
		.beta2 = (float)now[BETA2],
		.rest1 = (float)(1.0 - now[BETA1]),
		.rest2 = (float)(1.0 - now[BETA2]),
		.eps = (float)now[EPS],
		.decay = decoupled ? 0.0f : (float)now[WEIGHT_DECAY],
		.shrink = decoupled ? (float)(1.0 - now[LR] * now[WEIGHT_DECAY]) : 1.0f,
		.step = (float)(now[LR] / now[CORRECTION1]),
		.root = (float)(1.0 / now[CORRECTION2]),
	};
}

PLAIT__CLONES static void update(int64_t n, struct plait__adam_rule rule, float *restrict w,
				 const float *restrict g, float *restrict m, float *restrict v)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__adam_step(rule, w[i], g[i], &m[i], &v[i]);
}

static void adam_part(const struct plait_call *call, const void *rule, int64_t first, int64_t n,
		      const float *g)
{
	update(n, *(const struct plait__adam_rule *)rule, plait__call_updated(call, 0) + first, g,
	       plait__call_updated(call, 2) + first, plait__call_updated(call, 3) + first);
}

static void adam_cpu(const struct plait_call *call)
{
	struct plait__adam_rule rule = plait__adam_rule_of(call);

	plait__update_parts(call, &rule, adam_part);
}

static void adam_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 16, 7, cost);
}

const struct plait_op plait__op_adam = {
	.abi = PLAIT_OP_ABI,
	.name = "adam",
	.updates = 1u << 0 | 1u << 2 | 1u << 3,
	.cpu = adam_cpu,
	.cuda = PLAIT__CUDA(plait__adam_cuda),
	.cuda_joint = PLAIT__CUDA(plait__adam_cuda_joint),
	.joint = PLAIT__MOST_JOINT,
	.cost = adam_cost,
};
