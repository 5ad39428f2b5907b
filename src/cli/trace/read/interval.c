/* SPDX-License-Identifier: MIT
 * Reading a folder as a whole, and which part of the time is reported on: from the first task
 * that is counted to the last, or the computing of some steps. */
#include "config.h"
#include "src/cli/trace/read/timeline.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/trace/analyse/steps.h"
#include "src/base/assert.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of run.json: losses of some millions of steps. */
#define MOST_BYTES ((size_t)64 << 20)

static bool is_counted(const struct cli_timeline *tl, const struct cli_trace_task *task)
{
	return task->worker >= 0 && cli_task_phase(tl, task) < CLI_TASK_PHASES;
}

/* Whether the interval has to contain the whole task. */
static bool is_reported(const struct cli_timeline *tl, const struct cli_trace_task *task,
			int64_t first, int64_t end)
{
	if (!is_counted(tl, task))
		return false;
	return end == 0 || (cli_phase_computes(cli_task_phase(tl, task)) && task->step < end &&
			    task->step + task->steps > first);
}

static void shift(struct cli_timeline *tl, double begin)
{
	for (int64_t i = 0; i < tl->tasks; i++) {
		tl->task[i].start -= begin;
		tl->task[i].end -= begin;
	}
	for (int64_t i = 0; i < tl->states; i++) {
		tl->state[i].start -= begin;
		tl->state[i].end -= begin;
	}
	for (int64_t i = 0; i < tl->transfers; i++) {
		tl->transfer[i].start -= begin;
		tl->transfer[i].end -= begin;
	}
}

struct place {
	double start;
	int64_t index;
};

static int by_start(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static int sort_tasks(struct cli_timeline *tl)
{
	struct place *place = malloc(((size_t)tl->inside + 1) * sizeof *place);
	int64_t count = 0;

	tl->order = malloc(((size_t)tl->inside + 1) * sizeof *tl->order);
	if (!place || !tl->order) {
		free(place);
		return cli_trace_no_memory();
	}
	for (int64_t i = 0; i < tl->tasks; i++)
		if (tl->task[i].inside)
			place[count++] = (struct place){ tl->task[i].start, i };
	PLAIT__ASSERT(count == tl->inside, "every task that is inside is counted");
	qsort(place, (size_t)count, sizeof *place, by_start);
	for (int64_t i = 0; i < count; i++)
		tl->order[i] = place[i].index;
	free(place);
	return CLI_DONE;
}

static int count_steps(struct cli_timeline *tl)
{
	struct cli_steps steps;
	int status = cli_steps_find(&steps, tl);

	tl->steps = 0;
	for (int64_t i = 0; i < steps.count; i++)
		tl->steps += steps.step[i].steps;
	cli_steps_free(&steps);
	return status;
}

int cli_timeline_cut(struct cli_timeline *tl, int64_t first, int64_t end)
{
	double begin = INFINITY, last = -INFINITY;
	int status;

	for (int64_t i = 0; i < tl->tasks; i++)
		if (is_reported(tl, tl->task + i, first, end)) {
			begin = fmin(begin, tl->task[i].start);
			last = fmax(last, tl->task[i].end);
		}
	if (begin > last) {
		if (end == 0)
			cli_complain("%s: no task ran in this trace", tl->folder);
		else
			cli_complain("%s: no task of steps %" PRId64 " to %" PRId64
				     " computed anything",
				     tl->folder, first, end - 1);
		return CLI_FAILED;
	}
	shift(tl, begin);
	tl->wall = last - begin;
	for (int64_t i = 0; i < tl->tasks; i++) {
		struct cli_trace_task *task = tl->task + i;

		task->inside = is_counted(tl, task) &&
			       (end == 0 || (task->end > 0 && task->start < tl->wall));
		tl->inside += task->inside;
	}
	status = sort_tasks(tl);
	return status == CLI_DONE ? count_steps(tl) : status;
}

/* -- the folder ------------------------------------------------------------------------------ */

static bool join(const char *folder, const char *name, char path[4096])
{
	snprintf(path, 4096, "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

struct source {
	FILE *file;
	size_t left; /* of MOST_BYTES */
};

static size_t read_some(void *to, size_t size, void *user)
{
	struct source *source = user;
	size_t got = fread(to, 1, size < source->left ? size : source->left, source->file);

	source->left -= got;
	return got;
}

/* Jansson reads a file of any size into memory, so it gets no more than MOST_BYTES. */
static json_t *load_json(const char *path, json_error_t *error)
{
	struct source source = { .file = fopen(path, "re"), .left = MOST_BYTES };
	json_t *json;

	if (!source.file)
		return json_load_file(path, 0, error); /* which tells why */
	json = json_load_callback(read_some, &source, 0, error);
	fclose(source.file);
	return json;
}

static int read_run(struct cli_timeline *tl, const char *path)
{
	json_error_t error;

	tl->run = load_json(path, &error);
	if (tl->run && json_is_object(tl->run))
		return CLI_DONE;
	cli_complain("%s:%d: %s", path, tl->run ? 1 : error.line,
		     tl->run ? "expected an object" : error.text);
	return CLI_FAILED;
}

static int read_files(struct cli_timeline *tl, const char *run_folder, bool *has_paje)
{
	char path[4096];
	int status = CLI_DONE;

	if (join(tl->folder, "run.json", path) ||
	    (run_folder && join(run_folder, "run.json", path)))
		status = read_run(tl, path);
	if (status == CLI_DONE && join(tl->folder, "workers.rec", path))
		status = cli_trace_read_workers(tl, path);
	*has_paje = join(tl->folder, "paje.trace", path);
	if (status == CLI_DONE && *has_paje)
		status = cli_trace_read_paje(tl, path);
	if (status == CLI_DONE) {
		join(tl->folder, "tasks.rec", path);
		status = cli_trace_read_tasks(tl, path);
	}
	if (status == CLI_DONE && (join(tl->folder, "preempted.rec", path) ||
				   (run_folder && join(run_folder, "preempted.rec", path))))
		status = cli_trace_read_preempted(tl, path);
	if (status == CLI_DONE && join(tl->folder, "trace.rec", path))
		status = cli_trace_read_states(tl, path);
	return cli_stop ? CLI_INTERRUPTED : status;
}

int cli_timeline_read(struct cli_timeline *tl, const char *folder, const char *run_folder,
		      int64_t first, int64_t end, bool partial)
{
	char path[4096];
	bool has_paje;
	int status;

	*tl = (struct cli_timeline){ .folder = folder };
	if (strlen(folder) > sizeof path - 64) {
		cli_complain("%.60s...: the path is too long", folder);
		return CLI_FAILED;
	}
	if (!join(tl->folder, "tasks.rec", path)) {
		cli_complain("%s: no trace: it has no tasks.rec (from an FxT file, prof_file_..., "
			     "plait trace makes one)",
			     folder);
		return CLI_FAILED;
	}
	status = read_files(tl, run_folder, &has_paje);
	if (status == CLI_DONE)
		status = cli_trace_check_whole(tl, has_paje, partial);
	return status == CLI_DONE ? cli_timeline_cut(tl, first, end) : status;
}
