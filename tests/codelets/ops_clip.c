/* SPDX-License-Identifier: MIT
 * What stands between gradients and updates, against naive loops. */
#include "config.h"
#include "codelets/clip/clip.h"
#include "tests/codelets/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct bench open_bench(void)
{
	return (struct bench){ .graph = plait_graph_create(), .rows = 1, .batch = 1 };
}

/* Frees what a node has, before it gets another value. */
static void forget(struct bench *b, const struct plait_node *node)
{
	free(b->value[node->id].host);
	free(b->value[node->id].exact);
	if (b->value[node->id].device)
		backend.release(b->value[node->id].device);
	b->value[node->id].host = b->value[node->id].device = NULL;
	b->value[node->id].exact = NULL;
}

static void set(struct bench *b, const struct plait_node *node, double number)
{
	forget(b, node);
	bench_set(b, node, &number);
}

static const float *floats_of(const struct bench *b, const struct plait_node *node)
{
	return b->value[node->id].host;
}

/* -- norms --------------------------------------------------------------------------------- */

/* The norm of n numbers, multiplied by scale; one of them is `odd` if that is not 0. */
static bool grad_norm_is_right(int64_t n, double scale, double odd)
{
	struct bench b = open_bench();
	struct plait_node *g = plait__state_numbers(b.graph, n), *norm = plait__grad_norm(g);
	double *number = malloc((size_t)n * sizeof *number), squares = 0, expected;
	uint64_t state = 5;
	bool right;

	for (int64_t i = 0; i < n; i++) {
		number[i] = (double)(float)(scale * some_number(&state));
		if (odd != 0 && i == n / 2)
			number[i] = odd;
		squares += number[i] / scale * (number[i] / scale);
	}
	expected = (double)(float)(scale * sqrt(squares));
	bench_set(&b, g, number);
	/* Sums are in double; two roundings to float may differ. */
	right = bench_run(&b, norm) && compare("grad_norm", 1, floats_of(&b, norm), &expected, NULL,
					       2 * fabs(expected)) == 0;
	free(number);
	bench_destroy(&b);
	return right;
}

bool grad_norms_are_right(void)
{
	static const int64_t sizes[] = { 1, 2, 15, 16, 33, 1000, 5000, 300000 };
	bool right = true;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		right = right && grad_norm_is_right(sizes[i], 1, 0) &&
			grad_norm_is_right(sizes[i], 1e30, 0) &&
			grad_norm_is_right(sizes[i], 1e-30, 0) &&
			grad_norm_is_right(sizes[i], 1, INFINITY) &&
			grad_norm_is_right(sizes[i], 1, NAN);
	return right;
}

/* -- figures ------------------------------------------------------------------------------- */

/* So many norms that are `each`; max_norm and max_value as in a trainer. */
static bool figures_are_right(int norms, double each, double max_norm, double max_value)
{
	struct bench b = open_bench();
	struct plait_node *input[MOST_INPUTS], *clip;
	double norm = sqrt(norms) * each, bound[PLAIT__CLIP_FIGURES];
	double expected[PLAIT__CLIP_FIGURES] = {
		[PLAIT__CLIP_FACTOR] = max_norm > 0 && !(norm < max_norm) ? max_norm / norm : 1,
		[PLAIT__CLIP_LIMIT] = max_value > 0 ? max_value : INFINITY,
		[PLAIT__CLIP_NORM] = norm,
	};
	double near = isfinite(norm) ? 1e-6 / norm / UNIT : 0;
	bool right;

	for (int i = 0; i < norms; i++) {
		input[i] = plait__state_numbers(b.graph, 1);
		bench_set(&b, input[i], &each);
	}
	clip = plait__clip(norms, input, max_norm, max_value, 0);
	/* The norm and the factor are rounded a few times; 1e-6 is added to the norm. */
	for (int i = 0; i < PLAIT__CLIP_FIGURES; i++)
		bound[i] = isfinite(expected[i]) ? (4 + near) * fabs(expected[i]) : 0;
	right = bench_run(&b, clip) &&
		compare("clip", PLAIT__CLIP_FIGURES, floats_of(&b, clip), expected, bound, 0) == 0;
	bench_destroy(&b);
	return right;
}

