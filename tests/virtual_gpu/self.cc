/* SPDX-License-Identifier: MIT
 * The virtual GPU itself: right use of it works, wrong use is reported. */
#include "cublas_v2.h"
#include "tests/virtual_gpu/self.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <algorithm>

/* -- kernels ------------------------------------------------------------------------------------
 */

static void indices(int *count, int *wrong)
{
	unsigned thread = threadIdx.x + threadIdx.y * blockDim.x;

	*wrong += threadIdx.x >= 5 || threadIdx.y >= 3 || blockIdx.x >= 4 || blockDim.x != 5 ||
		  gridDim.x != 4;
	count[blockIdx.x * 15 + thread]++;
}

static void test_indices(void)
{
	int *count = device<int>(60), *wrong = device<int>(1), once = 0;

	cudaMemset(count, 0, 60 * sizeof *count);
	cudaMemset(wrong, 0, sizeof *wrong);
	LAUNCH(indices, 4, dim3(5, 3), count, wrong);
	for (int n : host(count, 60))
		once += n == 1;
	is_int(once, 60, "each thread of each block runs once");
	is_int(host(wrong, 1)[0], 0, "threads know where they are");
	is_int(cudaGetLastError(), cudaSuccess, "no error");
}

static void note_order(unsigned *blocks, unsigned *order)
{
	if (threadIdx.x == 0)
		order[atomicInc(blocks, 999)] = blockIdx.x + gridDim.x * blockIdx.y;
}

/* The order in which 5 x 4 blocks run where VGPU_ORDER is word. */
static std::vector<unsigned> order_of(const char *word)
{
	unsigned *blocks = device<unsigned>(1), *order = device<unsigned>(20);

	cudaMemset(blocks, 0, sizeof *blocks);
	setenv("VGPU_ORDER", word, 1);
	LAUNCH(note_order, dim3(5, 4), 2, blocks, order);
	unsetenv("VGPU_ORDER");
	return host(order, 20);
}

static void test_order(void)
{
	std::vector<unsigned> forth = order_of(""), reverse = order_of("reverse"),
			      one = order_of("shuffle"), other = order_of("shuffle");
	int wrong[2] = {};

	for (unsigned i = 0; i < 20; i++) {
		wrong[0] += forth[i] != i;
		wrong[1] += reverse[i] != 19 - i;
	}
	is_int(wrong[0], 0, "blocks run one after another");
	is_int(wrong[1], 0, "or from the last to the first");
	ok(one != forth && other != forth && one != other, "or shuffled, each time otherwise");
	std::sort(one.begin(), one.end());
	ok(one == forth, "each of them once");
	contains(last_words([] { order_of("sideways"); }), "reverse or shuffle",
		 "another order dies");
}

static void test_atomics(void)
{
	unsigned *blocks = device<unsigned>(1), *order = device<unsigned>(1000);

	cudaMemset(blocks, 0, sizeof *blocks);
	LAUNCH(note_order, 999, 1, blocks, order);
	is_int(host(blocks, 1)[0], 999, "atomicInc counts");
	LAUNCH(note_order, 1, 1, blocks, order);
	is_int(host(blocks, 1)[0], 0, "and begins again after the limit");
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
	int *to = device<int>(100), wrong = 0;
	double *sum = device<double>(64);
	float *first = device<float>(64);

	LAUNCH(reverse, 1, 100, to);
	for (int i = 0; i < 100; i++)
		wrong += host(to, 100)[(size_t)i] != 99 - i;
	is_int(wrong, 0, "a barrier waits for all");
	LAUNCH(warp_sum, 1, 64, sum);
	LAUNCH(first_lane, 1, 64, first);
	is_near(host(sum, 64)[5], 496, 0, "the first warp sums 0 to 31");
	is_near(host(sum, 64)[40], 1520, 0, "the second one 32 to 63");
	is_near(host(first, 64)[63], 32, 0, "a lane's value reaches its warp");
}

