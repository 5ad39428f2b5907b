/* SPDX-License-Identifier: MIT
 * Copies and memset. An asynchronous copy of pageable memory does what CUDA's does: from the host
 * it is staged before the call returns, to the host it is waited for. */
#include "tests/virtual_gpu/capture.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <cuda_runtime_api.h>
#include <memory>
#include <string.h>
#include <string>

struct side {
	char *at;   /* the host's address */
	int device; /* or -1 */
};

static struct side side_of(const void *p, size_t n, const char *what)
{
	struct side side = { NULL, -1 };

	if (!p)
		vgpu_die("%s: a pointer is NULL", what);
	side.at = vgpu_behind(p, n, what, &side.device);
	if (!side.at)
		side = { (char *)p, -1 };
	return side;
}

static void check_kind(enum cudaMemcpyKind kind, const struct side &to, const struct side &from,
		       const char *what)
{
	bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
	bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;

	if (kind != cudaMemcpyDefault &&
	    ((to.device >= 0) != to_device || (from.device >= 0) != from_device))
		vgpu_die("%s: kind %d, but it goes to %s and comes from %s", what, (int)kind,
			 to.device >= 0 ? "a device" : "the host",
			 from.device >= 0 ? "a device" : "the host");
}

/* What a copy may overlap is known when it is asked for. */
static void count_overlap(int device, cudaStream_t s, const struct side &from)
{
	if (vgpu_had_kernels(s))
		VGPU_COUNT(device, among, 1);
	else if (s && from.device < 0 && vgpu_computes(device))
		VGPU_COUNT(device, beside, 1);
}

static void count(int device, const struct side &to, const struct side &from, size_t n)
{
	if (to.device >= 0 && from.device >= 0) {
		VGPU_COUNT(device, d2d, 1);
		VGPU_COUNT(device, d2d_bytes, (long)n);
	} else if (to.device >= 0) {
		VGPU_COUNT(device, h2d, 1);
		VGPU_COUNT(device, h2d_bytes, (long)n);
	} else if (from.device >= 0) {
		VGPU_COUNT(device, d2h, 1);
		VGPU_COUNT(device, d2h_bytes, (long)n);
	}
}

static bool pageable(const struct side &side, const void *p, size_t n)
{
	return side.device < 0 && !vgpu_is_pinned(p, n);
}

/* Counted when it is done, so that what a graph copies is counted each time. */
static vgpu_job checked_copy(void *to, const void *from, size_t n, enum cudaMemcpyKind kind,
			     int device, bool captured, const char *what)
{
	struct side t = side_of(to, n, what), f = side_of(from, n, what);

	check_kind(kind, t, f, what);
	if (captured && (pageable(t, to, n) || pageable(f, from, n)))
		vgpu_die("%s: %zu bytes of pageable memory in a capture", what, n);
	return [=] {
		count(device, t, f, n);
		memcpy(t.at, f.at, n);
	};
}

static cudaError_t copy(void *to, const void *from, size_t n, enum cudaMemcpyKind kind,
			cudaStream_t s, bool async, const char *what)
{
	int device = vgpu_stream_device(s);
	bool captured = vgpu_capture_of(s) != 0;
	int error = async ? 0 : vgpu_ask_unsafe(what);
	struct side t, f;

	if (n == 0 || error)
		return (cudaError_t)error;
	t = side_of(to, n, what);
	f = side_of(from, n, what);
	if (!captured)
		count_overlap(device, s, f);
	if (async && !captured && (pageable(t, to, n) || pageable(f, from, n))) {
		VGPU_COUNT(device, pageable, 1);
		if (vgpu_option("VGPU_PAGEABLE", 0))
			vgpu_die("%s: %zu bytes of pageable memory", what, n);
		if (f.device < 0) {
			auto staged = std::make_shared<std::string>(f.at, n);

			check_kind(kind, t, f, what);
			count(device, t, f, n);
			return (cudaError_t)vgpu_put(s, what, NULL, [=] {
				return [=] { memcpy(t.at, staged->data(), n); };
			});
		}
		async = false;
	}
	error = vgpu_put(s, what, NULL,
			 [=] { return checked_copy(to, from, n, kind, device, captured, what); });
	if (!async && s)
		vgpu_drain(s);
	return (cudaError_t)error;
}

extern "C" cudaError_t cudaMemcpy(void *to, const void *from, size_t n, enum cudaMemcpyKind kind)
{
	return copy(to, from, n, kind, NULL, false, "cudaMemcpy");
}

extern "C" cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t n,
				       enum cudaMemcpyKind kind, cudaStream_t s)
{
	return copy(to, from, n, kind, s, true, "cudaMemcpyAsync");
}

extern "C" cudaError_t cudaMemcpyPeer(void *to, int, const void *from, int, size_t n)
{
	return copy(to, from, n, cudaMemcpyDeviceToDevice, NULL, false, "cudaMemcpyPeer");
}

extern "C" cudaError_t cudaMemcpyPeerAsync(void *to, int, const void *from, int, size_t n,
					   cudaStream_t s)
{
	return copy(to, from, n, cudaMemcpyDeviceToDevice, s, true, "cudaMemcpyPeerAsync");
}

extern "C" cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from,
					 size_t from_pitch, size_t width, size_t height,
					 enum cudaMemcpyKind kind, cudaStream_t s)
{
	cudaError_t error = cudaSuccess;

	for (size_t i = 0; i < height && !error; i++)
		error = copy((char *)to + i * to_pitch, (const char *)from + i * from_pitch, width,
			     kind, s, true, "cudaMemcpy2DAsync");
	return error;
}

extern "C" cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch,
				    size_t width, size_t height, enum cudaMemcpyKind kind)
{
	return cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, height, kind, NULL);
}

extern "C" cudaError_t cudaMemcpy3DPeer(const struct cudaMemcpy3DPeerParms *)
{
	vgpu_die("cudaMemcpy3DPeer is not played");
}

extern "C" cudaError_t cudaMemcpy3DPeerAsync(const struct cudaMemcpy3DPeerParms *, cudaStream_t)
{
	vgpu_die("cudaMemcpy3DPeerAsync is not played");
}

static cudaError_t set(void *p, int byte, size_t n, cudaStream_t s, const char *what)
{
	if (n == 0)
		return cudaSuccess;
	return (cudaError_t)vgpu_put(s, what, &vgpu_counts::memsets, [=] {
		struct side side = side_of(p, n, what);

		if (side.device < 0)
			vgpu_die("%s: %p is no device pointer", what, p);
		return [=] { memset(side.at, byte, n); };
	});
}

extern "C" cudaError_t cudaMemsetAsync(void *p, int byte, size_t n, cudaStream_t s)
{
	return set(p, byte, n, s, "cudaMemsetAsync");
}

extern "C" cudaError_t cudaMemset(void *p, int byte, size_t n)
{
	return set(p, byte, n, NULL, "cudaMemset");
}
