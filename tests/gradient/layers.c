/* SPDX-License-Identifier: MIT
 * Single layers beside PyTorch: values and gradients in reference/layers.txt, which
 * reference/layers.py wrote. Inputs are made by formulas that both have. */
#include "config.h"
#include "tests/gradient/host.h"

/* Relative to the larger of a number and 1. Sums of up to 49 small whole numbers are exact in any
 * order, and so are choices; what divides such a sum, or adds a few quotients, rounds as often as
 * that. */
#define TOLERANCE 1e-6

/* -- the formulas ------------------------------------------------------------------------------ */

static float whole(int64_t i, int64_t factor, int64_t modulus)
{
	return (float)((i * factor + 7) % 10007 % modulus - modulus / 2);
}

static void fill_sample(int64_t n, const char *kind, float *x)
{
	bool special = strcmp(kind, "nan") == 0, low = strcmp(kind, "low") == 0;

	for (int64_t i = 0; i < n; i++) {
		x[i] = low ? -INFINITY : whole(i, 7919, 7);
		if (special && i % 5 == 0)
			x[i] = NAN;
		if (special && i % 11 == 1)
			x[i] = -INFINITY;
		if (special && i % 13 == 2)
			x[i] = INFINITY;
	}
}

static void fill_gradient(int64_t n, float *dy)
{
	for (int64_t i = 0; i < n; i++)
		dy[i] = whole(i, 3571, 101);
}

/* -- comparing --------------------------------------------------------------------------------- */

/* How many of n numbers differ from those in line, and whether there are as many. */
static int64_t wrong_numbers(const char *line, int64_t n, const float *got)
{
	int64_t wrong = 0, count = 0;
	char *end;

	for (;; line = end, count++) {
		double expected = strtod(line, &end);
		double found = count < n ? (double)got[count] : 0;

		if (end == line)
			break;
		if (isnan(expected) ? !isnan(found)
		    : isinf(expected)
			    ? found != expected
			    : !(fabs(found - expected) <= TOLERANCE * fmax(1, fabs(expected))))
			wrong++;
	}
	return count == n ? wrong : -1;
}

/* The layer, and the sum of y dy as the loss, so that the gradient of y is dy. */
static void check(const char *name, const char *word, const char *kind, int ndim,
		  const int64_t *dim, char *const line[2])
{
	struct host h = { .graph = plait_graph_create() };
	struct plait_node *x = plait_input(h.graph, PLAIT_F32, ndim, dim), *y, *out, *dy;

	x->needs_gradient = true;
	y = plait_model(x, word);
	out = plait__layout_contiguous(y);
	if (!out)
		tap_bail_out("%s: %s", word, h.graph->message);
	dy = plait_input(h.graph, PLAIT_F32, y->ndim, y->dim);
	plait_loss(plait_sum(plait_mul(y, dy)));
	host_begin(&h);
	fill_sample(ROWS * plait_node_elements(x), kind, h.value[x->id]);
	fill_gradient(ROWS * plait_node_elements(dy), h.value[dy->id]);
	host_run(&h, h.graph->nodes);
	is_int(wrong_numbers(line[0], ROWS * plait_node_elements(y), h.value[out->id]), 0,
	       "%s: %s as in PyTorch", name, word);
	is_int(wrong_numbers(line[1], ROWS * plait_node_elements(x),
			     h.value[h.gradient[x->id]->id]),
	       0, "%s: and its gradient", name);
	host_free(&h);
}

static int read_shape(char *text, int64_t dim[PLAIT_MAX_DIMS])
{
	int ndim = 0;

	for (char *at = strtok(text, "x"); at && ndim < PLAIT_MAX_DIMS; at = strtok(NULL, "x"))
		dim[ndim++] = atoll(at);
	return ndim;
}

int main(void)
{
	const char *source = getenv("SRC");
	char path[1024], name[64], word[128], kind[16], shape[64], *line[3] = { NULL };
	size_t size[3] = { 0 };
	int cases = 0;
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/reference/layers.txt", source ? source : ".");
	file = fopen(path, "r");
	if (!file)
		tap_bail_out("%s cannot be read", path);
	while (getline(&line[0], &size[0], file) > 0) {
		int64_t dim[PLAIT_MAX_DIMS];

		if (sscanf(line[0], "case %63s %127s %15s %63s", name, word, kind, shape) != 4)
			continue;
		if (getline(&line[1], &size[1], file) < 0 || getline(&line[2], &size[2], file) < 0)
			tap_bail_out("%s ends within a case", path);
		check(name, word, kind, read_shape(shape, dim), dim, &line[1]);
		cases++;
	}
	fclose(file);
	ok(cases > 0, "%d cases", cases);
	for (int i = 0; i < 3; i++)
		free(line[i]);
	return tap_done();
}
