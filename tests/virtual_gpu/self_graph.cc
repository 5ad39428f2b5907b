/* SPDX-License-Identifier: MIT
 * Graphs of the virtual GPU: what is captured runs at each launch, and only then. */
#include "cublas_v2.h"
#include "tests/virtual_gpu/self.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <stdlib.h>

static void twice(float *x)
{
	*x *= 2;
}

static void twice_and_one(float *x, float one)
{
	*x = 2 * *x + one;
}

static cudaStream_t stream(void)
{
	cudaStream_t s;

	cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking);
	return s;
}

static void begin(cudaStream_t s)
{
	cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal);
}

static cudaGraphExec_t end(cudaStream_t s)
{
	cudaGraphExec_t exec = NULL;
	cudaGraph_t graph = NULL;

	cudaStreamEndCapture(s, &graph);
	cudaGraphInstantiate(&exec, graph, 0);
	cudaGraphDestroy(graph);
	return exec;
}

/* A graph that doubles x. */
static cudaGraphExec_t doubles(cudaStream_t s, float *x)
{
	begin(s);
	vgpu_launch("twice", 1, 1, s, twice, x);
	return end(s);
}

/* -- deaths: before there are streams, which children do not inherit -----------------------------
 */

static void test_deaths(void)
{
	contains(last_words([] {
			 cudaStream_t s = stream();
			 float *x = device<float>(1);
			 cudaGraphExec_t exec = doubles(s, x);

			 cudaFree(x);
			 cudaGraphLaunch(exec, s);
		 }),
		 "freed", "a graph with freed memory dies at its launch");
	contains(last_words([] {
			 cudaStream_t s = stream();
			 float *x = device<float>(1);
			 void *h;

			 cudaHostAlloc(&h, 4, 0);
			 begin(s);
			 cudaMemcpyAsync(h, x, 4, cudaMemcpyDeviceToHost, s);
			 cudaGraphExec_t exec = end(s);
			 cudaFreeHost(h);
			 cudaGraphLaunch(exec, s);
		 }),
		 "4 bytes of pageable memory in a capture", "and with freed pinned memory");
	contains(last_words([] {
			 cudaStream_t s = stream();
			 cudaGraphExec_t exec = doubles(s, device<float>(1));

			 cudaGraphExecDestroy(exec);
			 cudaGraphLaunch(exec, s);
		 }),
		 "not any more", "a destroyed graph dies at its launch");
	contains(last_words([] {
			 cudaStream_t s = stream();
			 cudaGraphExec_t exec = doubles(s, device<float>(1));

			 cudaSetDevice(1);
			 cudaGraphLaunch(exec, stream());
		 }),
		 "graph of device 0, stream of device 1", "a graph on another device dies");
	contains(last_words([] {
			 cudaStream_t s = stream();
			 cudaGraphExec_t exec = doubles(s, device<float>(1));

			 begin(s);
			 cudaGraphLaunch(exec, s);
		 }),
		 "a graph in a graph", "a graph in a graph dies");
	contains(last_words([] {
			 cudaStream_t s = stream();
			 float *x = device<float>(1), h = 0;

			 begin(s);
			 cudaMemcpyAsync(x, &h, 4, cudaMemcpyHostToDevice, s);
		 }),
		 "pageable memory in a capture", "a copy of pageable memory in one dies");
	contains(last_words([] {
			 cudaStream_t s = stream();

			 begin(s);
			 vgpu_launch("twice", 1, 1, s, twice, (float *)&s);
		 }),
		 "pointer of the host", "pointers are checked when they are captured too");
	contains(last_words([] {
			 cudaStream_t s = stream();

			 begin(s);
			 cudaStreamDestroy(s);
		 }),
		 "is captured", "destroying a stream that is captured dies");
	contains(last_words([] {
			 cudaStream_t s = stream(), other = stream();
			 cudaEvent_t e;

			 cudaEventCreate(&e);
			 begin(s);
			 cudaEventRecord(e, s);
			 cudaStreamWaitEvent(other, e, 0);
		 }),
		 "second stream in a capture", "a second stream in a capture dies");
}

