/* SPDX-License-Identifier: MIT
 * How a kernel is launched, and how its threads share the work.  Under nvcc a launch is a
 * launch; under g++ the kernel runs on the host (tests/cudahost), so that machines without
 * a GPU execute it too. */
#ifndef PLAIT__LAUNCH_H
#define PLAIT__LAUNCH_H

#include "codelets/cuda/cuda.h"
#include "codelets/formula.h"

#include <cuda_runtime.h>

/* kernel(...) on blocks x threads, no dynamic shared memory. */
#ifdef __CUDACC__
#define PLAIT_LAUNCH(kernel, blocks, threads, stream, ...) \
	kernel<<<(blocks), (threads), 0, (cudaStream_t)(stream)>>>(__VA_ARGS__)
#else
#define PLAIT_LAUNCH(kernel, blocks, threads, stream, ...) \
	((void)(stream), \
	 cudahost_launch(#kernel, (blocks), (threads), [&]() { kernel(__VA_ARGS__); }))
#endif

/* Each thread takes every so-manyth index of [0,n). */
#define PLAIT_FOR(index, i, n) \
	for (index i = (index)blockIdx.x * blockDim.x + threadIdx.x; i < (index)(n); \
	     i += (index)gridDim.x * blockDim.x)

#define PLAIT_THREADS 256

/* Blocks for n > 0 elements: enough to fill any GPU of today, then threads take several. */
static inline unsigned plait__blocks(int64_t n)
{
	int64_t blocks = (n + PLAIT_THREADS - 1) / PLAIT_THREADS;

	return blocks < 4096 ? (unsigned)blocks : 4096u;
}

#endif
