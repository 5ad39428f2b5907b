/* SPDX-License-Identifier: MIT
 * A launch is checked when it is made, and runs when its stream comes to it. */
#include "tests/virtual_gpu/block.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <algorithm>
#include <mutex>
#include <random>
#include <stdlib.h>
#include <string.h>
#include <vector>

#define MOST_THREADS 1024

static std::mutex one_kernel; /* __shared__ is static */

/* A GPU promises no order of blocks: see VGPU_ORDER. */
enum order { FORTH, REVERSE, SHUFFLE };

static enum order asked_order(void)
{
	const char *word = getenv("VGPU_ORDER");

	if (!word || !*word)
		return FORTH;
	if (strcmp(word, "reverse") == 0)
		return REVERSE;
	if (strcmp(word, "shuffle") == 0)
		return SHUFFLE;
	vgpu_die("VGPU_ORDER is \"%s\", must be reverse or shuffle", word);
}

static void run_block(const char *kernel, uint64_t i, const std::function<void()> &thread)
{
	blockIdx = dim3((unsigned)(i % gridDim.x), (unsigned)(i / gridDim.x % gridDim.y),
			(unsigned)(i / gridDim.x / gridDim.y));
	vgpu_run_block(kernel, thread);
}

static void run(const char *kernel, dim3 grid, dim3 block, enum order order,
		const std::function<void()> &thread)
{
	std::lock_guard<std::mutex> hold(one_kernel);
	uint64_t blocks = (uint64_t)grid.x * grid.y * grid.z;
	std::vector<uint64_t> shuffled(order == SHUFFLE ? blocks : 0);
	static std::mt19937_64 draw; /* from the same seed in every process */

	gridDim = grid;
	blockDim = block;
	for (uint64_t i = 0; i < shuffled.size(); i++)
		shuffled[i] = i;
	std::shuffle(shuffled.begin(), shuffled.end(), draw);
	for (uint64_t i = 0; i < blocks; i++)
		run_block(kernel,
			  order == SHUFFLE   ? shuffled[i]
			  : order == REVERSE ? blocks - 1 - i
					     : i,
			  thread);
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
	error = vgpu_put(stream, kernel, &vgpu_counts::kernels, [=, order = asked_order()] {
		return [=, thread = make()] { run(kernel, grid, block, order, thread); };
	});
	if (error)
		vgpu_fail(error);
}
