/* SPDX-License-Identifier: MIT
 * plait trace -- train ...: a run that leaves a trace, and what the tracing cost. */
#ifndef PLAIT_CLI_TRACE_RUN_H
#define PLAIT_CLI_TRACE_RUN_H

#include "src/cli/options/options.h"

/* Where a trace comes from. */
enum cli_trace_source {
	CLI_SOURCE_AUTO,
	CLI_SOURCE_FXT,
	CLI_SOURCE_PROFILING,
};

/* Runs `train` with its arguments, or another program, with recording on; folder then holds what
 * StarPU's converter and Plait's recorder write, and run.json.  *folder_is_whole says whether
 * there is enough to report on, an interrupted run's too.  Returns the run's exit status, or
 * what went wrong. */
int cli_trace_run(const struct cli_options *options, int argc, char **argv, const char *folder,
		  bool *folder_is_whole);

#endif
