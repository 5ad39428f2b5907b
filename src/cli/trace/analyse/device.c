/* SPDX-License-Identifier: MIT
 * How busy the device is kept, and how much of loading and of transfers is hidden behind it. */
#include "config.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/complain.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The GPU that computes most, or all CPUs. */
static int choose(struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	double *us = calloc((size_t)tl->workers + 1, sizeof *us);
	int64_t gpu = -1;

	if (!us)
		return cli_trace_no_memory();
	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		if (cli_phase_computes(cli_task_phase(tl, task)))
			us[task->worker] += cli_task_us(tl, task);
	}
	for (int64_t w = 0; w < tl->workers; w++)
		if (strcmp(tl->worker[w].kind, "cuda") == 0 && us[w] > (gpu < 0 ? 0 : us[gpu]))
			gpu = w;
	for (int64_t w = 0; w < tl->workers; w++)
		report->on_device[w] = gpu < 0 ? strcmp(tl->worker[w].kind, "cpu") == 0 : w == gpu;
	for (int64_t w = 0; w < tl->workers; w++)
		report->device_workers += report->on_device[w];
	strcpy(report->device, gpu < 0 ? "CPU" : tl->worker[gpu].name);
	free(us);
	return CLI_DONE;
}

/* When anything computes, and when the device does. */
static bool find_computing(struct cli_report *report, struct cli_spans *any,
			   struct cli_spans *device)
{
	const struct cli_timeline *tl = report->tl;
	double sum = 0;

	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];
		double start = cli_task_start(task), end = cli_task_end(tl, task);

		if (!cli_phase_computes(cli_task_phase(tl, task)))
			continue;
		if (!cli_spans_add(any, start, end) ||
		    (report->on_device[task->worker] && !cli_spans_add(device, start, end)))
			return false;
		sum += report->on_device[task->worker] ? end - start : 0;
	}
	cli_spans_merge(any);
	cli_spans_merge(device);
	report->at_once = sum / cli_spans_length(device);
	return true;
}

static void measure_hidden(struct cli_report *report, const struct cli_spans *computing)
{
	const struct cli_timeline *tl = report->tl;
	double loads = 0, hidden = 0, hidden_transfers = 0;

	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		if (cli_task_phase(tl, task) != CLI_PHASE_LOAD)
			continue;
		loads += cli_task_us(tl, task);
		hidden += cli_spans_within(computing, cli_task_start(task), cli_task_end(tl, task));
	}
	for (int64_t i = 0; i < tl->transfers; i++) {
		double start = fmax(tl->transfer[i].start, 0);
		double end = fmin(tl->transfer[i].end, tl->wall);

		if (end <= start)
			continue;
		report->transfer_bytes += tl->transfer[i].bytes;
		report->transfers++;
		report->transfer_us += end - start;
		hidden_transfers += cli_spans_within(computing, start, end);
	}
	PLAIT__ASSERT(hidden <= loads + 1e-6 * (loads + 1) &&
			      hidden_transfers <= report->transfer_us * (1 + 1e-6) + 1e-6,
		      "no more is hidden than there is");
	report->loading_hidden = hidden / loads;
	report->transfers_hidden = hidden_transfers / report->transfer_us;
}

int cli_analyse_device(struct cli_report *report)
{
	struct cli_spans any = { 0 }, device = { 0 };
	int status = choose(report);

	if (status != CLI_DONE)
		return status;
	if (find_computing(report, &any, &device)) {
		report->device_busy = cli_spans_length(&device) / report->tl->wall;
		measure_hidden(report, &any);
	} else {
		status = CLI_FAILED;
	}
	cli_spans_free(&any);
	cli_spans_free(&device);
	return status;
}

/* Tasks that wait for one another run side by side only by accident. */
#define CHAIN 1.15
/* If the device is busy for less, it is not computing that takes the time. */
#define BUSY 0.5
/* Shorter steps are not worth being cut into shards (plait__plan_granularity). */
#define SHARD_MICROSECONDS 600

const char *cli_report_advice(const struct cli_report *report, char *text, size_t size)
{
	const struct cli_timeline *tl = report->tl;

	if (json_is_true(json_object_get(tl->run, "divided")) || report->device_workers < 2 ||
	    !(report->at_once < CHAIN) || report->device_busy < BUSY || tl->steps < 1)
		return NULL;
	if (tl->wall / (double)tl->steps < SHARD_MICROSECONDS)
		snprintf(text, size,
			 "the steps are one chain of tasks, too short to be cut into shards");
	else
		snprintf(text, size, "the steps are one chain of tasks: --shards %d cuts it",
			 report->device_workers);
	return text;
}
