/* SPDX-License-Identifier: MIT
 * Merged spans are sorted, and each has the length of all before it, so that every question is
 * answered by a binary search. */
#include "config.h"
#include "src/cli/trace/analyse/spans.h"
#include "src/cli/trace/read/timeline.h"
#include "src/base/assert.h"

#include <stdlib.h>

bool cli_spans_add(struct cli_spans *spans, double start, double end)
{
	if (!(end > start))
		return true;
	if (!cli_trace_grow(&spans->span, spans->count, &spans->room, sizeof *spans->span))
		return false;
	spans->span[spans->count++] = (struct cli_span){ start, end, 0 };
	spans->merged = false;
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct cli_span *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

void cli_spans_merge(struct cli_spans *spans)
{
	struct cli_span *span = spans->span;
	int64_t kept = 0;

	spans->merged = true;
	if (spans->count == 0)
		return;
	qsort(span, (size_t)spans->count, sizeof *span, by_start);
	for (int64_t i = 1; i < spans->count; i++) {
		if (span[i].start > span[kept].end)
			span[++kept] = span[i];
		else if (span[i].end > span[kept].end)
			span[kept].end = span[i].end;
	}
	spans->count = kept + 1;
	span[0].before = 0;
	for (int64_t i = 1; i < spans->count; i++) {
		PLAIT__ASSERT(span[i - 1].end < span[i].start, "merged spans are sorted and apart");
		span[i].before = span[i - 1].before + span[i - 1].end - span[i - 1].start;
	}
}

double cli_spans_length(const struct cli_spans *spans)
{
	const struct cli_span *last;

	PLAIT__ASSERT(spans->merged || spans->count == 0, "spans are merged before they are asked");
	if (spans->count == 0)
		return 0;
	last = spans->span + spans->count - 1;
	return last->before + last->end - last->start;
}

/* How many begin at time or before it. */
static int64_t begun(const struct cli_spans *spans, double time)
{
	int64_t low = 0, high = spans->count;

	while (low < high) {
		int64_t middle = (low + high) / 2;

		if (spans->span[middle].start <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static double until(const struct cli_spans *spans, double time)
{
	int64_t count = begun(spans, time);
	const struct cli_span *last;

	if (count == 0)
		return 0;
	last = spans->span + count - 1;
	return last->before + (time < last->end ? time : last->end) - last->start;
}

double cli_spans_within(const struct cli_spans *spans, double start, double end)
{
	PLAIT__ASSERT(spans->merged || spans->count == 0, "spans are merged before they are asked");
	return end > start ? until(spans, end) - until(spans, start) : 0;
}

bool cli_spans_gaps(const struct cli_spans *spans, double start, double end, struct cli_spans *gaps)
{
	for (int64_t i = 0; i < spans->count; i++) {
		const struct cli_span *span = spans->span + i;

		if (!cli_spans_add(gaps, start, span->start < end ? span->start : end))
			return false;
		if (span->end > start)
			start = span->end;
	}
	if (!cli_spans_add(gaps, start, end))
		return false;
	cli_spans_merge(gaps);
	return true;
}

void cli_spans_free(struct cli_spans *spans)
{
	free(spans->span);
	*spans = (struct cli_spans){ 0 };
}
