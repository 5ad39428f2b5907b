/* SPDX-License-Identifier: MIT
 * The report as text: what matters most comes first, 80 columns hold it. */
#include "config.h"
#include "src/cli/memory.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_CODELETS 20
#define MOST_PARTS 6
#define BAR 30
#define NOTABLE 1.1 /* of durations of the same tasks */

/* A time with the unit that suits it. */
static const char *time_text(double us, char buffer[24])
{
	double size = fabs(us);

	if (isnan(us))
		strcpy(buffer, "-");
	else if (size < 1e3)
		snprintf(buffer, 24, "%.1f us", us);
	else if (size < 1e6)
		snprintf(buffer, 24, "%.2f ms", us / 1e3);
	else
		snprintf(buffer, 24, "%.3f s", us / 1e6);
	return buffer;
}

static const char *percent_text(double share, char buffer[24])
{
	if (isfinite(share))
		snprintf(buffer, 24, "%.1f %%", 100 * share);
	else
		strcpy(buffer, "-");
	return buffer;
}

/* A name within width columns; its end goes if it is longer. */
static void print_name(const char *name, int width)
{
	if (strlen(name) <= (size_t)width)
		printf("%-*s", width, name);
	else
		printf("%.*s...", width - 3, name);
}

/* -- the head -------------------------------------------------------------------------------- */

/* The cost of recording where no run without it was measured. */
static void print_about(const struct cli_report *report)
{
	double cost = cli_report_recording(report), task = cli_report_task(report);
	char one[24], other[24];

	printf("  %-16s not measured; about %s for each task of %s\n", "tracing cost",
	       time_text(cost, one), time_text(task, other));
	if (cost * 10 > task)
		printf("  %-16s so the times between tasks are distorted%s\n", "",
		       cost > CLI_PROFILING_TASK_US ? ": --source profiling costs less" : "");
}

static void print_source(const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	const char *source = cli_run_text(tl, "source"), *why = cli_run_text(tl, "source_reason");
	bool profiling = source && strcmp(source, "profiling") == 0;
	double traced = cli_run_real(tl, "traced_step_us");
	double untraced = cli_run_real(tl, "untraced_step_us");
	double pace = cli_report_pace(report);
	char one[24], other[24];

	printf("  %-16s %s\n", "source",
	       profiling ? "StarPU's profiling of tasks" : "StarPU's trace (FxT)");
	if (why && *why)
		printf("  %-16s %s\n", "", why);
	if (!isfinite(traced) || !isfinite(untraced))
		print_about(report);
	else
		printf("  %-16s %s a step, %s without: %.2f times as long%s\n", "tracing cost",
		       time_text(traced, one), time_text(untraced, other), traced / untraced,
		       traced < untraced ? ", which is noise" : "");
	if (pace > NOTABLE || pace < 1 / NOTABLE)
		printf("  %-16s tasks themselves took %.2f times as long, as where the machine's\n"
		       "  %-16s pace changes between the two runs\n",
		       "", pace, "");
}

static void print_transfers(const struct cli_report *report)
{
	char bytes[32], us[24], hidden[24];

	if (report->transfers == 0) {
		if (!report->tl->has_states && strcmp(report->device, "CPU") != 0)
			printf("  %-16s unknown, profiling does not record them\n", "transfers");
		return;
	}
	printf("  %-16s %s hidden behind computing (%" PRId64 ", %s, %s)\n", "transfers",
	       percent_text(report->transfers_hidden, hidden), report->transfers,
	       plait__bytes_text(report->transfer_bytes, bytes),
	       time_text(report->transfer_us, us));
}

static void print_advice(const struct cli_report *report)
{
	char text[96];

	if (!cli_report_advice(report, text, sizeof text))
		return;
	printf("  %-16s %.1f of %d workers compute at a time, idle in turn:\n  %-16s %s\n", "",
	       report->at_once, report->device_workers, "", text);
}

static void print_head(const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	double bound = fmax(report->critical_path, report->work_bound);
	const char *command = cli_run_text(tl, "command");
	char wall[24], share[24], step[24];

	if (command) {
		fputs(strncmp(command, "train ", 6) == 0 ? "plait " : "", stdout);
		plait__text_print(stdout, command);
		putchar('\n');
	}
	printf("%s for %" PRId64 " tasks", time_text(tl->wall, wall), tl->inside);
	if (tl->steps > 0)
		printf(" of %" PRId64 " step%s: %s a step", tl->steps, tl->steps == 1 ? "" : "s",
		       time_text(tl->wall / (double)tl->steps, step));
	if (*tl->missing)
		printf("\nThe trace is truncated: %s.", tl->missing);
	if (*tl->unsure)
		printf("\nIt cannot be told whether the trace is complete:\n%s.", tl->unsure);
	printf("\n\n  %-16s %s of the time (%s)\n", "device busy",
	       percent_text(report->device_busy, share), report->device);
	print_advice(report);
	printf("  %-16s %s%s\n", "loading",
	       isfinite(report->loading_hidden) ? percent_text(report->loading_hidden, share)
						: "none",
	       isfinite(report->loading_hidden) ? " hidden behind computing" : "");
	print_transfers(report);
	if (bound > 0)
		printf("  %-16s %.2f times the lower bound, %s\n", "distance", tl->wall / bound,
		       time_text(bound, step));
	print_source(report);
}

/* -- tables ---------------------------------------------------------------------------------- */

