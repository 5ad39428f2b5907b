/* SPDX-License-Identifier: MIT
 * cross_entropy: loss = 1/batch sum over samples of -log softmax(x)[label].
 *                x: [N,C], labels: [N] int32 in [0,C), loss: scalar.
 *                dx = (softmax(x) - onehot(label)) / batch.
 * With m the row's maximum, -log softmax(x)[l] = log sum exp(x - m) - (x[l] - m). */
#include "config.h"
#include "codelets/cuda.h"
#include "codelets/op.h"
#include "codelets/rows.h"

#include <plait/ops.h>

struct plait_node *plait_cross_entropy(struct plait_node *x, struct plait_node *labels)
{
	if (!plait__op_labelled(&plait__op_cross_entropy, x, labels))
		return NULL;
	return plait__op_loss(x, labels, &plait__op_cross_entropy);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	(void)dy;
	if (y->input[0]->needs_gradient)
		dx[0] = plait__op_gradient(y, y->input[0], &plait__op_cross_entropy_bwd, 2, y->input);
}

/* Exponentials are computed for this many elements at a time: short rows share a block,
 * so that vectors are full whatever C is. */
#define BLOCK 1024

/* max[i] and s[i] = sum of exp(x - max[i]) for the rows of one block: rows c <= BLOCK, or
 * rows = 1 and the row is taken in pieces. */
static inline __attribute__((always_inline)) void sums(int64_t rows, int64_t c, const float *x, float *max,
                                                       float *s)
{
	float e[BLOCK];

	for (int64_t i = 0; i < rows; i++) {
		max[i] = plait__row_max(c, x + i * c);
		s[i] = 0.0f;
	}
	for (int64_t begin = 0; begin < c; begin += BLOCK) {
		int64_t width = c - begin < BLOCK ? c - begin : BLOCK;

		for (int64_t i = 0; i < rows; i++)
			for (int64_t j = 0; j < width; j++)
				e[i * width + j] = x[i * c + begin + j] - max[i];
		for (int64_t j = 0; j < rows * width; j++)
			e[j] = plait__exp(e[j]);
		for (int64_t i = 0; i < rows; i++)
			s[i] += plait__row_sum(width, e + i * width);
	}
}

/* The losses of one block's rows, summed from the first to the last. */
static inline __attribute__((always_inline)) float block_loss(int64_t rows, int64_t c, const float *x,
                                                              const int32_t *labels)
{
	float max[BLOCK], s[BLOCK], loss = 0.0f;

	sums(rows, c, x, max, s);
	for (int64_t i = 0; i < rows; i++)
		s[i] = plait__log(s[i]);
	for (int64_t i = 0; i < rows; i++) {
		bool valid = labels[i] >= 0 && labels[i] < c;

		loss += valid ? s[i] - (x[i * c + labels[i]] - max[i]) : NAN;
	}
	return loss;
}

static inline int64_t block_rows(int64_t c)
{
	return c < BLOCK ? BLOCK / c : 1;
}

PLAIT__CLONES static void forward(int64_t rows, int64_t c, int64_t batch, const float *x, const int32_t *labels,
                                  float *loss)
{
	int64_t step = block_rows(c);
	double sum = 0.0;

	for (int64_t i = 0; i < rows; i += step)
		sum += block_loss(rows - i < step ? rows - i : step, c, x + i * c, labels + i);
	*loss = (float)(sum / (double)batch);
}

/* dx holds x - max, then its exponentials, then the result. */
PLAIT__CLONES static void backward(int64_t rows, int64_t c, int64_t batch, const float *restrict x,
                                   const int32_t *restrict labels, float *restrict dx)
{
	float mean = 1.0f / (float)batch;

	for (int64_t i = 0; i < rows; i++) {
		float max = plait__row_max(c, x + i * c);

		for (int64_t j = 0; j < c; j++)
			dx[i * c + j] = x[i * c + j] - max;
	}
	for (int64_t j = 0; j < rows * c; j++)
		dx[j] = plait__exp(dx[j]);
	for (int64_t i = 0; i < rows; i++) {
		float scale = mean / plait__row_sum(c, dx + i * c);

		for (int64_t j = 0; j < c; j++)
			dx[i * c + j] *= scale;
		if (labels[i] >= 0 && labels[i] < c)
			dx[i * c + labels[i]] -= mean;
	}
}

static void cross_entropy_cpu(const struct plait__call *call)
{
	forward(call->rows, call->node->input[0]->dim[0], call->batch, call->in[0], call->in[1], call->out);
}

static void cross_entropy_bwd_cpu(const struct plait__call *call)
{
	backward(call->rows, call->node->dim[0], call->batch, call->in[0], call->in[1], call->out);
}

static int cross_entropy_cuda(const struct plait__call *call)
{
	return plait__cross_entropy_cuda(call->rows, call->node->input[0]->dim[0], call->batch, call->in[0],
	                                 call->in[1], call->out, call->stream);
}

static int cross_entropy_bwd_cuda(const struct plait__call *call)
{
	return plait__cross_entropy_bwd_cuda(call->rows, call->node->dim[0], call->batch, call->in[0], call->in[1],
	                                     call->out, call->stream);
}

/* An exponential counts as 16: that many additions and multiplications are in it. */
static void cross_entropy_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node->input[0], rows, 19, 1, cost);
}

static void cross_entropy_bwd_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 20, 2, cost);
}

const struct plait__op plait__op_cross_entropy = {
	.name = "cross_entropy",
	.gradient = gradient,
	.cpu = cross_entropy_cpu,
	.cuda = PLAIT__CUDA(cross_entropy_cuda),
	.cost = cross_entropy_cost,
};

const struct plait__op plait__op_cross_entropy_bwd = {
	.name = "cross_entropy_bwd",
	.cpu = cross_entropy_bwd_cpu,
	.cuda = PLAIT__CUDA(cross_entropy_bwd_cuda),
	.cost = cross_entropy_bwd_cost,
};
