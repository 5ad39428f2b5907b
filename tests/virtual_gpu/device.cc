/* SPDX-License-Identifier: MIT */
#include "tests/virtual_gpu/capture.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <cuda_runtime_api.h>
#include <stdio.h>
#include <string.h>

extern "C" cudaError_t cudaGetDeviceCount(int *count)
{
	*count = vgpu_devices();
	return *count > 0 ? cudaSuccess : cudaErrorNoDevice;
}

extern "C" cudaError_t cudaSetDevice(int device)
{
	if (device < 0 || device >= vgpu_devices())
		return cudaErrorInvalidDevice;
	vgpu_current = device;
	return cudaSuccess;
}

extern "C" cudaError_t cudaGetDevice(int *device)
{
	*device = vgpu_current;
	return cudaSuccess;
}

extern "C" cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *p, int device)
{
	if (device < 0 || device >= vgpu_devices())
		return cudaErrorInvalidDevice;
	memset(p, 0, sizeof *p);
	snprintf(p->name, sizeof p->name, "virtual GPU");
	p->totalGlobalMem = vgpu_memory_bytes();
	p->warpSize = 32;
	p->maxThreadsPerBlock = 1024;
	p->major = 9;
	p->multiProcessorCount = 4;
	p->canMapHostMemory = 1;
	p->concurrentKernels = 1;
	p->asyncEngineCount = 2;
	p->unifiedAddressing = 1;
	p->pciBusID = 0x80 + device;
	return cudaSuccess;
}

extern "C" cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr, int)
{
	*value = 0;
	return cudaSuccess;
}

extern "C" cudaError_t cudaDeviceCanAccessPeer(int *can, int, int)
{
	*can = (int)vgpu_option("VGPU_PEERS", 1);
	return cudaSuccess;
}

extern "C" cudaError_t cudaDeviceEnablePeerAccess(int, unsigned)
{
	return cudaSuccess;
}

extern "C" cudaError_t cudaDeviceSynchronize(void)
{
	int refused = vgpu_ask_device(vgpu_current, "cudaDeviceSynchronize");

	if (refused)
		return (cudaError_t)refused;
	VGPU_COUNT(vgpu_current, syncs, 1);
	vgpu_drain_device(vgpu_current);
	return cudaSuccess;
}

extern "C" cudaError_t cudaDeviceReset(void)
{
	return cudaDeviceSynchronize();
}

extern "C" cudaError_t cudaRuntimeGetVersion(int *version)
{
	*version = CUDART_VERSION;
	return cudaSuccess;
}

extern "C" cudaError_t cudaDriverGetVersion(int *version)
{
	*version = CUDART_VERSION;
	return cudaSuccess;
}
