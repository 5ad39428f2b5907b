/* SPDX-License-Identifier: MIT
 * Writes a recording in StarPU's own formats (GNU recutils, milliseconds).  Which task waits for
 * which follows from their handles, as in StarPU: a task that reads a handle waits for the last
 * task that wrote it; a task that writes it waits for all that have used it since then. */
#include "config.h"
#include "src/runtime/recording.h"
#include "src/base/grow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- who waits for whom ------------------------------------------------------------------- */

/* The last tasks that used a handle. */
struct access {
	starpu_data_handle_t handle;
	int64_t writer; /* number of the task, from 1; 0: none */
	int64_t *reader;
	size_t readers, room;
};

struct order {
	struct access *slot; /* an open hash of the handles */
	size_t slots, used;
};

static struct access *find(const struct order *order, starpu_data_handle_t handle)
{
	size_t i = ((uintptr_t)handle >> 6) * UINT64_C(0x9e3779b97f4a7c15) >> 20;

	PLAIT__ASSERT(order->used < order->slots, "the search for a handle ends at an empty slot");
	while (order->slot[i & (order->slots - 1)].handle &&
	       order->slot[i & (order->slots - 1)].handle != handle)
		i++;
	return &order->slot[i & (order->slots - 1)];
}

static int grow(struct order *order)
{
	struct order larger = { .slots = order->slots ? 2 * order->slots : 256,
				.used = order->used };

	larger.slot = calloc(larger.slots, sizeof *larger.slot);
	if (!larger.slot)
		return -1;
	for (size_t i = 0; i < order->slots; i++)
		if (order->slot[i].handle)
			*find(&larger, order->slot[i].handle) = order->slot[i];
	free(order->slot);
	*order = larger;
	return 0;
}

static struct access *access_of(struct order *order, starpu_data_handle_t handle)
{
	struct access *access;

	if (2 * order->used >= order->slots && grow(order) < 0)
		return NULL;
	access = find(order, handle);
	if (!access->handle) {
		access->handle = handle;
		order->used++;
	}
	return access;
}

static int add_reader(struct access *access, int64_t job)
{
	if (plait__grow(&access->reader, &access->room, access->readers + 1, sizeof *access->reader,
			"readers of a handle") < 0)
		return -1;
	access->reader[access->readers++] = job;
	return 0;
}

/* Prints the tasks that task number job waits for because of a handle, and notes job as the last
 * user of the handle. */
static int order_use(FILE *file, struct order *order, const struct plait__recorded_use *use,
		     int64_t job)
{
	struct access *access = access_of(order, use->handle);

	if (!access)
		return -1;
	PLAIT__ASSERT(access->writer <= job, "tasks are written in the order of submission");
	if (access->writer && (!use->writes || access->readers == 0))
		fprintf(file, " %" PRId64, access->writer);
	for (size_t i = 0; use->writes && i < access->readers; i++)
		fprintf(file, " %" PRId64, access->reader[i]);
	if (!use->writes)
		return add_reader(access, job);
	access->readers = 0;
	access->writer = job;
	return 0;
}

static void free_order(struct order *order)
{
	for (size_t i = 0; i < order->slots; i++)
		free(order->slot[i].reader);
	free(order->slot);
}

/* -- tasks.rec ----------------------------------------------------------------------------- */

static int write_task(FILE *file, struct order *order, const struct plait__recorded *r, int64_t job)
{
	int status = 0;

	fprintf(file, "Name: %s\n", r->name);
	if (r->symbol)
		fprintf(file, "Model: %s\n", r->symbol);
	fprintf(file, "JobId: %" PRId64 "\nSubmitOrder: %" PRId64 "\nPriority: %d\nDependsOn:", job,
		job, r->priority);
	for (int u = 0; u < r->uses && status == 0; u++)
		status = order_use(file, order, &r->use[u], job);
	fputs("\n", file);
	if (r->worker >= 0)
		fprintf(file, "WorkerId: %d\nMemoryNode: %u\n", r->worker,
			starpu_worker_get_memory_node((unsigned)r->worker));
	fprintf(file, "SubmitTime: %f\n", r->at[PLAIT__SUBMITTED] / 1e3);
	if (r->worker >= 0)
		fprintf(file, "StartTime: %f\nEndTime: %f\n", r->at[PLAIT__RUN_BEGIN] / 1e3,
			r->at[PLAIT__RUN_END] / 1e3);
	if (r->preempted > 0)
		fprintf(file, "PreemptedTime: %f\n", r->preempted / 1e3);
	if (r->preempted_after > 0)
		fprintf(file, "PreemptedAfter: %f\n", r->preempted_after / 1e3);
	if (r->flops > 0)
		fprintf(file, "GFlop: %.9f\n", r->flops / 1e9);
	if (r->iteration >= 0)
		fprintf(file, "Iteration: %" PRId64, r->iteration);
	if (r->steps > 1)
		fprintf(file, " %d", -r->steps);
	if (r->iteration >= 0)
		fputs("\n", file);
	fputs("\n", file);
	return status;
}

static int write_tasks(FILE *file, const struct plait__recording *recording)
{
	struct order order = { 0 };
	int status = grow(&order);

	for (int64_t i = 0; i < recording->count && status == 0; i++)
		status = write_task(file, &order, plait__recorded_at(recording, i), i + 1);
	free_order(&order);
	return status;
}

/* -- trace.rec ----------------------------------------------------------------------------- */

static void set_state(FILE *file, const struct plait__recorded *r, const char *name,
		      const char *kind, double at)
{
	fprintf(file, "E: SetState\nN: %s\nC: %s\nW: %d\nT: %d\nS: %f\n\n", name, kind, r->worker,
		r->worker, at / 1e3);
}

