/* SPDX-License-Identifier: MIT
 * Reductions on the device: within a warp, a block, a grid.  The order is fixed, so results
 * do not vary from run to run, nor from device to device. */
#ifndef PLAIT__REDUCE_H
#define PLAIT__REDUCE_H

#include "codelets/cuda/launch.h"
#include "codelets/shared/rows.h"

#include <stddef.h>

#define PLAIT_WARP 32
#define PLAIT_BLOCK_WARPS 32 /* the most a block can have */
#define PLAIT_ALL_LANES 0xffffffffu

/* Of a kernel that plait__sum_grid launches: registers for blocks of the largest size. */
#define PLAIT_SUM_KERNEL __launch_bounds__(PLAIT_BLOCK_WARPS *PLAIT_WARP)

#define PLAIT_PARTS 1024         /* blocks that one sum is divided among at most */
#define PLAIT_SUMS 2             /* that a kernel makes at once at most */
#define PLAIT_COLUMN_PARTS 16384 /* parts of sums of columns that a kernel has at most */
#define PLAIT_GROUPS 256         /* groups of blocks that a kernel has at most */

/* Where blocks meet. Sizes alone decide into how many parts a sum is divided: so many that they
 * fill any GPU of today. */
struct plait__workspace {
	unsigned done[PLAIT_GROUPS]; /* by group: its blocks that gave their part; 0 between kernels
				      */
	union {
		double sum[PLAIT_PARTS * PLAIT_SUMS];
		float column[PLAIT_COLUMN_PARTS];
	} part;
};
static_assert(sizeof(struct plait__workspace) == PLAIT__WORKSPACE &&
		      offsetof(struct plait__workspace, part) == PLAIT__WORKSPACE_COUNTERS,
	      "what a call is given");

static inline struct plait__workspace *plait__workspace_of(const struct plait_call *call)
{
	return (struct plait__workspace *)call->workspace;
}

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

/* The block's sum, in thread 0. Every thread of the block must call it, and meet the others at a
 * barrier before it does again. */
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

/* Whether this block is the last of its group, of so many blocks: it then sees what all of them
 * wrote before. The parts lie in the workspace in their own order, so it does not matter which
 * block is the last. Every thread of the block must call it. */
static __device__ __forceinline__ bool plait__is_last(struct plait__workspace *workspace,
						      unsigned group, unsigned blocks)
{
	__shared__ bool last;

	__syncthreads();
	if (threadIdx.x == 0 && threadIdx.y == 0) {
		__threadfence(); /* of the block's writes, before it counts */
		/* The last one makes the counter 0 again. */
		last = atomicInc(&workspace->done[group], blocks - 1) == blocks - 1;
		__threadfence(); /* of the others' writes, before they are read */
	}
	__syncthreads();
	return last;
}

/* The same of several values. */
template <int n>
static __device__ __forceinline__ void plait__block_sums(double (&v)[n])
{
	for (int k = 0; k < n; k++) {
		if (k > 0)
			__syncthreads();
		v[k] = plait__block_sum(v[k]);
	}
}

/* Makes each v[k] the sum of all threads of a grid of one dimension. True in one thread of the
 * grid, which alone has these sums. Every thread must call it, once in a kernel. */
template <int n>
static __device__ __forceinline__ bool plait__grid_sums(double (&v)[n],
							struct plait__workspace *workspace)
{
	static_assert(n <= PLAIT_SUMS, "the parts of all sums fit");
	plait__block_sums(v);
	if (gridDim.x > 1) {
		if (threadIdx.x == 0)
			for (int k = 0; k < n; k++)
				workspace->part.sum[k * PLAIT_PARTS + blockIdx.x] = v[k];
		if (!plait__is_last(workspace, 0, gridDim.x))
			return false;
		for (int k = 0; k < n; k++) {
			v[k] = 0.0;
			for (unsigned part = threadIdx.x; part < gridDim.x; part += blockDim.x)
				v[k] += workspace->part.sum[k * PLAIT_PARTS + part];
		}
		plait__block_sums(v);
	}
	return threadIdx.x == 0;
}

static __device__ __forceinline__ bool plait__grid_sum(double *v,
						       struct plait__workspace *workspace)
{
	double sums[1] = { *v };
	bool has = plait__grid_sums(sums, workspace);

	*v = sums[0];
	return has;
}

/* The sum of parts begin to end - 1, which an earlier kernel of the stream left in the workspace, a
 * block each: so no block waits for another. All threads of the block get it, and every one must
 * call it. */
static __device__ __forceinline__ double plait__part_sum(const double *part, unsigned begin,
							 unsigned end)
{
	__shared__ double sum;
	double v = 0.0;

	for (unsigned i = begin + threadIdx.x; i < end; i += blockDim.x)
		v += part[i];
	v = plait__block_sum(v);
	__syncthreads(); /* all have read the sum before */
	if (threadIdx.x == 0)
		sum = v;
	__syncthreads();
	return sum;
}

struct plait__grid {
	unsigned blocks, threads;
};

/* The grid for plait__grid_sum over so many pieces. A warp takes one at a time and loads `loads`
 * times for it. For blocks to meet takes longer than 4 loads, so one block does as much as that
 * alone. */
static inline struct plait__grid plait__sum_grid(int64_t pieces, int64_t loads)
{
	int64_t warps = PLAIT_THREADS / PLAIT_WARP, blocks = (pieces + warps - 1) / warps;

	if (pieces <= 1 || pieces * loads <= 4 * PLAIT_BLOCK_WARPS)
		return { 1, plait__block_threads(pieces) };
	return { (unsigned)(blocks < PLAIT_PARTS ? blocks : PLAIT_PARTS), PLAIT_THREADS };
}

/* Times that a warp loads for n elements. */
static inline int64_t plait__warp_loads(int64_t n)
{
	return (n + PLAIT_WARP - 1) / PLAIT_WARP;
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

/* plait__row_first_max by one warp. All lanes get the result. */
static __device__ __forceinline__ bool plait__warp_row_first_max(int64_t c, const float *x,
								 int64_t label)
{
	int beaten = label < 0 || label >= c;

	if (!beaten)
		for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
			beaten |= j < label ? plait__beats_before(x[j], x[label])
					    : plait__beats_after(x[j], x[label]);
	return !plait__warp_or(beaten);
}

/* plait__row_rank by one warp. All lanes get the result. */
static __device__ __forceinline__ int64_t plait__warp_row_rank(int64_t c, const float *x,
							       int64_t label)
{
	int rank = 0;

	if (label < 0 || label >= c)
		return c;
	for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
		rank += j < label ? plait__beats_before(x[j], x[label])
				  : plait__beats_after(x[j], x[label]);
	for (int step = PLAIT_WARP / 2; step > 0; step /= 2)
		rank += __shfl_xor_sync(PLAIT_ALL_LANES, rank, step);
	return rank;
}

/* The grid of a kernel whose warps take rows, at least one, and meet nobody. */
#define PLAIT_ROW_THREADS (4 * PLAIT_WARP)

static inline unsigned plait__row_blocks(int64_t rows)
{
	return (unsigned)(rows < 16384 ? (rows + 3) / 4 : 4096);
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
