/* SPDX-License-Identifier: MIT
 * conv: y[o] = b[o] + the sum over channels c of o's group of x[c] correlated with w[o,c], as
 *       torch.nn.Conv2d.  x: [N,C,H,W], w: [O,C/groups,R,S], b: [O] or absent, y: [N,O,P,Q].
 *       dx and dw are convolutions too; db = sum of dy over samples and pixels.
 * Images are channels_last, so those of one pixel's channels are a row of a matrix. */
#include "config.h"
#include "codelets/image/conv.h"
#include "codelets/arguments.h"
#include "codelets/shared/columns.h"
#include "codelets/shared/room.h"
#include <inttypes.h>
#include <math.h>
#include <plait/ops.h>

enum { KERNEL, STRIDE = 2, PADDING = 4, DILATION = 6, GROUPS = 8, ATTRIBUTES };

struct plait__convolution plait__conv_sizes(const struct plait_node *node,
					    const struct plait_node *x, const struct plait_node *y,
					    int64_t rows)
{
	struct plait__convolution c = {
		.rows = rows,
		.channels = x->dim[0],
		.height = x->dim[1],
		.width = x->dim[2],
		.outputs = y->dim[0],
		.groups = (int64_t)node->attr[GROUPS],
	};

	PLAIT__ASSERT(node->nattr == ATTRIBUTES && x->ndim == 3 && y->ndim == 3,
		      "a convolution is of images, and has its sizes");
	for (int i = 0; i < 2; i++) {
		c.kernel[i] = (int64_t)node->attr[KERNEL + i];
		c.stride[i] = (int64_t)node->attr[STRIDE + i];
		c.padding[i] = (int64_t)node->attr[PADDING + i];
		c.dilation[i] = (int64_t)node->attr[DILATION + i];
	}
	PLAIT__ASSERT(y->dim[1] == plait__convolution_size(&c, 0) &&
			      y->dim[2] == plait__convolution_size(&c, 1),
		      "a convolution's result is as large as its sizes say");
	return c;
}

/* -- building --------------------------------------------------------------------------------- */

/* The sizes that the options give for x, or a graph's error and false. */
static bool sizes_fit(struct plait_node *x, int64_t outputs, const int64_t kernel[2],
		      const struct plait_conv2d_options *o, struct plait__convolution *c)
{
	struct plait_graph *graph = x->graph;
	char text[128];

	*c = (struct plait__convolution){ .rows = 1,
					  .channels = x->dim[0],
					  .height = x->dim[1],
					  .width = x->dim[2],
					  .outputs = outputs,
					  .groups = o->groups ? o->groups : 1 };
	for (int i = 0; i < 2; i++) {
		c->kernel[i] = kernel[i];
		c->stride[i] = o->stride[i] ? o->stride[i] : 1;
		c->padding[i] = o->padding[i];
		c->dilation[i] = o->dilation[i] ? o->dilation[i] : 1;
		if (c->kernel[i] < 1 || c->stride[i] < 1 || c->padding[i] < 0 ||
		    c->dilation[i] < 1 || c->kernel[i] > INT32_MAX || c->stride[i] > INT32_MAX ||
		    c->padding[i] > INT32_MAX || c->dilation[i] > INT32_MAX)
			plait_graph_fail(graph, PLAIT_EINVAL,
					 "conv: kernel %" PRId64 ", stride %" PRId64
					 ", padding %" PRId64 ", dilation %" PRId64
					 ": must be at least 1, a padding 0",
					 c->kernel[i], c->stride[i], c->padding[i], c->dilation[i]);
		else if (plait__convolution_size(c, i) < 1)
			plait_graph_fail(graph, PLAIT_ESHAPE,
					 "conv: its kernel does not fit in an input of %s with its "
					 "padding",
					 plait_shape_text(3, x->dim, text, sizeof text));
	}
	if (outputs < 1 || c->groups < 1 || c->channels % c->groups != 0 ||
	    outputs % c->groups != 0)
		plait_graph_fail(graph, PLAIT_EINVAL,
				 "conv: %" PRId64 " outputs of %" PRId64 " channels in %" PRId64
				 " groups: each group must have as many of both",
				 outputs, c->channels, c->groups);
	return graph->status == 0;
}

