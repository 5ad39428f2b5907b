/* SPDX-License-Identifier: MIT
 * The window of a run: the bursts in flight. window.c submits and finishes them, in the order of
 * position.c; executor.c starts the run, sleeps meanwhile and ends it. */
#ifndef PLAIT__WINDOW_H
#define PLAIT__WINDOW_H

#include "src/executor/executor.h"
#include "src/executor/monitor.h"
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

	struct plait__monitor own_monitor;
	struct plait__monitor *monitor; /* for all below: own_monitor, or one that others share */
	int64_t requested, submitted, done; /* steps */
	int64_t begun, ended;               /* bursts */
	int64_t awaited;                    /* who waits is woken when so many steps are done */
	/* When the burst before was done; second: of those that go beside the others, or the epoch
	 * before theirs. */
	double last_end[2];
	bool slow;      /* it took long: see depth() */
	bool stop, due; /* due: the observer wants to be woken */
	bool goes_on;   /* for the thread in plait__executors_run */
	/* By binding, where its loads are shared (shared/hub.h); or NULL. */
	struct plait__reader *reader[PLAIT__MOST_BINDINGS];
	bool shares;    /* one of them is */
	bool held;      /* nothing was submitted that could be, because of others in a hub */
	int status;     /* a submission or a load failed, */
	int64_t failed; /* of the step of this number */
	char message[512];

	int64_t halted; /* number of the step, or -1; atomic */
	struct plait__watchdog watchdog;
};

/* Submits the next steps, as many as the window, the observer and a hub let in; then those of
 * others in its hubs, which may have waited for these.  fill_one: its own steps only.  With the
 * monitor held. */
void plait__window_fill(struct plait__executor *ex);
void plait__window_fill_one(struct plait__executor *ex);

/* Which batch of which binding number is, as the position of step (position.c). */
void plait__window_position(const struct plait__executor *ex, struct plait__step *step,
			    int64_t number);

/* Whether the numbers of the next step to submit are known, which may depend on what earlier ones
 * give (position.c). */
bool plait__window_known(const struct plait__executor *ex);

/* Waits for the executors of the monitor, but no longer than until the next look of dog.  With the
 * monitor held, which is left meanwhile (executor.c). */
void plait__window_sleep(struct plait__monitor *monitor, const struct plait__watchdog *dog);

/* Describes what does not move, as dog sees it.  Returns text. */
char *plait__window_stall(const struct plait__executor *ex, const struct plait__watchdog *dog,
			  char *text, size_t size);

#endif
