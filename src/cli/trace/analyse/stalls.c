/* SPDX-License-Identifier: MIT
 * Why the device computes nothing in a gap.  The task that ends the gap gives the cause.  First it
 * waits for the tasks that it depends on, then for its data to arrive.  The rest is the
 * scheduler's. From these two the kernel has what it took from the worker before this task, and
 * from the other one before it had released what this task needs. */
#include "config.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/complain.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const cli_cause_names[CLI_CAUSES] = { "load", "dependency", "transfer", "preempted",
						  "scheduler" };

static void free_fetching(struct cli_spans *fetching, int64_t workers)
{
	for (int64_t w = 0; fetching && w < workers; w++)
		cli_spans_free(fetching + w);
	free(fetching);
}

/* When data is fetched for the workers of the device, by worker. */
static struct cli_spans *find_fetching(const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	struct cli_spans *fetching = calloc((size_t)tl->workers + 1, sizeof *fetching);
	bool room = fetching != NULL;

	for (int64_t i = 0; room && i < tl->states; i++) {
		const struct cli_trace_state *state = tl->state + i;

		if (state->phase == CLI_PHASE_TRANSFER && report->on_device[state->worker])
			room = cli_spans_add(fetching + state->worker, state->start, state->end);
	}
	for (int64_t w = 0; room && w < tl->workers; w++) {
		for (int64_t i = 0; room && report->on_device[w] && i < tl->transfers; i++)
			if (tl->transfer[i].to == tl->worker[w].node)
				room = cli_spans_add(fetching + w, tl->transfer[i].start,
						     tl->transfer[i].end);
		cli_spans_merge(fetching + w);
	}
	if (room)
		return fetching;
	cli_trace_no_memory();
	free_fetching(fetching, tl->workers);
	return NULL;
}

static bool loads(const struct cli_timeline *tl, int64_t t)
{
	return cli_task_phase(tl, tl->task + t) == CLI_PHASE_LOAD;
}

/* Gives what the kernel took a part of what another cause has. */
static void take(struct cli_stall *stall, enum cli_cause from, double *taken)
{
	double part = fmin(fmax(stall->part[from], 0), *taken);

	stall->part[from] -= part;
	stall->part[CLI_CAUSE_PREEMPTED] += part;
	*taken -= part;
}

/* Fills in the parts of the gap that task ends. */
static void explain(const struct cli_report *report, struct cli_stall *stall,
		    const struct cli_spans *fetching, int64_t task)
{
	const struct cli_timeline *tl = report->tl;
	const struct cli_chain *chain = report->chain + task;
	double ready = fmin(fmax(chain->ready, stall->start), stall->end), taken;

	stall->task = task;
	stall->worker = tl->task[task].worker;
	stall->waits_for = chain->last;
	if (chain->last >= 0)
		stall->part[loads(tl, chain->last) ? CLI_CAUSE_LOAD : CLI_CAUSE_DEPENDENCY] =
			ready - stall->start;
	stall->part[CLI_CAUSE_TRANSFER] =
		cli_spans_within(fetching + stall->worker, ready, stall->end);
	stall->part[CLI_CAUSE_SCHEDULER] = stall->end - ready - stall->part[CLI_CAUSE_TRANSFER];
	taken = tl->task[task].preempted;
	if (chain->last >= 0)
		taken += tl->task[chain->last].preempted_after;
	take(stall, CLI_CAUSE_SCHEDULER, &taken);
	take(stall, CLI_CAUSE_TRANSFER, &taken);
}

/* The gap after the last task on the device belongs to the tasks that end the run. */
static void explain_end(const struct cli_report *report, struct cli_stall *stall)
{
	const struct cli_timeline *tl = report->tl;
	int64_t last = tl->order[0];

	for (int64_t i = 1; i < tl->inside; i++)
		if (tl->task[tl->order[i]].end > tl->task[last].end)
			last = tl->order[i];
	stall->task = stall->worker = -1;
	stall->waits_for = last;
	stall->part[loads(tl, last) ? CLI_CAUSE_LOAD : CLI_CAUSE_DEPENDENCY] =
		stall->end - stall->start;
}

/* Keeps the stall if it is one of the longest. */
static void keep(struct cli_report *report, struct cli_stall *stall)
{
	int at = report->stalls;
	double rest = stall->end - stall->start;

	for (int c = 0; c < CLI_CAUSES; c++) {
		report->device_idle[c] += stall->part[c];
		rest -= stall->part[c];
		if (stall->part[c] > stall->part[stall->cause])
			stall->cause = (enum cli_cause)c;
	}
	PLAIT__ASSERT(fabs(rest) <= 1e-6 * (report->tl->wall + 1),
		      "the causes add up to the stall");
	if (stall->cause > CLI_CAUSE_DEPENDENCY)
		stall->waits_for = -1;
	while (at > 0 &&
	       stall->end - stall->start > report->stall[at - 1].end - report->stall[at - 1].start)
		at--;
	if (at == CLI_STALLS)
		return;
	report->stalls += report->stalls < CLI_STALLS;
	memmove(report->stall + at + 1, report->stall + at,
		(size_t)(report->stalls - at - 1) * sizeof *report->stall);
	report->stall[at] = *stall;
}

static void find_gaps(struct cli_report *report, const struct cli_spans *fetching)
{
	const struct cli_timeline *tl = report->tl;
	double reach = 0;

	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];
		struct cli_stall stall = { .start = reach, .end = cli_task_start(task) };

		if (!report->on_device[task->worker] ||
		    !cli_phase_computes(cli_task_phase(tl, task)))
			continue;
		if (stall.end > stall.start) {
			explain(report, &stall, fetching, tl->order[i]);
			keep(report, &stall);
		}
		reach = fmax(reach, cli_task_end(tl, task));
	}
	if (reach < tl->wall) {
		struct cli_stall stall = { .start = reach, .end = tl->wall };

		explain_end(report, &stall);
		keep(report, &stall);
	}
}

int cli_analyse_stalls(struct cli_report *report)
{
	struct cli_spans *fetching = find_fetching(report);

	if (!fetching)
		return CLI_FAILED;
	find_gaps(report, fetching);
	free_fetching(fetching, report->tl->workers);
	return CLI_DONE;
}