struct plait_node *plait_conv2d(struct plait_node *x, int64_t outputs, int64_t kernel_height,
				int64_t kernel_width, const struct plait_conv2d_options *options)
{
	static const struct plait_conv2d_options defaults;
	struct plait_node *input[3] = { x };
	struct plait__convolution c;
	double attr[ATTRIBUTES];
	float bound;

	if (!plait__op_accepts_image(&plait__op_conv, x) ||
	    !sizes_fit(x, outputs, (int64_t[]){ kernel_height, kernel_width },
		       options ? options : &defaults, &c))
		return NULL;
	for (int i = 0; i < 2; i++) {
		attr[KERNEL + i] = (double)c.kernel[i];
		attr[STRIDE + i] = (double)c.stride[i];
		attr[PADDING + i] = (double)c.padding[i];
		attr[DILATION + i] = (double)c.dilation[i];
	}
	attr[GROUPS] = (double)c.groups;
	bound = (float)(1.0 / sqrt((double)(c.channels / c.groups * c.kernel[0] * c.kernel[1])));
	input[1] = plait_parameter(
		x->graph, "weight", 4,
		(int64_t[]){ outputs, c.channels / c.groups, c.kernel[0], c.kernel[1] }, bound);
	if (!options || !options->no_bias)
		input[2] = plait_parameter(x->graph, "bias", 1, &outputs, bound);
	return plait_node_layer(plait_node_append(
		x->graph, &(struct plait_node_spec){
				  .op = &plait__op_conv,
				  .phase = PLAIT_FORWARD,
				  .batched = true,
				  .ndim = 3,
				  .dim = (int64_t[]){ outputs, plait__convolution_size(&c, 0),
						      plait__convolution_size(&c, 1) },
				  .ninputs = options && options->no_bias ? 2 : 3,
				  .input = input,
				  .nattr = ATTRIBUTES,
				  .attr = attr }));
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	struct plait_conv2d_options o = { 0 };
	int64_t outputs, kernel[2], bias = 1;
	const struct plait__argument argument[] = {
		{ .name = "outputs", .required = true, .integer = &outputs, .least = 1 },
		{ .name = "kernel", .required = true, .integer = kernel, .pair = true, .least = 1 },
		{ .name = "stride", .integer = o.stride, .pair = true, .least = 1 },
		{ .name = "pad", .integer = o.padding, .pair = true },
		{ .name = "dilation", .integer = o.dilation, .pair = true, .least = 1 },
		{ .name = "groups", .integer = &o.groups, .least = 1 },
		{ .name = "bias", .integer = &bias },
	};

	if (!plait__arguments_read(x, "conv", arguments, argument,
				   sizeof argument / sizeof *argument,
				   "conv:32,3,pad=1,stride=2 for 32 outputs by a kernel of 3x3"))
		return NULL;
	o.no_bias = bias == 0;
	return plait_conv2d(plait__image(x), outputs, kernel[0], kernel[1], &o);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	struct plait_node *x = y->input[0], *w = y->input[1];

	if (x->needs_gradient)
		dx[0] = plait_op_gradient(y, x, &plait__op_conv_bwd_dx, 2,
					  (struct plait_node *[]){ dy, w });
	dx[1] = plait_op_gradient(y, w, &plait__op_conv_bwd_dw, 2,
				  (struct plait_node *[]){ dy, x });
	if (y->ninputs == 3)
		dx[2] = plait_op_gradient(y, y->input[2], &plait__op_conv_bwd_db, 1, &dy);
}

/* -- kernels ---------------------------------------------------------------------------------- */

static void conv_cpu(const struct plait_call *call)
{
	const struct plait_node *y = call->node;
	struct plait__convolution c = plait__conv_sizes(y, y->input[0], y, call->rows);

	plait__convolution_forward(
		call->precision, &c, plait__call_floats(call, 0), plait__call_floats(call, 1),
		y->ninputs == 3 ? plait__call_floats(call, 2) : NULL, plait__call_out(call));
}