static void print_phases(const struct cli_report *report)
{
	double wall = report->tl->wall;

	printf("\nWhere the wall time went\n");
	for (int p = 0; p < CLI_PHASES; p++) {
		double us = report->phase[p].wall_us;
		int length = (int)lround(BAR * us / wall);
		char time[24], share[24];

		if (!(us > 0))
			continue;
		printf("  %-10s %12s %8s%s", cli_phase_names[p], time_text(us, time),
		       percent_text(us / wall, share), length ? "  " : "");
		for (int i = 0; i < length; i++)
			putchar('#');
		putchar('\n');
	}
}

static void print_workers(const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;

	printf("\n%-18s %9s %10s %10s %10s %10s\n", "Workers", "tasks", "busy", "transfer",
	       "overhead", "idle");
	for (int64_t w = 0; w < tl->workers; w++) {
		const struct cli_worker_time *time = report->worker + w;
		char busy[24], transfer[24], overhead[24], idle[24];

		printf("  ");
		print_name(tl->worker[w].name, 16);
		printf(" %9" PRId64 " %10s %10s %10s %10s\n", time->tasks,
		       percent_text(time->busy / tl->wall, busy),
		       percent_text(time->transfer / tl->wall, transfer),
		       percent_text(time->overhead / tl->wall, overhead),
		       percent_text(time->idle / tl->wall, idle));
	}
}

static void print_codelets(const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	int64_t shown = report->codelets < MOST_CODELETS ? report->codelets : MOST_CODELETS;

	printf("\n%-24s %8s %10s %10s %10s %10s\n", "Codelets", "tasks", "sum", "mean", "+-",
	       "GFlop/s");
	for (int64_t i = 0; i < shown; i++) {
		const struct cli_codelet *codelet = report->codelet + i;
		char sum[24], mean[24], spread[24];

		printf("  ");
		print_name(tl->name[codelet->name].text, 22);
		printf(" %8" PRId64 " %10s %10s %10s", codelet->tasks, time_text(codelet->sum, sum),
		       time_text(codelet->mean, mean),
		       time_text(sqrt(codelet->squares / (double)codelet->tasks), spread));
		if (codelet->gflop > 0)
			printf(" %10.2f\n", codelet->gflop / codelet->gflop_us * 1e6);
		else
			printf(" %10s\n", "-");
	}
	if (shown < report->codelets)
		printf("  and %" PRId64 " more\n", report->codelets - shown);
}

static void print_bounds(const struct cli_report *report)
{
	char time[24];

	printf("\nBounds of the wall time\n");
	printf("  %-22s %10s  of work for each worker of a kind\n", "work",
	       time_text(report->work_bound, time));
	printf("  %-22s %10s  the longest chain of tasks:\n", "critical path",
	       time_text(report->critical_path, time));
	for (int64_t i = 0; i < report->path_parts && i < MOST_PARTS; i++) {
		printf("    ");
		print_name(report->tl->name[report->path[i].name].text, 20);
		printf(" %10s  %" PRId64 " task%s\n", time_text(report->path[i].us, time),
		       report->path[i].tasks, report->path[i].tasks == 1 ? "" : "s");
	}
	if (report->path_parts > MOST_PARTS)
		printf("    and %" PRId64 " more\n", report->path_parts - MOST_PARTS);
}

/* -- stalls ---------------------------------------------------------------------------------- */

static void print_idle(const struct cli_report *report)
{
	static const char *const meaning[CLI_CAUSES] = {
		"samples were not loaded yet",
		"what the next task needs was not done yet",
		"what it needs was on its way to the device",
		"the kernel ran something else on its core",
		"it could have run: nobody had picked it yet",
	};

	printf("\nWhat the device (%s) waited for\n", report->device);
	for (int c = 0; c < CLI_CAUSES; c++) {
		char time[24], share[24];

		printf("  %-10s %12s %8s  %s\n", cli_cause_names[c],
		       time_text(report->device_idle[c], time),
		       percent_text(report->device_idle[c] / report->tl->wall, share), meaning[c]);
	}
}

static void print_stall(const struct cli_timeline *tl, const struct cli_stall *stall)
{
	const struct cli_trace_task *task = stall->task < 0 ? NULL : tl->task + stall->task;
	const char *before = task ? tl->name[task->name].text : "the end";
	char start[24], time[24], step[24] = "";

	if (task && task->step > 0)
		snprintf(step, sizeof step, "%" PRId64, task->step);
	printf("  %12s %10s  %-10s %7s  ", time_text(stall->start, start),
	       time_text(stall->end - stall->start, time), cli_cause_names[stall->cause], step);
	if (stall->waits_for >= 0) {
		print_name(before, 16);
		printf(" %.14s\n", tl->name[tl->task[stall->waits_for].name].text);
	} else {
		printf("%.30s\n", before);
	}
}

static void print_stalls(const struct cli_report *report)
{
	if (report->stalls == 0)
		return;
	printf("\nThe longest of these times\n  %12s %10s  %-10s %7s  %-16s %s\n", "at", "for",
	       "cause", "step", "before", "after");
	for (int i = 0; i < report->stalls; i++)
		print_stall(report->tl, report->stall + i);
}

void cli_report_print(const struct cli_report *report)
{
	print_head(report);
	print_phases(report);
	print_workers(report);
	print_codelets(report);
	print_bounds(report);
	print_idle(report);
	print_stalls(report);
}