/* Writes what the worker did from when it got the task until it was done with it.  Between these
 * states the worker was busy with StarPU. */
static void write_states(FILE *file, const struct plait__recorded *r)
{
	static const struct {
		enum plait__moment begin;
		const char *name, *kind;
	} state[] = {
		{ PLAIT__POP_BEGIN, "Scheduling", "Runtime" },
		{ PLAIT__FETCH_BEGIN, "FetchingInput", "Runtime" },
		{ PLAIT__RUN_BEGIN, NULL, "Task" },
		{ PLAIT__PUSH_BEGIN, "PushingOutput", "Runtime" },
		{ PLAIT__CALLBACK_BEGIN, "Callback", "Runtime" },
	};

	for (size_t i = 0; i < sizeof state / sizeof *state; i++) {
		const double *at = &r->at[state[i].begin];
		bool last = i + 1 == sizeof state / sizeof *state;

		set_state(file, r, state[i].name ? state[i].name : r->name, state[i].kind, at[0]);
		set_state(file, r, last ? "Sleeping" : "Overhead", last ? "Other" : "Runtime",
			  at[1]);
	}
}

static int by_worker_and_time(const void *left, const void *right)
{
	const struct plait__recorded *a = *(const struct plait__recorded *const *)left;
	const struct plait__recorded *b = *(const struct plait__recorded *const *)right;

	if (a->worker != b->worker)
		return a->worker < b->worker ? -1 : 1;
	return a->at[PLAIT__POP_BEGIN] < b->at[PLAIT__POP_BEGIN]   ? -1
	       : a->at[PLAIT__POP_BEGIN] > b->at[PLAIT__POP_BEGIN] ? 1
								   : 0;
}

static int write_trace(FILE *file, const struct plait__recording *recording)
{
	const struct plait__recorded **sorted =
		calloc((size_t)recording->count + 1, sizeof *sorted);
	int64_t count = 0;

	if (!sorted)
		return -1;
	for (int64_t i = 0; i < recording->count; i++)
		if (plait__recorded_at(recording, i)->worker >= 0)
			sorted[count++] = plait__recorded_at(recording, i);
	qsort(sorted, (size_t)count, sizeof *sorted, by_worker_and_time);
	for (int64_t i = 0; i < count; i++)
		write_states(file, sorted[i]);
	free(sorted);
	return 0;
}

/* -- workers.rec ----------------------------------------------------------------------------- */

/* With the number of tasks of each worker, by which a reader notices that tasks.rec lacks some. */
static int write_workers(FILE *file, const struct plait__recording *recording)
{
	int64_t ran[STARPU_NMAXWORKERS] = { 0 };
	int cuda = 0, cpu = 0;

	for (int64_t i = 0; i < recording->count; i++) {
		int worker = plait__recorded_at(recording, i)->worker;

		PLAIT__ASSERT(worker < STARPU_NMAXWORKERS, "a task ran on one of the workers");
		if (worker >= 0)
			ran[worker]++;
	}
	for (unsigned i = 0; i < starpu_worker_get_count(); i++) {
		bool gpu = starpu_worker_get_type((int)i) == STARPU_CUDA_WORKER;

		fprintf(file,
			"WorkerId: %u\nName: %s %d\nKind: %s\nMemoryNode: %u\nTasks: %" PRId64
			"\n\n",
			i, gpu ? "CUDA" : "CPU", gpu ? cuda++ : cpu++, gpu ? "CUDA" : "CPU",
			starpu_worker_get_memory_node(i), ran[i]);
	}
	return 0;
}

/* -- the files --------------------------------------------------------------------------------- */

static int write_file(const struct plait__recording *recording, const char *folder,
		      const char *name,
		      int (*write)(FILE *file, const struct plait__recording *recording))
{
	char path[4096];
	FILE *file;
	int status;
	bool whole;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "we");
	if (!file)
		return plait__error(PLAIT_EIO, "%s: cannot be written: %s", path, strerror(errno));
	status = write(file, recording);
	whole = fflush(file) == 0 && !ferror(file);
	if (fclose(file) != 0 || !whole)
		return plait__error(PLAIT_EIO, "%s: cannot be written: %s", path, strerror(errno));
	if (status < 0)
		return plait__error(PLAIT_ENOMEM, "%s: no memory to order the tasks", path);
	return 0;
}

static int write_preempted(FILE *file, const struct plait__recording *recording)
{
	for (int64_t i = 0; i < recording->count; i++) {
		const struct plait__recorded *r = plait__recorded_at(recording, i);

		if (r->preempted > 0 || r->preempted_after > 0)
			fprintf(file, "JobId: %lu\nPreemptedTime: %f\nPreemptedAfter: %f\n\n",
				r->job, r->preempted / 1e3, r->preempted_after / 1e3);
	}
	return 0;
}

int plait__recorder_write(const struct plait__recording *recording, const char *folder,
			  bool beside_fxt)
{
	int status = beside_fxt ? write_file(recording, folder, "preempted.rec", write_preempted)
				: write_file(recording, folder, "tasks.rec", write_tasks);

	if (status == 0 && !beside_fxt)
		status = write_file(recording, folder, "trace.rec", write_trace);
	if (status == 0 && !beside_fxt)
		status = write_file(recording, folder, "workers.rec", write_workers);
	if (status == 0 && recording->lost > 0)
		status = plait__error(PLAIT_ENOMEM,
				      "%s: %" PRId64 " tasks were not recorded: no memory", folder,
				      recording->lost);
	return status;
}
