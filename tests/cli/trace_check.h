/* SPDX-License-Identifier: MIT
 * Asking plait trace about a trace, and what holds of any trace, by hand or of a real run. */
#ifndef PLAIT_TESTS_TRACE_CHECK_H
#define PLAIT_TESTS_TRACE_CHECK_H

#include <jansson.h>

/* Writes a file of the trace; text NULL: there is none of that name. */
void trace_put(const char *name, const char *text);

/* Writes all files of the trace. */
void trace_write(const char *tasks, const char *states, const char *paje, const char *workers,
		 const char *run);

/* Runs `plait trace OPTIONS FOLDER`, whose output goes to the files out and err.  Returns the exit
 * status. */
int trace_run(const char *options);

/* The text of such a file, which may be empty; free() it. */
char *trace_text(const char *name);

/* The object of an array with that text under that key, or NULL. */
const json_t *trace_find(const json_t *array, const char *key, const char *text);

struct trace_events {
	int tasks, transfers, steps, flows, labels;
	int wrong; /* what does not hold */
};

/* Counts what plait trace --perfetto wrote to a file. */
struct trace_events trace_events_read(const char *path);

/* What does not hold of the report that plait trace --json wrote of a run, printed; how many. */
int trace_report_check(const char *path, const char *source, int steps);

#endif
