/* SPDX-License-Identifier: MIT */
#include "codelets/norm/sample_cuda.h"

/* dy and dy z of this thread's channel, at pixel i of a sample. */
struct sums_term {
	int64_t m;
	const float *dy, *x;
	float mean, scale;

	__device__ void operator()(int64_t i, float (&v)[2]) const
	{
		v[0] = dy[i * m];
		v[1] = (x[i * m] - mean) * scale * dy[i * m];
	}
};

/* Blocks (x,...) have up to 32 channels, blocks (x,y) take turns at the samples. */
static __global__ void all_sums(struct plait__sample_norm s, const float *dy, const float *x,
				const float *stats, float *sums)
{
	int64_t channel = plait__column(), m = s.channels;
	bool inside = channel < m;

	for (int64_t n = blockIdx.y; n < s.samples; n += gridDim.y) {
		int64_t at = n * s.pixels * m + channel;
		const float *of = stats + 2 * (n * s.groups + (inside ? channel / s.width : 0));
		sums_term term = { m, dy + at, x + at, of[0], of[1] };
		float sum[2];

		plait__block_column_sums(0, inside ? s.pixels : 0, term, sum);
		if (inside && threadIdx.y == 0) {
			sums[2 * n * m + channel] = sum[0];
			sums[(2 * n + 1) * m + channel] = sum[1];
		}
		__syncthreads(); /* before sums of the next sample */
	}
}

static __global__ void by_x(struct plait__sample_norm s, const float *dy, const float *x,
			    const float *stats, const float *sums, const float *weight, float *dx)
{
	int64_t n = s.pixels * s.width;

	for (int64_t group = blockIdx.x; group < s.samples * s.groups; group += gridDim.x) {
		int64_t begin = plait__group_begin(s, group), first = group % s.groups * s.width;
		const float *sum = sums + group / s.groups * 2 * s.channels + first;
		float mean = stats[2 * group], scale = stats[2 * group + 1], even, slope;
		double total = 0.0, product = 0.0;

		for (int64_t j = threadIdx.x; j < s.width; j += blockDim.x) {
			double w = weight ? (double)weight[first + j] : 1.0;

			total += w * (double)sum[j];
			product += w * (double)sum[s.channels + j];
		}
		even = (float)(plait__sum_for_all(total) / (double)n);
		slope = (float)(plait__sum_for_all(product) / (double)n) * scale;
		for (int64_t i = threadIdx.x; i < n; i += blockDim.x) {
			int64_t at = begin + plait__place(s, i);
			float g = weight ? dy[at] * weight[first + i % s.width] : dy[at];

			dx[at] = scale * (g - even - (x[at] - mean) * slope);
		}
	}
}

/* Over samples, of one of the two sums: x begins at it. */
static __global__ void add_samples(int64_t samples, int64_t m, int64_t part_rows, const float *x,
				   float *to, struct plait__workspace *workspace)
{
	int64_t column = plait__column();
	float sum[1];

	if (plait__column_sums(samples, m, part_rows, plait__value{ x + column, 2 * m }, sum,
			       workspace))
		to[column] = sum[0];
}

int plait__groupnorm_bwd_sums_cuda(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node->input[1]);
	struct plait__column_grid grid = plait__column_sum_grid(0, s.channels, 2);
	int64_t most = 4096;

	grid.blocks.y = (unsigned)(s.samples < most ? s.samples : most);
	if (s.samples > 0)
		PLAIT_LAUNCH(all_sums, grid.blocks, grid.threads, call->stream, s,
			     plait__call_floats(call, 0), plait__call_floats(call, 1),
			     plait__call_floats(call, 2), plait__call_out(call));
	return cudaGetLastError();
}

int plait__groupnorm_bwd_dx_cuda(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node);

	if (s.samples > 0)
		PLAIT_LAUNCH(by_x, plait__group_blocks(s), plait__group_threads(s), call->stream, s,
			     plait__call_floats(call, 0), plait__call_floats(call, 1),
			     plait__call_floats(call, 2), plait__call_floats(call, 3),
			     call->node->ninputs == 5 ? plait__call_floats(call, 4) : NULL,
			     plait__call_out(call));
	return cudaGetLastError();
}

static int launch_add_samples(const struct plait_call *call, int which)
{
	int64_t m = plait_node_elements(call->node);
	struct plait__column_grid grid = plait__column_sum_grid(call->rows, m, 1);

	PLAIT_LAUNCH(add_samples, grid.blocks, grid.threads, call->stream, call->rows, m,
		     grid.part_rows, plait__call_floats(call, 0) + which * m, plait__call_out(call),
		     plait__workspace_of(call));
	return cudaGetLastError();
}

int plait__groupnorm_bwd_dw_cuda(const struct plait_call *call)
{
	return launch_add_samples(call, 1);
}

int plait__groupnorm_bwd_db_cuda(const struct plait_call *call)
{
	return launch_add_samples(call, 0);
}
