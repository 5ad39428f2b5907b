/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/gpu.h"
#include "codelets/image/conv.h"
#include "src/graph/op.h"
#include "src/runtime/runtime.h"

#include <string.h>

_Static_assert(PLAIT__GPUS <= 64, "a set of GPUs has a bit for each");

plait__gpus plait__gpus_of(int worker)
{
	return (plait__gpus)1 << starpu_worker_get_devid(worker);
}

plait__gpus plait__gpus_driven(void)
{
	plait__gpus driven = 0;

	for (int i = 0; i < (int)starpu_cuda_worker_get_count(); i++)
		driven |= plait__gpus_of(starpu_worker_get_by_type(STARPU_CUDA_WORKER, i));
	return driven;
}

#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA

#include <cuda_runtime_api.h>

/* The CUDA workers of a device, n of them. */
static int workers_of(int device, int worker[STARPU_NMAXWORKERS])
{
	int n = 0;

	for (int i = 0; i < (int)starpu_cuda_worker_get_count(); i++) {
		worker[n] = starpu_worker_get_by_type(STARPU_CUDA_WORKER, i);
		n += starpu_worker_get_devid(worker[n]) == device;
	}
	return n;
}

static unsigned node_of(int device)
{
	int worker[STARPU_NMAXWORKERS];

	return workers_of(device, worker) > 0 ? starpu_worker_get_memory_node((unsigned)worker[0])
					      : STARPU_MAIN_RAM;
}

/* Of a worker, besides its workspace. */
static size_t scratch_bytes(const struct plait__gpu_need *need)
{
	return plait__align(need->scratch) + plait__align(need->call_scratch);
}

size_t plait__gpu_bytes(int device, const struct plait__gpu_need *need)
{
	int worker[STARPU_NMAXWORKERS];

	if (!need->computes)
		return need->handles;
	return need->handles + (scratch_bytes(need) + plait__align(PLAIT__WORKSPACE)) *
				       (size_t)workers_of(device, worker);
}

struct plait__gpu_room plait__gpu_room(int device)
{
	unsigned node = node_of(device);
	starpu_ssize_t left = starpu_memory_get_available(node);
	size_t used = starpu_memory_get_used(node), bytes = 0, total = 0, limit;
	int before = 0;

	cudaGetDevice(&before);
	if (cudaSetDevice(device) == cudaSuccess)
		cudaMemGetInfo(&bytes, &total);
	cudaGetLastError();
	cudaSetDevice(before);
	if (left >= 0 && (size_t)left < bytes)
		bytes = (size_t)left;
	limit = plait__gpu_limit(total);
	limit = limit > used ? limit - used : 0;
	return (struct plait__gpu_room){ .bytes = limit < bytes ? limit : bytes,
					 .limited = limit < bytes };
}

/* Workspaces are 0 before any stream uses them. */
static cudaError_t clear_workspaces(char *memory, int workers)
{
	cudaError_t error = cudaMemset(memory, 0, plait__align(PLAIT__WORKSPACE) * (size_t)workers);

	return error == cudaSuccess ? cudaStreamSynchronize(NULL) : error;
}

/* The caller's thread has its current device again afterwards. */
static cudaError_t take(struct plait__gpu_memory *on, int device, int workers)
{
	cudaError_t error;
	int before = 0;

	cudaGetDevice(&before);
	error = cudaSetDevice(device);
	if (error == cudaSuccess)
		error = cudaMalloc((void **)&on->memory, on->bytes);
	if (on->memory) {
		starpu_memory_allocate(node_of(device), on->bytes, STARPU_MEMORY_OVERFLOW);
		error = clear_workspaces(on->memory, workers);
	}
	if (error != cudaSuccess)
		cudaGetLastError();
	cudaSetDevice(before);
	return error;
}

