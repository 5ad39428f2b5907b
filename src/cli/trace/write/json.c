/* SPDX-License-Identifier: MIT
 * The report as JSON: times in microseconds with three decimals, shares in percent, null for a
 * figure that is not known. */
#include "config.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/json.h"
#include <plait/base.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- run.json -------------------------------------------------------------------------------- */

double cli_report_recording(const struct cli_report *report)
{
	const char *source = cli_run_text(report->tl, "source");

	return source && strcmp(source, "profiling") == 0 ? CLI_PROFILING_TASK_US : CLI_FXT_TASK_US;
}

double cli_report_task(const struct cli_report *report)
{
	double busy = 0;

	for (int64_t w = 0; w < report->tl->workers; w++)
		busy += report->worker[w].busy;
	return busy / (double)report->tl->inside;
}

double cli_report_pace(const struct cli_report *report)
{
	return cli_report_task(report) / cli_run_real(report->tl, "untraced_task_us");
}

static json_t *cost_json(const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	double traced = cli_run_real(tl, "traced_step_us");
	double untraced = cli_run_real(tl, "untraced_step_us");
	json_t *cost = json_object();

	cli_json_put(&cost, "about_us_per_task", cli_json_fixed(cli_report_recording(report)));
	cli_json_put(&cost, "traced_step_us", cli_json_fixed(traced));
	cli_json_put(&cost, "untraced_step_us", cli_json_fixed(untraced));
	cli_json_put(&cost, "ratio", cli_json_fixed(traced / untraced));
	cli_json_put(&cost, "task_ratio", cli_json_fixed(cli_report_pace(report)));
	return cost;
}

/* -- the parts ------------------------------------------------------------------------------- */

static json_t *worker_json(const struct cli_timeline *tl, const struct cli_trace_worker *worker,
			   const struct cli_worker_time *time)
{
	json_t *json = json_object();

	cli_json_put(&json, "id", json_integer(worker->id));
	cli_json_put(&json, "name", cli_json_text(worker->name));
	cli_json_put(&json, "kind", cli_json_text(worker->kind));
	cli_json_put(&json, "tasks", json_integer(time->tasks));
	cli_json_put(&json, "busy_us", cli_json_fixed(time->busy));
	cli_json_put(&json, "transfer_us", cli_json_fixed(time->transfer));
	cli_json_put(&json, "overhead_us", cli_json_fixed(time->overhead));
	cli_json_put(&json, "idle_us", cli_json_fixed(time->idle));
	cli_json_put(&json, "busy_percent", cli_json_fixed(100 * time->busy / tl->wall));
	cli_json_put(&json, "transfer_percent", cli_json_fixed(100 * time->transfer / tl->wall));
	cli_json_put(&json, "overhead_percent", cli_json_fixed(100 * time->overhead / tl->wall));
	cli_json_put(&json, "idle_percent", cli_json_fixed(100 * time->idle / tl->wall));
	return json;
}

static json_t *codelet_json(const struct cli_timeline *tl, const struct cli_codelet *codelet)
{
	const struct cli_trace_name *name = tl->name + codelet->name;
	json_t *json = json_object();

	cli_json_put(&json, "name", cli_json_text(name->text));
	cli_json_put(&json, "phase", cli_json_text(cli_phase_names[name->phase]));
	cli_json_put(&json, "tasks", json_integer(codelet->tasks));
	cli_json_put(&json, "us", cli_json_fixed(codelet->sum));
	cli_json_put(&json, "mean_us", cli_json_fixed(codelet->mean));
	cli_json_put(&json, "min_us", cli_json_fixed(codelet->min));
	cli_json_put(&json, "max_us", cli_json_fixed(codelet->max));
	cli_json_put(&json, "stddev_us",
		     cli_json_fixed(sqrt(codelet->squares / (double)codelet->tasks)));
	cli_json_put(&json, "gflops", cli_json_fixed(codelet->gflop / codelet->gflop_us * 1e6));
	return json;
}

static json_t *phases_json(const struct cli_report *report)
{
	json_t *phases = json_array();

	for (int p = 0; p < CLI_PHASES; p++) {
		json_t *json = json_object();

		cli_json_put(&json, "name", cli_json_text(cli_phase_names[p]));
		cli_json_put(&json, "tasks", json_integer(report->phase[p].tasks));
		cli_json_put(&json, "worker_us", cli_json_fixed(report->phase[p].worker_us));
		cli_json_put(&json, "wall_us", cli_json_fixed(report->phase[p].wall_us));
		cli_json_add(&phases, json);
	}
	return phases;
}

static json_t *stall_json(const struct cli_timeline *tl, const struct cli_stall *stall)
{
	const struct cli_trace_task *task = stall->task < 0 ? NULL : tl->task + stall->task;
	json_t *json = json_object();

	cli_json_put(&json, "start_us", cli_json_fixed(stall->start));
	cli_json_put(&json, "us", cli_json_fixed(stall->end - stall->start));
	cli_json_put(&json, "cause", cli_json_text(cli_cause_names[stall->cause]));
	cli_json_put(&json, "task", cli_json_text(task ? tl->name[task->name].text : NULL));
	cli_json_put(&json, "step", task && task->step ? json_integer(task->step) : json_null());
	cli_json_put(&json, "worker",
		     stall->worker < 0 ? json_null() : json_integer(tl->worker[stall->worker].id));
	cli_json_put(&json, "waits_for",
		     cli_json_text(stall->waits_for < 0
					   ? NULL
					   : tl->name[tl->task[stall->waits_for].name].text));
	return json;
}

