/* SPDX-License-Identifier: MIT
 * What kernels for CUDA know of groups within samples.  A block takes a group of a sample, and its
 * threads take turns at the elements; they add in double. */
#ifndef PLAIT__SAMPLE_CUDA_H
#define PLAIT__SAMPLE_CUDA_H

#include "codelets/cuda/columns.h"

extern "C" {
#include "codelets/norm/sample.h"
}

/* Element i of a group, whose first channel is at x, is x[plait__place(s, i)]. */
static __device__ __forceinline__ int64_t plait__place(const struct plait__sample_norm &s,
						       int64_t i)
{
	return s.pixels == 1 || s.groups == 1 ? i : i / s.width * s.channels + i % s.width;
}

/* Where group number `group` of all samples begins in x. */
static __device__ __forceinline__ int64_t plait__group_begin(const struct plait__sample_norm &s,
							     int64_t group)
{
	return group / s.groups * s.pixels * s.channels + group % s.groups * s.width;
}

/* All threads get the sum. */
static __device__ __forceinline__ double plait__sum_for_all(double v)
{
	__shared__ double sum;

	v = plait__block_sum(v);
	if (threadIdx.x == 0)
		sum = v;
	__syncthreads();
	return sum;
}

/* A thread takes 4 elements at least. */
static inline unsigned plait__group_threads(const struct plait__sample_norm &s)
{
	unsigned threads = plait__block_threads(plait__warp_loads(s.pixels * s.width) / 4);

	return threads < PLAIT_THREADS ? threads : PLAIT_THREADS;
}

static inline unsigned plait__group_blocks(const struct plait__sample_norm &s)
{
	int64_t groups = s.samples * s.groups, most = 65536;

	return (unsigned)(groups < most ? groups : most);
}

#endif
