/* SPDX-License-Identifier: MIT
 * Rows of the table: layernorm and groupnorm.  Their references read x alone and not the node of
 * statistics, which is so checked too. */
#include "config.h"
#include "tests/codelets/ops_images.h"
#include "tests/codelets/ops_layernorm.h"

#include <math.h>
#include <stdlib.h>

/* With PyTorch's eps the slope of a short row can be so steep that finite differences fail, so
 * short ones have this one. */
#define LARGE_EPS 0.25

/* m is one of these: dimensions of a layernorm, groups of a groupnorm. */
static const struct {
	int dims;
	int64_t groups;
	struct plait_norm_options options;
} norms[] = {
	{ 1, 1, { .eps = LARGE_EPS } },  { 2, 2, { .eps = LARGE_EPS, .no_affine = true } },
	{ 3, 3, { .eps = LARGE_EPS } },  { 1, 4, { .eps = 0 } },
	{ 1, 8, { .no_affine = true } }, { 1, 16, { .eps = LARGE_EPS } },
};

/* One element, sizes that no vector divides, an empty part, more samples and longer rows than
 * floats are added up of, several dimensions. */
const struct size layernorm_sizes[] = {
	{ 1, 1, { 7 }, 0 },       { 3, 1, { 1 }, 0 },       { 2, 1, { 16 }, 0 },
	{ 31, 1, { 33 }, 0 },     { 0, 1, { 5 }, 0 },       { 5, 1, { 1031 }, 3 },
	{ 2, 1, { 3000 }, 4 },    { 7, 2, { 3, 5 }, 1 },    { 7, 2, { 3, 40 }, 0 },
	{ 5, 3, { 2, 3, 4 }, 2 }, { 3, 3, { 4, 9, 9 }, 2 }, { 3, 3, { 4, 3, 9 }, 1 },
	{ 67, 1, { 65 }, 0 },     { 1, 1, { 20000 }, 3 },   { 3001, 1, { 10 }, 0 },
};
const int layernorm_sizes_count = sizeof layernorm_sizes / sizeof *layernorm_sizes;

/* Groups of one channel, of several that fit a strip of channels and of such that do not, of more
 * than a strip; one pixel, more pixels than floats are added up of. */
const struct size groupnorm_sizes[] = {
	{ 2, 3, { 4, 8, 7 }, 1 },   { 2, 3, { 1, 5, 7 }, 0 },   { 3, 3, { 3, 6, 5 }, 2 },
	{ 3, 3, { 5, 1, 1 }, 0 },   { 2, 1, { 16 }, 5 },        { 31, 1, { 40 }, 3 },
	{ 2, 3, { 64, 5, 5 }, 4 },  { 2, 3, { 160, 3, 5 }, 1 }, { 0, 3, { 4, 6, 5 }, 1 },
	{ 1, 3, { 8, 31, 33 }, 3 }, { 70, 3, { 6, 3, 3 }, 2 },  { 2, 3, { 96, 3, 5 }, 3 },
	{ 2, 3, { 72, 3, 3 }, 4 },  { 1, 3, { 2, 70, 71 }, 1 }, { 2, 3, { 70, 4, 4 }, 0 },
};
const int groupnorm_sizes_count = sizeof groupnorm_sizes / sizeof *groupnorm_sizes;

struct plait_node *build_layernorm(struct plait_node *x, int64_t m)
{
	return plait_layernorm(x, norms[m].dims, &norms[m].options);
}

struct plait_node *build_groupnorm(struct plait_node *x, int64_t m)
{
	return plait_groupnorm(x, norms[m].groups, &norms[m].options);
}

/* A group of a sample: where its elements are, and which weight each one has. */
struct group {
	int64_t n;
	int64_t *at, *channel;
};

/* Rounding errors are in UNITs.  A float takes part in at most 512 additions of a sum of CPUs, and
 * in fewer on a GPU. */
static void normalize(const struct reference_call *call, const struct group *g, double *out,
		      double *bound)
{
	const double *x = call->in[0];
	bool affine = call->y->ninputs == 4;
	double mean = 0, size = 0, var = 0, n = (double)g->n, additions = fmin(n, 512) + 8;
	double eps = call->y->attr[0], scale, mean_off, scale_off;

	for (int64_t i = 0; i < g->n; i++) {
		mean += x[g->at[i]] / n;
		size += fabs(x[g->at[i]]) / n;
	}
	for (int64_t i = 0; i < g->n; i++)
		var += (x[g->at[i]] - mean) * (x[g->at[i]] - mean) / n;
	scale = 1 / sqrt(var + eps);
	mean_off = additions * size;
	/* What the mean is off by adds its square to the variance. */
	scale_off = additions / 2 + 4 + mean_off * mean_off * UNIT / (2 * (var + eps));
	for (int64_t i = 0; i < g->n; i++) {
		double w = affine ? call->in[2][g->channel[i]] : 1;
		double b = affine ? call->in[3][g->channel[i]] : 0;
		double z = (x[g->at[i]] - mean) * scale;

		out[g->at[i]] = z * w + b;
		/* x - mean and two products are rounded. */
		bound[g->at[i]] = fabs(w) * (scale * mean_off + fabs(z) * (scale_off + 3));
	}
}

static struct group make_group(int64_t n)
{
	return (struct group){ n, malloc((size_t)n * sizeof(int64_t)),
			       malloc((size_t)n * sizeof(int64_t)) };
}

static void free_group(struct group *g)
{
	free(g->at);
	free(g->channel);
}

void layernorm(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y;
	struct group g;
	int64_t n = 1;

	for (int i = y->ndim - (int)y->attr[1]; i < y->ndim; i++)
		n *= y->dim[i];
	g = make_group(n);
	for (int64_t first = 0; first < plait_node_elements(y) * call->rows; first += n) {
		for (int64_t i = 0; i < n; i++) {
			g.at[i] = first + i;
			g.channel[i] = i;
		}
		normalize(call, &g, out, bound);
	}
	free_group(&g);
}

void groupnorm(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y;
	bool image = y->ndim == 3;
	int64_t h = image ? y->dim[1] : 1, w = image ? y->dim[2] : 1;
	int64_t groups = (int64_t)y->attr[2], width = y->dim[0] / groups;
	struct group g = make_group(width * h * w);

	for (int64_t n = 0; n < call->rows; n++)
		for (int64_t first = 0; first < y->dim[0]; first += width) {
			for (int64_t i = 0; i < g.n; i++) {
				int64_t c = first + i / (h * w);

				g.channel[i] = c;
				g.at[i] = image ? at(y, n, c, i / w % h, i % w) : n * y->dim[0] + c;
			}
			normalize(call, &g, out, bound);
		}
	free_group(&g);
}
