/* SPDX-License-Identifier: MIT
 * Sets of spans of time: add spans in any order, merge them, then ask how much of a time they
 * cover. */
#ifndef PLAIT_CLI_TRACE_SPANS_H
#define PLAIT_CLI_TRACE_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_span {
	double start, end;
	double before; /* the length of all earlier ones, when they are merged */
};

struct cli_spans {
	struct cli_span *span;
	int64_t count;
	size_t room;
	bool merged; /* since the last one was added */
};

/* Nothing is added if end <= start.  False after saying that there is no memory. */
bool cli_spans_add(struct cli_spans *spans, double start, double end);

/* Sorts them and makes one of those that touch. */
void cli_spans_merge(struct cli_spans *spans);

/* Of merged spans: the length of all, and the length of what lies between start and end. */
double cli_spans_length(const struct cli_spans *spans);
double cli_spans_within(const struct cli_spans *spans, double start, double end);

/* Adds to *gaps the parts of start to end that are in none of the merged spans, and merges it. */
bool cli_spans_gaps(const struct cli_spans *spans, double start, double end,
		    struct cli_spans *gaps);

void cli_spans_free(struct cli_spans *spans);

#endif
