/* SPDX-License-Identifier: MIT
 * The definitions, as in the documentation of torch.optim; of LAMB and Lion, as in the papers. */
#include "config.h"
#include "tests/codelets/ops_update.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- of one number ----------------------------------------------------------------------- */

/* A mean of g, or of its powers, that goes on in state k. */
static void mean(struct number *x, int k, double beta, double g)
{
	x->state[k] = beta * x->state[k] + (1 - beta) * g;
	x->size[k] = beta * x->size[k] + (1 - beta) * fabs(g);
}

static void sgd(const struct plait_optimizer *o, int t, double g, struct number *x)
{
	(void)t;
	g += o->weight_decay * x->w;
	if (o->momentum > 0) {
		x->state[0] = o->momentum * x->state[0] + g;
		x->size[0] = o->momentum * x->size[0] + fabs(g);
		g = o->nesterov ? g + o->momentum * x->state[0] : x->state[0];
	}
	x->w -= o->lr * g;
	x->path += o->lr * (fabs(g) + 2 * x->size[0]);
}

static void adam(const struct plait_optimizer *o, int t, double g, struct number *x)
{
	double rate, size;

	if (o->kind != PLAIT_ADAM)
		x->w -= o->lr * o->weight_decay * x->w;
	else
		g += o->weight_decay * x->w;
	mean(x, 0, o->beta1, g);
	mean(x, 1, o->beta2, g * g);
	rate = o->lr / (1 - pow(o->beta1, t));
	size = sqrt(x->state[1] / (1 - pow(o->beta2, t))) + o->eps;
	x->w -= rate * x->state[0] / size;
	x->path += rate * x->size[0] / size;
}

static void rmsprop(const struct plait_optimizer *o, int t, double g, struct number *x)
{
	int momentum = o->centered ? 2 : 1;
	double variance, worse = 1, size;

	(void)t;
	g += o->weight_decay * x->w;
	mean(x, 0, o->alpha, g * g);
	variance = x->state[0];
	if (o->centered) {
		mean(x, 1, o->alpha, g);
		variance -= x->state[1] * x->state[1];
		if (x->state[0] > 1e-38) /* or a float has 0 */
			worse = x->state[0] / variance;
	}
	size = sqrt(variance) + o->eps;
	g /= size;
	if (o->momentum > 0) {
		x->state[momentum] = o->momentum * x->state[momentum] + g;
		x->size[momentum] = o->momentum * x->size[momentum] + fabs(g) * worse;
		g = x->state[momentum];
	}
	x->w -= o->lr * g;
	x->path += o->lr * (o->momentum > 0 ? x->size[momentum] : fabs(g) * worse);
}

static void adagrad(const struct plait_optimizer *o, int t, double g, struct number *x)
{
	double rate = o->lr / (1 + (t - 1) * o->lr_decay);

	g += o->weight_decay * x->w;
	x->state[0] += g * g;
	x->size[0] = x->state[0];
	x->w -= rate * g / (sqrt(x->state[0]) + o->eps);
	x->path += rate * fabs(g) / (sqrt(x->state[0]) + o->eps);
}

static double nadam_momentum(const struct plait_optimizer *o, int t)
{
	return o->beta1 * (1 - 0.5 * pow(0.96, t * o->momentum_decay));
}

static void nadam(const struct plait_optimizer *o, int t, double g, struct number *x)
{
	double product = 1, now = nadam_momentum(o, t), next = nadam_momentum(o, t + 1), size;

	for (int i = 1; i <= t; i++)
		product *= nadam_momentum(o, i);
	if (o->decoupled_weight_decay)
		x->w -= o->lr * o->weight_decay * x->w;
	else
		g += o->weight_decay * x->w;
	mean(x, 0, o->beta1, g);
	mean(x, 1, o->beta2, g * g);
	size = sqrt(x->state[1] / (1 - pow(o->beta2, t))) + o->eps;
	x->w -= o->lr * (1 - now) / (1 - product) * g / size;
	x->w -= o->lr * next / (1 - product * next) * x->state[0] / size;
	x->path +=
		o->lr *
		(fabs(g) * (1 - now) / (1 - product) + x->size[0] * next / (1 - product * next)) /
		size;
}

static void lion(const struct plait_optimizer *o, int t, double g, struct number *x)
{
	double direction = o->beta1 * x->state[0] + (1 - o->beta1) * g;

	(void)t;
	x->w -= o->lr * o->weight_decay * x->w;
	x->w -= o->lr * ((direction > 0) - (direction < 0));
	x->path += o->lr;
	mean(x, 0, o->beta2, g);
}

/* -- of all numbers of a parameter --------------------------------------------------------- */

static void lamb(const struct plait_optimizer *o, int t, int64_t n, const double *g,
		 struct number *x)
{
	double *direction = malloc((size_t)n * sizeof *direction), w_norm = 0, norm = 0, ratio = 1;

