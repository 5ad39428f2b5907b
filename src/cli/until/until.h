/* SPDX-License-Identifier: MIT
 * When plait train ends before its last epoch: --patience, --target, --max-time, --save-best. */
#ifndef PLAIT_CLI_UNTIL_H
#define PLAIT_CLI_UNTIL_H

#include "src/cli/job/job.h"

#define CLI_FIGURE_SIZE (PLAIT_METRIC_NAME + 8)

/* Of one run. */
struct cli_until {
	const struct cli_options *options;
	char monitor[CLI_FIGURE_SIZE], target[CLI_FIGURE_SIZE]; /* "": not given */
	double target_value;
	const char *save_best; /* where the best weights go; NULL: nowhere */
	bool saved;            /* they are there */
	struct plait_end end;
};

/* Option setters: a time as 90, 90s, 30m or 1h30m, in seconds; a figure, and NAME=VALUE, whose
 * texts are kept. */
struct cli_option;
int cli_set_time(const struct cli_option *option, const char *value, void *field, char *why);
int cli_set_figure(const struct cli_option *option, const char *value, void *field, char *why);
int cli_set_target(const struct cli_option *option, const char *value, void *field, char *why);

/* Whether they go with the other options: -1, or CLI_USAGE after saying what does not. */
int cli_until_check(const struct cli_options *options, const char *name);

/* Makes the options of a job's run end so.  until and options outlive the run; save_best: NULL, or
 * where the weights of the best epoch are to go. */
void cli_until_attach(struct cli_until *until, struct cli_job *job,
		      const struct cli_options *options, const char *save_best);

/* An epoch was the best so far: writes its weights, if they are to be saved.  Returns CLI_DONE, or
 * the exit status after saying why not. */
int cli_until_best(struct cli_until *until, const struct cli_job *job);

/* The run is over: logs how it ended, as whose, and prints that unless quiet. */
void cli_until_log(const struct cli_until *until, const struct cli_job *job, struct cli_log *log,
		   int member, const char *member_name);
void cli_until_print(const struct cli_until *until, const struct cli_job *job,
		     const char *member_name);

#endif
