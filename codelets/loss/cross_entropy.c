/* SPDX-License-Identifier: MIT
 * cross_entropy: loss = 1/batch sum over samples of -w log softmax(x)[label].
 *                x: [N,C], labels: [N] int32 in [0,C), w: [N] or 1, loss: scalar.
 *                dx = w dy (softmax(x) - onehot(label)) / batch, dy is 1 if this is the graph's
 *                loss.
 * With m the row's maximum, -log softmax(x)[l] = log sum exp(x - m) - (x[l] - m).
 *
 * The focal loss has (1 - p)^gamma before -w log softmax(x)[label], p = softmax(x)[label]
 * (cross_entropy.h).
 *
 * With label smoothing a and weights of classes c, [C] or 1, onehot(label) and -log
 * softmax(x)[label] become t and -sum t log softmax(x), where t[j] = c[j] a / C, and (1 - a) c[j]
 * more for the label: dx = w dy (softmax(x) sum t - t) / batch. */
#include "config.h"
#include "codelets/loss/cross_entropy.h"
#include "codelets/shared/room.h"
#include "codelets/shared/rows.h"

#include <plait/ops.h>
#include <string.h>

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	if (y->input[0]->needs_gradient)
		dx[0] = plait__op_loss_gradient(y, dy, &plait__op_cross_entropy_bwd);
}

struct plait__smoothing plait__smoothing_of(const struct plait_call *call)
{
	const struct plait_node *node = call->node;
	double smoothing = node->nattr > 0 ? node->attr[0] : 0.0;

	return (struct plait__smoothing){
		.of_label = (float)(1.0 - smoothing),
		.of_each = (float)(smoothing / (double)node->input[0]->dim[0]),
		.gamma = node->nattr > 1 ? (float)node->attr[1] : 0.0f,
	};
}

/* What a call smooths labels by. */
struct smooth {
	struct plait__smoothing by;
	const float *class_weights; /* NULL: all 1 */
	float all;                  /* their sum */
};

/* NULL: labels are not smoothed. */
static const struct smooth *smooth_of(const struct plait_call *call, struct smooth *smooth)
{
	int64_t c = call->node->input[0]->dim[0];

	if (!plait__smooths(call))
		return NULL;
	smooth->by = plait__smoothing_of(call);
	smooth->class_weights = plait__call_class_weights(call);
	smooth->all = smooth->class_weights ? plait__row_sum(c, smooth->class_weights) : (float)c;
	return smooth;
}

/* dot[i] = sum of the classes' weights times x - max[i] for rows, which are taken in pieces. */
static inline __attribute__((always_inline)) void dots(int64_t rows, int64_t c, const float *x,
						       const float *max, const float *class_weights,
						       float *dot)
{
	float e[PLAIT__BLOCK];

	for (int64_t i = 0; i < rows; i++) {
		dot[i] = 0.0f;
		for (int64_t begin = 0; begin < c; begin += PLAIT__BLOCK) {
			int64_t width = c - begin < PLAIT__BLOCK ? c - begin : PLAIT__BLOCK;

			for (int64_t j = 0; j < width; j++)
				e[j] = x[i * c + begin + j] - max[i];
			dot[i] += class_weights ? plait__row_dot(width, e, class_weights + begin)
						: plait__row_sum(width, e);
		}
	}
}

/* below: x - max of the label. */
static inline __attribute__((always_inline)) double row_loss(const struct smooth *smooth,
							     float gamma, int32_t label,
							     float log_sum, float below, float dot)
{
	double loss = (double)(log_sum - below);

	if (smooth)
		return plait__smoothed_loss(smooth->by,
					    plait__weight_of_class(smooth->class_weights, label),
					    smooth->all, log_sum, below, dot);
	return gamma > 0.0f ? plait__focal(gamma, -loss) * loss : loss;
}

/* The losses of one block's rows, summed from the first to the last.  weights: NULL for all 1. */
static inline __attribute__((always_inline)) double
block_loss(int64_t rows, int64_t c, const float *x, const int32_t *labels, const float *weights,
	   const struct smooth *smooth, float gamma)
{
	float max[PLAIT__BLOCK], s[PLAIT__BLOCK], dot[PLAIT__BLOCK];
	double loss = 0.0;

	plait__rows_exp_sums(rows, c, x, max, s);
	if (smooth)
		dots(rows, c, x, max, smooth->class_weights, dot);
	for (int64_t i = 0; i < rows; i++)
		s[i] = plait__log(s[i]);
	for (int64_t i = 0; i < rows; i++) {
		bool valid = labels[i] >= 0 && labels[i] < c;
		double weight = weights ? (double)weights[i] : 1.0;

		if (weight != 0.0)
			loss += weight * (valid ? row_loss(smooth, gamma, labels[i], s[i],
							   x[i * c + labels[i]] - max[i],
							   smooth ? dot[i] : 0.0f)
						: (double)NAN);
	}
	return loss;
}

