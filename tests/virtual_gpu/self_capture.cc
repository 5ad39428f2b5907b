/* SPDX-License-Identifier: MIT
 * Captures of the virtual GPU: what CUDA forbids while a stream is captured fails and ends it. */
#include "tests/virtual_gpu/self.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <thread>

static void nothing(float *)
{
}

static cudaStream_t stream(bool blocking = false)
{
	cudaStream_t s;

	cudaStreamCreateWithFlags(&s, blocking ? cudaStreamDefault : cudaStreamNonBlocking);
	return s;
}

struct act {
	const char *name;
	int (*what)(cudaStream_t captured);
	int error; /* where it is forbidden */
};

static int launch(cudaStream_t s)
{
	cudaGetLastError();
	vgpu_launch("nothing", 1, 1, s, nothing, (float *)NULL);
	return cudaGetLastError();
}

static int query_event(cudaStream_t recorded)
{
	cudaEvent_t e;
	int error;

	cudaEventCreate(&e);
	if (recorded)
		cudaEventRecord(e, recorded);
	error = cudaEventQuery(e);
	cudaEventDestroy(e);
	return error;
}

static int wait_for_plain_event(cudaStream_t s)
{
	cudaEvent_t e;
	int error;

	cudaEventCreate(&e);
	error = cudaStreamWaitEvent(s, e, 0);
	cudaEventDestroy(e);
	return error;
}

/* held is allocated whenever a capture begins, pinned is freed when it has ended */
static void *p, *held, *pinned;

static int free_held(cudaStream_t)
{
	int error = cudaFree(held);

	if (error == cudaSuccess)
		held = NULL;
	return error;
}

/* Forbidden whatever the mode. */
static const struct act always[] = {
	{ "cudaStreamSynchronize", [](cudaStream_t s) { return (int)cudaStreamSynchronize(s); },
	  cudaErrorStreamCaptureUnsupported },
	{ "cudaStreamQuery", [](cudaStream_t s) { return (int)cudaStreamQuery(s); },
	  cudaErrorStreamCaptureUnsupported },
	{ "cudaDeviceSynchronize", [](cudaStream_t) { return (int)cudaDeviceSynchronize(); },
	  cudaErrorStreamCaptureUnsupported },
	{ "a captured event", query_event, cudaErrorCapturedEvent },
	{ "waiting for an event of outside", wait_for_plain_event,
	  cudaErrorStreamCaptureIsolation },
};

/* Forbidden to a thread that captures, but in relaxed mode. */
static const struct act unsafe[] = {
	{ "cudaMalloc", [](cudaStream_t) { return (int)cudaMalloc(&p, 4); },
	  cudaErrorStreamCaptureUnsupported },
	{ "cudaFree", free_held, cudaErrorStreamCaptureUnsupported },
	{ "cudaHostAlloc", [](cudaStream_t) { return (int)cudaHostAlloc(&pinned, 4, 0); },
	  cudaErrorStreamCaptureUnsupported },
	{ "cudaFreeHost", [](cudaStream_t) { return (int)cudaFreeHost(NULL); },
	  cudaErrorStreamCaptureUnsupported },
	{ "cudaMemcpy", [](cudaStream_t) { return (int)cudaMemcpy(&p, &p, 0, cudaMemcpyDefault); },
	  cudaErrorStreamCaptureUnsupported },
	{ "cudaEventQuery", [](cudaStream_t) { return query_event(NULL); },
	  cudaErrorStreamCaptureUnsupported },
};

/* Whether act a fails in a capture and ends it, or else does neither. */
static void expect(bool fails, const struct act &a, enum cudaStreamCaptureMode mode,
		   bool other_thread, bool blocking = false)
{
	static const char *const modes[] = { "global", "thread local", "relaxed" };
	cudaStream_t s = stream(blocking);
	enum cudaStreamCaptureStatus status;
	cudaGraph_t graph;
	int error = 0, ended;

	if (!held)
		cudaMalloc(&held, 4);
	cudaStreamBeginCapture(s, mode);
	if (other_thread)
		std::thread([&] { error = a.what(s); }).join();
	else
		error = a.what(s);
	cudaStreamIsCapturing(s, &status);
	ended = cudaStreamEndCapture(s, &graph);
	if (graph)
		cudaGraphDestroy(graph);
	cudaFreeHost(pinned);
	pinned = NULL;
	ok(error == (fails ? a.error : cudaSuccess) &&
		   status == (fails ? cudaStreamCaptureStatusInvalidated
				    : cudaStreamCaptureStatusActive) &&
		   ended == (fails ? cudaErrorStreamCaptureInvalidated : cudaSuccess) &&
		   !graph == fails,
	   "%s is %s in a %s capture%s (error %d, status %d, end %d)", a.name,
	   fails ? "forbidden" : "allowed", modes[mode], other_thread ? " of another thread" : "",
	   error, (int)status, ended);
	cudaStreamDestroy(s);
}

