/* SPDX-License-Identifier: MIT
 * What the environment says, and how the device says that something is wrong. */
#include "tests/virtual_gpu/virtual_gpu.h"

#include <cuda_runtime_api.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static thread_local cudaError_t last_error;

long vgpu_option(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? atol(text) : otherwise;
}

/* Of CUDA_VISIBLE_DEVICES only how many there are is heeded. */
static int count_devices(void)
{
	long n = vgpu_option("VGPU_DEVICES", 1), seen = 0;
	const char *visible = getenv("CUDA_VISIBLE_DEVICES");

	n = n < VGPU_MOST_DEVICES ? n : VGPU_MOST_DEVICES;
	for (const char *p = visible; p && *p; p++)
		seen += *p != ',' && (p[1] == ',' || !p[1]);
	return (int)(visible && seen < n ? seen : n);
}

int vgpu_devices(void)
{
	static int n = count_devices();

	return n;
}

size_t vgpu_memory_bytes(void)
{
	static size_t bytes = (size_t)vgpu_option("VGPU_MEMORY", 1024) << 20;

	return bytes;
}

size_t vgpu_taken_bytes(void)
{
	static size_t bytes = (size_t)vgpu_option("VGPU_TAKEN", 0) << 20;

	return bytes;
}

void vgpu_die(const char *format, ...)
{
	va_list args;

	fputs("virtual GPU: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

void vgpu_fail(int error)
{
	last_error = (cudaError_t)error;
}

extern "C" cudaError_t cudaGetLastError(void)
{
	cudaError_t error = last_error;

	last_error = cudaSuccess;
	return error;
}

extern "C" cudaError_t cudaPeekAtLastError(void)
{
	return last_error;
}

extern "C" const char *cudaGetErrorString(cudaError_t error)
{
	static thread_local char text[40];

	switch (error) {
	case cudaSuccess:
		return "no error";
	case cudaErrorInvalidValue:
		return "invalid argument";
	case cudaErrorMemoryAllocation:
		return "out of memory";
	case cudaErrorInvalidConfiguration:
		return "invalid configuration argument";
	default:
		snprintf(text, sizeof text, "error %d", (int)error);
		return text;
	}
}

extern "C" const char *cudaGetErrorName(cudaError_t error)
{
	return cudaGetErrorString(error);
}
