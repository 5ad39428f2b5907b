/* SPDX-License-Identifier: MIT
 * batchnorm: y = xhat weight + bias, xhat = (x - mean) / sqrt(var + eps), for each channel.
 *            x, y: [N,C], or images [N,C,H,W], channels_last; weight, bias: [C].
 *            mean and var: batchnorm_stats.c.  Gradients: batchnorm_bwd.c.  What evaluation takes
 * in their place: batchnorm_running.c; and in the place of all this, behind a convolution:
 * codelets/image/conv_batchnorm.c. */
#include "config.h"
#include "codelets/norm/batchnorm.h"
#include "codelets/arguments.h"
#include "codelets/image/conv_batchnorm.h"
#include "codelets/shared/room.h"

#include <math.h>
#include <plait/ops.h>

/* -- the layer ----------------------------------------------------------------------------- */

static bool fits(struct plait_node *x, double eps, double momentum)
{
	char text[128];

	if (!plait_op_accepts(&plait__op_batchnorm, x))
		return false;
	if ((x->ndim != 1 && x->ndim != 3) || !x->batched)
		plait_graph_fail(x->graph, PLAIT_ESHAPE,
				 "batchnorm: its input is %s, must be [C] or [C,H,W]",
				 plait_shape_text(x->ndim, x->dim, text, sizeof text));
	else if (!((float)eps > 0) || !isfinite((float)eps))
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "batchnorm: eps is %g, must be a float above 0", eps);
	else if (!(momentum >= 0 && momentum <= 1))
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "batchnorm: momentum is %g, must be from 0 to 1", momentum);
	else
		return true;
	return false;
}

/* The node of the mean and the variance, which no gradient goes through: batchnorm's does. */
static struct plait_node *build_stats(struct plait_node *x, struct plait_node *const *buffers,
				      const double *attr)
{
	struct plait_node *input[PLAIT__STATS_INPUTS] = { x, buffers[0], buffers[1], buffers[2] };
	struct plait_node *stats = plait_node_append(
		x->graph, &(struct plait_node_spec){ .op = &plait__op_batchnorm_stats,
						     .phase = PLAIT_FORWARD,
						     .ndim = 2,
						     .dim = (int64_t[]){ 2, plait__channels(x) },
						     .ninputs = PLAIT__STATS_INPUTS,
						     .input = input,
						     .nattr = PLAIT__BATCHNORM_ATTRIBUTES,
						     .attr = attr });

	if (!stats)
		return NULL;
	stats->layer = x->graph->layers;
	stats->needs_gradient = false;
	return stats;
}

/* What stands in for the batchnorm of a convolution; NULL with an error of the graph. */
static struct plait_node *build_folded(struct plait_node *conv, struct plait_node *const *buffers,
				       struct plait_node *const *input, double eps)
{
	struct plait_node *const read[PLAIT__FOLDED] = { [PLAIT__FOLDED_MEAN] = buffers[0],
							 [PLAIT__FOLDED_VAR] = buffers[1],
							 [PLAIT__FOLDED_WEIGHT] = input[2],
							 [PLAIT__FOLDED_SHIFT] = input[3] };

	return plait__conv_batchnorm(conv, read, eps);
}

/* Nodes are built in the order in which PyTorch names them. */
struct plait_node *plait_batchnorm(struct plait_node *x, double eps, double momentum)
{
	const double attr[PLAIT__BATCHNORM_ATTRIBUTES] = {
		[PLAIT__BATCHNORM_EPS] = eps, [PLAIT__BATCHNORM_MOMENTUM] = momentum
	};
	struct plait_node *input[4] = { x }, *buffers[3], *folded = NULL, *y;
	int64_t c;

	if (!fits(x, eps, momentum))
		return NULL;
	c = plait__channels(x);
	input[2] = plait__parameter_of(x->graph, "weight", 1, &c, 1.0f);
	input[3] = plait__parameter_of(x->graph, "bias", 1, &c, 0.0f);
	buffers[0] = plait__buffer(x->graph, PLAIT_F32, "running_mean", 1, &c, 0.0f);
	buffers[1] = plait__buffer(x->graph, PLAIT_F32, "running_var", 1, &c, 1.0f);
	buffers[2] = plait__buffer(x->graph, PLAIT_I64, "num_batches_tracked", 0, NULL, 0.0f);
	if (x->op == &plait__op_conv)
		folded = build_folded(x, buffers, input, eps);
	input[1] = build_stats(x, buffers, attr);
	y = plait_node_like(x, &(struct plait_node_spec){ .op = &plait__op_batchnorm,
							  .phase = PLAIT_FORWARD,
							  .ninputs = 4,
							  .input = input,
							  .nattr = PLAIT__BATCHNORM_ATTRIBUTES,
							  .attr = attr });
	if (y)
		y->stand_in = folded;
	return plait_node_layer(y);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	double eps = 1e-5, momentum = 0.1;
	const struct plait__argument argument[] = { { .name = "eps", .number = &eps },
						    { .name = "momentum", .number = &momentum } };

