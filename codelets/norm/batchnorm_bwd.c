/* SPDX-License-Identifier: MIT
 * batchnorm's gradients: db = sum dy, dw = sum dy xhat, both of batchnorm_bwd_sums;
 *                        dx = weight / sqrt(var + eps) (dy - db / n - xhat dw / n), n rows.
 * Of a relu's result: dy is 0 where y is not above 0, which is computed again (batchnorm.h).
 * In evaluation mean and variance are no functions of x, and dx is without the last two terms.
 * db and dw in dx are those of a part of a batch, as mean and variance are. */
#include "config.h"
#include "codelets/norm/batchnorm.h"
#include "codelets/shared/room.h"

#include <string.h>

/* What all rows of a gradient are made with.  bias: NULL, or dy is that of a relu's result. */
struct backward {
	int64_t m;
	float eps;
	const float *stats, *weight, *bias, *sums;
};

/* Of the columns of a strip. */
struct factors {
	float mean[PLAIT__STRIP], scale[PLAIT__STRIP], shift[PLAIT__STRIP];
	float mean_dy[PLAIT__STRIP], slope[PLAIT__STRIP];
};

static void find_factors(const struct backward *b, int64_t begin, int64_t width, struct factors *f)
{
	for (int64_t j = 0; j < width; j++) {
		int64_t c = (begin + j) % b->m;

		f->mean[j] = b->stats[c];
		f->scale[j] = plait__batchnorm_scale(b->weight[c], b->stats[b->m + c], b->eps);
		f->shift[j] = b->bias ? b->bias[c] : 0.0f;
		f->mean_dy[j] = b->sums[PLAIT__MEAN_DY * b->m + c];
		f->slope[j] = b->sums[PLAIT__SLOPE * b->m + c];
	}
}

static inline __attribute__((always_inline)) void
backward_strip(bool relu, int64_t rows, int64_t row, int64_t width, const struct factors *f,
	       const float *restrict x, const float *restrict dy, float *restrict dx)
{
	for (int64_t i = 0; i < rows * row; i += row)
		for (int64_t j = 0; j < width; j++) {
			float y =
				plait__batchnorm_y(x[i + j], f->mean[j], f->scale[j], f->shift[j]);

			dx[i + j] = plait__batchnorm_dx(
				x[i + j], relu ? plait__relu_bwd(y, dy[i + j]) : dy[i + j],
				f->mean[j], f->scale[j], f->mean_dy[j], f->slope[j]);
		}
}

/* `beside` rows of x are one here. */
PLAIT__CLONES static void backward(const struct backward *b, int64_t rows, int64_t beside,
				   const float *restrict x, const float *restrict dy,
				   float *restrict dx)
{
	int64_t row = beside * b->m;
	struct factors f;

	for (int64_t begin = 0; begin < row; begin += PLAIT__STRIP) {
		int64_t width = plait__strip_width(row, begin);

		find_factors(b, begin, width, &f);
		if (width < PLAIT__STRIP)
			backward_strip(b->bias, rows, row, width, &f, x + begin, dy + begin,
				       dx + begin);
		else if (b->bias) /* the compiler knows what there is, and how many */
			backward_strip(true, rows, row, PLAIT__STRIP, &f, x + begin, dy + begin,
				       dx + begin);
		else
			backward_strip(false, rows, row, PLAIT__STRIP, &f, x + begin, dy + begin,
				       dx + begin);
	}
}

static void batchnorm_bwd_dx_cpu(const struct plait_call *call)
{
	const float *dy = plait__call_floats(call, PLAIT__BWD_DY);
	const float *x = plait__call_floats(call, PLAIT__BWD_X);
	int64_t m = plait__channels(call->node), rows = plait__channel_rows(call, call->node);
	int64_t beside = plait__rows_beside(m), rest = rows % beside, done = (rows - rest) * m;
	const struct backward b = { .m = m,
				    .eps = plait__batchnorm_eps(call),
				    .stats = plait__call_floats(call, PLAIT__BWD_STATS),
				    .weight = plait__call_floats(call, PLAIT__BWD_WEIGHT),
				    .bias = plait__batchnorm_relu_bias(call, PLAIT__DX_BIAS),
				    .sums = plait__call_floats(call, PLAIT__DX_SUMS) };

	backward(&b, rows / beside, beside, x, dy, plait__call_out(call));
	backward(&b, rest, 1, x + done, dy + done, plait__call_out(call) + done);
}

/* A row of the sums. */
static void give(const struct plait_call *call, int row)
{
	int64_t m = plait__channels(call->node);

	memcpy(plait__call_out(call), plait__call_floats(call, 0) + row * m,
	       (size_t)m * sizeof(float));
}

static void batchnorm_bwd_dw_cpu(const struct plait_call *call)
{
	give(call, PLAIT__SUM_DY_XHAT);
}

static void batchnorm_bwd_db_cpu(const struct plait_call *call)
{
	give(call, PLAIT__SUM_DY);
}

static void batchnorm_bwd_dx_cost(const struct plait_node *node, int64_t rows,
				  struct plait_cost *cost)
{
	plait_op_cost(node, rows, 5, 3, cost);
}

const struct plait_op plait__op_batchnorm_bwd_dx = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm_bwd_dx",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.cpu = batchnorm_bwd_dx_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_bwd_dx_cuda),
	.cost = batchnorm_bwd_dx_cost,
};

const struct plait_op plait__op_batchnorm_bwd_dw = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm_bwd_dw",
	.cpu = batchnorm_bwd_dw_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_bwd_dw_cuda),
	.cuda_joint = PLAIT__CUDA(plait__batchnorm_bwd_dw_cuda_joint),
	.joint = 2,
};

const struct plait_op plait__op_batchnorm_bwd_db = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm_bwd_db",
	.cpu = batchnorm_bwd_db_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_bwd_db_cuda),
};
