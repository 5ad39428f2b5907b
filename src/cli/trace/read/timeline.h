/* SPDX-License-Identifier: MIT
 * A trace in memory: what ran where and when, what workers did otherwise, what was moved.
 * Times are microseconds from the begin of the interval, which is what the report is about. */
#ifndef PLAIT_CLI_TRACE_TIMELINE_H
#define PLAIT_CLI_TRACE_TIMELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What a task belongs to, by its name, and what a worker does without one. */
enum cli_phase {
#define PLAIT__PHASE(constant, name, colour) CLI_PHASE_##constant,
#include "src/base/phases.def"
#undef PLAIT__PHASE
	CLI_PHASES,
	CLI_PHASE_OWN = CLI_PHASES, /* a task of StarPU itself, which is not counted */
	CLI_PHASE_NONE,
};

#define CLI_TASK_PHASES CLI_PHASE_TRANSFER

extern const char *const cli_phase_names[CLI_PHASES];
extern const char *const cli_phase_colours[CLI_PHASES];

enum cli_phase cli_phase_of(const char *task_name);

/* Of the tasks that compute, loading and what is the application's own aside. */
static inline bool cli_phase_computes(enum cli_phase phase)
{
	return phase >= CLI_PHASE_FORWARD && phase <= CLI_PHASE_STEP;
}

struct cli_trace_name {
	char *text;
	enum cli_phase phase;
};

struct cli_trace_task {
	double start, end; /* of the whole task, of which a part may be outside the interval */
	double gflop;      /* NaN: unknown */
	/* What the kernel took from its worker before it ran, and before it was done with it. */
	double preempted, preempted_after;
	int64_t job, step; /* step from 1; 0: unknown */
	int steps;         /* that it computes, from that one on */
	int64_t dep;       /* the first one in the timeline's dep */
	int deps;
	int name;
	int worker; /* index; -1: it ran nowhere */
	int priority;
	bool inside; /* counted, and in the interval at least in part */
};

struct cli_trace_worker {
	int64_t id;
	int64_t node;     /* memory; -1: unknown */
	int64_t recorded; /* tasks that it ran, as workers.rec counts them; -1: unknown */
	char name[48], kind[16];
};

struct cli_trace_state {
	double start, end;
	int worker;
	enum cli_phase phase; /* transfer, overhead or idle */
};

struct cli_trace_transfer {
	double start, end;
	int64_t from, to; /* memory nodes */
	int64_t bytes;
};

struct cli_trace_hash {
	int64_t *key, *value;
	int64_t count, size; /* size: 0 or a power of two */
};

struct cli_timeline {
	const char *folder;
	json_t *run; /* run.json, or NULL */
	struct cli_trace_name *name;
	int64_t names;
	size_t name_room;
	struct cli_trace_hash by_name, by_job;
	struct cli_trace_task *task;
	int64_t tasks;
	size_t task_room;
	int64_t *dep; /* indices of tasks */
	int64_t deps;
	size_t dep_room;
	struct cli_trace_worker *worker; /* by id */
	int64_t workers;
	size_t worker_room;
	struct cli_trace_state *state; /* by worker, then by time */
	int64_t states;
	size_t state_room;
	bool has_states;
	bool cut;         /* a file ends within a line or a record */
	int64_t unended;  /* workers whose states do not come to an end */
	int64_t ended;    /* workers whose states do */
	char missing[96]; /* what a truncated trace lacks; "": nothing that could be noticed */
	char unsure[96];  /* why it cannot be told whether it is complete; "": it can */
	struct cli_trace_transfer *transfer; /* by begin */
	int64_t transfers;
	size_t transfer_room;
	int64_t *order; /* of the tasks inside, by begin */
	int64_t inside;
	double wall;   /* of the interval, which begins at 0 */
	int64_t steps; /* different ones */
};

/* Reads what is in the folder; run_folder, or NULL, is where run.json and preempted.rec are if they
 * are not there.  Steps first to end - 1 are the interval, all with 0 and 0.  Returns an exit
 * status after saying what is wrong.  A truncated trace is refused, unless partial: then missing
 * says so; likewise one in which nothing tells whether it is whole: then unsure says so.  Free it
 * in any case.
 */
int cli_timeline_read(struct cli_timeline *tl, const char *folder, const char *run_folder,
		      int64_t first, int64_t end, bool partial);
void cli_timeline_free(struct cli_timeline *tl);

/* A text of run.json, or NULL; a number, or NaN. */
const char *cli_run_text(const struct cli_timeline *tl, const char *key);
double cli_run_real(const struct cli_timeline *tl, const char *key);

/* The parts of a reading, each in a file of its own. */
int cli_trace_read_workers(struct cli_timeline *tl, const char *path);
int cli_trace_read_paje(struct cli_timeline *tl, const char *path);
int cli_trace_read_tasks(struct cli_timeline *tl, const char *path);
int cli_trace_read_preempted(struct cli_timeline *tl, const char *path);
int cli_trace_read_states(struct cli_timeline *tl, const char *path);
int cli_trace_check_whole(struct cli_timeline *tl, bool has_paje, bool partial);
int cli_timeline_cut(struct cli_timeline *tl, int64_t first, int64_t end);

/* Room for one more in an array, which may move.  False after saying that there is no memory. */
bool cli_trace_grow(void *array_p, int64_t count, size_t *capacity, size_t size);

/* Says that there is no memory and returns CLI_FAILED. */
int cli_trace_no_memory(void);

/* The index of a worker, or -1; add: of a new one, with a name made up, -1 without memory. */
int cli_trace_worker(const struct cli_timeline *tl, int64_t id);
int cli_trace_add_worker(struct cli_timeline *tl, int64_t id);

/* The index of a name, which it may be the first to have; -1 without memory. */
int cli_trace_name(struct cli_timeline *tl, const char *text);

/* The value of a key, or -1; puts one, false without memory. */
int64_t cli_trace_hash_get(const struct cli_trace_hash *hash, int64_t key);
bool cli_trace_hash_put(struct cli_trace_hash *hash, int64_t key, int64_t value);
void cli_trace_hash_free(struct cli_trace_hash *hash);

/* A task's part in the interval. */
static inline double cli_task_start(const struct cli_trace_task *task)
{
	return task->start > 0 ? task->start : 0;
}

static inline double cli_task_end(const struct cli_timeline *tl, const struct cli_trace_task *task)
{
	return task->end < tl->wall ? task->end : tl->wall;
}

static inline double cli_task_us(const struct cli_timeline *tl, const struct cli_trace_task *task)
{
	return cli_task_end(tl, task) - cli_task_start(task);
}

static inline enum cli_phase cli_task_phase(const struct cli_timeline *tl,
					    const struct cli_trace_task *task)
{
	return tl->name[task->name].phase;
}

#endif
