/* SPDX-License-Identifier: MIT
 * lion: w *= 1 - lr decay; w -= lr sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g.
 *       w, g, m: one shape.  w and m are changed.
 * Chen et al., "Symbolic discovery of optimization algorithms", 2023 (arXiv 2302.06675), program 1,
 * in the order of operations of the authors' code for PyTorch. */
#include "config.h"
#include "codelets/optimizer/lion.h"
#include "codelets/shared/room.h"
#include "codelets/clip/update.h"

enum { LR, BETA1, BETA2, WEIGHT_DECAY }; /* scalars */

void plait__lion_scalars(const struct plait_optimizer *o, int64_t t, struct plait_scalars *scalars)
{
	(void)t;
	scalars->value[LR] = o->lr;
	scalars->value[BETA1] = o->beta1;
	scalars->value[BETA2] = o->beta2;
	scalars->value[WEIGHT_DECAY] = o->weight_decay;
}

struct plait_node *plait__lion(const struct plait_optimizer *o, struct plait_node *parameter,
			       struct plait_node *gradient)
{
	(void)o;
	if (!parameter)
		return NULL;
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_lion,
		.ninputs = 3,
		.input = (struct plait_node *[]){ parameter, gradient, plait__state(parameter) },
	});
}

struct plait__lion_rule plait__lion_rule_of(const struct plait_call *call)
{
	const double *now = call->scalars->value;

	PLAIT__ASSERT(now[LR] >= 0, "the learning rate is not negative");
	return (struct plait__lion_rule){
		.beta1 = (float)now[BETA1],
		.beta2 = (float)now[BETA2],
		.rest1 = (float)(1.0 - now[BETA1]),
		.rest2 = (float)(1.0 - now[BETA2]),
		.lr = (float)now[LR],
		.shrink = (float)(1.0 - now[LR] * now[WEIGHT_DECAY]),
	};
}

PLAIT__CLONES static void update(int64_t n, struct plait__lion_rule rule, float *restrict w,
				 const float *restrict g, float *restrict m)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__lion_step(rule, w[i], g[i], &m[i]);
}

static void lion_part(const struct plait_call *call, const void *rule, int64_t first, int64_t n,
		      const float *g)
{
	update(n, *(const struct plait__lion_rule *)rule, plait__call_updated(call, 0) + first, g,
	       plait__call_updated(call, 2) + first);
}

static void lion_cpu(const struct plait_call *call)
{
	struct plait__lion_rule rule = plait__lion_rule_of(call);

	plait__update_parts(call, &rule, lion_part);
}

static void lion_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 9, 5, cost);
}

const struct plait_op plait__op_lion = {
	.abi = PLAIT_OP_ABI,
	.name = "lion",
	.updates = 1u << 0 | 1u << 2,
	.cpu = lion_cpu,
	.cuda = PLAIT__CUDA(plait__lion_cuda),
	.cuda_joint = PLAIT__CUDA(plait__lion_cuda_joint),
	.joint = PLAIT__MOST_JOINT,
	.cost = lion_cost,
};
