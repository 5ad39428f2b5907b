/* SPDX-License-Identifier: MIT
 * A stream is a thread that takes its work in order. What is asked of stream 0 waits, as in CUDA,
 * for all blocking streams of the device, and is then done at once. */
#include "tests/virtual_gpu/capture.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <condition_variable>
#include <cuda_runtime_api.h>
#include <deque>
#include <mutex>
#include <set>
#include <stdio.h>
#include <stdlib.h>
#include <thread>
#include <time.h>
#include <unistd.h>

thread_local int vgpu_current;

struct work {
	const char *what;
	std::function<void()> run;
};

struct CUstream_st {
	int device;
	bool blocking;
	std::mutex mutex;
	std::condition_variable more, idle;
	std::deque<work> queue;
	bool busy = false, end = false, had_kernels = false; /* the last by atomic operations */
	std::thread thread;
};

static std::mutex streams_lock;
static std::set<CUstream_st *> streams;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void run(const work &w, int device, const void *stream)
{
	static long lag = vgpu_option("VGPU_LAG", 0), trace = vgpu_option("VGPU_TRACE", 0);
	static thread_local unsigned seed = (unsigned)(uintptr_t)&seed;
	double begin;

	if (lag > 0)
		usleep((unsigned)(rand_r(&seed) % (unsigned)(lag + 1)));
	begin = seconds();
	w.run();
	if (trace)
		fprintf(stderr, "virtual GPU: %.6f device %d stream %p %s %.1f us\n", begin, device,
			stream, w.what, (seconds() - begin) * 1e6);
}

static void serve(CUstream_st *s)
{
	std::unique_lock<std::mutex> hold(s->mutex);

	vgpu_current = s->device;
	for (;;) {
		while (s->queue.empty() && !s->end)
			s->more.wait(hold);
		if (s->queue.empty())
			return;
		work w = std::move(s->queue.front());

		s->queue.pop_front();
		s->busy = true;
		hold.unlock();
		run(w, s->device, s);
		hold.lock();
		s->busy = false;
		if (s->queue.empty())
			s->idle.notify_all();
	}
}

static CUstream_st *known(void *stream)
{
	std::lock_guard<std::mutex> hold(streams_lock);
	CUstream_st *s = (CUstream_st *)stream;

	if (!streams.count(s))
		vgpu_die("stream %p does not exist, or not any more", stream);
	return s;
}

int vgpu_stream_device(void *stream)
{
	return stream ? known(stream)->device : vgpu_current;
}

bool vgpu_stream_blocks(void *stream)
{
	return known(stream)->blocking;
}

/* -- waiting --------------------------------------------------------------------------------- */

void vgpu_drain(void *stream)
{
	CUstream_st *s = known(stream);
	std::unique_lock<std::mutex> hold(s->mutex);

	while (s->busy || !s->queue.empty())
		s->idle.wait(hold);
}

static void drain_those(int device, bool blocking_only)
{
	std::set<CUstream_st *> all;

	{
		std::lock_guard<std::mutex> hold(streams_lock);

		all = streams;
	}
	for (CUstream_st *s : all)
		if (s->device == device && (s->blocking || !blocking_only))
			vgpu_drain(s);
}

void vgpu_drain_device(int device)
{
	drain_those(device, false);
}

void vgpu_enqueue(void *stream, const char *what, std::function<void()> job)
{
	if (!stream) {
		drain_those(vgpu_current, true);
		run(work{ what, job }, vgpu_current, NULL);
		return;
	}
	CUstream_st *s = known(stream);
	std::lock_guard<std::mutex> hold(s->mutex);

	s->queue.push_back(work{ what, std::move(job) });
	s->more.notify_one();
}

static long under_way[VGPU_MOST_DEVICES];

void vgpu_compute(void *stream, const char *what, vgpu_job job)
{
	int device = vgpu_stream_device(stream);

	if (stream)
		__atomic_store_n(&known(stream)->had_kernels, true, __ATOMIC_RELAXED);
	__atomic_add_fetch(&under_way[device], 1, __ATOMIC_ACQ_REL);
	vgpu_enqueue(stream, what, [=] {
		job();
		__atomic_sub_fetch(&under_way[device], 1, __ATOMIC_ACQ_REL);
	});
}

bool vgpu_had_kernels(void *stream)
{
	return stream && __atomic_load_n(&known(stream)->had_kernels, __ATOMIC_RELAXED);
}

bool vgpu_computes(int device)
{
	return __atomic_load_n(&under_way[device], __ATOMIC_ACQUIRE) > 0;
}

int vgpu_put(void *stream, const char *what, long vgpu_counts::*counted,
	     std::function<vgpu_job()> make)
{
	int device = vgpu_stream_device(stream);
	int error = stream ? 0 : vgpu_ask_legacy(device, what);
	vgpu_job job;

	if (error)
		return error;
	job = make();
	if (vgpu_record(stream, { what, make }, &error))
		return error;
	if (counted)
		__atomic_fetch_add(&(vgpu_counts[device].*counted), 1, __ATOMIC_RELAXED);
	VGPU_COUNT(device, in_default, counted == &vgpu_counts::kernels && !stream);
	if (counted == &vgpu_counts::kernels || counted == &vgpu_counts::gemms)
		vgpu_compute(stream, what, std::move(job));
	else
		vgpu_enqueue(stream, what, std::move(job));
	return 0;
}

/* -- CUDA's calls ---------------------------------------------------------------------------------
 */

extern "C" cudaError_t cudaStreamCreateWithFlags(cudaStream_t *p, unsigned flags)
{
	CUstream_st *s = new CUstream_st;

	s->device = vgpu_current;
	s->blocking = !(flags & cudaStreamNonBlocking);
	s->thread = std::thread(serve, s);
	std::lock_guard<std::mutex> hold(streams_lock);
	streams.insert(s);
	*p = s;
	return cudaSuccess;
}

extern "C" cudaError_t cudaStreamCreate(cudaStream_t *p)
{
	return cudaStreamCreateWithFlags(p, cudaStreamDefault);
}

extern "C" cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
	CUstream_st *s = known(stream);

	if (vgpu_capture_of(stream))
		vgpu_die("cudaStreamDestroy: stream %p is captured", (void *)stream);
	{
		std::lock_guard<std::mutex> hold(streams_lock);

		streams.erase(s);
	}
	{
		std::lock_guard<std::mutex> hold(s->mutex);

		s->end = true;
		s->more.notify_one();
	}
	s->thread.join();
	delete s;
	return cudaSuccess;
}

extern "C" cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
	int device = vgpu_stream_device(stream);
	int error = stream ? vgpu_ask_stream(stream, "cudaStreamSynchronize")
			   : vgpu_ask_legacy(device, "cudaStreamSynchronize");

	if (error)
		return (cudaError_t)error;
	VGPU_COUNT(device, syncs, 1);
	if (stream)
		vgpu_drain(stream);
	else
		drain_those(vgpu_current, true);
	return cudaSuccess;
}

extern "C" cudaError_t cudaStreamQuery(cudaStream_t stream)
{
	int error = stream ? vgpu_ask_stream(stream, "cudaStreamQuery")
			   : vgpu_ask_legacy(vgpu_current, "cudaStreamQuery");

	if (error || !stream)
		return (cudaError_t)error;
	CUstream_st *s = known(stream);
	std::lock_guard<std::mutex> hold(s->mutex);

	return s->busy || !s->queue.empty() ? cudaErrorNotReady : cudaSuccess;
}
