/* SPDX-License-Identifier: MIT
 * What is recorded of a task: shared by recorder.c, which records, and recorder_write.c. */
#ifndef PLAIT__RECORDING_H
#define PLAIT__RECORDING_H

#include "src/runtime/recorder.h"
#include <starpu.h>

/* When a task went from one state to the next, in microseconds of starpu_timing_now(); a task
 * that ran nowhere has only the first. */
enum plait__moment {
	PLAIT__SUBMITTED,
	PLAIT__POP_BEGIN, /* the worker asked the policy for a task and got this one */
	PLAIT__POP_END,
	PLAIT__FETCH_BEGIN, /* its data is brought to where it runs */
	PLAIT__FETCH_END,
	PLAIT__RUN_BEGIN,
	PLAIT__RUN_END,
	PLAIT__PUSH_BEGIN, /* its data is released */
	PLAIT__PUSH_END,
	PLAIT__CALLBACK_BEGIN,
	PLAIT__CALLBACK_END,
	PLAIT__MOMENTS
};

/* A handle that orders the task. */
struct plait__recorded_use {
	starpu_data_handle_t handle;
	bool writes, reads;
};

struct plait__recorded {
	char name[64];      /* of the task, which may be gone, or of its codelet */
	const char *symbol; /* lives until StarPU is down */
	int64_t iteration;  /* the step that it is of, or the first one, and how many: */
	int steps;
	int worker, priority; /* worker -1: it ran nowhere */
	double flops;
	unsigned long job; /* StarPU's number of it */
	/* Microseconds that the kernel took from its worker before it ran, and after. */
	double preempted, preempted_after;
	double at[PLAIT__MOMENTS];
	struct plait__recorded_use *use;
	int uses;
	void (*callback)(void *arg);
	void *arg;
	void (*prologue)(void *arg);
	void *prologue_arg;
};

#define PLAIT__RECORDER_BLOCK 1024

/* A recording: entries in blocks, in the order of submission, which is StarPU's. */
struct plait__recording {
	struct plait__recorded **block;
	size_t room;                 /* for blocks */
	int64_t blocks, count, lost; /* lost: there was no memory for them */
};

static inline struct plait__recorded *plait__recorded_at(const struct plait__recording *recording,
							 int64_t i)
{
	PLAIT__ASSERT(i >= 0 && i < recording->blocks * PLAIT__RECORDER_BLOCK,
		      "an entry of a recording is in one of its blocks");
	return &recording->block[i / PLAIT__RECORDER_BLOCK][i % PLAIT__RECORDER_BLOCK];
}

/* Writes the three files, or beside an FxT trace preempted.rec alone (recorder_write.c). PLAIT_EIO,
 * PLAIT_ENOMEM. */
int plait__recorder_write(const struct plait__recording *recording, const char *folder,
			  bool beside_fxt);

#endif
