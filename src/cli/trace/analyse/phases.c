/* SPDX-License-Identifier: MIT
 * Where the wall time went.  Each moment is shared by the tasks that run then.  A moment without a
 * task counts as transfer if there is one, else as overhead if there is any, else as idle.  The
 * parts add up to the wall time. */
#include "config.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/complain.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdlib.h>

struct edge {
	double time;
	int phase;
	int change; /* of the number of tasks that run: 1 or -1 */
};

static int by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

/* The begin and the end of every task, sorted by time.  Also adds up the times of tasks. */
static struct edge *make_edges(struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	struct edge *edge = malloc((2 * (size_t)tl->inside + 1) * sizeof *edge);

	for (int64_t i = 0; edge && i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];
		int phase = cli_task_phase(tl, task);

		edge[2 * i] = (struct edge){ cli_task_start(task), phase, 1 };
		edge[2 * i + 1] = (struct edge){ cli_task_end(tl, task), phase, -1 };
		report->phase[phase].tasks++;
		report->phase[phase].worker_us += cli_task_us(tl, task);
	}
	if (edge)
		qsort(edge, 2 * (size_t)tl->inside, sizeof *edge, by_time);
	return edge;
}

/* Shares the wall time among tasks.  Times without a task go to gaps. */
static bool share(struct cli_report *report, const struct edge *edge, struct cli_spans *gaps)
{
	int64_t running[CLI_TASK_PHASES] = { 0 }, all = 0;
	double since = 0;

	for (int64_t i = 0; i < 2 * report->tl->inside; i++) {
		double us = edge[i].time - since;

		if (all == 0 && !cli_spans_add(gaps, since, edge[i].time))
			return false;
		for (int p = 0; all > 0 && us > 0 && p < CLI_TASK_PHASES; p++)
			report->phase[p].wall_us += us * (double)running[p] / (double)all;
		running[edge[i].phase] += edge[i].change;
		all += edge[i].change;
		since = edge[i].time;
	}
	PLAIT__ASSERT(all == 0, "every task that begins ends");
	if (!cli_spans_add(gaps, since, report->tl->wall))
		return false;
	cli_spans_merge(gaps);
	return true;
}

/* Keeps a span only if a part of it lies in gaps. */
static bool add_in_gaps(struct cli_spans *spans, const struct cli_spans *gaps, double start,
			double end)
{
	return cli_spans_within(gaps, start, end) <= 0 || cli_spans_add(spans, start, end);
}

/* How much of the gaps the spans cover. */
static double covered(const struct cli_spans *spans, const struct cli_spans *gaps)
{
	double us = 0;

	PLAIT__ASSERT(spans->merged, "no time is covered twice");
	for (int64_t i = 0; i < spans->count; i++)
		us += cli_spans_within(gaps, spans->span[i].start, spans->span[i].end);
	return us;
}

/* Collects what lies in gaps: transfers in moving, transfers and overhead in either. */
static bool collect(const struct cli_timeline *tl, const struct cli_spans *gaps,
		    struct cli_spans *moving, struct cli_spans *either)
{
	for (int64_t i = 0; i < tl->states; i++) {
		const struct cli_trace_state *state = tl->state + i;

		if (state->phase == CLI_PHASE_IDLE)
			continue;
		if (state->phase == CLI_PHASE_TRANSFER &&
		    !add_in_gaps(moving, gaps, state->start, state->end))
			return false;
		if (!add_in_gaps(either, gaps, state->start, state->end))
			return false;
	}
	for (int64_t i = 0; i < tl->transfers; i++)
		if (!add_in_gaps(moving, gaps, tl->transfer[i].start, tl->transfer[i].end) ||
		    !add_in_gaps(either, gaps, tl->transfer[i].start, tl->transfer[i].end))
			return false;
	cli_spans_merge(moving);
	cli_spans_merge(either);
	return true;
}

/* Whether the parts add up to the wall time, apart from rounding. */
static bool adds_up(const struct cli_report *report)
{
	double sum = 0;

	for (int p = 0; p < CLI_PHASES; p++)
		if (!isnan(report->phase[p].wall_us))
			sum += report->phase[p].wall_us;
	return fabs(sum - report->tl->wall) <= 1e-6 * (report->tl->wall + 1);
}

int cli_analyse_phases(struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	struct cli_spans gaps = { 0 }, moving = { 0 }, either = { 0 };
	struct edge *edge = make_edges(report);
	bool room = edge && share(report, edge, &gaps) && collect(tl, &gaps, &moving, &either);

	if (room) {
		double transfer = covered(&moving, &gaps), both = covered(&either, &gaps);

		report->phase[CLI_PHASE_TRANSFER].wall_us =
			tl->has_states || tl->transfers ? transfer : NAN;
		report->phase[CLI_PHASE_OVERHEAD].wall_us = tl->has_states ? both - transfer : NAN;
		report->phase[CLI_PHASE_IDLE].wall_us = cli_spans_length(&gaps) - both;
		PLAIT__ASSERT(adds_up(report), "the phases add up to the wall time");
	}
	free(edge);
	cli_spans_free(&gaps);
	cli_spans_free(&moving);
	cli_spans_free(&either);
	return room ? CLI_DONE : cli_trace_no_memory();
}
