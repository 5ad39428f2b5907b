/* SPDX-License-Identifier: MIT
 * The emulator of tests/cudahost itself: right kernels run, wrong ones are reported. */
#include "cublas_v2.h"
#include "cuda_runtime.h"
#include "tests/tap.h"

#define LAUNCH(kernel, blocks, threads, ...) \
	cudahost_launch(#kernel, blocks, threads, [&]() { kernel(__VA_ARGS__); })

static void indices(int *count, int *wrong)
{
	unsigned thread = threadIdx.x + threadIdx.y * blockDim.x;

	*wrong += threadIdx.x >= 5 || threadIdx.y >= 3 || blockIdx.x >= 4 || blockDim.x != 5 ||
		  gridDim.x != 4;
	count[blockIdx.x * 15 + thread]++;
}

static void test_indices(void)
{
	int count[60] = {}, wrong = 0, once = 0;

	LAUNCH(indices, 4, dim3(5, 3), count, &wrong);
	for (int i = 0; i < 60; i++)
		once += count[i] == 1;
	is_int(once, 60, "each thread of each block runs once");
	is_int(wrong, 0, "threads know where they are");
	is_int(cudaGetLastError(), cudaSuccess, "no error");
}

/* Thread i writes, thread n - 1 - i reads: only right if all have arrived. */
static void reverse(int *to)
{
	__shared__ int shared[100];

	shared[threadIdx.x] = (int)threadIdx.x;
	__syncthreads();
	to[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

static void warp_sum(double *sum)
{
	double v = threadIdx.x;

	for (int step = 16; step > 0; step /= 2)
		v += __shfl_xor_sync(0xffffffffu, v, step);
	sum[threadIdx.x] = v;
}

static void first_lane(float *to)
{
	to[threadIdx.x] = __shfl_sync(0xffffffffu, (float)threadIdx.x, 0);
}

static void test_exchange(void)
{
	int to[100], wrong = 0;
	double sum[64];
	float first[64];

	LAUNCH(reverse, 1, 100, to);
	for (int i = 0; i < 100; i++)
		wrong += to[i] != 99 - i;
	is_int(wrong, 0, "a barrier waits for all");
	LAUNCH(warp_sum, 1, 64, sum);
	LAUNCH(first_lane, 1, 64, first);
	is_near(sum[5], 496, 0, "the first warp sums 0 to 31");
	is_near(sum[40], 1520, 0, "the second one 32 to 63");
	is_near(first[63], 32, 0, "a lane's value reaches its warp");
}

static void some_skip_barrier(void)
{
	if (threadIdx.x % 2 == 0)
		__syncthreads();
}

static void two_barriers(void)
{
	if (threadIdx.x % 2 == 0)
		__syncthreads();
	else
		__syncthreads();
}

static void half_warp_shuffles(int *to)
{
	if (threadIdx.x < 16)
		*to = __shfl_xor_sync(0xffffffffu, 1, 1);
}

static void source_outside_mask(int *to)
{
	if (threadIdx.x < 16)
		*to = __shfl_xor_sync(0x0000ffffu, 1, 16);
}

static void short_warp(int *to)
{
	*to = __shfl_xor_sync(0xffffffffu, 1, 1);
}

static void test_wrong_kernels(void)
{
	int to = 0;

	LAUNCH(some_skip_barrier, 2, 64);
	is_int(cudaGetLastError(), cudaErrorLaunchFailure,
	       "a barrier that half the threads reach fails");
	contains(cudahost_message(), "some_skip_barrier", "the message names the kernel");
	contains(cudahost_message(), "32 of 64 threads wait", "and how many wait");
	contains(cudahost_message(), "barrier of", "and what for");
	LAUNCH(two_barriers, 1, 64);
	is_int(cudaGetLastError(), cudaErrorLaunchFailure, "two barriers are not one");
	LAUNCH(half_warp_shuffles, 1, 32, &to);
	is_int(cudaGetLastError(), cudaErrorLaunchFailure,
	       "a shuffle without half of its lanes fails");
	contains(cudahost_message(), "shuffle of", "the message says shuffle");
	LAUNCH(source_outside_mask, 1, 32, &to);
	is_int(cudaGetLastError(), cudaErrorLaunchFailure, "a shuffle from outside its mask fails");
	LAUNCH(short_warp, 1, 20, &to);
	is_int(cudaGetLastError(), cudaErrorLaunchFailure,
	       "a full shuffle in a part of a warp fails");
	LAUNCH(first_lane, 1, 1025, NULL);
	is_int(cudaGetLastError(), cudaErrorInvalidConfiguration, "1025 threads are too many");
	LAUNCH(first_lane, 0, 32, NULL);
	is_int(cudaGetLastError(), cudaErrorInvalidConfiguration, "no blocks are too few");
	is_int(cudaGetLastError(), cudaSuccess, "an error is told once");
}

/* A = [1 3 5; 2 4 6] column by column, B the same transposed. */
static void test_gemm(void)
{
	const float a[] = { 1, 2, 3, 4, 5, 6 }, one = 1, zero = 0;
	float c[4] = { NAN, NAN, NAN, NAN };

	cublasSgemm(NULL, CUBLAS_OP_N, CUBLAS_OP_T, 2, 2, 3, &one, a, 2, a, 2, &zero, c, 2);
	is_near(c[0], 35, 0, "A A^T: first element");
	is_near(c[1], 44, 0, "below it");
	is_near(c[3], 56, 0, "last element");
	is_int(cublasSgemm(NULL, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 3, &one, a, 1, a, 3, &zero, c, 2),
	       CUBLAS_STATUS_INVALID_VALUE, "a leading dimension that is too small is refused");
}

int main(void)
{
	test_indices();
	test_exchange();
	test_wrong_kernels();
	test_gemm();
	return tap_done();
}
