/* SPDX-License-Identifier: MIT
 * StarPU frees its measurements of a task together with the task.  So the recorder replaces the
 * task's callback by its own, which copies the measurements and then calls the replaced one. */
#include "config.h"
#include "src/runtime/recording.h"
#include "src/runtime/files/model_file.h"
#include "src/runtime/preempted.h"
#include "src/runtime/runtime.h"
#include "src/base/grow.h"
#include <plait/runtime.h>

#include <stdlib.h>
#include <string.h>

static struct {
	bool on;
	bool beside_fxt; /* FxT records the tasks; here it is only what the kernel took */
	starpu_pthread_mutex_t mutex; /* for the recording */
	struct plait__recording recording;
} recorder;

/* Of the tasks that this thread submits. */
static _Thread_local int64_t iteration = -1;
static _Thread_local int iteration_steps;

/* StarPU keeps one iteration for all threads, so one run at a time submits a step. */
static starpu_pthread_mutex_t iteration_mutex = STARPU_PTHREAD_MUTEX_INITIALIZER;

static double moment(struct timespec time)
{
	return starpu_timing_timespec_to_us(&time);
}

/* Divides what was taken from the worker since it had got the task: as much as there is room for in
 * the times before and after the run, the rest was taken from the run itself. */
static void divide(struct plait__recorded *r, double taken)
{
	double before = r->at[PLAIT__RUN_BEGIN] - r->at[PLAIT__POP_END];
	double after = r->at[PLAIT__CALLBACK_BEGIN] - r->at[PLAIT__RUN_END];
	double part = taken < before ? taken : before;

	r->preempted += part;
	r->preempted_after = taken - part < after ? taken - part : after;
}

/* Called when a worker has got the task from the policy. */
static void task_begins(void *arg)
{
	struct plait__recorded *r = arg;

	r->preempted = plait__preempted(starpu_timing_now());
	if (r->prologue)
		r->prologue(r->prologue_arg);
}

/* The callback of a recorded task.  It is called by the worker that ran the task; if the task runs
 * nowhere, by the thread that made it ready. */
static void task_over(void *arg)
{
	struct plait__recorded *r = arg;
	struct starpu_task *task = starpu_task_get_current();
	const struct starpu_profiling_task_info *info = task->profiling_info;
	bool ran = info && task->cl && task->cl->where != STARPU_NOWHERE;

	PLAIT__ASSERT(r->at[PLAIT__CALLBACK_BEGIN] <= 0, "a recorded task ends once");
	r->at[PLAIT__CALLBACK_BEGIN] = starpu_timing_now();
	if (ran) {
		r->worker = info->workerid;
		r->at[PLAIT__POP_BEGIN] = moment(info->pop_start_time);
		r->at[PLAIT__POP_END] = moment(info->pop_end_time);
		r->at[PLAIT__FETCH_BEGIN] = moment(info->acquire_data_start_time);
		r->at[PLAIT__FETCH_END] = moment(info->acquire_data_end_time);
		r->at[PLAIT__RUN_BEGIN] = moment(info->start_time);
		r->at[PLAIT__RUN_END] = moment(info->end_time);
		r->at[PLAIT__PUSH_BEGIN] = moment(info->release_data_start_time);
		r->at[PLAIT__PUSH_END] = moment(info->release_data_end_time);
		divide(r, plait__preempted(r->at[PLAIT__CALLBACK_BEGIN]));
	}
	if (r->callback)
		r->callback(r->arg);
	r->at[PLAIT__CALLBACK_END] = starpu_timing_now();
}

/* Notes the handles that order the task.  Where StarPU does not order the accesses to a handle, no
 * task waits because of it. */
static int note_uses(struct plait__recorded *r, struct starpu_task *task)
{
	const unsigned char *ordered = task->handles_sequential_consistency;

	if (!task->cl || recorder.beside_fxt) /* a task that only waits for others */
		return 0;
	r->use = calloc((size_t)task->cl->nbuffers + 1, sizeof *r->use);
	if (!r->use)
		return -1;
	for (int i = 0; i < task->cl->nbuffers; i++) {
		enum starpu_data_access_mode mode = STARPU_CODELET_GET_MODE(task->cl, i);
		starpu_data_handle_t handle = STARPU_TASK_GET_HANDLE(task, i);

		if ((ordered && !ordered[i]) || (mode & STARPU_SCRATCH) ||
		    !starpu_data_get_sequential_consistency_flag(handle))
			continue;
		r->use[r->uses++] = (struct plait__recorded_use){ .handle = handle,
								  .writes = mode & STARPU_W,
								  .reads = mode & STARPU_R };
	}
	return 0;
}