	for (int64_t i = 0; i < n; i++) {
		mean(&x[i], 0, o->beta1, g[i]);
		mean(&x[i], 1, o->beta2, g[i] * g[i]);
		direction[i] = x[i].state[0] / (1 - pow(o->beta1, t)) /
				       (sqrt(x[i].state[1] / (1 - pow(o->beta2, t))) + o->eps) +
			       o->weight_decay * x[i].w;
		w_norm += x[i].w * x[i].w;
		norm += direction[i] * direction[i];
	}
	if (w_norm > 0 && norm > 0)
		ratio = sqrt(w_norm) / sqrt(norm);
	for (int64_t i = 0; i < n; i++) {
		double size = x[i].size[0] / (1 - pow(o->beta1, t)) /
				      (sqrt(x[i].state[1] / (1 - pow(o->beta2, t))) + o->eps) +
			      o->weight_decay * fabs(x[i].w);

		x[i].w -= o->lr * ratio * direction[i];
		x[i].path += o->lr * ratio * size;
	}
	free(direction);
}

/* c = a b^T, or a b; a is [m,k]. */
static void multiply(int64_t m, int64_t n, int64_t k, const double *a, const double *b,
		     bool transposed, double *c)
{
	for (int64_t i = 0; i < m; i++)
		for (int64_t j = 0; j < n; j++) {
			double sum = 0;

			for (int64_t l = 0; l < k; l++)
				sum += a[i * k + l] * (transposed ? b[j * k + l] : b[l * n + j]);
			c[i * n + j] = sum;
		}
}

/* u [m,n] becomes nearly orthogonal; m <= n. */
static void orthogonalize(const struct plait_optimizer *o, int64_t m, int64_t n, double *u)
{
	double *a = malloc((size_t)(m * m) * sizeof *a), *b = malloc((size_t)(m * m) * sizeof *b);
	double *v = malloc((size_t)(m * n) * sizeof *v), norm = 0;

	for (int64_t i = 0; i < m * n; i++)
		norm += u[i] * u[i];
	norm = fmax(sqrt(norm), o->eps);
	for (int64_t i = 0; i < m * n; i++)
		u[i] /= norm;
	for (int s = 0; s < o->ns_steps; s++) {
		multiply(m, m, n, u, u, true, a);
		multiply(m, m, m, a, a, false, b);
		for (int64_t i = 0; i < m * m; i++)
			b[i] = -4.7750 * a[i] + 2.0315 * b[i];
		multiply(m, n, m, b, u, false, v);
		for (int64_t i = 0; i < m * n; i++)
			u[i] = 3.4445 * u[i] + v[i];
	}
	free(a);
	free(b);
	free(v);
}

/* Element i of the transposed matrix stands where element `turned` of it does. */
static int64_t turned(int64_t i, int64_t rows, int64_t columns)
{
	return i % rows * columns + i / rows;
}

/* An error of the first X, or of a step, is multiplied by the iteration as what is small in X: by
 * 3.4445 in each step, 485 in five. */
#define AMPLIFIED 485

static void muon(const struct plait_optimizer *o, int64_t rows, int64_t columns, const double *g,
		 struct number *x)
{
	int64_t n = rows * columns;
	bool tall = rows > columns;
	double *u = malloc((size_t)n * sizeof *u);
	double rate = o->lr * (o->adjust_lr_fn == PLAIT_ADJUST_MATCH_RMS_ADAMW
				       ? 0.2 * sqrt(fmax((double)rows, (double)columns))
				       : sqrt(fmax(1, (double)rows / (double)columns)));

	for (int64_t i = 0; i < n; i++)
		mean(&x[i], 0, o->momentum, g[i]);
	for (int64_t i = 0; i < n; i++) {
		int64_t j = tall ? turned(i, rows, columns) : i;

		u[i] = o->nesterov ? (1 - o->momentum) * g[j] + o->momentum * x[j].state[0]
				   : x[j].state[0];
	}
	orthogonalize(o, tall ? columns : rows, tall ? rows : columns, u);
	for (int64_t i = 0; i < n; i++) {
		int64_t j = tall ? turned(i, rows, columns) : i;

		x[j].w -= o->lr * o->weight_decay * x[j].w;
		x[j].w -= rate * u[i];
		x[j].path += rate * AMPLIFIED / sqrt((double)(tall ? rows : columns));
	}
	free(u);
}

/* -- all ----------------------------------------------------------------------------------- */

typedef void one_fn(const struct plait_optimizer *o, int t, double g, struct number *x);
static one_fn *const rule_of_one[] = {
	[PLAIT_SGD] = sgd,         [PLAIT_ADAM] = adam,       [PLAIT_ADAMW] = adam,
	[PLAIT_RMSPROP] = rmsprop, [PLAIT_ADAGRAD] = adagrad, [PLAIT_NADAM] = nadam,
	[PLAIT_LION] = lion,       [PLAIT_MUON] = adam,
};

void update_reference(const struct plait_optimizer *o, int t, int64_t rows, int64_t columns,
		      const double *g, struct number *x)
{
	int64_t n = (rows ? rows : 1) * columns;
	struct plait_optimizer one = *o;

	if (o->kind == PLAIT_LAMB) {
		lamb(o, t, n, g, x);
	} else if (o->kind == PLAIT_MUON && rows > 0) {
		muon(o, rows, columns, g, x);
	} else {
		one.lr *= o->kind == PLAIT_MUON ? o->adam_lr_ratio : 1;
		for (int64_t i = 0; i < n; i++)
			rule_of_one[o->kind](&one, t, g[i], &x[i]);
	}
}