/* -- values -------------------------------------------------------------------------------------
 */

/* x = 1, then 2 x + 1, a product y = 3 x, and y to the host. */
static void test_pieces(void)
{
	cudaStream_t s = stream();
	float *x = device<float>(1), *three = device<float>(1), *y = device<float>(1), *h;
	const float first = 3;
	struct vgpu_counts before, after;
	cublasHandle_t handle;
	cudaGraphExec_t exec;
	cudaGraph_t graph;
	size_t nodes = 0;

	cudaHostAlloc((void **)&h, sizeof *h, 0);
	cudaMemcpy(three, &first, sizeof first, cudaMemcpyHostToDevice);
	cudaMemset(x, 0, sizeof *x);
	cublasCreate(&handle);
	cublasSetStream(handle, s);
	*h = -1;
	before = vgpu_counts[0];
	begin(s);
	vgpu_launch("twice_and_one", 1, 1, s, twice_and_one, x, 1.f);
	gemm(handle, CUBLAS_OP_N, 1, 1, 1, three, 1, x, 1, y, 1);
	cudaMemcpyAsync(h, y, sizeof *h, cudaMemcpyDeviceToHost, s);
	cudaMemsetAsync(y, 0, sizeof *y, s);
	is_int(cudaStreamEndCapture(s, &graph), cudaSuccess, "a capture ends");
	cudaStreamSynchronize(s);
	is_near(host(x, 1)[0], 0, 0, "and nothing ran");
	cudaGraphGetNodes(graph, NULL, &nodes);
	is_int(nodes, 4, "it has all pieces");
	cudaGraphInstantiate(&exec, graph, 0);
	cudaGraphDestroy(graph);
	for (int i = 0; i < 3; i++)
		cudaGraphLaunch(exec, s);
	cudaStreamSynchronize(s);
	is_near(*h, 21, 0, "three launches run them three times, in order");
	is_near(host(y, 1)[0], 0, 0, "to the last");
	after = vgpu_counts[0];
	is_int(after.captures - before.captures, 1, "one capture is counted");
	is_int(after.graphs - before.graphs, 3, "three launches");
	is_int(after.in_graphs - before.in_graphs, 12, "of four pieces each");
	is_int(after.kernels - before.kernels + after.gemms - before.gemms + after.memsets -
		       before.memsets,
	       0, "and no others");
	is_int(after.d2h - before.d2h, 3 + 2,
	       "copies are counted each time, and two of the test's");
	cublasDestroy(handle);
	cudaGraphExecDestroy(exec);
	cudaFreeHost(h);
	cudaStreamDestroy(s);
}

/* A stream that comes late: the graph is one piece of its work, and may be destroyed before. */
static void test_late(void)
{
	cudaStream_t s = stream(), other = stream();
	float *x = device<float>(1);
	const float one = 1;
	cudaGraphExec_t exec = doubles(s, x);

	cudaMemcpy(x, &one, sizeof one, cudaMemcpyHostToDevice);
	vgpu_enqueue(s, "delay", [] { usleep(20000); });
	cudaGraphLaunch(exec, s);
	cudaGraphLaunch(exec, other);
	is_int(cudaStreamQuery(other), cudaErrorNotReady,
	       "a launch waits for one before it on another stream");
	is_int(cudaStreamQuery(s), cudaErrorNotReady, "and that for what is before it there");
	cudaGraphExecDestroy(exec);
	cudaStreamSynchronize(other);
	is_near(host(x, 1)[0], 4, 0, "a graph that is destroyed runs to its end");
	cudaStreamDestroy(s);
	cudaStreamDestroy(other);
}

int main(void)
{
	setenv("VGPU_DEVICES", "2", 1);
	test_deaths();
	test_pieces();
	test_late();
	return tap_done();
}
