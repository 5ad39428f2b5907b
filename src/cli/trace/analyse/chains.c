/* SPDX-License-Identifier: MIT
 * What every task waited for, the longest chain of tasks, and bounds of the wall time.  A task that
 * ran nowhere takes no time; what waits for it waits for what it depends on. */
#include "config.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/complain.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	int64_t *stack; /* tasks whose dependencies are being visited */
	int *next; /* by task: 1 + how many of its dependencies were visited; 0: it has not been
		      reached, -1: it is done */
	int64_t depth;
};

/* The one of the tasks a and t that ends later; -1 is no task. */
static int64_t later(const struct cli_timeline *tl, int64_t a, int64_t t)
{
	return t >= 0 && (a < 0 || tl->task[t].end > tl->task[a].end) ? t : a;
}

/* Fills in the chain of t, when the chains of all that it depends on are known. */
static void conclude(struct cli_report *report, int64_t t)
{
	const struct cli_timeline *tl = report->tl;
	const struct cli_trace_task *task = tl->task + t;
	struct cli_chain *chain = report->chain + t;

	*chain = (struct cli_chain){ .ready = -INFINITY, .last = -1, .load = -1, .before = -1 };
	for (int i = 0; i < task->deps; i++) {
		int64_t dep = tl->dep[task->dep + i];
		const struct cli_trace_task *other = tl->task + dep;
		const struct cli_chain *of = report->chain + dep;
		bool ran = other->worker >= 0;
		bool loads = ran && cli_task_phase(tl, other) == CLI_PHASE_LOAD;

		chain->last = later(tl, chain->last, ran ? dep : of->last);
		chain->load = later(tl, chain->load, !ran ? of->load : loads ? dep : -1);
		if (of->path > chain->path) {
			chain->path = of->path;
			chain->before = dep;
		}
	}
	if (chain->last >= 0)
		chain->ready = tl->task[chain->last].end;
	if (task->inside)
		chain->path += cli_task_us(tl, task);
}

/* Visits what t depends on, then t; without recursion, as chains are as long as the trace.  A
 * damaged trace may have circles: they are cut where they close. */
static void visit(struct cli_report *report, struct walk *walk, int64_t t)
{
	const struct cli_timeline *tl = report->tl;

	walk->stack[walk->depth++] = t;
	walk->next[t] = 1;
	while (walk->depth > 0) {
		int64_t top = walk->stack[walk->depth - 1];
		const struct cli_trace_task *task = tl->task + top;
		int i = walk->next[top] - 1;

		PLAIT__ASSERT(walk->depth <= tl->tasks && i >= 0 && i <= task->deps,
			      "a task is in the stack once");
		if (i == task->deps) {
			conclude(report, top);
			walk->next[top] = -1;
			walk->depth--;
			continue;
		}
		walk->next[top]++;
		t = tl->dep[task->dep + i];
		if (walk->next[t] == 0) {
			walk->next[t] = 1;
			walk->stack[walk->depth++] = t;
		}
	}
}

/* -- the longest chain ----------------------------------------------------------------------- */

static int by_us(const void *a, const void *b)
{
	const struct cli_path_part *x = a, *y = b;

	return (x->us < y->us) - (x->us > y->us);
}

static int sum_path(struct cli_report *report, int64_t end)
{
	const struct cli_timeline *tl = report->tl;
	int64_t length = 0;

	for (int64_t t = end; t >= 0; t = report->chain[t].before) {
		const struct cli_trace_task *task = tl->task + t;
		int64_t i = 0;

		/* In a damaged trace the chain may be a circle. */
		if (length++ > tl->tasks)
			break;
		if (!task->inside)
			continue;
		while (i < report->path_parts && report->path[i].name != task->name)
			i++;
		if (i == report->path_parts) {
			if (!cli_trace_grow(&report->path, i, &report->path_room,
					    sizeof *report->path))
				return CLI_FAILED;
			report->path[report->path_parts++] =
				(struct cli_path_part){ .name = task->name };
		}
		report->path[i].tasks++;
		report->path[i].us += cli_task_us(tl, task);
	}
	if (report->path_parts > 0)
		qsort(report->path, (size_t)report->path_parts, sizeof *report->path, by_us);
	return CLI_DONE;
}

/* The time that workers of one kind need at least for all of their work, in any order of tasks. */
static double bound_by_work(const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	double bound = 0;

	for (int64_t w = 0; w < tl->workers; w++) {
		double us = 0;
		int same = 0;

		for (int64_t v = 0; v < tl->workers; v++)
			if (strcmp(tl->worker[v].kind, tl->worker[w].kind) == 0) {
				us += report->worker[v].busy;
				same++;
			}
		bound = fmax(bound, us / same);
	}
	return bound;
}

int cli_analyse_chains(struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	struct walk walk = { .stack = malloc(((size_t)tl->tasks + 1) * sizeof *walk.stack),
			     .next = calloc((size_t)tl->tasks + 1, sizeof *walk.next) };
	int64_t end = -1;

	if (!walk.stack || !walk.next) {
		free(walk.stack);
		free(walk.next);
		return cli_trace_no_memory();
	}
	for (int64_t t = 0; t < tl->tasks; t++) {
		if (walk.next[t] == 0)
			visit(report, &walk, t);
		if (end < 0 || report->chain[t].path > report->chain[end].path)
			end = t;
	}
	free(walk.stack);
	free(walk.next);
	report->critical_path = end < 0 ? 0 : report->chain[end].path;
	report->work_bound = bound_by_work(report);
	return sum_path(report, end);
}
