/* SPDX-License-Identifier: MIT
 * tasks.rec: what ran, where and when, and what it waited for. */
#include "config.h"
#include "src/cli/trace/read/rec.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/trace/read/timeline.h"
#include "src/base/assert.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Job ids, for now: the tasks they mean may follow. */
static int read_dependencies(struct cli_timeline *tl, const struct cli_rec *rec,
			     struct cli_trace_task *task)
{
	const char *text = cli_rec_text(rec, "DependsOn");
	char *end;

	task->dep = tl->deps;
	while (text) {
		int64_t job = strtoll(text, &end, 10);

		if (end == text)
			break;
		text = end;
		if (!cli_trace_grow(&tl->dep, tl->deps, &tl->dep_room, sizeof *tl->dep))
			return -1;
		tl->dep[tl->deps++] = job;
		task->deps++;
	}
	if (text && text[strspn(text, " \n")])
		return cli_rec_wrong(rec, "DependsOn", "expected numbers of jobs");
	return 0;
}

/* Where and when it ran, if it did: the three fields come together. */
static int read_run(const struct cli_rec *rec, struct cli_trace_task *task)
{
	int64_t worker = -1;
	int has_worker = cli_rec_integer(rec, "WorkerId", &worker);
	int has_start = cli_rec_real(rec, "StartTime", &task->start);
	int has_end = cli_rec_real(rec, "EndTime", &task->end);

	task->worker = -1;
	if (has_worker < 0 || has_start < 0 || has_end < 0)
		return -1;
	/* A run that was interrupted leaves tasks without an end. */
	if (!has_worker || !has_start || !has_end || worker < 0)
		return 0;
	if (worker > 1 << 20)
		return cli_rec_wrong(rec, "WorkerId", "there is no such worker");
	if (task->end < task->start)
		return cli_rec_wrong(rec, "EndTime", "it ends before it starts");
	task->worker = (int)worker;
	task->start *= 1e3;
	task->end *= 1e3;
	return 0;
}

static int read_taken(const struct cli_rec *rec, const char *name, double *us)
{
	double ms = 0;

	if (cli_rec_real(rec, name, &ms) < 0)
		return -1;
	if (ms < 0)
		return cli_rec_wrong(rec, name, "a time below zero");
	*us = ms * 1e3;
	return 0;
}

static int read_preempted(const struct cli_rec *rec, struct cli_trace_task *task)
{
	int status = read_taken(rec, "PreemptedTime", &task->preempted);

	return status < 0 ? status : read_taken(rec, "PreemptedAfter", &task->preempted_after);
}

/* A task that is submitted again has its number again, but runs only after its end. */
static int check_new(const struct cli_timeline *tl, const struct cli_rec *rec,
		     const struct cli_trace_task *task)
{
	int64_t at = cli_trace_hash_get(&tl->by_job, task->job);
	const struct cli_trace_task *before = at < 0 ? NULL : tl->task + at;

	if (!before || (before->worker >= 0 && task->worker >= 0 && task->start >= before->end &&
			task->end > before->end))
		return 0;
	return cli_rec_wrong(
		rec, "JobId",
		"the task is in this file twice: was a trace appended to it? Keep one");
}

/* The iteration is the task's step; a subiteration below -1 says of how many steps it is the first
 * (plait__recorder_iteration). */
static int read_steps(const struct cli_rec *rec, struct cli_trace_task *task)
{
	const char *text = cli_rec_text(rec, "Iteration");
	int64_t iteration = -1;
	long long steps;

	task->steps = 1;
	if (cli_rec_integer(rec, "Iteration", &iteration) < 0)
		return -1;
	if (iteration < 0)
		return 0;
	task->step = iteration + 1;
	steps = strtoll(text + strcspn(text, " "), NULL, 10);
	if (steps < -1 && steps > -INT32_MAX)
		task->steps = (int)-steps;
	return 0;
}

