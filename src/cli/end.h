/* SPDX-License-Identifier: MIT
 * The ways a run can end.  What each means stands in one table in end.c, and in the manual under
 * EXIT STATUS. */
#ifndef PLAIT_CLI_END_H
#define PLAIT_CLI_END_H

#include <stdbool.h>

enum cli_end {
	CLI_END_DONE,
	CLI_END_SIGNAL, /* Ctrl-C, SIGTERM or SIGHUP */
	CLI_END_OUTPUT, /* standard output or the log cannot be written */
	CLI_END_USAGE,
	CLI_END_SAMPLE, /* one that is bad */
	CLI_END_NAN,
	CLI_END_MEMORY,
	CLI_END_STALL,
	CLI_END_FAILED, /* anything else */
	CLI_ENDS,
};

/* How a run ended that returned a status of the library. */
enum cli_end cli_end_of(int status);

/* Whether a run that ended so saves the weights, if steps were done and --save was given. */
bool cli_end_saves(enum cli_end end);

/* The exit status, as complain.h has it. */
int cli_end_status(enum cli_end end);

/* Says that a command was interrupted before its first step.  Returns the exit status. */
int cli_stopped_early(void);

#endif
