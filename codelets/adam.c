/* SPDX-License-Identifier: MIT
 * adam: g += decay w (Adam) or w *= 1 - lr decay (AdamW); m = beta1 m + (1 - beta1) g;
 *       v = beta2 v + (1 - beta2) g^2; w -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps).
 *       w, g, m, v: one shape.  w, m and v are changed.
 * Operations are in the order of torch.optim's, so that both can be compared step by step. */
#include "config.h"
#include "codelets/cuda/cuda.h"
#include "codelets/formula.h"
#include "codelets/room.h"

enum { BETA1, BETA2, EPS, WEIGHT_DECAY, DECOUPLED }; /* attr */

struct plait_node *plait__adam(struct plait_node *parameter, struct plait_node *gradient,
			       double beta1, double beta2, double eps, double weight_decay,
			       bool decoupled)
{
	if (!parameter)
		return NULL;
	return plait__op_update(&(struct plait__node_spec){
		.op = &plait__op_adam,
		.ninputs = 4,
		.input = { parameter, gradient, plait__state(parameter), plait__state(parameter) },
		.attr = { [BETA1] = beta1,
			  [BETA2] = beta2,
			  [EPS] = eps,
			  [WEIGHT_DECAY] = weight_decay,
			  [DECOUPLED] = decoupled },
	});
}

static struct plait__adam_rule rule_of(const struct plait__call *call)
{
	const double *attr = call->node->attr;
	const struct plait__scalars *now = call->scalars;
	bool decoupled = attr[DECOUPLED] != 0.0;

	return (struct plait__adam_rule){
		.beta1 = (float)attr[BETA1],
		.beta2 = (float)attr[BETA2],
		.rest1 = (float)(1.0 - attr[BETA1]),
		.rest2 = (float)(1.0 - attr[BETA2]),
		.eps = (float)attr[EPS],
		.decay = decoupled ? 0.0f : (float)attr[WEIGHT_DECAY],
		.shrink = decoupled ? (float)(1.0 - now->lr * attr[WEIGHT_DECAY]) : 1.0f,
		.step = (float)(now->lr / now->correction1),
		.root = (float)(1.0 / now->correction2),
	};
}

PLAIT__CLONES static void update(int64_t n, struct plait__adam_rule rule, float *restrict w,
				 const float *restrict g, float *restrict m, float *restrict v)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = plait__adam_step(rule, w[i], g[i], &m[i], &v[i]);
}

/* The inputs that change are the caller's to write: only const by the struct's type. */
static void adam_cpu(const struct plait__call *call)
{
	update(plait__call_elements(call, call->node->input[0]), rule_of(call),
	       (float *)call->in[0], call->in[1], (float *)call->in[2], (float *)call->in[3]);
}

static int adam_cuda(const struct plait__call *call)
{
	struct plait__adam_rule rule = rule_of(call);

	return plait__adam_cuda(plait__call_elements(call, call->node->input[0]), &rule,
				(float *)call->in[0], call->in[1], (float *)call->in[2],
				(float *)call->in[3], call->stream);
}

static void adam_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node->input[0], rows, 16, 7, cost);
}

const struct plait__op plait__op_adam = {
	.name = "adam",
	.updates = 1u << 0 | 1u << 2 | 1u << 3,
	.cpu = adam_cpu,
	.cuda = PLAIT__CUDA(adam_cuda),
	.cost = adam_cost,
};
