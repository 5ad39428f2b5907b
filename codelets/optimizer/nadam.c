/* SPDX-License-Identifier: MIT
 * nadam: g += decay w, or where it is decoupled w *= 1 - lr decay; m = beta1 m + (1 - beta1) g;
 *        v = beta2 v + (1 - beta2) g^2; with mu(t) = beta1 (1 - 0.96^(t momentum_decay) / 2) and
 *        P(t) = mu(1) ... mu(t):
 *        w -= lr ((1 - mu(t)) g / (1 - P(t)) + mu(t+1) m / (1 - P(t+1)))
 *             / (sqrt(v / (1 - beta2^t)) + eps).
 *        w, g, m, v: one shape.  w, m and v are changed.
 * As torch.optim.NAdam has it; Dozat, "Incorporating Nesterov momentum into Adam", 2016. */
#include "config.h"
#include "codelets/optimizer/nadam.h"
#include "codelets/shared/room.h"
#include "codelets/clip/update.h"

#include <math.h>

enum { DECOUPLED }; /* attr */
/* Scalars.  STEP_G and STEP_M are what g and m are multiplied by. */
enum { LR, BETA1, BETA2, EPS, WEIGHT_DECAY, CORRECTION2, STEP_G, STEP_M };

static double momentum_of(const struct plait_optimizer *o, int64_t t)
{
	return o->beta1 * (1.0 - 0.5 * pow(0.96, (double)t * o->momentum_decay));
}

/* P(t).  It is a function of t, so a training goes on anywhere; and soon too small to be seen in
 * 1 - P(t), after some 60 factors of a beta1 of 0.9. */
static double product_of(const struct plait_optimizer *o, int64_t t)
{
	double product = 1.0, base = pow(0.96, o->momentum_decay), power = 1.0;

	for (int64_t i = 1; i <= t && product > 1e-20; i++) {
		power *= base;
		product *= o->beta1 * (1.0 - 0.5 * power);
	}
	return product;
}

void plait__nadam_scalars(const struct plait_optimizer *o, int64_t t, struct plait_scalars *scalars)
{
	double product = product_of(o, t), next = momentum_of(o, t + 1);

	scalars->value[LR] = o->lr;
	scalars->value[BETA1] = o->beta1;
	scalars->value[BETA2] = o->beta2;
	scalars->value[EPS] = o->eps;
	scalars->value[WEIGHT_DECAY] = o->weight_decay;
	scalars->value[CORRECTION2] = sqrt(1.0 - pow(o->beta2, (double)t));
	scalars->value[STEP_G] = o->lr * (1.0 - momentum_of(o, t)) / (1.0 - product);
	scalars->value[STEP_M] = o->lr * next / (1.0 - product * next);
}

struct plait_node *plait__nadam(const struct plait_optimizer *o, struct plait_node *parameter,
				struct plait_node *gradient)
{
	if (!parameter)
		return NULL;
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_nadam,
		.ninputs = 4,
		.input = (struct plait_node *[]){ parameter, gradient, plait__state(parameter),
						  plait__state(parameter) },
		.nattr = 1,
		.attr = &(double){ o->decoupled_weight_decay },
	});
}

struct plait__nadam_rule plait__nadam_rule_of(const struct plait_call *call)
{
	const double *now = call->scalars->value;
	bool decoupled = call->node->attr[DECOUPLED] != 0.0;

	PLAIT__ASSERT(now[LR] >= 0, "the learning rate is not negative");
	PLAIT__ASSERT(now[CORRECTION2] > 0 && now[CORRECTION2] <= 1,
		      "nadam's correction is in (0,1]: its updates count from 1");
	return (struct plait__nadam_rule){
		.beta1 = (float)now[BETA1],
		.beta2 = (float)now[BETA2],
		.rest1 = (float)(1.0 - now[BETA1]),
		.rest2 = (float)(1.0 - now[BETA2]),
		.eps = (float)now[EPS],
		.decay = decoupled ? 0.0f : (float)now[WEIGHT_DECAY],
		.shrink = decoupled ? (float)(1.0 - now[LR] * now[WEIGHT_DECAY]) : 1.0f,
		.root = (float)(1.0 / now[CORRECTION2]),
		.step_g = (float)now[STEP_G],
		.step_m = (float)now[STEP_M],
	};
}

PLAIT__CLONES static void update(int64_t n, struct plait__nadam_rule rule, float *restrict w,
				 const float *restrict g, float *restrict m, float *restrict v)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__nadam_step(rule, w[i], g[i], &m[i], &v[i]);
}

static void nadam_part(const struct plait_call *call, const void *rule, int64_t first, int64_t n,
		       const float *g)
{
	update(n, *(const struct plait__nadam_rule *)rule, plait__call_updated(call, 0) + first, g,
	       plait__call_updated(call, 2) + first, plait__call_updated(call, 3) + first);
}

static void nadam_cpu(const struct plait_call *call)
{
	struct plait__nadam_rule rule = plait__nadam_rule_of(call);

	plait__update_parts(call, &rule, nadam_part);
}

static void nadam_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 18, 7, cost);
}

const struct plait_op plait__op_nadam = {
	.abi = PLAIT_OP_ABI,
	.name = "nadam",
	.updates = 1u << 0 | 1u << 2 | 1u << 3,
	.cpu = nadam_cpu,
	.cuda = PLAIT__CUDA(plait__nadam_cuda),
	.cuda_joint = PLAIT__CUDA(plait__nadam_cuda_joint),
	.joint = PLAIT__MOST_JOINT,
	.cost = nadam_cost,
};
