/* SPDX-License-Identifier: MIT
 * linear: y = x W^T + b.  x: [N,...,K], W: [M,K], b: [M] or absent, y: [N,...,M].
 *         dx = dy W, dW = dy^T x, db = sum of dy's rows.
 * All but the last dimension are rows of one matrix. */
#include "config.h"
#include "codelets/shared/columns.h"
#include "codelets/shared/gemm.h"
#include "codelets/shared/room.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <plait/ops.h>
#include <stdlib.h>
#include <string.h>

static struct plait_node *build(struct plait_node *x, int64_t outputs, bool bias)
{
	struct plait_node *input[3] = { x };
	int64_t dim[PLAIT_MAX_DIMS], k;
	float bound;

	if (!plait_op_accepts(&plait__op_linear, x))
		return NULL;
	if (x->ndim < 1)
		return plait_graph_fail(x->graph, PLAIT_ESHAPE,
					"linear: its input is a scalar, must be [...,K]");
	if (outputs < 1)
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"linear: %" PRId64 " outputs, must be at least 1", outputs);
	memcpy(dim, x->dim, sizeof dim);
	k = dim[x->ndim - 1];
	dim[x->ndim - 1] = outputs;
	bound = (float)(1.0 / sqrt((double)k));
	input[1] = plait_parameter(x->graph, "weight", 2, (int64_t[]){ outputs, k }, bound);
	if (bias)
		input[2] = plait_parameter(x->graph, "bias", 1, &outputs, bound);
	return plait_node_layer(
		plait_node_append(x->graph, &(struct plait_node_spec){ .op = &plait__op_linear,
								       .phase = PLAIT_FORWARD,
								       .batched = true,
								       .ndim = x->ndim,
								       .dim = dim,
								       .ninputs = bias ? 3 : 2,
								       .input = input }));
}

struct plait_node *plait_linear(struct plait_node *x, int64_t outputs)
{
	return build(x, outputs, true);
}

struct plait_node *plait_linear_no_bias(struct plait_node *x, int64_t outputs)
{
	return build(x, outputs, false);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	char *end = NULL;
	long long outputs;

	if (!x)
		return NULL;
	errno = 0;
	outputs = strtoll(arguments, &end, 10);
	if (end == arguments || *end != '\0' || outputs < 1 || errno != 0)
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"model: \"linear%s%s\": linear takes the number of its "
					"outputs, as in linear:50",
					*arguments ? ":" : "", arguments);
	return plait_linear(plait__flatten(x), outputs);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	struct plait_node *x = y->input[0], *w = y->input[1];

	if (x->needs_gradient)
		dx[0] = plait_op_gradient(y, x, &plait__op_linear_bwd_dx, 2,
					  (struct plait_node *[]){ dy, w });
	dx[1] = plait_op_gradient(y, w, &plait__op_linear_bwd_dw, 2,
				  (struct plait_node *[]){ dy, x });
	if (y->ninputs == 3)
		dx[2] = plait_op_gradient(y, y->input[2], &plait__op_linear_bwd_db, 1, &dy);
}

/* Rows of a value of so many samples, as a matrix. */
static int64_t rows_of(const struct plait_node *node, int64_t samples)
{
	return samples * (plait_node_elements(node) / plait__columns(node));
}

static void linear_warm_up(const struct plait_node *y, int64_t rows, enum plait_precision precision)
{
	plait__gemm_warm_up(precision, 'N', 'T', rows_of(y, rows), plait__columns(y),
			    plait__columns(y->input[0]));
}

static void linear_cpu(const struct plait_call *call)
{
	const struct plait_node *y = call->node;
	int64_t rows = plait__call_rows(call, y), m = plait__columns(y);

	PLAIT__ASSERT(plait__columns(y->input[0]) == plait__columns(y->input[1]),
		      "a linear's weight has a column for each input");
	PLAIT__ASSERT(m == y->input[1]->dim[0], "a linear's weight has a row for each output");
	plait__gemm(call->precision, 'N', 'T', rows, m, plait__columns(y->input[0]),
		    plait__call_floats(call, 0), plait__call_floats(call, 1),
		    y->ninputs == 3 ? plait__call_floats(call, 2) : NULL, plait__call_out(call));
}

