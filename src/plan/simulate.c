/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/plan/simulate.h"

#include <float.h>
#include <stdlib.h>

/* Steps that are simulated, and how many of them come before the pipeline is full. */
enum { STEPS = 12, FILLING = 6 };

/* -- the tasks and what they wait for ---------------------------------------------------- */

struct edge {
	int to, next; /* the next edge from the same task; -1: none */
};

struct task {
	int waits; /* for so many tasks that are not over */
	int first; /* edge to a task that waits for this one, or -1 */
	double ready;
};

/* Who has used an arena: the last writer, and those who read it since, as a list of edges without
 * a goal. */
struct user {
	int writer, reads; /* -1: none */
};

struct simulation {
	const struct plait__plan *plan;
	const double *seconds;
	const struct plait__machine *machine;
	int tasks;
	struct task *task;
	struct edge *edge, *read; /* read: to is the task that has read */
	int edges, reads;
	struct user *user; /* by arena */
	double *free_at;   /* by worker: CPUs, then GPUs */
	bool *used;
	double end[STEPS];
};

static void wait_for(struct simulation *s, int task, int before)
{
	if (before < 0 || before == task)
		return;
	s->edge[s->edges] = (struct edge){ task, s->task[before].first };
	s->task[before].first = s->edges++;
	s->task[task].waits++;
}

/* As StarPU's sequential consistency has it. */
static void use_arena(struct simulation *s, int task, const struct plait__use *use)
{
	struct user *user = &s->user[use->arena];

	wait_for(s, task, user->writer);
	if (use->access == PLAIT__READ) {
		s->read[s->reads] = (struct edge){ task, user->reads };
		user->reads = s->reads++;
		return;
	}
	for (int r = user->reads; r >= 0; r = s->read[r].next)
		wait_for(s, task, s->read[r].to);
	*user = (struct user){ .writer = task, .reads = -1 };
}

static void add_step(struct simulation *s, int step)
{
	const struct plait__plan *plan = s->plan;

	for (int i = 0; i < plan->segments; i++) {
		int task = step * plan->segments + i;

		s->task[task] = (struct task){ .first = -1 };
		for (int u = 0; u < plan->segment[i].uses; u++) {
			const struct plait__use *use = &plan->use[plan->segment[i].first_use + u];
			const struct plait__arena *arena = &plan->arena[use->arena];
			bool told = arena->kind == PLAIT__RESULT && /* and not read in the step */
				    arena->result != plan->clip_result;

			/* Each step has its own of these. */
			if (arena->kind != PLAIT__SLOT && !told && !use->unordered)
				use_arena(s, task, use);
		}
	}
}

/* -- workers ------------------------------------------------------------------------------- */

/* The worker of a device that has a number.  StarPU may have been given GPU 3 alone. */
static int worker_of(const struct plait__machine *machine, struct plait__device device)
{
	int worker = device.index;

	if (device.kind == PLAIT__CUDA && machine->gpu)
		for (worker = 0; worker < machine->gpus; worker++)
			if (machine->gpu[worker] == device.index)
				break;
	PLAIT__ASSERT(worker < (device.kind == PLAIT__CUDA ? machine->gpus : machine->cpus),
		      "what is placed has a worker");
	return device.kind == PLAIT__CUDA ? machine->cpus + worker : worker;
}

/* The worker that is free first among those that may run the segment. */
static int choose_worker(const struct simulation *s, int segment)
{
	struct plait__device device = plait__segment_device(s->plan, &s->plan->segment[segment]);
	bool gpu =
		device.kind == PLAIT__ANYWHERE ? s->machine->gpus > 0 : device.kind == PLAIT__CUDA;
	int begin = gpu ? s->machine->cpus : 0, best;
	int end = begin + (gpu ? s->machine->gpus : s->machine->cpus);

	if (device.kind != PLAIT__ANYWHERE && device.index >= 0)
		return worker_of(s->machine, device);
	best = begin;
	for (int w = begin; w < end; w++)
		if (s->free_at[w] < s->free_at[best])
			best = w;
	return best;
}

/* Among the tasks of all steps that wait for nothing: the one that can start first, of those the
 * one of the highest priority, of those the first. */
static int choose_task(const struct simulation *s, const int *open, int opens, double *start)
{
	int best = -1, best_priority = 0;

	*start = DBL_MAX;
	for (int i = 0; i < opens; i++) {
		int segment = open[i] % s->plan->segments;
		double at = s->task[open[i]].ready, free_at = s->free_at[choose_worker(s, segment)];
		int priority = s->plan->segment[segment].depth;

		at = free_at > at ? free_at : at;
		if (best < 0 || at < *start || (at <= *start && priority > best_priority)) {
			best = i;
			best_priority = priority;
			*start = at;
		}
	}
	return best;
}

