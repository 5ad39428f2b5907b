/* SPDX-License-Identifier: MIT
 * Rows of the table: losses that are a mean of terms, one of each element. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>

#define DELTA 0.75f /* of huber */

static struct plait_node *targets_of(struct plait_node *x)
{
	return plait_targets(x->graph, plait_node_elements(x));
}

struct plait_node *build_l1(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_l1(x, targets_of(x));
}

struct plait_node *build_l1_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_l1_weighted(x, targets_of(x), plait_weights(x->graph));
}

struct plait_node *build_huber(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_huber(x, targets_of(x), DELTA);
}

struct plait_node *build_huber_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_huber_weighted(x, targets_of(x), plait_weights(x->graph), DELTA);
}

/* A term of the graph's loss. */
struct plait_node *build_huber_weighted_term(struct plait_node *x, int64_t m)
{
	plait_loss(plait_sum(x));
	return build_huber_weighted(x, m);
}

struct plait_node *build_bce(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_bce_with_logits(x, targets_of(x));
}

struct plait_node *build_bce_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_bce_with_logits_weighted(x, targets_of(x), plait_weights(x->graph));
}

/* term: of x and t; *size: that of its largest part, by which roundings are relative. */
static void mean_of(const struct reference_call *call,
		    double (*term)(double x, double t, double *size), double *out, double *bound)
{
	int64_t n = plait_node_elements(call->y->input[0]);
	double count = (double)(n * call->batch);

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < n * call->rows; i++) {
		double w = call->y->ninputs > 2 ? call->in[2][i / n] : 1, value, size;

		if (w == 0)
			continue;
		value = term(call->in[0][i], call->in[1][i], &size);
		out[0] += w * value / count;
		bound[0] += fabs(w) * size / count;
	}
	/* At most 9 roundings a term, of its difference, what is made of that, and the weight;
	 * floats are summed in 16 lanes, 256 in a lane at most. */
	bound[0] *= 10 + fmin((double)(n * call->rows) / 16, 256);
}

static double l1_term(double x, double t, double *size)
{
	return *size = fabs(x - t);
}

void l1(const struct reference_call *call, double *out, double *bound)
{
	mean_of(call, l1_term, out, bound);
}

static double huber_term(double x, double t, double *size)
{
	double a = fabs(x - t), delta = (double)DELTA;

	return *size = a < delta ? a * a / 2 : delta * (a - delta / 2);
}

void huber(const struct reference_call *call, double *out, double *bound)
{
	mean_of(call, huber_term, out, bound);
}

static double bce_term(double x, double t, double *size)
{
	double top = x < 0 ? 0 : x, rest = log1p(exp(-fabs(x)));

	*size = fabs(top) + fabs(x * t) + rest;
	return top - x * t + rest;
}

void bce(const struct reference_call *call, double *out, double *bound)
{
	mean_of(call, bce_term, out, bound);
}
