/* SPDX-License-Identifier: MIT
 * adagrad: g += decay w; s += g^2; w -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps).
 *          w, g, s: one shape.  w and s are changed; s begins at initial_accumulator_value.
 * As torch.optim.Adagrad has it; Duchi, Hazan and Singer, JMLR 12, 2011. */
#include "config.h"
#include "codelets/optimizer/adagrad.h"
#include "codelets/shared/room.h"
#include "codelets/clip/update.h"

enum { LR, EPS, WEIGHT_DECAY }; /* scalars; LR is that of the step */

void plait__adagrad_scalars(const struct plait_optimizer *o, int64_t t,
			    struct plait_scalars *scalars)
{
	scalars->value[LR] = o->lr / (1.0 + (double)(t - 1) * o->lr_decay);
	scalars->value[EPS] = o->eps;
	scalars->value[WEIGHT_DECAY] = o->weight_decay;
}

struct plait_node *plait__adagrad(const struct plait_optimizer *o, struct plait_node *parameter,
				  struct plait_node *gradient)
{
	struct plait_node *sum = plait__state_of(parameter, o->initial_accumulator_value);

	if (!parameter)
		return NULL;
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_adagrad,
		.ninputs = 3,
		.input = (struct plait_node *[]){ parameter, gradient, sum },
	});
}

struct plait__adagrad_rule plait__adagrad_rule_of(const struct plait_call *call)
{
	const double *now = call->scalars->value;

	PLAIT__ASSERT(now[LR] >= 0, "the learning rate is not negative");
	return (struct plait__adagrad_rule){
		.lr = (float)now[LR],
		.decay = (float)now[WEIGHT_DECAY],
		.eps = (float)now[EPS],
	};
}

PLAIT__CLONES static void update(int64_t n, struct plait__adagrad_rule rule, float *restrict w,
				 const float *restrict g, float *restrict sum)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__adagrad_step(rule, w[i], g[i], &sum[i]);
}

static void adagrad_part(const struct plait_call *call, const void *rule, int64_t first, int64_t n,
			 const float *g)
{
	update(n, *(const struct plait__adagrad_rule *)rule, plait__call_updated(call, 0) + first,
	       g, plait__call_updated(call, 2) + first);
}

static void adagrad_cpu(const struct plait_call *call)
{
	struct plait__adagrad_rule rule = plait__adagrad_rule_of(call);

	plait__update_parts(call, &rule, adagrad_part);
}

static void adagrad_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 9, 5, cost);
}

const struct plait_op plait__op_adagrad = {
	.abi = PLAIT_OP_ABI,
	.name = "adagrad",
	.updates = 1u << 0 | 1u << 2,
	.cpu = adagrad_cpu,
	.cuda = PLAIT__CUDA(plait__adagrad_cuda),
	.cuda_joint = PLAIT__CUDA(plait__adagrad_cuda_joint),
	.joint = PLAIT__MOST_JOINT,
	.cost = adagrad_cost,
};