/* What StarPU spends on the segment's task.  A task of a GPU passes nothing through the caches of
 * the CPU that drives it. */
static double overhead(const struct simulation *s, int segment, int worker)
{
	double cold = s->plan->segment[segment].cost.bytes / PLAIT__COLD_BYTES;

	if (worker >= s->machine->cpus)
		cold = 0;
	return s->machine->task_seconds + s->machine->cold_seconds * (cold < 1 ? cold : 1);
}

/* Runs the task and opens those that waited for it alone; returns how many are open. */
static int run(struct simulation *s, int task, double start, int *open, int opens)
{
	int segment = task % s->plan->segments, step = task / s->plan->segments;
	int worker = choose_worker(s, segment);
	double end = start + s->seconds[segment] + overhead(s, segment, worker);

	s->free_at[worker] = end;
	s->used[worker] = true;
	if (end > s->end[step])
		s->end[step] = end;
	for (int e = s->task[task].first; e >= 0; e = s->edge[e].next) {
		struct task *next = &s->task[s->edge[e].to];

		if (end > next->ready)
			next->ready = end;
		if (--next->waits == 0)
			open[opens++] = s->edge[e].to;
	}
	return opens;
}

static void run_all(struct simulation *s, int *open)
{
	int opens = 0, done = 0;

	for (int t = 0; t < s->tasks; t++)
		if (s->task[t].waits == 0)
			open[opens++] = t;
	for (; opens > 0; done++) {
		double start;
		int at = choose_task(s, open, opens, &start), task = open[at];

		/* The rest stays in its order. */
		for (int i = at; i + 1 < opens; i++)
			open[i] = open[i + 1];
		opens = run(s, task, start, open, opens - 1);
	}
	PLAIT__ASSERT(done == s->tasks, "tasks do not wait for each other in a circle");
}

/* -- the whole ----------------------------------------------------------------------------- */

static int allocate(struct simulation *s, int **open)
{
	size_t tasks = (size_t)s->tasks, uses = (size_t)s->plan->uses * STEPS;
	size_t workers = (size_t)(s->machine->cpus + s->machine->gpus);

	s->task = plait__calloc(tasks, sizeof *s->task, "a simulation");
	/* A use waits for one writer, and a write for each read once. */
	s->edge = plait__calloc(2 * uses + 1, sizeof *s->edge, "a simulation");
	s->read = plait__calloc(uses + 1, sizeof *s->read, "a simulation");
	s->user = plait__calloc((size_t)s->plan->arenas + 1, sizeof *s->user, "a simulation");
	s->free_at = plait__calloc(workers + 1, sizeof *s->free_at, "a simulation");
	s->used = plait__calloc(workers + 1, sizeof *s->used, "a simulation");
	*open = plait__calloc(tasks, sizeof **open, "a simulation");
	return s->task && s->edge && s->read && s->user && s->free_at && s->used && *open
		       ? 0
		       : PLAIT_ENOMEM;
}

static void predict(const struct simulation *s, struct plait__prediction *p)
{
	*p = (struct plait__prediction){ .step_seconds = (s->end[STEPS - 1] - s->end[FILLING - 1]) /
							 (STEPS - FILLING) };
	for (int i = 0; i < s->plan->segments; i++)
		p->work_seconds += s->seconds[i];
	for (int w = 0; w < s->machine->cpus + s->machine->gpus; w++)
		p->workers += s->used[w];
}

int plait__plan_simulate(const struct plait__plan *plan, const double *seconds,
			 const struct plait__machine *machine, struct plait__prediction *prediction)
{
	struct simulation s = { .plan = plan,
				.seconds = seconds,
				.machine = machine,
				.tasks = plan->segments * STEPS };
	int *open = NULL, status = allocate(&s, &open);

	for (int i = 0; i < plan->arenas && status == 0; i++)
		s.user[i] = (struct user){ -1, -1 };
	for (int step = 0; step < STEPS && status == 0; step++)
		add_step(&s, step);
	if (status == 0) {
		run_all(&s, open);
		predict(&s, prediction);
	}
	free(s.task);
	free(s.edge);
	free(s.read);
	free(s.user);
	free(s.free_at);
	free(s.used);
	free(open);
	return status;
}