static void linear_bwd_dx_warm_up(const struct plait_node *dx, int64_t rows,
				  enum plait_precision precision)
{
	plait__gemm_warm_up(precision, 'N', 'N', rows_of(dx, rows), plait__columns(dx),
			    plait__columns(dx->input[0]));
}

static void linear_bwd_dx_cpu(const struct plait_call *call)
{
	const struct plait_node *dy = call->node->input[0];
	int64_t m = plait__columns(dy), k = plait__columns(call->node);

	plait__gemm(call->precision, 'N', 'N', plait__call_rows(call, dy), k, m,
		    plait__call_floats(call, 0), plait__call_floats(call, 1), NULL,
		    plait__call_out(call));
}

static void linear_bwd_dw_warm_up(const struct plait_node *dw, int64_t rows,
				  enum plait_precision precision)
{
	const struct plait_node *dy = dw->input[0];

	plait__gemm_warm_up(precision, 'T', 'N', plait__columns(dy), plait__columns(dw),
			    rows_of(dy, rows));
}

static void linear_bwd_dw_cpu(const struct plait_call *call)
{
	const struct plait_node *dy = call->node->input[0];

	plait__gemm(call->precision, 'T', 'N', plait__columns(dy), plait__columns(call->node),
		    plait__call_rows(call, dy), plait__call_floats(call, 0),
		    plait__call_floats(call, 1), NULL, plait__call_out(call));
}

static void linear_bwd_db_cpu(const struct plait_call *call)
{
	const struct plait_node *dy = call->node->input[0];

	PLAIT__ASSERT(plait__columns(dy) == plait_node_elements(call->node),
		      "a bias has an element for each column of the gradient");
	plait__column_sums(plait__call_rows(call, dy), plait__columns(dy),
			   plait__call_floats(call, 0), false, plait__call_out(call));
}

/* The cost of any of the three products of x, y and the weight. */
static void product_cost(const struct plait_node *x, const struct plait_node *y, int64_t rows,
			 struct plait_cost *cost)
{
	double k = (double)plait__columns(x), m = (double)plait__columns(y);
	double r = (double)rows * (double)(plait_node_elements(y) / plait__columns(y));

	cost->flops = 2.0 * r * m * k;
	cost->bytes = (r * m + r * k + m * k) * (double)plait_dtype_size(y->dtype);
}

static void linear_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	product_cost(node->input[0], node, rows, cost);
}

static void linear_bwd_dx_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	product_cost(node, node->input[0], rows, cost);
}

static void linear_bwd_dw_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	product_cost(node->input[1], node->input[0], rows, cost);
}

static void linear_bwd_db_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 1, 1, cost);
}

const struct plait_op plait__op_linear = {
	.abi = PLAIT_OP_ABI,
	.name = "linear",
	.gradient = gradient,
	.word = word,
	.warm_up = linear_warm_up,
	.cpu = linear_cpu,
	.cuda = PLAIT__CUDA(plait__linear_cuda),
	.cost = linear_cost,
};

const struct plait_op plait__op_linear_bwd_dx = {
	.abi = PLAIT_OP_ABI,
	.name = "linear_bwd_dx",
	.warm_up = linear_bwd_dx_warm_up,
	.cpu = linear_bwd_dx_cpu,
	.cuda = PLAIT__CUDA(plait__linear_bwd_dx_cuda),
	.cost = linear_bwd_dx_cost,
};

const struct plait_op plait__op_linear_bwd_dw = {
	.abi = PLAIT_OP_ABI,
	.name = "linear_bwd_dw",
	.warm_up = linear_bwd_dw_warm_up,
	.cpu = linear_bwd_dw_cpu,
	.cuda = PLAIT__CUDA(plait__linear_bwd_dw_cuda),
	.cuda_joint = PLAIT__CUDA(plait__linear_bwd_dw_cuda_joint),
	.joint = 2,
	.cost = linear_bwd_dw_cost,
};

const struct plait_op plait__op_linear_bwd_db = {
	.abi = PLAIT_OP_ABI,
	.name = "linear_bwd_db",
	.joins = &plait__op_linear_bwd_dw,
	.cpu = linear_bwd_db_cpu,
	.cuda = PLAIT__CUDA(plait__linear_bwd_db_cuda),
	.cost = linear_bwd_db_cost,
};