static void test_forbidden(void)
{
	for (const struct act &a : always)
		for (auto mode : { cudaStreamCaptureModeGlobal, cudaStreamCaptureModeRelaxed })
			expect(true, a, mode, false);
	for (const struct act &a : unsafe) {
		expect(true, a, cudaStreamCaptureModeGlobal, false);
		expect(true, a, cudaStreamCaptureModeThreadLocal, false);
		expect(false, a, cudaStreamCaptureModeRelaxed, false);
		expect(true, a, cudaStreamCaptureModeGlobal, true);
		expect(false, a, cudaStreamCaptureModeThreadLocal, true);
	}
}

static int malloc_in_local_mode(cudaStream_t)
{
	enum cudaStreamCaptureMode mode = cudaStreamCaptureModeThreadLocal;

	cudaThreadExchangeStreamCaptureMode(&mode);
	return cudaMalloc(&p, 4); /* in a thread that ends then */
}

/* A thread's own mode. */
static void test_exchange(void)
{
	enum cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;

	cudaThreadExchangeStreamCaptureMode(&mode);
	is_int(mode, cudaStreamCaptureModeGlobal, "a thread begins with the global mode");
	expect(false, unsafe[0], cudaStreamCaptureModeGlobal, false);
	expect(true, always[0], cudaStreamCaptureModeGlobal, false);
	cudaThreadExchangeStreamCaptureMode(&mode);
	is_int(mode, cudaStreamCaptureModeRelaxed, "which it gets back");
	expect(true, unsafe[0], cudaStreamCaptureModeGlobal, false);
	expect(false,
	       { "cudaMalloc in a thread of local mode", malloc_in_local_mode,
		 cudaErrorStreamCaptureUnsupported },
	       cudaStreamCaptureModeGlobal, true);
}

/* Stream 0 waits for blocking streams, and so would for the captured one. */
static void test_stream_0(void)
{
	const struct act act = { "a launch on stream 0", [](cudaStream_t) { return launch(NULL); },
				 cudaErrorStreamCaptureImplicit };
	cudaGraph_t graph;

	expect(true, act, cudaStreamCaptureModeRelaxed, false, true);
	expect(false, act, cudaStreamCaptureModeGlobal, false, false);
	is_int(cudaStreamBeginCapture(NULL, cudaStreamCaptureModeRelaxed),
	       cudaErrorStreamCaptureUnsupported, "stream 0 is not captured");
	is_int(cudaStreamEndCapture(NULL, &graph), cudaErrorIllegalState, "and none ends");
}

static void test_sequence(void)
{
	cudaStream_t s = stream();
	enum cudaStreamCaptureStatus status;
	cudaGraph_t graph;
	cudaEvent_t e;
	int error = 0;

	cudaEventCreate(&e);
	cudaStreamIsCapturing(s, &status);
	is_int(status, cudaStreamCaptureStatusNone, "a stream is not captured");
	cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal);
	is_int(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal), cudaErrorIllegalState,
	       "none is captured twice");
	std::thread([&] { error = cudaStreamEndCapture(s, &graph); }).join();
	is_int(error, cudaErrorStreamCaptureWrongThread, "another thread does not end it");
	cudaEventRecord(e, s);
	is_int(cudaStreamWaitEvent(s, e, 0), cudaSuccess, "an event of the capture is in order");
	is_int(cudaStreamEndCapture(s, &graph), cudaSuccess, "its own thread ends it");
	is_int(cudaEventSynchronize(e), cudaErrorCapturedEvent, "its event never comes");
	cudaEventRecord(e, s);
	is_int(cudaEventSynchronize(e), cudaSuccess, "until it is recorded again");
	cudaGraphDestroy(graph);
	cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal);
	cudaStreamQuery(s);
	is_int(launch(s), cudaErrorStreamCaptureInvalidated, "nothing is taken down after a fault");
	cudaStreamEndCapture(s, &graph);
	is_int(launch(s), cudaSuccess, "and then work is done again");
	cudaStreamDestroy(s);
	cudaEventDestroy(e);
}

int main(void)
{
	test_forbidden();
	test_exchange();
	test_stream_0();
	test_sequence();
	return tap_done();
}
