/* SPDX-License-Identifier: MIT
 * A launch is checked when it is made, and runs when its stream comes to it. */
#include "tests/virtual_gpu/block.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <mutex>

#define MOST_THREADS 1024

static std::mutex one_kernel; /* __shared__ is static */

static void run(const char *kernel, dim3 grid, dim3 block, const std::function<void()> &thread)
{
	std::lock_guard<std::mutex> hold(one_kernel);

	gridDim = grid;
	blockDim = block;
	for (blockIdx.z = 0; blockIdx.z < grid.z; blockIdx.z++)
		for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y++)
			for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x++)
				vgpu_run_block(kernel, thread);
}

/* How far a kernel goes is not known here: guard pages and NaN find what goes too far. */
void *vgpu_kernel_pointer(const char *kernel, const void *p, int of)
{
	int device = 0;
	char *behind;

	if (!p)
		return NULL;
	behind = vgpu_behind(p, 0, kernel, &device); /* arrays of no elements too */
	if (!behind)
		vgpu_die("kernel %s was given a pointer of the host: %p", kernel, p);
	if (device != of)
		vgpu_die("kernel %s on device %d was given memory of device %d", kernel, of,
			 device);
	return behind;
}

void vgpu_submit(const char *kernel, dim3 grid, dim3 block, void *stream,
		 std::function<std::function<void()>()> make)
{
	int error;
	uint64_t count = (uint64_t)block.x * block.y * block.z;

	if (count < 1 || count > MOST_THREADS || grid.x < 1 || grid.x > 0x7fffffffu || grid.y < 1 ||
	    grid.z < 1 || grid.y > 65535 || grid.z > 65535) {
		vgpu_fail(cudaErrorInvalidConfiguration);
		return;
	}
	if (vgpu_stream_device(stream) != vgpu_current)
		vgpu_die("kernel %s: its stream is of device %d, the current one is %d", kernel,
			 vgpu_stream_device(stream), vgpu_current);
	error = vgpu_put(stream, kernel, &vgpu_counts::kernels, [=] {
		return [=, thread = make()] { run(kernel, grid, block, thread); };
	});
	if (error)
		vgpu_fail(error);
}
