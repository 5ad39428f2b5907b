/* SPDX-License-Identifier: MIT
 * Whether a trace is as long as its run.  A full disk, a limit or a killed program may have cut it
 * anywhere, and the converter of FxT files takes what it finds.  So what was read is compared with
 * all that tells how much there should be: run.json counts the run's steps, workers.rec each
 * worker's tasks, and StarPU writes down the end of each worker.  Without run.json, which only
 * plait trace writes, nobody knows how many steps there should be, and the report says so. */
#include "config.h"
#include "src/cli/trace/read/timeline.h"
#include "src/cli/complain.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cli_run_text(const struct cli_timeline *tl, const char *key)
{
	return json_string_value(json_object_get(tl->run, key));
}

double cli_run_real(const struct cli_timeline *tl, const char *key)
{
	json_t *value = json_object_get(tl->run, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Different steps, training and evaluation, for which a task computed; -1 without memory. */
static int64_t count_steps(const struct cli_timeline *tl)
{
	struct cli_trace_hash found = { 0 };
	int64_t count = 0;

	for (int64_t i = 0; i < tl->tasks; i++) {
		const struct cli_trace_task *task = tl->task + i;

		if (task->step == 0 || task->worker < 0 ||
		    !cli_phase_computes(cli_task_phase(tl, task)) ||
		    cli_trace_hash_get(&found, task->step) >= 0)
			continue;
		if (!cli_trace_hash_put(&found, task->step, 0)) {
			count = -1;
			break;
		}
		count += task->steps;
	}
	cli_trace_hash_free(&found);
	return count;
}

/* The number of tasks that workers.rec counts and tasks.rec lacks. */
static int64_t missing_tasks(const struct cli_timeline *tl)
{
	int64_t *ran = calloc((size_t)tl->workers + 1, sizeof *ran), missing = 0;

	if (!ran)
		return -1;
	for (int64_t i = 0; i < tl->tasks; i++)
		if (tl->task[i].worker >= 0)
			ran[tl->task[i].worker]++;
	for (int64_t w = 0; w < tl->workers; w++)
		if (tl->worker[w].recorded > ran[w])
			missing += tl->worker[w].recorded - ran[w];
	free(ran);
	return missing;
}

static int64_t run_steps(const struct cli_timeline *tl)
{
	double steps = cli_run_real(tl, "steps"), evaluation = cli_run_real(tl, "evaluation_steps");

	return steps > 0 && steps < 1e15
		       ? (int64_t)steps +
				 (evaluation > 0 && evaluation < 1e15 ? (int64_t)evaluation : 0)
		       : 0;
}

static int find_missing(struct cli_timeline *tl, bool has_paje)
{
	const char *source = cli_run_text(tl, "source");
	bool profiling = source && strcmp(source, "profiling") == 0;
	int64_t steps = run_steps(tl), found = steps > 0 ? count_steps(tl) : 0;
	int64_t tasks = missing_tasks(tl);
	size_t size = sizeof tl->missing;

	if (found < 0 || tasks < 0)
		return cli_trace_no_memory();
	if (found < steps)
		snprintf(tl->missing, size, "it has %" PRId64 " of the run's %" PRId64 " steps",
			 found, steps);
	else if (tasks > 0)
		snprintf(tl->missing, size, "%" PRId64 " of the recorded tasks %s not in it", tasks,
			 tasks == 1 ? "is" : "are");
	else if (tl->cut)
		snprintf(tl->missing, size, "a file of it is cut off");
	else if (profiling && (tl->workers == 0 || tl->worker[0].recorded < 0))
		snprintf(tl->missing, size, "its recording was not written to the end");
	else if (has_paje && tl->unended > 0)
		snprintf(tl->missing, size, "it ends while %s still run%s",
			 tl->unended == 1 ? "a worker" : "workers", tl->unended == 1 ? "s" : "");
	return CLI_DONE;
}

/* Says what is known without the number of steps.  Returns whether that is anything. */
static bool find_unsure(struct cli_timeline *tl, bool has_paje)
{
	bool counted = tl->workers > 0 && tl->worker[0].recorded >= 0;
	bool ended = has_paje && tl->ended > 0;

	if (json_is_integer(json_object_get(tl->run, "steps")))
		return true;
	snprintf(tl->unsure, sizeof tl->unsure, "%s says how many steps its run had%s",
		 tl->run ? "nothing in run.json" : "no run.json",
		 counted ? "; all counted tasks are there"
		 : ended ? "; its workers come to an end"
			 : ", and nothing else its length");
	return counted || ended;
}

int cli_trace_check_whole(struct cli_timeline *tl, bool has_paje, bool partial)
{
	int status = find_missing(tl, has_paje);
	bool is_known = *tl->missing || find_unsure(tl, has_paje);

	if (status != CLI_DONE || partial || (is_known && !*tl->missing))
		return status;
	if (*tl->missing)
		cli_complain("trace: truncated: %s; --partial reports on what is there",
			     tl->missing);
	else
		cli_complain("trace: %s: cannot tell whether the trace is complete: %s; --partial "
			     "reports on what is there",
			     tl->folder, tl->unsure);
	return CLI_FAILED;
}
