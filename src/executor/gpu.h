/* SPDX-License-Identifier: MIT
 * What a binding has of the memory of GPUs. It is taken once, when the binding is made, and shared
 * out among the handles that segments on each of them use. StarPU would allocate it while tasks
 * run: in chunks of 32 MB that several runs cannot share, and where there is too little it tries
 * again for ever. */
#ifndef PLAIT__GPU_H
#define PLAIT__GPU_H

#include "src/base/base.h"

#include <starpu.h>

/* CUDA's numbers of devices are below it. */
#define PLAIT__GPUS (STARPU_MAXCUDADEVS + 1)

/* A set of GPUs: a bit for each, by CUDA's number. */
typedef uint64_t plait__gpus;

static inline bool plait__gpus_have(plait__gpus gpus, int device)
{
	return gpus >> device & 1;
}

/* Those that workers drive: none without CUDA. */
plait__gpus plait__gpus_driven(void);

/* That of a CUDA worker. */
plait__gpus plait__gpus_of(int worker);

/* What a device is to hold. */
struct plait__gpu_need {
	bool computes;       /* its workers have workspaces and scratch memory: */
	size_t scratch;      /* each so many bytes for the values of a segment, */
	size_t call_scratch; /* and so many for a call */
	size_t handles;      /* bytes of the handles that have a place on it */
};

size_t plait__gpu_bytes(int device, const struct plait__gpu_need *need);

/* What a device has left. */
struct plait__gpu_room {
	size_t bytes;
	bool limited; /* by plait__gpu_limit; else by the device */
};
struct plait__gpu_room plait__gpu_room(int device);

/* By device. */
struct plait__gpu {
	struct plait__gpu_memory {
		char *memory;       /* NULL: none is needed */
		size_t bytes, used; /* taken, and shared out so far */
	} on[PLAIT__GPUS];
	/* By worker, of CUDA workers: the values of a segment; struct plait_call's two. */
	char *scratch[STARPU_NMAXWORKERS];
	char *call_scratch[STARPU_NMAXWORKERS];
	char *workspace[STARPU_NMAXWORKERS];
};

/* Takes the memory that each device needs, [PLAIT__GPUS].  PLAIT_ENOMEM: nothing was taken. */
int plait__gpu_open(struct plait__gpu *gpu, const struct plait__gpu_need *need);

/* Gives a vector's handle, which was just registered, its place of so many bytes on each of gpus.
 */
void plait__gpu_place(struct plait__gpu *gpu, plait__gpus gpus, starpu_data_handle_t handle,
		      size_t bytes);

/* Whether all that was taken is shared out; whether p is in what was taken of a device. */
bool plait__gpu_is_full(const struct plait__gpu *gpu);
bool plait__gpu_has(const struct plait__gpu *gpu, int device, const void *p);

/* All handles are unregistered. */
void plait__gpu_close(struct plait__gpu *gpu);

#endif