static int read_task(struct cli_timeline *tl, const struct cli_rec *rec)
{
	struct cli_trace_task task = { .gflop = NAN };
	const char *name = cli_rec_text(rec, "Name");
	int64_t priority = 0;
	int has_job = cli_rec_integer(rec, "JobId", &task.job);

	if (has_job < 0 || cli_rec_integer(rec, "Priority", &priority) < 0 ||
	    read_steps(rec, &task) < 0 || cli_rec_real(rec, "GFlop", &task.gflop) < 0 ||
	    read_preempted(rec, &task) < 0)
		return -1;
	if (!has_job)
		return cli_rec_wrong(rec, "JobId", "a task without JobId");
	if (!name)
		name = cli_rec_text(rec, "Model");
	task.name = cli_trace_name(tl, name ? name : "unknown");
	task.priority = (int)priority;
	if (task.name < 0 || read_run(rec, &task) < 0 || check_new(tl, rec, &task) < 0 ||
	    read_dependencies(tl, rec, &task) < 0 ||
	    !cli_trace_grow(&tl->task, tl->tasks, &tl->task_room, sizeof *tl->task) ||
	    !cli_trace_hash_put(&tl->by_job, task.job, tl->tasks))
		return -1;
	tl->task[tl->tasks++] = task;
	return 0;
}

/* Jobs become tasks; those that are not in the file are left out. */
static void resolve(struct cli_timeline *tl)
{
	for (int64_t i = 0; i < tl->tasks; i++) {
		struct cli_trace_task *task = tl->task + i;
		int kept = 0;

		for (int d = 0; d < task->deps; d++) {
			int64_t other = cli_trace_hash_get(&tl->by_job, tl->dep[task->dep + d]);

			if (other >= 0 && other != i)
				tl->dep[task->dep + kept++] = other;
		}
		PLAIT__ASSERT(kept <= task->deps && task->dep + task->deps <= tl->deps,
			      "a task keeps some of its own dependencies");
		task->deps = kept;
	}
}

/* Numbers of workers become indices, when all of them are known. */
static int find_workers(struct cli_timeline *tl)
{
	for (int64_t i = 0; i < tl->tasks; i++)
		if (tl->task[i].worker >= 0 && cli_trace_add_worker(tl, tl->task[i].worker) < 0)
			return CLI_FAILED;
	for (int64_t i = 0; i < tl->tasks; i++)
		if (tl->task[i].worker >= 0)
			tl->task[i].worker = cli_trace_worker(tl, tl->task[i].worker);
	for (int64_t i = 0; i < tl->tasks; i++)
		PLAIT__ASSERT(tl->task[i].worker < tl->workers, "a task ran on a known worker");
	return CLI_DONE;
}

int cli_trace_read_tasks(struct cli_timeline *tl, const char *path)
{
	struct cli_rec rec;
	int status = cli_rec_open(&rec, path), got = 1;

	if (status != CLI_DONE)
		return status;
	while (!cli_stop && (got = cli_rec_next(&rec)) > 0)
		if (!cli_rec_text(&rec, "Control") && read_task(tl, &rec) < 0) {
			got = -1;
			break;
		}
	if (rec.cut)
		cli_complain("%s:%" PRId64 ": cut off here: the last task is left out", path,
			     rec.line);
	tl->cut |= rec.cut;
	cli_rec_close(&rec);
	if (got < 0)
		return CLI_FAILED;
	resolve(tl);
	return find_workers(tl);
}

/* What Plait has recorded beside an FxT trace, by the same numbers of jobs. */
int cli_trace_read_preempted(struct cli_timeline *tl, const char *path)
{
	struct cli_rec rec;
	int status = cli_rec_open(&rec, path), got = 1;

	if (status != CLI_DONE)
		return status;
	while (!cli_stop && (got = cli_rec_next(&rec)) > 0) {
		int64_t job = -1, at;

		if (cli_rec_integer(&rec, "JobId", &job) < 0) {
			got = -1;
			break;
		}
		at = cli_trace_hash_get(&tl->by_job, job);
		if (at >= 0 && read_preempted(&rec, tl->task + at) < 0) {
			got = -1;
			break;
		}
	}
	tl->cut |= rec.cut;
	cli_rec_close(&rec);
	return got < 0 ? CLI_FAILED : CLI_DONE;
}
