/* SPDX-License-Identifier: MIT
 * The window of a run: the bursts in flight. window.c submits and finishes them, in the order of
 * position.c; executor.c starts the run, sleeps meanwhile and ends it. */
#ifndef PLAIT__WINDOW_H
#define PLAIT__WINDOW_H

#include "src/executor/executor.h"
#include "src/executor/step.h"
#include "src/loader/watchdog.h"

struct plait__executor {
	struct plait__loop loop; /* its list of bindings is this one: */
	struct plait__binding *binding[PLAIT__MOST_BINDINGS];
	struct plait__observer observer;
	int window;
	int64_t per_epoch;
	struct plait__burst *burst; /* [window] */
	struct plait__step *step;   /* of all bursts */

	starpu_pthread_mutex_t mutex; /* for all below */
	starpu_pthread_cond_t wake;
	bool locked;                        /* somebody holds the mutex */
	int64_t requested, submitted, done; /* steps */
	int64_t begun, ended;               /* bursts */
	int64_t awaited;                    /* wake is signalled when so many steps are done */
	/* When the burst before was done; second: of those that go beside the others, or the epoch
	 * before theirs. */
	double last_end[2];
	bool slow;      /* it took long: see depth() */
	bool stop, due; /* due: the observer wants to be woken */
	int status;     /* a submission or a load failed, */
	int64_t failed; /* of the step of this number */
	char message[512];

	int64_t halted; /* number of the step, or -1; atomic */
	struct plait__watchdog watchdog;
};

/* Whoever reads or changes what the mutex is for holds it. */
void plait__window_lock(struct plait__executor *ex);
void plait__window_unlock(struct plait__executor *ex);

/* Submits the next steps, as many as the window and the observer let in.  With the mutex held. */
void plait__window_fill(struct plait__executor *ex);

/* Which batch of which binding number is, as the position of step (position.c). */
void plait__window_position(const struct plait__executor *ex, struct plait__step *step,
			    int64_t number);

#endif