/* A new entry, or NULL without memory. */
static struct plait__recorded *add(struct plait__recording *recording)
{
	if (recording->count == recording->blocks * PLAIT__RECORDER_BLOCK) {
		struct plait__recorded *block = calloc(PLAIT__RECORDER_BLOCK, sizeof *block);

		if (!block ||
		    plait__grow(&recording->block, &recording->room, (size_t)recording->blocks + 1,
				sizeof block, "a recording") < 0) {
			free(block);
			return NULL;
		}
		recording->block[recording->blocks++] = block;
	}
	return plait__recorded_at(recording, recording->count);
}

static const char *name_of(const struct starpu_task *task)
{
	return task->name ? task->name : task->cl && task->cl->name ? task->cl->name : "task";
}

static void record(struct starpu_task *task)
{
	const char *name = name_of(task);
	struct plait__recorded *r;

	STARPU_PTHREAD_MUTEX_LOCK(&recorder.mutex);
	r = add(&recorder.recording);
	if (r && note_uses(r, task) == 0) {
		recorder.recording.count++;
		memcpy(r->name, name, strnlen(name, sizeof r->name - 1));
		r->symbol = task->cl && task->cl->model ? task->cl->model->symbol : NULL;
		r->iteration = iteration;
		r->steps = iteration_steps;
		r->worker = -1;
		r->priority = task->priority;
		r->flops = task->flops;
		r->job = starpu_task_get_job_id(task);
		r->at[PLAIT__SUBMITTED] = starpu_timing_now();
		r->callback = task->callback_func;
		r->arg = task->callback_arg;
		task->callback_func = task_over;
		task->callback_arg = r;
		if (task->cl && task->cl->where != STARPU_NOWHERE) {
			r->prologue = task->prologue_callback_pop_func;
			r->prologue_arg = task->prologue_callback_pop_arg;
			task->prologue_callback_pop_func = task_begins;
			task->prologue_callback_pop_arg = r;
		}
	} else {
		recorder.recording.lost++;
	}
	STARPU_PTHREAD_MUTEX_UNLOCK(&recorder.mutex);
}

int plait__recorder_submit(struct starpu_task *task)
{
	const struct starpu_perfmodel *model = task->cl ? task->cl->model : NULL;
	const char *name = name_of(task);
	int status = 0;

	if (model && !model->is_loaded)
		status = plait__model_file_admit(model);
	if (status == 0 && recorder.on)
		record(task);
	if (status == 0 && starpu_task_submit(task) != 0)
		status = plait__error(PLAIT_ERUNTIME,
				      "StarPU refuses task %s: no worker can run it", name);
	if (status < 0) {
		task->destroy = 0;
		starpu_task_destroy(task);
	}
	return status;
}

void plait__recorder_iteration(int64_t number, int steps)
{
	bool several = (number >= 0 ? steps : iteration_steps) > 1;

	iteration = number;
	iteration_steps = steps;
	if (number >= 0) {
		STARPU_PTHREAD_MUTEX_LOCK(&iteration_mutex);
		starpu_iteration_push((unsigned long)number);
		if (several)
			starpu_iteration_push((unsigned long)-steps);
	} else {
		if (several)
			starpu_iteration_pop();
		starpu_iteration_pop();
		STARPU_PTHREAD_MUTEX_UNLOCK(&iteration_mutex);
	}
}

void plait__recorder_start(void)
{
	PLAIT__ASSERT(!recorder.on, "a recording begins when the last one has ended");
	STARPU_PTHREAD_MUTEX_INIT(&recorder.mutex, NULL);
	recorder.beside_fxt = starpu_fxt_is_enabled();
	starpu_profiling_status_set(STARPU_PROFILING_ENABLE);
	recorder.on = true;
}

int plait__recorder_stop(const char *folder)
{
	struct plait__recording *recording = &recorder.recording;
	int status;

	if (!recorder.on)
		return 0;
	/* A run is over when its last callback was called; the callbacks of other tasks, which are
	 * the recorder's, may still go on. */
	plait__runtime_resume();
	starpu_task_wait_for_all();
	plait__runtime_pause();
	recorder.on = false;
	starpu_profiling_status_set(STARPU_PROFILING_DISABLE);
	plait__preempted_end();
	status = plait__recorder_write(recording, folder, recorder.beside_fxt);
	for (int64_t i = 0; i < recording->count; i++)
		free(plait__recorded_at(recording, i)->use);
	for (int64_t i = 0; i < recording->blocks; i++)
		free(recording->block[i]);
	free(recording->block);
	*recording = (struct plait__recording){ 0 };
	STARPU_PTHREAD_MUTEX_DESTROY(&recorder.mutex);
	return status;
}