PLAIT__CLONES static void forward(int64_t rows, int64_t c, int64_t batch, const float *x,
				  const int32_t *labels, const float *weights,
				  const struct smooth *smooth, float gamma, float *loss)
{
	int64_t step = plait__block_rows(c);
	double sum = 0.0;

	for (int64_t i = 0; i < rows; i += step)
		sum += block_loss(rows - i < step ? rows - i : step, c, x + i * c, labels + i,
				  weights ? weights + i : NULL, smooth, gamma);
	*loss = (float)(sum / (double)batch);
}

/* One row's gradient. dx holds the row's exponentials before. mean: the row's weight divided by
 * the batch. */
static inline __attribute__((always_inline)) void row_gradient(int64_t c, float mean, int64_t label,
							       float gamma, float *dx)
{
	bool valid = label >= 0 && label < c;
	float scale, sum;

	if (mean == 0.0f) { /* a row of weight 0 may hold NaN, and its label may be -1 */
		memset(dx, 0, (size_t)c * sizeof *dx);
		return;
	}
	sum = plait__row_sum(c, dx);
	if (gamma > 0.0f && valid)
		mean *= (float)plait__focal_gradient(gamma, (double)dx[label] / (double)sum);
	scale = mean / sum;
	for (int64_t j = 0; j < c; j++)
		dx[j] *= scale;
	if (valid)
		dx[label] -= mean;
}

/* The same with smoothed labels. */
static inline __attribute__((always_inline)) void
smooth_row_gradient(int64_t c, float mean, int64_t label, const struct smooth *smooth, float *dx)
{
	bool valid = label >= 0 && label < c;
	float own = valid ? plait__weight_of_class(smooth->class_weights, label) : 0.0f, scale;

	if (mean == 0.0f) {
		memset(dx, 0, (size_t)c * sizeof *dx);
		return;
	}
	scale = mean * plait__smoothed_sum(smooth->by, own, smooth->all) / plait__row_sum(c, dx);
	for (int64_t j = 0; j < c; j++)
		dx[j] = dx[j] * scale - mean * smooth->by.of_each *
						plait__weight_of_class(smooth->class_weights, j);
	if (valid)
		dx[label] -= mean * smooth->by.of_label * own;
}

/* mean: dy divided by the batch. */
PLAIT__CLONES static void backward(int64_t rows, int64_t c, float mean, const float *restrict x,
				   const int32_t *restrict labels, const float *restrict weights,
				   const struct smooth *smooth, float gamma, float *restrict dx)
{
	int64_t step = plait__block_rows(c);

	for (int64_t begin = 0; begin < rows; begin += step) {
		int64_t end = rows - begin < step ? rows : begin + step;

		plait__rows_exp(end - begin, c, x + begin * c, dx + begin * c);
		for (int64_t i = begin; i < end; i++) {
			float share = weights ? mean * weights[i] : mean;

			if (smooth)
				smooth_row_gradient(c, share, labels[i], smooth, dx + i * c);
			else
				row_gradient(c, share, labels[i], gamma, dx + i * c);
		}
	}
}

static void cross_entropy_cpu(const struct plait_call *call)
{
	struct smooth smooth;

	PLAIT__ASSERT(call->node->input[0]->ndim == 1, "a cross entropy reads one row a sample");
	forward(call->rows, call->node->input[0]->dim[0], call->batch, plait__call_floats(call, 0),
		plait__call_labels(call, 1), plait__call_weights(call), smooth_of(call, &smooth),
		plait__smoothing_of(call).gamma, plait__call_out(call));
}

static void cross_entropy_bwd_cpu(const struct plait_call *call)
{
	struct smooth smooth;
	const float *dy = plait__call_dy(call);
	float mean = 1.0f / (float)call->batch;

	backward(call->rows, call->node->dim[0], dy ? mean * *dy : mean,
		 plait__call_floats(call, 0), plait__call_labels(call, 1),
		 plait__call_weights(call), smooth_of(call, &smooth),
		 plait__smoothing_of(call).gamma, plait__call_out(call));
}

/* An exponential counts as 16: that many additions and multiplications are in it. */
static void cross_entropy_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 19, 1, cost);
}

static void cross_entropy_bwd_cost(const struct plait_node *node, int64_t rows,
				   struct plait_cost *cost)
{
	plait_op_cost(node, rows, 20, 2, cost);
}

const struct plait_op plait__op_cross_entropy = {
	.abi = PLAIT_OP_ABI,
	.name = "cross_entropy",
	.loss = true,
	.gradient = gradient,
	.cpu = cross_entropy_cpu,
	.cuda = PLAIT__CUDA(plait__cross_entropy_cuda),
	.cuda_joint = PLAIT__CUDA(plait__cross_entropy_cuda_joint),
	.joint = 3,
	.cost = cross_entropy_cost,
};

const struct plait_op plait__op_cross_entropy_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "cross_entropy_bwd",
	.cpu = cross_entropy_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__cross_entropy_bwd_cuda),
	.cost = cross_entropy_bwd_cost,
};
