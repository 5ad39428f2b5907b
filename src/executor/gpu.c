/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/gpu.h"
#include "src/graph/op.h"
#include "src/runtime/runtime.h"

#include <string.h>

#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA

#include <cuda_runtime_api.h>

/* The most CUDA workers that one device has. */
static int workers_of_a_device(void)
{
	int count[STARPU_MAXCUDADEVS + 1] = { 0 }, most = 0;

	for (int i = 0; i < (int)starpu_cuda_worker_get_count(); i++) {
		int worker = starpu_worker_get_by_type(STARPU_CUDA_WORKER, i);
		int n = ++count[starpu_worker_get_devid(worker)];

		most = n > most ? n : most;
	}
	return most;
}

size_t plait__gpu_needs(size_t handles, size_t scratch)
{
	return handles + (plait__align(scratch) + plait__align(PLAIT__WORKSPACE)) *
				 (size_t)workers_of_a_device();
}

static void find_devices(struct plait__gpu *gpu)
{
	for (int i = 0; i < (int)starpu_cuda_worker_get_count(); i++) {
		int worker = starpu_worker_get_by_type(STARPU_CUDA_WORKER, i);
		int device = starpu_worker_get_devid(worker), d = 0;

		while (d < gpu->devices && gpu->on[d].device != device)
			d++;
		gpu->on[d].device = device;
		gpu->on[d].node = starpu_worker_get_memory_node((unsigned)worker);
		gpu->devices += d == gpu->devices;
	}
}

/* The runtime's device is the one asked for. */
static cudaError_t find_room(const struct plait__gpu_device *on, struct plait__gpu_room *room)
{
	starpu_ssize_t left = starpu_memory_get_available(on->node);
	size_t used = starpu_memory_get_used(on->node), bytes = 0, total = 0, limit;
	cudaError_t error = cudaMemGetInfo(&bytes, &total);

	if (left >= 0 && (size_t)left < bytes)
		bytes = (size_t)left;
	*room = (struct plait__gpu_room){ .bytes = bytes };
	limit = plait__gpu_limit(total);
	limit = limit > used ? limit - used : 0;
	if (limit < bytes)
		*room = (struct plait__gpu_room){ .bytes = limit, .limited = true };
	return error;
}

/* The workspaces come first, and are 0 before any stream uses them. */
static cudaError_t clear_workspaces(const struct plait__gpu_device *on)
{
	size_t bytes = plait__align(PLAIT__WORKSPACE) * (size_t)workers_of_a_device();
	cudaError_t error = cudaMemset(on->memory, 0, bytes);

	return error == cudaSuccess ? cudaStreamSynchronize(NULL) : error;
}

/* The caller's thread has its current device again afterwards. */
static cudaError_t take(struct plait__gpu_device *on, size_t bytes, struct plait__gpu_room *least)
{
	struct plait__gpu_room room = { 0 };
	cudaError_t error;
	int before = 0;

	cudaGetDevice(&before);
	error = cudaSetDevice(on->device);
	if (error == cudaSuccess)
		error = find_room(on, &room);
	if (room.bytes < least->bytes)
		*least = room;
	if (error == cudaSuccess)
		error = bytes > room.bytes ? cudaErrorMemoryAllocation
					   : cudaMalloc((void **)&on->memory, bytes);
	if (on->memory) {
		starpu_memory_allocate(on->node, bytes, STARPU_MEMORY_OVERFLOW);
		error = clear_workspaces(on);
	}
	if (error != cudaSuccess)
		cudaGetLastError();
	cudaSetDevice(before);
	return error;
}

/* The workspaces of a device's workers, then their scratch. */
static void share_out(struct plait__gpu *gpu)
{
	size_t workspace = plait__align(PLAIT__WORKSPACE),
	       scratch = plait__align(gpu->scratch_bytes), most = (size_t)workers_of_a_device(),
	       n[STARPU_MAXCUDADEVS + 1] = { 0 };

	for (int i = 0; i < (int)starpu_cuda_worker_get_count(); i++) {
		int worker = starpu_worker_get_by_type(STARPU_CUDA_WORKER, i), d = 0;

		while (gpu->on[d].device != starpu_worker_get_devid(worker))
			d++;
		gpu->workspace[worker] = gpu->on[d].memory + workspace * n[d];
		gpu->scratch[worker] = gpu->on[d].memory + workspace * most + scratch * n[d];
		n[d]++;
	}
	gpu->used = (workspace + scratch) * most;
}

int plait__gpu_open(struct plait__gpu *gpu, size_t handles, size_t scratch,
		    struct plait__gpu_room *room)
{
	*gpu = (struct plait__gpu){ .bytes = plait__gpu_needs(handles, scratch),
				    .scratch_bytes = scratch };
	*room = (struct plait__gpu_room){ .bytes = SIZE_MAX };
	find_devices(gpu);
	for (int d = 0; d < gpu->devices; d++) {
		cudaError_t error = take(&gpu->on[d], gpu->bytes, room);

		if (error != cudaSuccess) {
			plait__error(PLAIT_ENOMEM, "GPU %d: %zu bytes in one piece: %s", d,
				     gpu->bytes, cudaGetErrorString(error));
			plait__gpu_close(gpu);
			return PLAIT_ENOMEM;
		}
	}
	share_out(gpu);
	return 0;
}

void plait__gpu_close(struct plait__gpu *gpu)
{
	int before = 0;

	if (gpu->devices > 0)
		cudaGetDevice(&before);
	for (int d = 0; d < gpu->devices; d++) {
		if (!gpu->on[d].memory)
			continue;
		cudaSetDevice(gpu->on[d].device);
		cudaFree(gpu->on[d].memory);
		starpu_memory_deallocate(gpu->on[d].node, gpu->bytes);
	}
	if (gpu->devices > 0)
		cudaSetDevice(before);
	memset(gpu, 0, sizeof *gpu);
}

#else

size_t plait__gpu_needs(size_t handles, size_t scratch)
{
	(void)scratch;
	return handles;
}

int plait__gpu_open(struct plait__gpu *gpu, size_t handles, size_t scratch,
		    struct plait__gpu_room *room)
{
	(void)handles;
	(void)scratch;
	*room = (struct plait__gpu_room){ .bytes = SIZE_MAX };
	memset(gpu, 0, sizeof *gpu);
	return 0;
}

void plait__gpu_close(struct plait__gpu *gpu)
{
	(void)gpu;
}

#endif

void plait__gpu_place(struct plait__gpu *gpu, starpu_data_handle_t handle, size_t bytes)
{
	PLAIT__ASSERT(gpu->devices == 0 || gpu->used + plait__align(bytes) <= gpu->bytes,
		      "handles take no more than was counted");
	for (int d = 0; d < gpu->devices; d++) {
		uintptr_t place = (uintptr_t)gpu->on[d].memory + gpu->used;

		starpu_vector_ptr_register(handle, gpu->on[d].node, place, place, 0);
	}
	if (gpu->devices > 0)
		gpu->used += plait__align(bytes);
}
