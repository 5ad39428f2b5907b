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
	struct plait_dataset *described; /* the run's own, where the program fills slots */
	struct plait__kept *kept;        /* [keeps] */
	int keeps;

	int64_t submitted;            /* whoever changes it holds the mutex; atomic */
	starpu_pthread_mutex_t mutex; /* for all below; whoever holds it may wait for steps */
	bool at_end;                  /* PLAIT_END was returned, and no step submitted since */
	int64_t done;                 /* steps that are known to be, at least */
	int64_t ahead;                /* steps that may be submitted and not done */
	int64_t rooms;                /* the most that this ever is */
	struct plait__load *lent; /* [rooms], likewise, where the program fills slots; or NULL */
	bool slot_is_out;         /* the program has that of the next step */
	struct plait_scalars *scalars; /* [rooms]: of step k, from 0, at k mod rooms */
	int status;                    /* of a loss that is not finite, once it was looked into */
	char message[512];

	starpu_pthread_mutex_t small_mutex; /* for all below; nobody waits under it */
	struct plait_optimizer optimizer;   /* whose numbers the next step gets */
	int64_t told;                       /* steps that were done and counted */
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

/* Steps, with the mutex held (run_step.c).  check: whether the run goes on, else why not.  await:
 * until so many are done.  await_half: until no more than half of so many are under way.  settle:
 * until all are done, with parameters in the store.  request: submits the next one, in order. */
int plait__run_check(struct plait_run *run);
int plait__run_await(struct plait_run *run, int64_t steps);
int plait__run_await_half(struct plait_run *run, int64_t most);
int plait__run_settle(struct plait_run *run);
int plait__run_request(struct plait_run *run);

/* A run whose slots the program fills (run_slot.c).  describe: makes the data set that says what is
 * in them.  give_back: takes back the slot that is out, if one is.  lent: for struct plait__loop.
 * halted_slot: the batch of a halted step, whose rows it sets; NULL: it is there no longer. */
int plait__run_describe(struct plait_run *run, struct plait_dataset **dataset);
void plait__run_give_back(struct plait_run *run, int64_t samples);
void plait__run_lent(const void *run, int64_t step, struct plait__load *load);
const unsigned char *plait__run_halted_slot(const struct plait_run *run,
					    struct plait__step *halted);

/* The same status, with its message: says where a loss was not finite, which ends the run.  With
 * the mutex held. */
int plait__run_explain(struct plait_run *run, int status);

#endif