	if (!plait__arguments_read(x, "batchnorm", arguments, argument,
				   sizeof argument / sizeof *argument,
				   "batchnorm:eps=1e-5,momentum=0.1"))
		return NULL;
	return plait_batchnorm(x, eps, momentum);
}

/* What the tree adds up over the parts of a batch, and so changes, are nodes of their own: dx still
 * reads the sums of its part. The running values wait for these sums because no update may come
 * before the look at the loss.
 *
 * Where y's gradient is that of a relu, these read the gradient of the relu's result instead, and
 * weight and bias, with which y is computed again from x. So nothing computes relu's own, unless
 * the program keeps it. */
static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	bool relu = dy->op == &plait__op_relu_bwd && dy->input[0]->input[0] == y;
	struct plait_node *x = y->input[0], *stats = y->input[1], *sums;
	struct plait_node *input[] = {
		relu ? dy->input[1] : dy, x, stats, y->input[2], y->input[3], y->input[3]
	};

	sums = plait_node_append(y->graph,
				 &(struct plait_node_spec){
					 .op = &plait__op_batchnorm_bwd_sums,
					 .phase = PLAIT_BACKWARD,
					 .ndim = 2,
					 .dim = (int64_t[]){ PLAIT__BWD_SUMS, plait__channels(x) },
					 .ninputs = relu ? PLAIT__SUMS_BIAS + 1 : PLAIT__BWD_WEIGHT,
					 .input = input,
					 .nattr = y->nattr,
					 .attr = y->attr });
	input[PLAIT__DX_SUMS] = sums;
	if (x->needs_gradient)
		dx[0] = plait_op_gradient(y, x, &plait__op_batchnorm_bwd_dx,
					  relu ? PLAIT__DX_BIAS + 1 : PLAIT__DX_BIAS, input);
	dx[2] = plait_op_gradient(y, y->input[2], &plait__op_batchnorm_bwd_dw, 1, &sums);
	dx[3] = plait_op_gradient(y, y->input[3], &plait__op_batchnorm_bwd_db, 1, &sums);
	plait_op_gradient(y, stats, &plait__op_batchnorm_running, 2,
			  (struct plait_node *[]){ stats, sums });
}

/* -- kernels ------------------------------------------------------------------------------- */

/* Of the columns of a strip. */
struct factors {
	float mean[PLAIT__STRIP], scale[PLAIT__STRIP], shift[PLAIT__STRIP];
};

struct forward {
	int64_t m;
	float eps;
	const float *mean, *var, *weight, *bias;
};

static inline __attribute__((always_inline)) void
forward_strip(int64_t rows, int64_t row, int64_t width, const struct factors *f,
	      const float *restrict x, float *restrict y)
{
	for (int64_t i = 0; i < rows * row; i += row)
		for (int64_t j = 0; j < width; j++)
			y[i + j] =
				plait__batchnorm_y(x[i + j], f->mean[j], f->scale[j], f->shift[j]);
}

/* `beside` rows of x are one here. */
PLAIT__CLONES static void forward(const struct forward *w, int64_t rows, int64_t beside,
				  const float *restrict x, float *restrict y)
{
	int64_t row = beside * w->m;
	struct factors f;

	for (int64_t begin = 0; begin < row; begin += PLAIT__STRIP) {
		int64_t width = plait__strip_width(row, begin);

		for (int64_t j = 0; j < width; j++) {
			int64_t c = (begin + j) % w->m;

			f.mean[j] = w->mean[c];
			f.scale[j] = plait__batchnorm_scale(w->weight[c], w->var[c], w->eps);
			f.shift[j] = w->bias[c];
		}
		if (width == PLAIT__STRIP) /* the compiler knows how many, and unrolls */
			forward_strip(rows, row, PLAIT__STRIP, &f, x + begin, y + begin);
		else
			forward_strip(rows, row, width, &f, x + begin, y + begin);
	}
}

static void batchnorm_cpu(const struct plait_call *call)
{
	const struct plait_node *y = call->node;
	const float *stats = plait__call_floats(call, 1), *x = plait__call_floats(call, 0);
	int64_t m = plait__channels(y), rows = plait__channel_rows(call, y);
	int64_t beside = plait__rows_beside(m), rest = rows % beside, done = (rows - rest) * m;
	const struct forward w = { .m = m,
				   .eps = plait__batchnorm_eps(call),
				   .mean = stats,
				   .var = stats + m,
				   .weight = plait__call_floats(call, 2),
				   .bias = plait__call_floats(call, 3) };

	forward(&w, rows / beside, beside, x, plait__call_out(call));
	forward(&w, rest, 1, x + done, plait__call_out(call) + done);
}

static void batchnorm_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 3, 2, cost);
}

const struct plait_op plait__op_batchnorm = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm",
	.activation = true,
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.word = word,
	.cpu = batchnorm_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_cuda),
	.cost = batchnorm_cost,
};
