/* SPDX-License-Identifier: MIT
 * Captures: between begin and end a stream takes its work down instead of doing it. What may not
 * be done meanwhile is in "Stream capture" of NVIDIA's programming guide, and at
 * cudaThreadExchangeStreamCaptureMode. */
#include "tests/virtual_gpu/capture.h"
#include "tests/virtual_gpu/graph.h"

#include <atomic>
#include <cuda_runtime_api.h>
#include <map>
#include <mutex>
#include <stdio.h>
#include <thread>

struct capture {
	long id;
	int device;
	bool blocking, invalid;
	enum cudaStreamCaptureMode mode;
	std::thread::id thread;
	std::vector<vgpu_piece> pieces;
};

typedef std::map<void *, capture> captures; /* by stream */

static std::mutex lock;
static captures *const all = new captures; /* outlives destructors */
static std::atomic<int> active;            /* how many: most calls need not ask further */
static thread_local enum cudaStreamCaptureMode thread_mode = cudaStreamCaptureModeGlobal;

static int failed(int error)
{
	if (error)
		vgpu_fail(error);
	return error;
}

/* Those for which which() holds become invalid; error if there is one. */
template <typename predicate>
static int invalidate(int error, const char *what, predicate which)
{
	static long trace = vgpu_option("VGPU_TRACE", 0);
	bool any = false;

	if (active == 0)
		return 0;
	std::lock_guard<std::mutex> hold(lock);
	for (auto &entry : *all)
		if (which(entry.first, entry.second)) {
			any = entry.second.invalid = true;
			if (trace)
				fprintf(stderr, "virtual GPU: %s breaks the capture of stream %p\n",
					what, entry.first);
		}
	return failed(any ? error : 0);
}

int vgpu_ask_unsafe(const char *what)
{
	return invalidate(cudaErrorStreamCaptureUnsupported, what, [](void *, const capture &c) {
		bool own = c.thread == std::this_thread::get_id();

		if (thread_mode == cudaStreamCaptureModeRelaxed)
			return false;
		return own ? c.mode != cudaStreamCaptureModeRelaxed
			   : c.mode == cudaStreamCaptureModeGlobal &&
				       thread_mode == cudaStreamCaptureModeGlobal;
	});
}

int vgpu_ask_stream(void *stream, const char *what)
{
	return invalidate(cudaErrorStreamCaptureUnsupported, what,
			  [=](void *s, const capture &) { return s == stream; });
}

int vgpu_ask_device(int device, const char *what)
{
	return invalidate(cudaErrorStreamCaptureUnsupported, what,
			  [=](void *, const capture &c) { return c.device == device; });
}

int vgpu_ask_legacy(int device, const char *what)
{
	return invalidate(cudaErrorStreamCaptureImplicit, what, [=](void *, const capture &c) {
		return c.blocking && c.device == device;
	});
}

/* The capture may have ended since: its event stays one that no one can wait for. */
int vgpu_ask_event(long id, const char *what)
{
	invalidate(cudaErrorCapturedEvent, what,
		   [=](void *, const capture &c) { return c.id == id; });
	return failed(id ? cudaErrorCapturedEvent : 0);
}

int vgpu_ask_isolation(void *stream, const char *what)
{
	return invalidate(cudaErrorStreamCaptureIsolation, what,
			  [=](void *s, const capture &) { return s == stream; });
}

/* -- taking down ---------------------------------------------------------------------------------
 */

long vgpu_capture_of(void *stream)
{
	if (active == 0)
		return 0;
	std::lock_guard<std::mutex> hold(lock);
	auto at = all->find(stream);

	return at == all->end() ? 0 : at->second.id;
}

bool vgpu_is_capture(long id)
{
	std::lock_guard<std::mutex> hold(lock);

	for (const auto &entry : *all)
		if (entry.second.id == id)
			return true;
	return false;
}

bool vgpu_record(void *stream, const struct vgpu_piece &piece, int *error)
{
	if (active == 0)
		return false;
	std::lock_guard<std::mutex> hold(lock);
	auto at = all->find(stream);

	if (at == all->end())
		return false;
	if ((long)at->second.pieces.size() + 1 == vgpu_option("VGPU_CAPTURE", -1))
		at->second.invalid = true;
	*error = failed(at->second.invalid ? cudaErrorStreamCaptureInvalidated : 0);
	if (*error == 0)
		at->second.pieces.push_back(piece);
	return true;
}

/* -- CUDA's calls ---------------------------------------------------------------------------------
 */

extern "C" cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
	static long last;
	int device = vgpu_stream_device(stream);
	bool blocking = stream && vgpu_stream_blocks(stream);
	std::lock_guard<std::mutex> hold(lock);

	if (!stream || vgpu_option("VGPU_CAPTURE", -1) == 0)
		return (cudaError_t)failed(cudaErrorStreamCaptureUnsupported);
	if (all->count(stream))
		return (cudaError_t)failed(cudaErrorIllegalState);
	(*all)[stream] = { ++last, device, blocking, false, mode, std::this_thread::get_id(), {} };
	active++;
	return cudaSuccess;
}

extern "C" cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
	std::lock_guard<std::mutex> hold(lock);
	auto at = all->find(stream);

	*graph = NULL;
	if (at == all->end())
		return (cudaError_t)failed(cudaErrorIllegalState);
	capture &c = at->second;
	bool invalid = c.invalid;

	if (c.mode != cudaStreamCaptureModeRelaxed && c.thread != std::this_thread::get_id())
		return (cudaError_t)failed(cudaErrorStreamCaptureWrongThread);
	if (!invalid) {
		VGPU_COUNT(c.device, captures, 1);
		*graph = vgpu_graph_create(c.device, std::move(c.pieces));
	}
	all->erase(at);
	active--;
	return (cudaError_t)failed(invalid ? cudaErrorStreamCaptureInvalidated : 0);
}

extern "C" cudaError_t cudaStreamIsCapturing(cudaStream_t stream,
					     enum cudaStreamCaptureStatus *status)
{
	if (!stream && vgpu_ask_legacy(vgpu_current, "cudaStreamIsCapturing"))
		return cudaErrorStreamCaptureImplicit;
	std::lock_guard<std::mutex> hold(lock);
	auto at = all->find(stream);

	*status = at == all->end()     ? cudaStreamCaptureStatusNone
		  : at->second.invalid ? cudaStreamCaptureStatusInvalidated
				       : cudaStreamCaptureStatusActive;
	return cudaSuccess;
}

extern "C" cudaError_t cudaThreadExchangeStreamCaptureMode(enum cudaStreamCaptureMode *mode)
{
	std::swap(*mode, thread_mode);
	return cudaSuccess;
}
