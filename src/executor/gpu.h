/* SPDX-License-Identifier: MIT
 * What a binding has of the memory of GPUs. It is taken once, when the binding is made, and shared
 * out among its handles. StarPU would allocate it while tasks run: in chunks of 32 MB that several
 * runs cannot share, and where there is too little it tries again for ever. */
#ifndef PLAIT__GPU_H
#define PLAIT__GPU_H

#include "src/base/base.h"

#include <starpu.h>

struct plait__gpu {
	int devices; /* that workers drive */
	struct plait__gpu_device {
		int device;    /* CUDA's number */
		unsigned node; /* StarPU's memory node */
		char *memory;  /* bytes */
	} on[STARPU_MAXCUDADEVS + 1];
	size_t bytes, used; /* of each device: taken, and shared out so far */
	size_t scratch_bytes;
	char *scratch[STARPU_NMAXWORKERS];   /* by worker: of CUDA workers */
	char *workspace[STARPU_NMAXWORKERS]; /* the same: struct plait_call's */
};

/* The bytes that each device needs for handles of so many bytes in all, and for each of its workers
 * for scratch memory of so many, and a workspace. */
size_t plait__gpu_needs(size_t handles, size_t scratch);

/* What a device has left. */
struct plait__gpu_room {
	size_t bytes;
	bool limited; /* by plait__gpu_limit; else by the device */
};

/* Takes the memory that is needed. PLAIT_ENOMEM, with *room of the fullest device: nothing was
 * taken then. Without CUDA there are no devices, and nothing is done. */
int plait__gpu_open(struct plait__gpu *gpu, size_t handles, size_t scratch,
		    struct plait__gpu_room *room);

/* Gives a vector's handle, which was just registered, its place of so many bytes on each device. */
void plait__gpu_place(struct plait__gpu *gpu, starpu_data_handle_t handle, size_t bytes);

/* All handles are unregistered. */
void plait__gpu_close(struct plait__gpu *gpu);

#endif
