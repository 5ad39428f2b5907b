/* SPDX-License-Identifier: MIT
 * lamb: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 *       d = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) + decay w;
 *       w -= lr |w| / |d| d, or lr d where a norm is 0.  w, g, m, v, d: one shape, and |.| is the
 *       2-norm of all of it.  w, m and v are changed.
 * You et al., "Large batch optimization for deep learning", ICLR 2020 (arXiv 1904.00962), algorithm
 * 2, with |w| for phi(|w|) and a layer for each parameter, as implementations have it. */
#include "config.h"
#include "codelets/optimizer/lamb.h"
#include "codelets/shared/room.h"
#include "codelets/clip/update.h"

#include <math.h>
#include <string.h>

/* Scalars.  The corrections are 1 - beta1^t and sqrt(1 - beta2^t). */
enum { LR, BETA1, BETA2, EPS, WEIGHT_DECAY, CORRECTION1, CORRECTION2 };

void plait__lamb_scalars(const struct plait_optimizer *o, int64_t t, struct plait_scalars *scalars)
{
	scalars->value[LR] = o->lr;
	scalars->value[BETA1] = o->beta1;
	scalars->value[BETA2] = o->beta2;
	scalars->value[EPS] = o->eps;
	scalars->value[WEIGHT_DECAY] = o->weight_decay;
	scalars->value[CORRECTION1] = 1.0 - pow(o->beta1, (double)t);
	scalars->value[CORRECTION2] = sqrt(1.0 - pow(o->beta2, (double)t));
}

struct plait_node *plait__lamb(const struct plait_optimizer *o, struct plait_node *parameter,
			       struct plait_node *gradient)
{
	(void)o;
	if (!parameter)
		return NULL;
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_lamb,
		.ninputs = 4,
		.input = (struct plait_node *[]){ parameter, gradient, plait__state(parameter),
						  plait__state(parameter) },
	});
}

struct plait__lamb_rule plait__lamb_rule_of(const struct plait_call *call)
{
	const double *now = call->scalars->value;

	PLAIT__ASSERT(now[LR] >= 0, "the learning rate is not negative");
	PLAIT__ASSERT(now[CORRECTION1] > 0 && now[CORRECTION1] <= 1 && now[CORRECTION2] > 0 &&
			      now[CORRECTION2] <= 1,
		      "lamb's corrections are in (0,1]: its updates count from 1");
	return (struct plait__lamb_rule){
		.beta1 = (float)now[BETA1],
		.beta2 = (float)now[BETA2],
		.rest1 = (float)(1.0 - now[BETA1]),
		.rest2 = (float)(1.0 - now[BETA2]),
		.eps = (float)now[EPS],
		.decay = (float)now[WEIGHT_DECAY],
		.lr = (float)now[LR],
		.scale = (float)(1.0 / now[CORRECTION1]),
		.root = (float)(1.0 / now[CORRECTION2]),
	};
}

#define LANES 16

/* Updates so many of m and v, LANES at most, and adds the squares of w and of its directions, each
 * to the sum of its lane. */
static inline __attribute__((always_inline)) void
measure_some(int count, struct plait__lamb_rule rule, const float *restrict w,
	     const float *restrict g, float *restrict m, float *restrict v, double *restrict w_lane,
	     double *restrict lane)
{
	float direction[LANES];

	for (int l = 0; l < count; l++) {
		plait__lamb_moments(rule, g[l], &m[l], &v[l]);
		direction[l] = plait__lamb_direction(rule, w[l], m[l], v[l]);
	}
	for (int l = 0; l < count; l++) {
		w_lane[l] += (double)w[l] * (double)w[l];
		lane[l] += (double)direction[l] * (double)direction[l];
	}
}

static double sum_lanes(double *lane)
{
	for (int step = LANES / 2; step > 0; step /= 2)
		for (int l = 0; l < step; l++)
			lane[l] += lane[l + step];
	return lane[0];
}

/* What is measured: the rule, and sums in double, where no square of a float is too large or too
 * small. */
struct measure {
	struct plait__lamb_rule rule;
	double *w_lane, *lane; /* [LANES] */
};
_Static_assert(PLAIT__BLOCK % LANES == 0,
	       "each number of a part is in the lane that it has in all");

/* Updates m and v. */
PLAIT__CLONES static void measure(int64_t n, struct plait__lamb_rule rule, const float *restrict w,
				  const float *restrict g, float *restrict m, float *restrict v,
				  double *restrict w_sums, double *restrict sums)
{
	double w_lane[LANES], lane[LANES];
	int64_t i = 0;

	memcpy(w_lane, w_sums, sizeof w_lane);
	memcpy(lane, sums, sizeof lane);
	for (; i + LANES <= n; i += LANES)
		measure_some(LANES, rule, w + i, g + i, m + i, v + i, w_lane, lane);
	measure_some((int)(n - i), rule, w + i, g + i, m + i, v + i, w_lane, lane);
	memcpy(w_sums, w_lane, sizeof w_lane);
	memcpy(sums, lane, sizeof lane);
}

static void measure_part(const struct plait_call *call, const void *user, int64_t first, int64_t n,
			 const float *g)
{
	const struct measure *to = user;

	measure(n, to->rule, plait__call_updated(call, 0) + first, g,
		plait__call_updated(call, 2) + first, plait__call_updated(call, 3) + first,
		to->w_lane, to->lane);
}

PLAIT__CLONES static void move(int64_t n, struct plait__lamb_rule rule, float step,
			       float *restrict w, const float *restrict m, const float *restrict v)
{
	for (int64_t i = 0; i < n; i++)
		w[i] = w[i] - step * plait__lamb_direction(rule, w[i], m[i], v[i]);
}

static void lamb_cpu(const struct plait_call *call)
{
	int64_t n = plait__call_elements(call, call->node->input[0]);
	struct plait__lamb_rule rule = plait__lamb_rule_of(call);
	double w_lane[LANES] = { 0.0 }, lane[LANES] = { 0.0 };

	if (plait__update_skipped(call))
		return;
	plait__update_parts(call, &(struct measure){ rule, w_lane, lane }, measure_part);
	move(n, rule, plait__lamb_step(rule, sum_lanes(w_lane), sum_lanes(lane)),
	     plait__call_updated(call, 0), plait__call_updated(call, 2),
	     plait__call_updated(call, 3));
}

static void lamb_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 32, 10, cost);
}

const struct plait_op plait__op_lamb = {
	.abi = PLAIT_OP_ABI,
	.name = "lamb",
	.updates = 1u << 0 | 1u << 2 | 1u << 3,
	.cpu = lamb_cpu,
	.cuda = PLAIT__CUDA(plait__lamb_cuda),
	.cuda_joint = PLAIT__CUDA(plait__lamb_cuda_joint),
	.joint = PLAIT__MOST_JOINT,
	.cost = lamb_cost,
};
