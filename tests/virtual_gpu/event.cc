/* SPDX-License-Identifier: MIT
 * An event counts how often it was recorded and how far the streams have come with that. */
#include "tests/virtual_gpu/capture.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <condition_variable>
#include <cuda_runtime_api.h>
#include <memory>
#include <mutex>
#include <time.h>
#include <unistd.h>

struct CUevent_st {
	std::mutex mutex;
	std::condition_variable came;
	long recorded = 0, reached = 0;
	long capture = 0;                 /* in which it was last recorded, or 0 */
	double at = 0;                    /* seconds, of the last that was reached */
	std::shared_ptr<CUevent_st> self; /* until it is destroyed: work in a stream holds it too */
};

static std::shared_ptr<CUevent_st> known(cudaEvent_t e)
{
	std::shared_ptr<CUevent_st> event = e ? e->self : NULL;

	if (!event)
		vgpu_die("event %p does not exist, or not any more", (void *)e);
	return event;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

extern "C" cudaError_t cudaEventCreateWithFlags(cudaEvent_t *p, unsigned)
{
	auto event = std::make_shared<CUevent_st>();

	event->self = event;
	*p = event.get();
	return cudaSuccess;
}

extern "C" cudaError_t cudaEventCreate(cudaEvent_t *p)
{
	return cudaEventCreateWithFlags(p, 0);
}

extern "C" cudaError_t cudaEventDestroy(cudaEvent_t e)
{
	auto keep = known(e);

	keep->self.reset();
	return cudaSuccess;
}

extern "C" cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s)
{
	auto event = known(e);
	long ticket, capture = vgpu_capture_of(s);

	event->capture = capture;
	if (capture) /* it is an edge of the graph, and no work */
		return cudaSuccess;
	{
		std::lock_guard<std::mutex> hold(event->mutex);

		ticket = ++event->recorded;
	}
	VGPU_COUNT(vgpu_stream_device(s), events, 1);
	vgpu_enqueue(s, "event", [event, ticket] {
		std::lock_guard<std::mutex> hold(event->mutex);

		event->reached = ticket;
		event->at = seconds();
		event->came.notify_all();
	});
	return cudaSuccess;
}

/* Whoever asks again and again must leave the processor to the device that is played on it. */
extern "C" cudaError_t cudaEventQuery(cudaEvent_t e)
{
	static long poll = vgpu_option("VGPU_POLL", 20);
	auto event = known(e);
	bool ready;
	int error = event->capture ? vgpu_ask_event(event->capture, "cudaEventQuery")
				   : vgpu_ask_unsafe("cudaEventQuery");

	if (error)
		return (cudaError_t)error;
	VGPU_COUNT(vgpu_current, queries, 1);
	{
		std::lock_guard<std::mutex> hold(event->mutex);

		ready = event->reached == event->recorded;
	}
	if (!ready && poll > 0)
		usleep((unsigned)poll);
	return ready ? cudaSuccess : cudaErrorNotReady;
}

extern "C" cudaError_t cudaEventSynchronize(cudaEvent_t e)
{
	auto event = known(e);
	int error = event->capture ? vgpu_ask_event(event->capture, "cudaEventSynchronize")
				   : vgpu_ask_unsafe("cudaEventSynchronize");

	if (error)
		return (cudaError_t)error;
	std::unique_lock<std::mutex> hold(event->mutex);

	while (event->reached != event->recorded)
		event->came.wait(hold);
	return cudaSuccess;
}

extern "C" cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t a, cudaEvent_t b)
{
	*ms = (float)((b->at - a->at) * 1e3);
	return cudaSuccess;
}

extern "C" cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned)
{
	auto event = known(e);
	long ticket = event->recorded, capture = vgpu_capture_of(s);

	if (capture) /* one of this capture is in order already */
		return (cudaError_t)(event->capture == capture
					     ? 0
					     : vgpu_ask_isolation(s, "cudaStreamWaitEvent"));
	if (event->capture && vgpu_is_capture(event->capture))
		vgpu_die("cudaStreamWaitEvent: a second stream in a capture is not played");
	if (event->capture)
		return (cudaError_t)vgpu_ask_event(event->capture, "cudaStreamWaitEvent");
	vgpu_enqueue(s, "wait", [event, ticket] {
		std::unique_lock<std::mutex> hold(event->mutex);

		while (event->reached < ticket)
			event->came.wait(hold);
	});
	return cudaSuccess;
}