static void conv_bwd_dx_cpu(const struct plait_call *call)
{
	const struct plait_node *dx = call->node;
	struct plait__convolution c = plait__conv_sizes(dx, dx, dx->input[0], call->rows);

	plait__convolution_by_data(call->precision, &c, plait__call_floats(call, 0),
				   plait__call_floats(call, 1), plait__call_out(call));
}

static void conv_bwd_dw_cpu(const struct plait_call *call)
{
	const struct plait_node *dw = call->node;
	struct plait__convolution c = plait__conv_sizes(dw, dw->input[1], dw->input[0], call->rows);

	plait__convolution_by_weights(call->precision, &c, plait__call_floats(call, 1),
				      plait__call_floats(call, 0), call->before > 0,
				      plait__call_out(call));
}

static void conv_bwd_db_cpu(const struct plait_call *call)
{
	const struct plait_node *dy = call->node->input[0];

	PLAIT__ASSERT(dy->dim[0] == plait_node_elements(call->node),
		      "a bias has an element for each channel of the gradient");
	plait__column_sums(call->rows * dy->dim[1] * dy->dim[2], dy->dim[0],
			   plait__call_floats(call, 0), call->before > 0, plait__call_out(call));
}

static void conv_warm_up(const struct plait_node *y, int64_t rows, enum plait_precision precision)
{
	struct plait__convolution c = plait__conv_sizes(y, y->input[0], y, rows);

	plait__convolution_warm_up(precision, &c, PLAIT__FORWARD, y->ninputs == 3);
}

static void conv_bwd_dx_warm_up(const struct plait_node *dx, int64_t rows,
				enum plait_precision precision)
{
	struct plait__convolution c = plait__conv_sizes(dx, dx, dx->input[0], rows);

	plait__convolution_warm_up(precision, &c, PLAIT__BY_DATA, false);
}

static void conv_bwd_dw_warm_up(const struct plait_node *dw, int64_t rows,
				enum plait_precision precision)
{
	struct plait__convolution c = plait__conv_sizes(dw, dw->input[1], dw->input[0], rows);

	plait__convolution_warm_up(precision, &c, PLAIT__BY_WEIGHTS, false);
}

const struct plait_op plait__op_conv = {
	.abi = PLAIT_OP_ABI,
	.name = "conv",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_FIXED,
	.gradient = gradient,
	.word = word,
	.warm_up = conv_warm_up,
	.cpu = conv_cpu,
	.cuda = PLAIT__CUDA(plait__conv_cuda),
	.cuda_scratch = PLAIT__CUDA(plait__conv_scratch),
	.cost = plait__conv_cost,
};

const struct plait_op plait__op_conv_bwd_dx = {
	.abi = PLAIT_OP_ABI,
	.name = "conv_bwd_dx",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_FIXED,
	.warm_up = conv_bwd_dx_warm_up,
	.cpu = conv_bwd_dx_cpu,
	.cuda = PLAIT__CUDA(plait__conv_bwd_dx_cuda),
	.cuda_scratch = PLAIT__CUDA(plait__conv_bwd_dx_scratch),
	.cost = plait__conv_bwd_dx_cost,
};

const struct plait_op plait__op_conv_bwd_dw = {
	.abi = PLAIT_OP_ABI,
	.name = "conv_bwd_dw",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_FIXED,
	.warm_up = conv_bwd_dw_warm_up,
	.cpu = conv_bwd_dw_cpu,
	.cuda = PLAIT__CUDA(plait__conv_bwd_dw_cuda),
	.cuda_scratch = PLAIT__CUDA(plait__conv_bwd_dw_scratch),
	.cost = plait__conv_bwd_dw_cost,
};

const struct plait_op plait__op_conv_bwd_db = {
	.abi = PLAIT_OP_ABI,
	.name = "conv_bwd_db",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_FIXED,
	.cpu = conv_bwd_db_cpu,
	.cuda = PLAIT__CUDA(plait__conv_bwd_db_cuda),
	.cost = plait__conv_bwd_db_cost,
};
