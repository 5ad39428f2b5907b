/* SPDX-License-Identifier: MIT
 * What plait train prints and logs while it runs, of one run or of the members of a pool. */
#ifndef PLAIT_CLI_DISPLAY_H
#define PLAIT_CLI_DISPLAY_H

#include "src/cli/dashboard/dashboard.h"
#include "src/cli/job/job.h"
#include "src/cli/train.h"
#include "src/cli/until/until.h"
#include "src/trainer/progress.h"

/* Where all goes. */
struct cli_display {
	struct cli_log *log;
	struct cli_record *record; /* or NULL */
	int64_t log_every;
	bool quiet;
	bool failed; /* log or standard output cannot be written */
	struct plait__progress progress;
	struct cli_dashboard *dashboard;   /* in the place of the bar; or NULL */
	struct plait_loader_memory loader; /* what was printed last */
	int epochs, epochs_done;           /* of all members that have begun */
};

/* A run that is shown. */
struct cli_shown {
	struct cli_display *display;
	struct cli_job *job;
	struct cli_until until;
	int member; /* of a pool, from 1; else 0 */
	const char *name;
	FILE *plan; /* of a member: --print-plan, until it can be printed below its name */
	char *plan_text;
	size_t plan_size;
	bool has_epoch; /* an epoch has ended, and with validation: */
	bool has_validation;
	struct plait_metrics train, validation; /* of the last one */
};

/* The event handler of a run; user is its struct cli_shown.  Returns nonzero to end the run, if its
 * output cannot be written. */
int cli_display_event(void *user, const struct plait_event *event);

/* Makes the options of a job's run tell this display.  A failure leaves a plan without a name. */
void cli_display_attach(struct cli_shown *shown, struct cli_job *job, bool print_plan);

/* Prints what is still to be printed of a member's plan. */
void cli_display_plan(struct cli_shown *shown);

/* Takes away what stands on the terminal's last line; at the end of a run, the dashboard too. */
void cli_display_clear(struct cli_display *display);
void cli_display_end(struct cli_display *display);

#endif
