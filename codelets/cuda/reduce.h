/* SPDX-License-Identifier: MIT
 * Reductions on the device: within a warp, within a block.  The order is fixed, so results
 * do not vary from run to run. */
#ifndef PLAIT__REDUCE_H
#define PLAIT__REDUCE_H

#include "codelets/cuda/launch.h"

#define PLAIT_WARP 32
#define PLAIT_BLOCK_WARPS 32 /* the most a block can have */
#define PLAIT_ALL_LANES 0xffffffffu

/* Threads of a block that alone does what could keep so many warps busy. */
static inline unsigned plait__block_threads(int64_t warps)
{
	return PLAIT_WARP * (unsigned)(warps < 1                   ? 1
				       : warps < PLAIT_BLOCK_WARPS ? warps
								   : PLAIT_BLOCK_WARPS);
}

/* All lanes get the result. */
static __device__ __forceinline__ float plait__warp_sum(float v)
{
	for (int step = PLAIT_WARP / 2; step > 0; step /= 2)
		v += __shfl_xor_sync(PLAIT_ALL_LANES, v, step);
	return v;
}

static __device__ __forceinline__ float plait__warp_max(float v)
{
	for (int step = PLAIT_WARP / 2; step > 0; step /= 2)
		v = plait__at_least(v, __shfl_xor_sync(PLAIT_ALL_LANES, v, step));
	return v;
}

static __device__ __forceinline__ int plait__warp_or(int v)
{
	for (int step = PLAIT_WARP / 2; step > 0; step /= 2)
		v |= __shfl_xor_sync(PLAIT_ALL_LANES, v, step);
	return v;
}

/* The block's sum, in thread 0. Every thread of the block must call it, and only once in a
 * kernel. */
static __device__ __forceinline__ double plait__block_sum(double v)
{
	__shared__ double warp[PLAIT_BLOCK_WARPS];
	int lane = threadIdx.x % PLAIT_WARP;

	for (int step = PLAIT_WARP / 2; step > 0; step /= 2)
		v += __shfl_xor_sync(PLAIT_ALL_LANES, v, step);
	if (lane == 0)
		warp[threadIdx.x / PLAIT_WARP] = v;
	__syncthreads();
	v = 0.0;
	if (threadIdx.x == 0)
		for (unsigned w = 0; w < blockDim.x / PLAIT_WARP; w++)
			v += warp[w];
	return v;
}

/* A row by one warp: its maximum, and the sum of exp(x - max); a NaN in it makes the sum NaN. */
static __device__ __forceinline__ float plait__warp_row_max(int64_t c, const float *x)
{
	float max = x[0];

	for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
		max = plait__at_least(max, x[j]);
	return plait__warp_max(max);
}

static __device__ __forceinline__ float plait__warp_row_exp_sum(int64_t c, const float *x,
								float max)
{
	float sum = 0.0f;

	for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
		sum += plait__exp(x[j] - max);
	return plait__warp_sum(sum);
}

/* Each warp takes its own rows: the first one, and then one every plait__warp_rows(). All lanes
 * of a warp work on the same row, because shuffles need all of them. */
static __device__ __forceinline__ int64_t plait__warp_row(void)
{
	return ((int64_t)blockIdx.x * blockDim.x + threadIdx.x) / PLAIT_WARP;
}

static __device__ __forceinline__ int64_t plait__warp_rows(void)
{
	return (int64_t)gridDim.x * blockDim.x / PLAIT_WARP;
}

#endif