static void put_head(json_t **json, const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	const char *source = cli_run_text(tl, "source");

	cli_json_put(json, "plait", cli_json_text(plait_version()));
	cli_json_put(json, "source", cli_json_text(source ? source : "fxt"));
	cli_json_put(json, "source_reason", cli_json_text(cli_run_text(tl, "source_reason")));
	cli_json_put(json, "command", cli_json_text(cli_run_text(tl, "command")));
	cli_json_put(json, "truncated", cli_json_text(*tl->missing ? tl->missing : NULL));
	cli_json_put(json, "unsure", cli_json_text(*tl->unsure ? tl->unsure : NULL));
	cli_json_put(json, "wall_us", cli_json_fixed(tl->wall));
	cli_json_put(json, "steps", json_integer(tl->steps));
	cli_json_put(json, "step_us",
		     cli_json_fixed(tl->steps ? tl->wall / (double)tl->steps : NAN));
	cli_json_put(json, "tasks", json_integer(tl->inside));
	cli_json_put(json, "cost", cost_json(report));
}

static void put_lists(json_t **json, const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	json_t *workers = json_array(), *codelets = json_array();

	for (int64_t w = 0; w < tl->workers; w++)
		cli_json_add(&workers, worker_json(tl, tl->worker + w, report->worker + w));
	for (int64_t i = 0; i < report->codelets; i++)
		cli_json_add(&codelets, codelet_json(tl, report->codelet + i));
	cli_json_put(json, "workers", workers);
	cli_json_put(json, "accounted_percent", cli_json_fixed(100 * report->accounted));
	cli_json_put(json, "phases", phases_json(report));
	cli_json_put(json, "codelets", codelets);
}

static void put_device(json_t **json, const struct cli_report *report)
{
	json_t *transfers = json_object();
	char advice[96];

	cli_json_put(&transfers, "count", json_integer(report->transfers));
	cli_json_put(&transfers, "bytes", json_integer(report->transfer_bytes));
	cli_json_put(&transfers, "us", cli_json_fixed(report->transfer_us));
	cli_json_put(json, "device", cli_json_text(report->device));
	cli_json_put(json, "workers_at_once", cli_json_fixed(report->at_once));
	cli_json_put(json, "advice",
		     cli_json_text(cli_report_advice(report, advice, sizeof advice)));
	cli_json_put(json, "device_busy_percent", cli_json_fixed(100 * report->device_busy));
	cli_json_put(json, "loading_hidden_percent", cli_json_fixed(100 * report->loading_hidden));
	cli_json_put(json, "transfers_hidden_percent",
		     cli_json_fixed(100 * report->transfers_hidden));
	cli_json_put(json, "transfers", transfers);
}

static void put_bounds(json_t **json, const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	double bound = fmax(report->critical_path, report->work_bound);
	json_t *path = json_array();

	for (int64_t i = 0; i < report->path_parts; i++) {
		json_t *part = json_object();

		cli_json_put(&part, "name", cli_json_text(tl->name[report->path[i].name].text));
		cli_json_put(&part, "tasks", json_integer(report->path[i].tasks));
		cli_json_put(&part, "us", cli_json_fixed(report->path[i].us));
		cli_json_add(&path, part);
	}
	cli_json_put(json, "critical_path_us", cli_json_fixed(report->critical_path));
	cli_json_put(json, "critical_path", path);
	cli_json_put(json, "work_bound_us", cli_json_fixed(report->work_bound));
	cli_json_put(json, "lower_bound_us", cli_json_fixed(bound));
	cli_json_put(json, "distance", cli_json_fixed(tl->wall / bound));
}

static void put_stalls(json_t **json, const struct cli_report *report)
{
	json_t *idle = json_object(), *stalls = json_array();

	for (int c = 0; c < CLI_CAUSES; c++) {
		char key[32];

		snprintf(key, sizeof key, "%s_us", cli_cause_names[c]);
		cli_json_put(&idle, key, cli_json_fixed(report->device_idle[c]));
	}
	for (int i = 0; i < report->stalls; i++)
		cli_json_add(&stalls, stall_json(report->tl, report->stall + i));
	cli_json_put(json, "device_idle", idle);
	cli_json_put(json, "stalls", stalls);
}

json_t *cli_report_json(const struct cli_report *report)
{
	json_t *losses = json_object_get(report->tl->run, "losses");
	json_t *json = json_object();

	put_head(&json, report);
	put_lists(&json, report);
	put_device(&json, report);
	put_bounds(&json, report);
	put_stalls(&json, report);
	cli_json_put(&json, "losses", losses ? json_deep_copy(losses) : json_null());
	if (!json)
		cli_trace_no_memory();
	return json;
}
