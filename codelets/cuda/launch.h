/* SPDX-License-Identifier: MIT
 * How a kernel is launched, and how its threads share the work. Compiled by nvcc, the kernel
 * runs on the GPU. Compiled by g++, it runs on a GPU that the host plays (tests/virtual_gpu), so
 * that machines without one can test it.
 *
 * A .cu file defines plait__<op>_cuda for each op of its room, as codelets/ops.h declares them.
 * They submit to call->stream. A size of 0 is legal. */
#ifndef PLAIT__LAUNCH_H
#define PLAIT__LAUNCH_H

#include "codelets/shared/formula.h"

#include <cuda_runtime.h>
#include <plait/graph.h>
#include <stdarg.h>
#include <stdbool.h>

/* The declarations of the library's own headers are C's. What they include of the system
 * stands above. */
extern "C" {
#include "codelets/ops.h"
}

/* Launches kernel(...) on blocks x threads, without dynamic shared memory. */
#ifdef __CUDACC__
#define PLAIT_LAUNCH(kernel, blocks, threads, stream, ...) \
	kernel<<<(blocks), (threads), 0, (cudaStream_t)(stream)>>>(__VA_ARGS__)
#else
#define PLAIT_LAUNCH(kernel, blocks, threads, stream, ...) \
	vgpu_launch(#kernel, (blocks), (threads), (stream), kernel, __VA_ARGS__)
#endif

/* i runs over this thread's share of [0,n): its own index, then further ones, a grid's size
 * apart. */
#define PLAIT_FOR(index, i, n) \
	for (index i = (index)blockIdx.x * blockDim.x + threadIdx.x; i < (index)(n); \
	     i += (index)gridDim.x * blockDim.x)

/* The flag that stops updates, for the kernel of the graph's loss.  A term of it, or a metric, may
 * be anything. */
static inline int *plait__halt_of(const struct plait_call *call)
{
	return call->node == call->node->graph->loss ? call->halt : NULL;
}

/* The end of a kernel that makes a loss, by one thread. halt: the call's. */
static __device__ __forceinline__ void plait__give_loss(float loss, float *to, int *halt)
{
	*to = loss;
	if (halt && !isfinite(loss))
		*halt = 1;
}

/* Whether an update must change nothing. */
static __device__ __forceinline__ bool plait__halted(const int *halt)
{
	return halt && *halt;
}

#define PLAIT_THREADS 256

/* Blocks for n > 0 elements. 4096 fill any GPU of today; beyond that each thread takes several
 * elements. */
static inline unsigned plait__blocks(int64_t n)
{
	int64_t blocks = (n + PLAIT_THREADS - 1) / PLAIT_THREADS;

	return blocks < 4096 ? (unsigned)blocks : 4096u;
}

#endif
