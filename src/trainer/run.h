/* SPDX-License-Identifier: MIT
 * Inside a run whose steps a program drives. */
#ifndef PLAIT__RUN_H
#define PLAIT__RUN_H

#include "src/trainer/trainer.h"
#include <plait/run.h>

/* Besides the window so many steps may be submitted, at most. */
#define PLAIT__MOST_AHEAD 256

/* A value or gradient that a program may read after a step. */
struct plait__kept {
	const struct plait_node *node;
	void *memory; /* of a full batch; NULL for a parameter */
};

struct plait_run {
	struct plait_trainer *trainer;
	struct plait_run_options options;
	struct plait__binding binding;
	struct plait__executor *executor;
	struct plait__kept *kept; /* [keeps] */
	int keeps;

	int64_t submitted;            /* whoever changes it holds the mutex; atomic */
	starpu_pthread_mutex_t mutex; /* for all below; whoever holds it may wait for steps */
	bool at_end;                  /* PLAIT_END was returned, and no step submitted since */
	struct plait_optimizer optimizer;
	int64_t done;                   /* steps that are known to be, at least */
	int64_t ahead;                  /* steps that may be submitted and not done */
	int64_t rooms;                  /* the most that this ever is */
	struct plait__scalars *scalars; /* [rooms]: of step k, from 0, at k mod rooms */
	int status;                     /* of a loss that is not finite, once it was looked into */
	char message[512];

	starpu_pthread_mutex_t told_mutex; /* for all below, which callbacks write */
	int64_t told;                      /* steps that were done and counted */
	double opened, last_end;      /* starpu_timing_now() then, and when the last was done */
	struct plait_metrics metrics; /* since they were asked for */
	float loss[PLAIT_RUN_LOSSES]; /* of step k, from 0, at k mod PLAIT_RUN_LOSSES */
};

/* Values that options.keep names (run_value.c).  keep: finds them, and sets keeps of their nodes,
 * by id; PLAIT_EINVAL (no such name), PLAIT_ESHAPE, PLAIT_ENOMEM.  make: memory for them, once
 * there is a binding; PLAIT_ENOMEM. */
int plait__run_keep(struct plait_run *run, bool *keeps);
int plait__run_make_kept(struct plait_run *run);
void plait__run_free_kept(struct plait_run *run);

/* The same status, with its message: says where a loss was not finite, which ends the run.  With
 * the mutex held. */
int plait__run_explain(struct plait_run *run, int status);

#endif