/* On a GPU a launch reads 128 norms. */
bool clip_is_right(void)
{
	static const int norms[] = { 1, 5, 128, 129, 190 };
	bool right = true;

	for (size_t i = 0; i < sizeof norms / sizeof *norms; i++)
		right = right && figures_are_right(norms[i], 0.5, 0.25, 0) &&
			figures_are_right(norms[i], 0.5, 100, 0) &&
			figures_are_right(norms[i], 3, 0, 0.125) &&
			figures_are_right(norms[i], NAN, 1, 0) &&
			figures_are_right(norms[i], 1e25, 1, 0);
	return right;
}

/* -- outliers ------------------------------------------------------------------------------ */

enum { STEPS = 120 };
#define DEVIATIONS 3.0

/* Mean and variance, in double. */
struct running {
	double mean, variance;
};

static double limit_of(const struct running *r)
{
	return r->mean + DEVIATIONS * fmax(sqrt(r->variance), 1e-3 * fabs(r->mean));
}

static void take(struct running *r, int count, double x)
{
	double weight = fmax(1.0 / count, 0.03), off;

	if (count > 25)
		x = fmin(x, limit_of(r));
	off = x - r->mean;
	r->mean += weight * off;
	r->variance = (1 - weight) * (r->variance + weight * off * off);
}

/* Peaks, in the warm-up too, a number that is none, and a level that rises and stays. */
static double loss_at(int step, uint64_t *state)
{
	double noise = 0.05 * some_number(state);

	if (step == 40)
		return NAN;
	return (step == 10 || step == 60 ? 9 : step > 80 ? 8 : 2) + noise;
}

static double norm_at(int step, uint64_t *state)
{
	double noise = 0.1 * some_number(state);

	return step == 70 ? INFINITY : (step == 50 ? 30 : 1) + noise;
}

struct outliers {
	struct bench b;
	struct plait_node *norm, *loss, *state, *clip, *update;
	struct running of_loss, of_norm;
	int count;
};

/* A step; false if the kernel decides otherwise, or the running values are off. */
static bool outlier_step(struct outliers *o, double loss, double norm, bool *left_out)
{
	double expected[] = { 0, 0, 0, 0, 0 }, bound[5];
	bool finite = isfinite(loss) && isfinite(norm);

	*left_out = !finite || (o->count >= 25 &&
				(loss > limit_of(&o->of_loss) || norm > limit_of(&o->of_norm)));
	set(&o->b, o->loss, loss);
	set(&o->b, o->norm, norm);
	forget(&o->b, o->clip);
	if (!bench_run(&o->b, o->clip) ||
	    (floats_of(&o->b, o->clip)[PLAIT__CLIP_SKIPPED] != 0) != *left_out ||
	    !bench_run(&o->b, o->update))
		return false;
	if (finite) {
		o->count++;
		take(&o->of_loss, o->count, loss);
		take(&o->of_norm, o->count, norm);
	}
	expected[0] = o->count;
	expected[1] = o->of_loss.mean;
	expected[2] = o->of_loss.variance;
	expected[3] = o->of_norm.mean;
	expected[4] = o->of_norm.variance;
	/* A mean forgets its roundings in 33 steps, each some units; of a variance the difference
	 * to the mean is off by as much as that, and squared. */
	for (int i = 0; i < 5; i++)
		bound[i] =
			400 * (fabs(expected[i]) + (i % 2 == 0 ? fabs(expected[i - (i > 0)]) : 0));
	return compare("outliers", 5, floats_of(&o->b, o->state), expected, bound, 0) == 0;
}

bool outliers_are_right(void)
{
	struct outliers o = { .b = open_bench() };
	double zero[PLAIT__OUTLIER_STATE] = { 0 };
	uint64_t state = 9;
	int left_out = 0, late = 0;
	bool right = true, is;

	o.norm = plait__state_numbers(o.b.graph, 1);
	o.loss = plait__state_numbers(o.b.graph, 1);
	o.state = plait__outlier_state(o.b.graph);
	o.clip = plait__clip(3, (struct plait_node *[]){ o.norm, o.loss, o.state }, 0, 0,
			     DEVIATIONS);
	o.update = plait__outliers(o.state, o.clip);
	bench_set(&o.b, o.state, zero);
	for (int step = 0; right && step < STEPS; step++) {
		right = outlier_step(&o, loss_at(step, &state), norm_at(step, &state), &is);
		left_out += is;
		late += is && step > 110;
	}
	/* The four peaks after the warm-up, and some where the level has risen, which is then
	 * taken.
	 */
	if (right && (left_out < 5 || left_out > 25 || late > 0)) {
		printf("# outliers: %d left out, %d of the last\n", left_out, late);
		right = false;
	}
	bench_destroy(&o.b);
	return right;
}