static void some_skip_barrier(int *)
{
	if (threadIdx.x % 2 == 0)
		__syncthreads();
}

static void two_barriers(int *)
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

static void beyond(int *to)
{
	to[1 << 20] = 1;
}

static void test_wrong_kernels(void)
{
	const char *said = last_words([] { LAUNCH(some_skip_barrier, 2, 64, device<int>(1)); });

	contains(said, "some_skip_barrier", "a barrier that half the threads reach: the kernel");
	contains(said, "32 of 64 threads wait", "and how many wait");
	contains(said, "barrier of", "and what for");
	contains(last_words([] { LAUNCH(two_barriers, 1, 64, device<int>(1)); }), "wait for ever",
		 "two barriers are not one");
	contains(last_words([] { LAUNCH(half_warp_shuffles, 1, 32, device<int>(1)); }),
		 "shuffle of", "a shuffle without half of its lanes dies");
	contains(last_words([] { LAUNCH(source_outside_mask, 1, 32, device<int>(1)); }),
		 "shuffle of", "a shuffle from outside its mask dies");
	contains(last_words([] { LAUNCH(short_warp, 1, 20, device<int>(1)); }), "shuffle of",
		 "a full shuffle in a part of a warp dies");
	contains(last_words([] { LAUNCH(beyond, 1, 1, device<int>(1)); }), "beyond its memory",
		 "a kernel that writes beyond its memory dies");
	LAUNCH(first_lane, 1, 1025, device<float>(1));
	is_int(cudaGetLastError(), cudaErrorInvalidConfiguration, "1025 threads are too many");
	LAUNCH(first_lane, 0, 32, device<float>(1));
	is_int(cudaGetLastError(), cudaErrorInvalidConfiguration, "no blocks are too few");
	is_int(cudaGetLastError(), cudaSuccess, "an error is told once");
}

/* -- memory --------------------------------------------------------------------------------------
 */

static int on_host;

static void test_memory(void)
{
	float *p = device<float>(3);
	size_t free_bytes = 0, total = 0;

	ok(host(p, 3)[1] != host(p, 3)[1], "fresh memory is NaN");
	cudaFree(p);
	ok(device<float>(3) != p, "no address is used twice");
	contains(last_words([] { *(volatile int *)device<int>(1) = 1; }), "host code touched",
		 "host code that writes device memory dies");
	contains(last_words([] { cudaMemset(device<char>(100), 0, 101); }), "overrun",
		 "a copy that is too long dies");
	contains(last_words([] {
			 int *freed = device<int>(1);

			 cudaFree(freed);
			 LAUNCH(reverse, 1, 1, freed);
		 }),
		 "freed", "a kernel that gets freed memory dies");
	contains(last_words([] {
			 int *p = device<int>(3);

			 LAUNCH(reverse, 1, 4, p);
			 cudaFree(p);
		 }),
		 "was written", "a kernel that writes one element too many dies");
	contains(last_words([] { LAUNCH(reverse, 1, 1, &on_host); }), "pointer of the host",
		 "a kernel that gets the host's memory dies");
	contains(
		last_words([] { cudaMemcpy(&on_host, device<int>(1), 4, cudaMemcpyHostToDevice); }),
		"kind", "a copy of the wrong kind dies");
	cudaMemGetInfo(&free_bytes, &total);
	ok(free_bytes < total && total == vgpu_memory_bytes(), "what is free is known");
	is_int(cudaMalloc((void **)&p, total), cudaErrorMemoryAllocation,
	       "more than there is fails");
	is_int(cudaGetLastError(), cudaErrorMemoryAllocation, "and is the last error");
}

/* -- streams --------------------------------------------------------------------------------------
 */

static void set_one(float *to)
{
	*to = 1;
}

static void copy_one(float *to, const float *from)
{
	*to = *from;
}

