/* SPDX-License-Identifier: MIT
 * batchnorm's gradients: db = sum dy, dw = sum dy xhat, both of batchnorm_bwd_sums;
 *                        dx = weight / sqrt(var + eps) (dy - db / n - xhat dw / n), n rows.
 * In evaluation mean and variance are no functions of x, and dx is without the last two terms.
 * db and dw in dx are those of a part of a batch, as mean and variance are. */
#include "config.h"
#include "codelets/norm/batchnorm.h"
#include "codelets/shared/room.h"

#include <string.h>

/* What all rows of a gradient are made with. */
struct backward {
	int64_t rows, m;
	float eps;
	const float *stats, *weight, *sums;
};

PLAIT__CLONES static void backward(const struct backward *b, const float *restrict x,
				   const float *restrict dy, float *restrict dx)
{
	for (int64_t begin = 0; begin < b->m; begin += PLAIT__STRIP) {
		int64_t width = plait__strip_width(b->m, begin);
		float mean[PLAIT__STRIP], scale[PLAIT__STRIP];
		float mean_dy[PLAIT__STRIP], slope[PLAIT__STRIP];

		for (int64_t j = 0; j < width; j++) {
			const float *stats = b->stats + begin + j, *sums = b->sums + begin + j;

			mean[j] = stats[0];
			scale[j] =
				plait__batchnorm_scale(b->weight[begin + j], stats[b->m], b->eps);
			mean_dy[j] = sums[PLAIT__MEAN_DY * b->m];
			slope[j] = sums[PLAIT__SLOPE * b->m];
		}
		for (int64_t i = begin; i < b->rows * b->m; i += b->m)
			for (int64_t j = 0; j < width; j++)
				dx[i + j] = plait__batchnorm_dx(x[i + j], dy[i + j], mean[j],
								scale[j], mean_dy[j], slope[j]);
	}
}

static void batchnorm_bwd_dx_cpu(const struct plait_call *call)
{
	const struct backward b = { .rows = plait__channel_rows(call, call->node),
				    .m = plait__channels(call->node),
				    .eps = plait__batchnorm_eps(call),
				    .stats = plait__call_floats(call, 2),
				    .weight = plait__call_floats(call, 3),
				    .sums = plait__call_floats(call, 4) };

	backward(&b, plait__call_floats(call, 1), plait__call_floats(call, 0),
		 plait__call_out(call));
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
