/* SPDX-License-Identifier: MIT
 * The executor submits bursts of steps (step.h) so that a bounded number is in flight, driven by
 * completion: the callback of a burst's last task submits the one that is a window later, while the
 * main thread sleeps. */
#ifndef PLAIT__EXECUTOR_H
#define PLAIT__EXECUTOR_H

#include "src/executor/step.h"

/* What to run: in each epoch all batches of the first binding, then all of the next, and so on. */
struct plait__loop {
	struct plait__binding *const *binding; /* [bindings], at least one */
	int bindings;
	/* The second binding, of two, has a snapshot, which is taken when an epoch of the first is
	 * over.  Its steps are spread among those of the first in the epoch that follows, and come
	 * alone after the last epoch. */
	bool overlaps;
	int64_t epochs;
	/* Fills in the numbers of a TRAIN step's updates; update counts from 1 over all runs.  A
	 * negative status ends the run with it. */
	int (*scalars)(const void *rule, int64_t update, struct plait_scalars *scalars);
	/* Whether those of an epoch are known yet, epochs counted from 0 in this run.  If not, it
	 * begins when all steps before are done.  NULL: they always are. */
	bool (*known)(const void *rule, int64_t epoch);
	const void *rule;
	int64_t updates; /* done before this run */
	/* Instead of submitting a load: fills in that of a step, whose slot was lent and returned.
	 * NULL: loads are submitted. */
	void (*lent)(const void *rule, int64_t step, struct plait__load *load);
	int64_t steps; /* of the first binding, after which the run ends; 0: no limit */
};

enum { PLAIT__WAKE = 1, PLAIT__STOP = 2 };

/* Who watches.  done is called in order of the steps' numbers, by a worker, with the executor's
 * lock held: it must not block; it returns WAKE and STOP flags.  After a load of an EVALUATE step
 * has failed (plait__step_status) TRAIN steps may follow that were on their way.  ready says
 * whether more may be submitted; NULL: always. submitted, which may be NULL, is called when all
 * tasks of a step were; a negative status ends the run with it.  wake is called by the thread in
 * plait__executors_run, without the lock, after a WAKE; nonzero stops the run; NULL where done
 * never wakes.  stall is called likewise when nothing moved for timeout, again and again while that
 * lasts; text says what does not. */
struct plait__observer {
	void *user;
	unsigned (*done)(void *user, const struct plait__step *step);
	bool (*ready)(void *user);
	int (*submitted)(void *user, const struct plait__step *step);
	int (*wake)(void *user);
	double timeout; /* seconds; 0: stall is never called */
	int (*stall)(void *user, const char *text);
};

struct plait__monitor;

/* Opens a run; nothing is submitted before steps are requested.  Workers run until it is closed.
 * loop and observer are copied, the bindings must outlive the run.  Any thread may call the
 * functions below, several at once.  monitor: one that outlives it, for runs that one thread waits
 * for; NULL: its own. PLAIT_ENOMEM. */
int plait__executor_open(struct plait__executor **ex_p, const struct plait__loop *loop,
			 const struct plait__observer *observer, struct plait__monitor *monitor);

/* Lets so many more steps of the loop be submitted, here or by callbacks, when the window has room
 * for them.  Requests nothing and returns what plait__executor_await would for the next step if the
 * run has failed or was stopped. */
int plait__executor_request(struct plait__executor *ex, int64_t steps, const volatile int *stop);

/* Waits until so many steps are done.  Errors, after which the steps in flight go on: the status of
 * a load or a submission that failed; PLAIT_ENAN, without a message, when one of these steps has
 * halted the run; PLAIT_EINTERRUPTED when the run was stopped, or *stop, which may be NULL, is not
 * 0; PLAIT_ETIMEOUT when nothing moved for the observer's timeout. */
int plait__executor_await(struct plait__executor *ex, int64_t steps, const volatile int *stop);

/* No more steps are submitted, and whoever waits returns. */
void plait__executor_stop(struct plait__executor *ex);

/* Stops, and waits for the steps in flight.  *halted: the TRAIN step whose loss was not finite, its
 * number -1 if there is none.  From that step on, and from a TRAIN step on whose load failed, no
 * update has changed anything and done is not called.  Errors: PLAIT_EDATA and the like from loads,
 * PLAIT_ERUNTIME. */
int plait__executor_drain(struct plait__executor *ex, struct plait__step *halted);

/* Drains and frees the run; its workers are no longer needed. */
void plait__executor_close(struct plait__executor *ex);

/* A loop that is run as a whole, and how that ended. */
struct plait__member {
	const struct plait__loop *loop;
	const struct plait__observer *observer;
	int status; /* as plait__executor_drain's, */
	char message[512];
	struct plait__step halted; /* and this too */
};

/* Runs the loops of all members at once, each with a window of its own, wakes their observers
 * meanwhile, and waits for all: one that fails leaves the others going (run.c).  PLAIT_ENOMEM: none
 * was begun. */
int plait__executors_run(struct plait__member *member, int n);

#endif
