/* SPDX-License-Identifier: MIT
 * Submitting a step: each segment's task is made from what the program holds, with nothing
 * of ours allocated (a task with more than STARPU_NMAXBUFS handles excepted). */
#include "config.h"
#include "src/executor/executor.h"
#include "src/runtime/recorder.h"

#include <stdlib.h>

int plait__program_sinks(const struct plait__program *program)
{
	return program->plan->sinks + (program->fetch ? program->plan->results : 0);
}

double plait__program_microseconds(const struct plait__step *step)
{
	const struct plait__program *program = step->program;
	const struct plait__work *work = &program->work[step->entry * program->plan->segments];
	double sum = 0;

	for (int i = 0; i < program->plan->segments; i++)
		sum += work[i].microseconds;
	return sum;
}

static starpu_data_handle_t handle_of(const struct plait__program *program,
				      const struct plait__step *step, int arena)
{
	const struct plait__arena *a = &program->plan->arena[arena];

	if (a->kind == PLAIT__SLOT)
		return plait__ring_handle(&step->load);
	if (a->kind == PLAIT__RESULT)
		return program->result_handle[step->entry * program->plan->results + a->result];
	return program->handle[arena];
}

static int submit_segment(struct plait__program *program, struct plait__step *step, int i,
			  void (*done)(void *))
{
	const struct plait__plan *plan = program->plan;
	const struct plait__segment *segment = &plan->segment[i];
	struct plait__work *work = &program->work[step->entry * plan->segments + i];
	struct starpu_task *task = starpu_task_create();
	starpu_data_handle_t *handles = task->handles;

	work->step = step;
	task->cl = program->codelet[2 * i + (step->rows != plan->options.batch_size)];
	task->cl_arg = work;
	task->name = segment->name; /* else traces show the model's symbol */
	task->priority = 10 + segment->depth;
	task->flops = segment->cost.flops;
	if (task->cl->nbuffers > STARPU_NMAXBUFS) /* StarPU frees it with the task */
		handles = task->dyn_handles = malloc((size_t)task->cl->nbuffers * sizeof *handles);
	if (!handles) {
		starpu_task_destroy(task);
		return plait__error(PLAIT_ENOMEM, "no memory for a task");
	}
	for (int u = 0; u < segment->uses; u++)
		handles[u] = handle_of(program, step, plan->use[segment->first_use + u].arena);
	if (program->scratch)
		handles[segment->uses] = program->scratch;
	if (program->phases->handle)
		handles[segment->uses + (program->scratch != NULL)] = program->phases->handle;
	if (segment->phase == PLAIT__BACKWARD && task->cl->nbuffers == segment->uses)
		task->handles_sequential_consistency = &program->consistency[segment->first_use];
	if (segment->sink) {
		task->callback_func = done;
		task->callback_arg = step;
	}
	return plait__record_submit(task);
}

static int submit_segments(struct plait__program *program, struct plait__step *step,
			   void (*done)(void *))
{
	const struct plait__plan *plan = program->plan;
	/* In front of the first segment is the load, if that is a phase that ends. */
	int status =
		plait__phases_of_loads(program->phases) ? plait__phases_end(program->phases) : 0;

	for (int i = 0; i < plan->segments && status == 0; i++) {
		if (i > 0 && plan->segment[i].phase != plan->segment[i - 1].phase)
			status = plait__phases_end(program->phases);
		if (status == 0)
			status = submit_segment(program, step, i, done);
	}
	return status < 0 ? status : plait__phases_end(program->phases);
}

int plait__program_submit(struct plait__program *program, struct plait__step *step,
			  void (*done)(void *))
{
	int status = submit_segments(program, step, done);

	for (int r = 0; program->fetch && r < program->plan->results && status == 0; r++) {
		struct starpu_task *task = starpu_task_create();

		task->cl = program->fetch;
		task->name = "metrics";
		task->handles[0] = program->result_handle[step->entry * program->plan->results + r];
		task->callback_func = done;
		task->callback_arg = step;
		status = plait__record_submit(task);
	}
	return status;
}