/* Two streams that wait for each other by an event, with whatever delay. */
static void test_streams(void)
{
	cudaStream_t a, b;
	cudaEvent_t made;
	float *x = device<float>(1), *y = device<float>(1);

	cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking);
	cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking);
	cudaEventCreate(&made);
	vgpu_enqueue(a, "delay", [] { usleep(20000); });
	vgpu_launch("set_one", 1, 1, a, set_one, x);
	cudaEventRecord(made, a);
	is_int(cudaEventQuery(made), cudaErrorNotReady, "an event comes after what is before it");
	cudaStreamWaitEvent(b, made, 0);
	vgpu_launch("copy_one", 1, 1, b, copy_one, y, x);
	is_int(cudaStreamQuery(b), cudaErrorNotReady, "a stream waits for an event");
	cudaStreamSynchronize(b);
	is_near(host(y, 1)[0], 1, 0, "and goes on when it came");
	is_int(cudaEventQuery(made), cudaSuccess, "which is known then");
	cudaEventDestroy(made);
	cudaStreamDestroy(a);
	cudaStreamDestroy(b);
}

/* Copies from pinned memory: in a stream of their own while a kernel waits for its turn, in the
 * kernel's, and in one of their own when it is over. */
static void test_beside(void)
{
	const struct vgpu_counts *counts = &vgpu_counts[0];
	long beside = counts->beside, among = counts->among, in_default = counts->in_default;
	float *x = device<float>(1), *y = device<float>(1), *from = NULL;
	cudaStream_t a, b;

	cudaHostAlloc((void **)&from, sizeof *from, 0);
	*from = 1;
	cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking);
	cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking);
	vgpu_enqueue(a, "delay", [] { usleep(20000); });
	vgpu_launch("set_one", 1, 1, a, set_one, x);
	cudaMemcpyAsync(y, from, sizeof *from, cudaMemcpyHostToDevice, b);
	is_int(counts->beside - beside, 1, "a copy beside a kernel is counted");
	cudaMemcpyAsync(x, from, sizeof *from, cudaMemcpyHostToDevice, a);
	is_int(counts->among - among, 1, "one in the kernel's stream is counted apart");
	cudaStreamSynchronize(a);
	cudaMemcpyAsync(y, from, sizeof *from, cudaMemcpyHostToDevice, b);
	is_int(counts->beside - beside, 1, "one after the kernel is not counted");
	is_int(counts->in_default - in_default, 0, "nor is the kernel");
	LAUNCH(set_one, 1, 1, x);
	is_int(counts->in_default - in_default, 1, "as it is in stream 0");
	cudaStreamDestroy(a);
	cudaStreamDestroy(b);
	cudaFreeHost(from);
}

/* -- cuBLAS ---------------------------------------------------------------------------------------
 */

/* A = [1 3 5; 2 4 6] column by column, B the same transposed. */
static void test_gemm(void)
{
	const float values[] = { 1, 2, 3, 4, 5, 6 };
	float *a = device<float>(6), *c = device<float>(4);
	cublasHandle_t handle;

	cudaMemcpy(a, values, sizeof values, cudaMemcpyHostToDevice);
	cublasCreate(&handle);
	gemm(handle, CUBLAS_OP_T, 2, 2, 3, a, 2, a, 2, c, 2);
	is_near(host(c, 4)[0], 35, 0, "A A^T: first element");
	is_near(host(c, 4)[1], 44, 0, "below it");
	is_near(host(c, 4)[3], 56, 0, "last element");
	is_int(gemm(handle, CUBLAS_OP_N, 2, 2, 3, a, 1, a, 3, c, 2), CUBLAS_STATUS_INVALID_VALUE,
	       "a leading dimension that is too small is refused");
	cublasDestroy(handle);
}

int main(void)
{
	test_indices();
	test_order();
	test_atomics();
	test_exchange();
	test_wrong_kernels();
	test_memory();
	test_gemm();
	test_beside(); /* these last: the children above inherit no streams */
	test_streams();
	return tap_done();
}
