/* SPDX-License-Identifier: MIT
 * Memory of the host that devices copy from and to without staging. */
#include "tests/virtual_gpu/capture.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <cuda_runtime_api.h>
#include <map>
#include <mutex>
#include <stdlib.h>

static std::mutex lock;
static std::map<uintptr_t, size_t> pinned; /* bytes, by address */

bool vgpu_is_pinned(const void *p, size_t n)
{
	std::lock_guard<std::mutex> hold(lock);
	auto at = pinned.upper_bound((uintptr_t)p);

	if (at == pinned.begin())
		return false;
	--at;
	return (uintptr_t)p + n <= at->first + at->second;
}

static void add(void *p, size_t size)
{
	std::lock_guard<std::mutex> hold(lock);

	pinned[(uintptr_t)p] = size;
}

static bool take_out(void *p)
{
	std::lock_guard<std::mutex> hold(lock);

	return pinned.erase((uintptr_t)p) > 0;
}

extern "C" cudaError_t cudaHostAlloc(void **p, size_t size, unsigned)
{
	int refused = vgpu_ask_unsafe("cudaHostAlloc");

	if (refused)
		return (cudaError_t)refused;
	if (posix_memalign(p, 4096, size ? size : 1) != 0)
		return cudaErrorMemoryAllocation;
	add(*p, size);
	return cudaSuccess;
}

/* Waits for all devices, as CUDA's does. */
extern "C" cudaError_t cudaFreeHost(void *p)
{
	int refused = vgpu_ask_unsafe("cudaFreeHost");

	if (refused)
		return (cudaError_t)refused;
	if (p && !take_out(p))
		vgpu_die("cudaFreeHost: %p was not allocated by cudaHostAlloc", p);
	for (int i = 0; i < vgpu_devices(); i++)
		vgpu_drain_device(i);
	free(p);
	return cudaSuccess;
}

extern "C" cudaError_t cudaHostRegister(void *p, size_t size, unsigned)
{
	add(p, size);
	return cudaSuccess;
}

extern "C" cudaError_t cudaHostUnregister(void *p)
{
	return take_out(p) ? cudaSuccess : cudaErrorHostMemoryNotRegistered;
}

/* No host memory is mapped into a device here. */
extern "C" cudaError_t cudaHostGetDevicePointer(void **, void *, unsigned)
{
	return cudaErrorNotSupported;
}