/* First come the workspaces of a device's workers, then their scratch. */
static int open_device(struct plait__gpu *gpu, int device, const struct plait__gpu_need *need)
{
	struct plait__gpu_memory *on = &gpu->on[device];
	int worker[STARPU_NMAXWORKERS], workers = need->computes ? workers_of(device, worker) : 0;
	size_t workspace = plait__align(PLAIT__WORKSPACE), scratch = scratch_bytes(need);
	cudaError_t error;

	on->bytes = plait__gpu_bytes(device, need);
	if (on->bytes == 0)
		return 0;
	error = take(on, device, workers);
	if (error != cudaSuccess)
		return plait__error(PLAIT_ENOMEM, "GPU %d: %zu bytes in one piece: %s", device,
				    on->bytes, cudaGetErrorString(error));
	for (int i = 0; i < workers; i++) {
		gpu->workspace[worker[i]] = on->memory + workspace * (size_t)i;
		gpu->scratch[worker[i]] =
			on->memory + workspace * (size_t)workers + scratch * (size_t)i;
		gpu->call_scratch[worker[i]] =
			gpu->scratch[worker[i]] + plait__align(need->scratch);
	}
	on->used = (workspace + scratch) * (size_t)workers;
	return 0;
}

int plait__gpu_open(struct plait__gpu *gpu, const struct plait__gpu_need *need)
{
	int status = 0;

	memset(gpu, 0, sizeof *gpu);
	plait__runtime_at_stop(plait__conv_cudnn_close);
	for (int d = 0; d < PLAIT__GPUS && status == 0; d++)
		status = open_device(gpu, d, &need[d]);
	if (status < 0)
		plait__gpu_close(gpu);
	return status;
}

void plait__gpu_close(struct plait__gpu *gpu)
{
	int before = 0;

	for (int d = 0; d < PLAIT__GPUS; d++) {
		if (!gpu->on[d].memory)
			continue;
		cudaGetDevice(&before);
		cudaSetDevice(d);
		cudaFree(gpu->on[d].memory);
		cudaSetDevice(before);
		starpu_memory_deallocate(node_of(d), gpu->on[d].bytes);
	}
	memset(gpu, 0, sizeof *gpu);
}

void plait__gpu_place(struct plait__gpu *gpu, plait__gpus gpus, starpu_data_handle_t handle,
		      size_t bytes)
{
	for (int d = 0; d < PLAIT__GPUS; d++) {
		struct plait__gpu_memory *on = &gpu->on[d];
		uintptr_t place = (uintptr_t)on->memory + on->used;

		if (!plait__gpus_have(gpus, d))
			continue;
		PLAIT__ASSERT(on->used + plait__align(bytes) <= on->bytes,
			      "handles take no more than was counted");
		starpu_vector_ptr_register(handle, node_of(d), place, place, 0);
		on->used += plait__align(bytes);
	}
}

#else

size_t plait__gpu_bytes(int device, const struct plait__gpu_need *need)
{
	(void)device;
	return need->handles;
}

struct plait__gpu_room plait__gpu_room(int device)
{
	(void)device;
	return (struct plait__gpu_room){ .bytes = SIZE_MAX };
}

int plait__gpu_open(struct plait__gpu *gpu, const struct plait__gpu_need *need)
{
	(void)need;
	memset(gpu, 0, sizeof *gpu);
	return 0;
}

void plait__gpu_place(struct plait__gpu *gpu, plait__gpus gpus, starpu_data_handle_t handle,
		      size_t bytes)
{
	(void)gpu;
	(void)gpus;
	(void)handle;
	(void)bytes;
}

void plait__gpu_close(struct plait__gpu *gpu)
{
	(void)gpu;
}

#endif

bool plait__gpu_is_full(const struct plait__gpu *gpu)
{
	bool full = true;

	for (int d = 0; d < PLAIT__GPUS; d++)
		full &= gpu->on[d].used == gpu->on[d].bytes;
	return full;
}

bool plait__gpu_has(const struct plait__gpu *gpu, int device, const void *p)
{
	const struct plait__gpu_memory *on = &gpu->on[device];

	return on->memory && (const char *)p >= on->memory &&
	       (const char *)p < on->memory + on->bytes;
}
