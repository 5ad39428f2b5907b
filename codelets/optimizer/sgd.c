/* SPDX-License-Identifier: MIT
 * sgd: g += decay w; with momentum: v = momentum v + g, and g = v, or g + momentum v with
 *      Nesterov; w -= lr g.  w, g, v: one shape.  w and v are changed; no v without momentum.
 * v starts at 0, so the first step has v = g, as in torch.optim. */
#include "config.h"
#include "codelets/shared/room.h"
#include "codelets/clip/update.h"
#include "codelets/optimizer/sgd.h"

enum { NESTEROV };                   /* attr */
enum { LR, MOMENTUM, WEIGHT_DECAY }; /* scalars */

void plait__sgd_scalars(const struct plait_optimizer *o, int64_t t, struct plait_scalars *scalars)
{
	(void)t;
	scalars->value[LR] = o->lr;
	scalars->value[MOMENTUM] = o->momentum;
	scalars->value[WEIGHT_DECAY] = o->weight_decay;
}

struct plait_node *plait__sgd(const struct plait_optimizer *o, struct plait_node *parameter,
			      struct plait_node *gradient)
{
	const double attr[] = { [NESTEROV] = o->nesterov };
	struct plait_node *input[] = { parameter, gradient, NULL };
	bool momentum = o->momentum > 0;

	if (!parameter)
		return NULL;
	if (momentum)
		input[2] = plait__state(parameter);
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_sgd,
		.ninputs = momentum ? 3 : 2,
		.input = input,
		.nattr = sizeof attr / sizeof *attr,
		.attr = attr,
	});
}

struct plait__sgd_rule plait__sgd_rule_of(const struct plait_call *call)
{
	const double *now = call->scalars->value;

	PLAIT__ASSERT(now[LR] >= 0, "the learning rate is not negative");
	return (struct plait__sgd_rule){
		.lr = (float)now[LR],
		.momentum = (float)now[MOMENTUM],
		.weight_decay = (float)now[WEIGHT_DECAY],
		.nesterov = call->node->attr[NESTEROV] != 0.0,
	};
}

PLAIT__CLONES static void plain(int64_t n, struct plait__sgd_rule rule, float *restrict w,
				const float *restrict g)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__sgd_step(rule, w[i], g[i]);
}

PLAIT__CLONES static void with_momentum(int64_t n, struct plait__sgd_rule rule, float *restrict w,
					const float *restrict g, float *restrict v)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__sgd_momentum_step(rule, w[i], g[i], &v[i]);
}

static bool has_momentum(const struct plait_node *node)
{
	return plait__update_inputs(node) == 3;
}

static void sgd_part(const struct plait_call *call, const void *user, int64_t first, int64_t n,
		     const float *g)
{
	const struct plait__sgd_rule *rule = user;
	float *w = plait__call_updated(call, 0) + first;

	if (has_momentum(call->node))
		with_momentum(n, *rule, w, g, plait__call_updated(call, 2) + first);
	else
		plain(n, *rule, w, g);
}

static void sgd_cpu(const struct plait_call *call)
{
	struct plait__sgd_rule rule = plait__sgd_rule_of(call);

	plait__update_parts(call, &rule, sgd_part);
}

static void sgd_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	if (has_momentum(node))
		plait_op_cost(node->input[0], rows, 6, 5, cost);
	else
		plait_op_cost(node->input[0], rows, 4, 3, cost);
}

const struct plait_op plait__op_sgd = {
	.abi = PLAIT_OP_ABI,
	.name = "sgd",
	.updates = 1u << 0 | 1u << 2,
	.cpu = sgd_cpu,
	.cuda = PLAIT__CUDA(plait__sgd_cuda),
	.cuda_joint = PLAIT__CUDA(plait__sgd_cuda_joint),
	.joint = PLAIT__MOST_JOINT,
	.cost = sgd_cost,
};
