/* SPDX-License-Identifier: MIT
 * The report as a whole, and what is summed over tasks by codelet, worker and phase. */
#include "config.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int cli_report_make(struct cli_report *report, const struct cli_timeline *tl)
{
	int (*const part[])(struct cli_report *) = { cli_analyse_codelets, cli_analyse_workers,
						     cli_analyse_phases,   cli_analyse_device,
						     cli_analyse_chains,   cli_analyse_stalls };
	int status = CLI_DONE;

	*report = (struct cli_report){
		.tl = tl,
		.worker = calloc((size_t)tl->workers + 1, sizeof *report->worker),
		.on_device = calloc((size_t)tl->workers + 1, sizeof *report->on_device),
		.chain = calloc((size_t)tl->tasks + 1, sizeof *report->chain),
	};
	if (!report->worker || !report->on_device || !report->chain)
		return cli_trace_no_memory();
	for (size_t i = 0; i < sizeof part / sizeof *part && status == CLI_DONE; i++)
		status = cli_stop ? CLI_INTERRUPTED : part[i](report);
	return status;
}

void cli_report_free(struct cli_report *report)
{
	free(report->worker);
	free(report->on_device);
	free(report->chain);
	free(report->codelet);
	free(report->path);
	*report = (struct cli_report){ 0 };
}

/* -- codelets -------------------------------------------------------------------------------- */

static int by_sum(const void *a, const void *b)
{
	const struct cli_codelet *x = a, *y = b;

	return (x->sum < y->sum) - (x->sum > y->sum);
}

static void count_task(struct cli_codelet *codelet, double us, double gflop)
{
	double distance = us - codelet->mean;

	codelet->tasks++;
	codelet->sum += us;
	codelet->mean += distance / (double)codelet->tasks;
	codelet->squares += distance * (us - codelet->mean);
	codelet->min = codelet->tasks == 1 ? us : fmin(codelet->min, us);
	codelet->max = fmax(codelet->max, us);
	if (gflop > 0) {
		codelet->gflop += gflop;
		codelet->gflop_us += us;
	}
}

int cli_analyse_codelets(struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	int64_t *at = malloc(((size_t)tl->names + 1) * sizeof *at);

	if (!at)
		return cli_trace_no_memory();
	for (int64_t i = 0; i < tl->names; i++)
		at[i] = -1;
	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		if (at[task->name] < 0) {
			if (!cli_trace_grow(&report->codelet, report->codelets,
					    &report->codelet_room, sizeof *report->codelet)) {
				free(at);
				return CLI_FAILED;
			}
			at[task->name] = report->codelets++;
			report->codelet[at[task->name]] =
				(struct cli_codelet){ .name = task->name };
		}
		count_task(report->codelet + at[task->name], cli_task_us(tl, task), task->gflop);
	}
	free(at);
	if (report->codelets > 0)
		qsort(report->codelet, (size_t)report->codelets, sizeof *report->codelet, by_sum);
	return CLI_DONE;
}

/* -- workers --------------------------------------------------------------------------------- */

/* Some of StarPU's states go on while a task runs on a GPU: then the worker is busy. */
static void add_state(struct cli_worker_time *time, const struct cli_timeline *tl,
		      const struct cli_trace_state *state, const struct cli_spans *busy)
{
	double start = fmax(state->start, 0), end = fmin(state->end, tl->wall);
	double us = end > start ? end - start - cli_spans_within(busy, start, end) : 0;

	if (state->phase == CLI_PHASE_TRANSFER)
		time->transfer += us;
	else if (state->phase == CLI_PHASE_OVERHEAD)
		time->overhead += us;
	else
		time->idle += us;
}

static void finish_worker(struct cli_report *report, int64_t w, struct cli_spans *busy,
			  int64_t *state)
{
	const struct cli_timeline *tl = report->tl;
	struct cli_worker_time *time = report->worker + w;

	cli_spans_merge(busy);
	time->busy = cli_spans_length(busy);
	for (; *state < tl->states && tl->state[*state].worker == w; (*state)++)
		add_state(time, tl, tl->state + *state, busy);
	if (!tl->has_states) {
		time->transfer = time->overhead = NAN;
		time->idle = tl->wall - time->busy;
	}
	PLAIT__ASSERT(!(time->busy + time->transfer + time->overhead + time->idle >
			tl->wall + 1e-6 * (tl->wall + 1)),
		      "what a worker does takes no longer than the wall time");
	report->phase[CLI_PHASE_TRANSFER].worker_us += time->transfer;
	report->phase[CLI_PHASE_OVERHEAD].worker_us += time->overhead;
	report->phase[CLI_PHASE_IDLE].worker_us += time->idle;
	report->accounted += time->busy + time->transfer + time->overhead + time->idle;
}

int cli_analyse_workers(struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	struct cli_spans *busy = calloc((size_t)tl->workers + 1, sizeof *busy);
	int64_t state = 0;
	bool room = busy != NULL;

	for (int64_t i = 0; room && i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		report->worker[task->worker].tasks++;
		room = cli_spans_add(busy + task->worker, cli_task_start(task),
				     cli_task_end(tl, task));
	}
	for (int64_t w = 0; room && w < tl->workers; w++)
		finish_worker(report, w, busy + w, &state);
	PLAIT__ASSERT(!room || state == tl->states, "states are sorted by worker");
	report->accounted /= (double)tl->workers * tl->wall;
	for (int64_t w = 0; busy && w < tl->workers; w++)
		cli_spans_free(busy + w);
	free(busy);
	return room ? CLI_DONE : cli_trace_no_memory();
}
