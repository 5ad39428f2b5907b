/* SPDX-License-Identifier: MIT
 * An op's gradients against differences of its values.
 *
 * Kernels compute in float, so the differences are taken far apart and at five points: the error of
 * that falls with the fourth power of the distance.  Numbers are multiples of 2^-12, and adding the
 * distance to one rounds nothing.  None is near a multiple of 1/2, where functions such as relu
 * have their bends. */
#include "config.h"
#include "codelets/ops.h"
#include "src/base/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* With 1/32, rounding in y is multiplied by 48, to 3e-6 of y; what the five points leave is 3e-8 of
 * the fifth derivative. */
#define DISTANCE 0x1p-5
/* Room for sums of many such roundings.  A gradient that is wrong is off by far more. */
#define MOST_ERROR 0.002
/* Gradients below this one are as good as 0: the error is compared with it. */
#define LEAST_GRADIENT 0.01
#define SAMPLES 64 /* elements of each input that are moved; first and last are among them */

struct check {
	struct plait_node *y, *dy;
	struct plait_node **dx; /* [inputs of y] */
	int64_t rows;
	void **value;    /* by the node's id; NULL: not computed */
	const void **in; /* of one call */
	float *point[4]; /* y at four points around the number that is moved */
	double worst;
};

static int64_t elements(const struct check *c, const struct plait_node *node)
{
	return plait_node_elements(node) * (node->batched ? c->rows : 1);
}

/* Memory for a node's value, of which nothing is a number yet. */
static void *fresh(const struct check *c, const struct plait_node *node)
{
	size_t bytes = (size_t)elements(c, node) * plait_dtype_size(node->dtype);
	void *memory = plait__calloc(bytes, 1, "a value");

	if (memory)
		memset(memory, 0xff, bytes);
	return memory;
}

static int fill(struct check *c, const struct plait_node *source)
{
	float *number = fresh(c, source);

	if (!number)
		return PLAIT_ENOMEM;
	c->value[source->id] = number;
	for (int64_t i = 0; i < elements(c, source); i++) {
		uint64_t random = plait__random((uint64_t)source->id, (uint64_t)i);

		/* A half from -2 to 1.5, and 0.125 to 0.375 more. */
		number[i] = (float)(random % 8) * 0.5f - 2.0f + 0.125f +
			    (float)(random / 8 % 1024) * 0x1p-12f;
	}
	return 0;
}

static void run(struct check *c, const struct plait_node *node, void *out)
{
	struct plait_call call = { .node = node,
				   .in = c->in,
				   .rows = c->rows,
				   .batch = c->rows,
				   .training = true,
				   .out = out };

	for (int i = 0; i < node->ninputs; i++)
		c->in[i] = c->value[node->input[i]->id];
	if (node->op->view) {
		memcpy(out, c->in[0], (size_t)elements(c, node) * plait_dtype_size(node->dtype));
		return;
	}
	plait__call_check(&call, node->op);
	node->op->cpu(&call);
}

/* Whether x is made of what y reads, as statistics are: no gradient is taken by it, as those by the
 * others have what goes through it. */
static bool is_made(const struct plait_node *y, const struct plait_node *x)
{
	return x->ninputs > 0 && !x->op->gradient && x->input[0] == y->input[0];
}

static void run_y(struct check *c, void *out)
{
	for (int i = 0; i < c->y->ninputs; i++)
		if (is_made(c->y, c->y->input[i]))
			run(c, c->y->input[i], c->value[c->y->input[i]->id]);
	run(c, c->y, out);
}

/* The derivative of the sum of dy y by *at, which is an element of an input. */
static double slope(struct check *c, float *at)
{
	static const double step[4] = { -2, -1, 1, 2 }, weight[4] = { 1, -8, 8, -1 };
	const float *dy = c->value[c->dy->id];
	float x = *at;
	double sum = 0;

	for (int p = 0; p < 4; p++) {
		*at = (float)((double)x + step[p] * DISTANCE);
		run_y(c, c->point[p]);
	}
	*at = x;
	for (int64_t i = 0; i < elements(c, c->y); i++)
		for (int p = 0; p < 4; p++)
			sum += (double)dy[i] * weight[p] * (double)c->point[p][i];
	return sum / (12 * DISTANCE);
}

/* The gradient by element i of x.  An op may take one node as several inputs. */
static double gradient(const struct check *c, const struct plait_node *x, int64_t i)
{
	double sum = 0;

	for (int j = 0; j < c->y->ninputs; j++)
		if (c->y->input[j] == x)
			sum += (double)((const float *)c->value[c->dx[j]->id])[i];
	return sum;
}

static int compare(struct check *c, int which)
{
	const struct plait_node *x = c->y->input[which];
	float *number = c->value[x->id];
	int64_t n = elements(c, x), count = n < SAMPLES ? n : SAMPLES, at[SAMPLES];
	double expected[SAMPLES], largest = LEAST_GRADIENT;

	for (int64_t i = 0; i < count; i++) {
		at[i] = count > 1 ? i * (n - 1) / (count - 1) : 0;
		expected[i] = slope(c, &number[at[i]]);
		largest = fmax(largest, fabs(expected[i]));
	}
	for (int64_t i = 0; i < count; i++) {
		double got = gradient(c, x, at[i]), error = fabs(got - expected[i]) / largest;

		c->worst = fmax(c->worst, error);
		if (!(error <= MOST_ERROR))
			return plait__error(PLAIT_EINVAL,
					    "%s: the gradient by input %d is %g at element %" PRId64
					    ", and differences of its values give %g",
					    c->y->op->name, which, got, at[i], expected[i]);
	}
	return 0;
}

