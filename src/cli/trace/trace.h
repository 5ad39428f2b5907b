/* SPDX-License-Identifier: MIT
 * The report of plait trace, and the options for it. */
#ifndef PLAIT_CLI_TRACE_H
#define PLAIT_CLI_TRACE_H

#include "src/cli/options/options.h"

struct cli_trace_options {
	const char *json, *html, *perfetto, *svg; /* files to write; NULL: none */
	int64_t first_step, end_step;             /* from 1; 0, 0: all */
	bool partial;                             /* report on a truncated trace */
};

/* The options of the command line; explains wrong ones and returns CLI_USAGE. */
int cli_trace_options_take(struct cli_trace_options *trace, const struct cli_options *options);

/* Reads the folder, prints the report and writes the files.  run_folder: where run.json is if it is
 * not in the folder; NULL: nowhere.  Returns an exit status. */
int cli_trace_report(const struct cli_trace_options *options, const char *folder,
		     const char *run_folder);

#endif
