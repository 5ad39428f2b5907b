/* SPDX-License-Identifier: MIT
 * rmsprop: g += decay w; v = alpha v + (1 - alpha) g^2; s = sqrt(v) + eps, or where it is centered
 *          a = alpha a + (1 - alpha) g and s = sqrt(v - a^2) + eps; w -= lr g / s, or with momentum
 *          b = momentum b + g / s and w -= lr b.  w, g, v, a, b: one shape.  All but g are changed;
 *          there is no a and no b without need.
 * As torch.optim.RMSprop has it; from Hinton's lecture 6e (2012), centered as in Graves 2013
 * (arXiv 1308.0850). */
#include "config.h"
#include "codelets/optimizer/rmsprop.h"
#include "codelets/shared/room.h"
#include "codelets/clip/update.h"

enum { CENTERED };                               /* attr */
enum { LR, ALPHA, EPS, MOMENTUM, WEIGHT_DECAY }; /* scalars */

void plait__rmsprop_scalars(const struct plait_optimizer *o, int64_t t,
			    struct plait_scalars *scalars)
{
	(void)t;
	scalars->value[LR] = o->lr;
	scalars->value[ALPHA] = o->alpha;
	scalars->value[EPS] = o->eps;
	scalars->value[MOMENTUM] = o->momentum;
	scalars->value[WEIGHT_DECAY] = o->weight_decay;
}

struct plait_node *plait__rmsprop(const struct plait_optimizer *o, struct plait_node *parameter,
				  struct plait_node *gradient)
{
	struct plait_node *input[5] = { parameter, gradient, plait__state(parameter) };
	int inputs = 3;

	if (!parameter)
		return NULL;
	if (o->centered)
		input[inputs++] = plait__state(parameter);
	if (o->momentum > 0)
		input[inputs++] = plait__state(parameter);
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_rmsprop,
		.ninputs = inputs,
		.input = input,
		.nattr = 1,
		.attr = &(double){ o->centered },
	});
}

struct plait__rmsprop_rule plait__rmsprop_rule_of(const struct plait_call *call)
{
	const double *now = call->scalars->value;

	PLAIT__ASSERT(now[LR] >= 0, "the learning rate is not negative");
	return (struct plait__rmsprop_rule){
		.lr = (float)now[LR],
		.momentum = (float)now[MOMENTUM],
		.decay = (float)now[WEIGHT_DECAY],
		.eps = (float)now[EPS],
		.alpha = (float)now[ALPHA],
		.rest = (float)(1.0 - now[ALPHA]),
		.centered = call->node->attr[CENTERED] != 0.0,
	};
}

/* Inlined with a NULL or two, so that the loop has no choice in it. */
static inline __attribute__((always_inline)) void update(int64_t n, struct plait__rmsprop_rule rule,
							 float *restrict w, const float *restrict g,
							 float *restrict v, float *restrict mean,
							 float *restrict momentum)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__rmsprop_step(rule, w[i], g[i], &v[i], mean ? &mean[i] : NULL,
					   momentum ? &momentum[i] : NULL);
}

PLAIT__CLONES static void any_update(int64_t n, struct plait__rmsprop_rule rule, float *restrict w,
				     const float *restrict g, float *restrict v,
				     float *restrict mean, float *restrict momentum)
{
	if (mean && momentum)
		update(n, rule, w, g, v, mean, momentum);
	else if (mean)
		update(n, rule, w, g, v, mean, NULL);
	else if (momentum)
		update(n, rule, w, g, v, NULL, momentum);
	else
		update(n, rule, w, g, v, NULL, NULL);
}

static void rmsprop_part(const struct plait_call *call, const void *user, int64_t first, int64_t n,
			 const float *g)
{
	const struct plait__rmsprop_rule *rule = user;
	int momentum = rule->centered ? 4 : 3; /* where it is, if it is */
	bool has_momentum = plait__update_inputs(call->node) > momentum;

	any_update(n, *rule, plait__call_updated(call, 0) + first, g,
		   plait__call_updated(call, 2) + first,
		   rule->centered ? plait__call_updated(call, 3) + first : NULL,
		   has_momentum ? plait__call_updated(call, momentum) + first : NULL);
}

static void rmsprop_cpu(const struct plait_call *call)
{
	struct plait__rmsprop_rule rule = plait__rmsprop_rule_of(call);

	plait__update_parts(call, &rule, rmsprop_part);
}

static void rmsprop_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 10, 2 * plait__update_inputs(node) - 1, cost);
}

const struct plait_op plait__op_rmsprop = {
	.abi = PLAIT_OP_ABI,
	.name = "rmsprop",
	.updates = 1u << 0 | 1u << 2 | 1u << 3 | 1u << 4,
	.cpu = rmsprop_cpu,
	.cuda = PLAIT__CUDA(plait__rmsprop_cuda),
	.cuda_joint = PLAIT__CUDA(plait__rmsprop_cuda_joint),
	.joint = PLAIT__MOST_JOINT,
	.cost = rmsprop_cost,
};