/* Numbers for an input, or for those that it is made of. */
static int fill_input(struct check *c, const struct plait_node *x)
{
	int status = 0;

	if (c->value[x->id])
		return 0;
	if (!is_made(c->y, x))
		return fill(c, x);
	c->value[x->id] = fresh(c, x);
	for (int i = 0; i < x->ninputs && status == 0; i++)
		status = fill_input(c, x->input[i]);
	return c->value[x->id] ? status : PLAIT_ENOMEM;
}

/* Appends the gradients and computes them. */
static int differentiate(struct check *c)
{
	struct plait_graph *graph = c->y->graph;
	int status, most = 0;

	c->dy = plait_node_append(graph, &(struct plait_node_spec){ .op = &plait__op_source,
								    .dtype = c->y->dtype,
								    .batched = c->y->batched,
								    .ndim = c->y->ndim,
								    .dim = c->y->dim });
	if (c->dy) {
		c->dy->channels_last = c->y->channels_last;
		c->y->op->gradient(c->y, c->dy, c->dx);
	}
	status = plait_graph_status(graph);
	if (status < 0)
		return status;
	for (int id = 0; id < graph->nodes; id++)
		most = graph->node[id]->ninputs > most ? graph->node[id]->ninputs : most;
	c->value = plait__calloc((size_t)graph->nodes, sizeof *c->value, "values");
	c->in = plait__calloc((size_t)most, sizeof *c->in, "inputs");
	if (!c->value || !c->in)
		return PLAIT_ENOMEM;
	status = fill(c, c->dy);
	for (int i = 0; i < c->y->ninputs && status == 0; i++)
		status = fill_input(c, c->y->input[i]);
	if (status == 0 && !(c->value[c->y->id] = fresh(c, c->y)))
		status = PLAIT_ENOMEM;
	if (status == 0)
		run_y(c, c->value[c->y->id]); /* a gradient may read y */
	for (int id = c->dy->id + 1; id < graph->nodes && status == 0; id++) {
		c->value[id] = fresh(c, graph->node[id]);
		if (!c->value[id])
			return PLAIT_ENOMEM;
		run(c, graph->node[id], c->value[id]);
	}
	return status;
}

/* A key is words: it stays what it is, and has no gradient. */
static bool is_number(const struct plait_node *x)
{
	return x != x->graph->batch_key;
}

static int compare_all(struct check *c)
{
	int status = 0;

	for (int p = 0; p < 4 && status == 0; p++)
		if (!(c->point[p] = fresh(c, c->y)))
			status = PLAIT_ENOMEM;
	for (int i = 0; i < c->y->ninputs && status == 0; i++) {
		const struct plait_node *dx = c->dx[i], *x = c->y->input[i];

		if (is_number(x) && !is_made(c->y, x) &&
		    (!dx || dx->batched != x->batched || elements(c, dx) != elements(c, x)))
			return plait__error(PLAIT_EINVAL, "%s: the gradient by input %d is %s",
					    c->y->op->name, i,
					    dx ? "not of the input's shape" : "missing");
	}
	for (int i = 0; i < c->y->ninputs && status == 0; i++)
		if (is_number(c->y->input[i]) && !is_made(c->y, c->y->input[i]))
			status = compare(c, i);
	return status;
}

static int check_node(const struct plait_node *y, int64_t rows)
{
	if (!y || rows < 1)
		return plait__error(PLAIT_EINVAL, "plait_gradient_check: %s",
				    y ? "less than one sample" : "the node is NULL");
	if (y->phase != PLAIT_FORWARD || !y->op->gradient || y->dtype != PLAIT_F32)
		return plait__error(PLAIT_EINVAL,
				    "%s: only a float32 layer with a gradient can be checked",
				    y->op->name);
	for (int i = 0; i < y->ninputs; i++) {
		const struct plait_node *x = y->input[i];

		/* Of an image that is converted for y, what is converted. */
		if (x->op == &plait__op_channels_last)
			x = x->input[0];
		if (is_made(y, x))
			continue;
		if (x->phase != PLAIT_SOURCE || (x->dtype != PLAIT_F32 && is_number(x)))
			return plait__error(
				PLAIT_EINVAL,
				"%s: its input %d is the result of %s, must be a float32 "
				"plait_input() or a parameter",
				y->op->name, i, x->op->name);
	}
	return plait_graph_status(y->graph);
}

int plait_gradient_check(struct plait_node *y, int64_t rows, double *worst)
{
	struct check c = { .y = y, .rows = rows };
	int status = check_node(y, rows);
	struct plait__graph_mark mark;

	if (status < 0)
		return status;
	mark = plait__graph_mark(y->graph);
	/* A gradient function gives those that are needed: here all. */
	bool needed[y->ninputs + 1];
	for (int i = 0; i < y->ninputs; i++) {
		needed[i] = y->input[i]->needs_gradient;
		y->input[i]->needs_gradient = true;
	}
	c.dx = plait__calloc((size_t)y->ninputs, sizeof *c.dx, "gradients");
	status = c.dx ? differentiate(&c) : PLAIT_ENOMEM;
	if (status == 0)
		status = compare_all(&c);
	for (int i = y->ninputs; i-- > 0;)
		y->input[i]->needs_gradient = needed[i];
	for (int i = 0; i < y->graph->nodes && c.value; i++)
		free(c.value[i]);
	for (int p = 0; p < 4; p++)
		free(c.point[p]);
	free(c.value);
	free(c.in);
	free(c.dx);
	plait__graph_rewind(y->graph, mark);
	if (worst && status == 0)
		*worst = c.worst;
	return status;
}
