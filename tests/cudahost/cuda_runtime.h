/* SPDX-License-Identifier: MIT
 * CUDA on the host, for tests: what the kernels of codelets/cuda use of it, no more.
 *
 * The threads of a block are fibers that take turns in one thread of the host, blocks run
 * one after another, a launch returns when its kernel has finished.  That proves indices,
 * bounds (under AddressSanitizer: device memory is the heap, shared memory is global) and
 * maths; it cannot show races between blocks or what asynchrony changes.  A barrier or a
 * shuffle that not all threads reach makes the launch fail; cudahost_message() says where. */
#ifndef PLAIT_TESTS_CUDA_RUNTIME_H
#define PLAIT_TESTS_CUDA_RUNTIME_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cudaError {
	cudaSuccess = 0,
	cudaErrorInvalidValue = 1,
	cudaErrorMemoryAllocation = 2,
	cudaErrorInvalidConfiguration = 9,
	cudaErrorLaunchFailure = 719,
} cudaError_t;

enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2 };

typedef struct cudahost_stream *cudaStream_t;

cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaGetLastError(void);
const char *cudaGetErrorString(cudaError_t error);
cudaError_t cudaDeviceSynchronize(void);
cudaError_t cudaStreamCreate(cudaStream_t *stream);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaMalloc(void **memory, size_t bytes);
cudaError_t cudaFree(void *memory);
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind);
cudaError_t cudaMemsetAsync(void *memory, int byte, size_t bytes, cudaStream_t stream);

/* What was wrong with the last failed launch: kernel, block, thread, line. */
const char *cudahost_message(void);

#ifdef __cplusplus
}

struct dim3 {
	unsigned x, y, z;
	dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z)
	{
	}
};

extern dim3 gridDim, blockDim, blockIdx, threadIdx;

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static /* one block at a time has it */

/* Runs body(argument) once for each thread of each block. */
void cudahost_run(const char *kernel, dim3 grid, dim3 block, void (*body)(void *), void *argument);

template <typename function>
void cudahost_launch(const char *kernel, dim3 grid, dim3 block, function f)
{
	cudahost_run(
		kernel, grid, block, [](void *argument) { (*(function *)argument)(); }, &f);
}

void cudahost_barrier(const char *file, int line);
/* Gives value to the lanes of mask and gets that of lane source. */
uint64_t cudahost_shuffle(unsigned mask, uint64_t value, unsigned source, const char *file,
			  int line);
unsigned cudahost_lane(void);

template <typename type>
type cudahost_shuffle_as(unsigned mask, type value, unsigned source, const char *file, int line)
{
	static_assert(sizeof(type) == 4 || sizeof(type) == 8, "CUDA shuffles 4 or 8 bytes");
	uint64_t bits = 0;

	__builtin_memcpy(&bits, &value, sizeof value);
	bits = cudahost_shuffle(mask, bits, source, file, line);
	__builtin_memcpy(&value, &bits, sizeof value);
	return value;
}

#define __syncthreads() cudahost_barrier(__FILE__, __LINE__)
#define __shfl_sync(mask, value, lane) \
	cudahost_shuffle_as(mask, value, (unsigned)(lane), __FILE__, __LINE__)
#define __shfl_xor_sync(mask, value, lanes) \
	cudahost_shuffle_as(mask, value, cudahost_lane() ^ (unsigned)(lanes), __FILE__, __LINE__)

#endif
#endif
