/* SPDX-License-Identifier: MIT
 * Submitting a burst: each segment's task is made from what the binding holds, with nothing
 * of ours allocated (a task with more than STARPU_NMAXBUFS handles excepted). */
#include "config.h"
#include "codelets/clip/update.h"
#include "src/executor/step.h"
#include "src/runtime/recorder.h"

#include <math.h>
#include <stdlib.h>

int plait__binding_sinks(const struct plait__binding *binding)
{
	return binding->plan->sinks + (binding->fetch ? binding->plan->results : 0);
}

/* Of all segments, in their order. */
static struct plait__work *works_of(const struct plait__burst *burst)
{
	return &burst->binding->work[burst->entry * burst->binding->plan->segments];
}

double plait__burst_end(const struct plait__burst *burst)
{
	const struct plait__binding *binding = burst->binding;
	const struct plait__work *work = works_of(burst);
	double end = 0;

	if (binding->uses_gpu)
		return burst->end;
	for (int i = 0; i < binding->plan->segments; i++)
		end = work[i].end > end ? work[i].end : end;
	return end;
}

double plait__step_microseconds(const struct plait__step *step)
{
	const struct plait__binding *binding = step->binding;
	const struct plait__burst *burst = step->burst;
	const struct plait__work *work = works_of(burst);
	double sum = 0;

	for (int i = 0; i < binding->plan->segments; i++)
		sum += work[i].microseconds;
	return sum / burst->steps;
}

static void read_clip(struct plait__step *step)
{
	const struct plait__plan *plan = step->binding->plan;
	const float *figures;

	step->grad_norm = NAN;
	step->skipped = false;
	if (plan->clip_result < 0)
		return;
	figures = (const float *)(plait__step_result(step, plan->clip_result) + plan->clip_offset);
	step->grad_norm = figures[PLAIT__CLIP_NORM];
	step->skipped = figures[PLAIT__CLIP_SKIPPED] != 0.0f;
}

void plait__step_read(struct plait__step *step)
{
	const struct plait__plan *plan = step->binding->plan;
	int shards = plan->options.split.shards;

	step->loss = 0;
	step->correct = 0;
	for (int m = 0; m < PLAIT_MAX_METRICS; m++)
		step->metric[m] = 0;
	if (plan->options.mode == PLAIT__PREDICT)
		return;
	read_clip(step);
	PLAIT__ASSERT(plan->results == shards || plan->clip_result == shards,
		      "each shard has a result, and behind them there may be what clips");
	for (int r = 0; r < shards; r++) {
		const unsigned char *result = plait__step_result(step, r);

		step->loss += *(const float *)(result + plan->loss_offset);
		if (plan->graph->accuracy)
			step->correct +=
				(int64_t) * (const float *)(result + plan->accuracy_offset);
		for (int m = 0; m < plan->graph->metrics; m++)
			step->metric[m] += *(const float *)(result + plan->metric_offset[m]);
	}
}

static starpu_data_handle_t handle_of(const struct plait__binding *binding,
				      const struct plait__burst *burst, int arena)
{
	const struct plait__arena *a = &binding->plan->arena[arena];

	if (a->kind == PLAIT__SLOT)
		return plait__ring_handle(burst->load);
	if (a->kind == PLAIT__RESULT)
		return binding->result_handle[burst->entry * binding->plan->results + a->result];
	return binding->handle[arena];
}

void plait__binding_task_handles(const struct plait__binding *binding,
				 const struct plait__burst *burst,
				 const struct plait__segment *segment, starpu_data_handle_t *handle)
{
	struct plait__extras extras = plait__binding_extras(binding, segment);

	for (int u = 0; u < segment->uses; u++) {
		handle[u] =
			handle_of(binding, burst, binding->plan->use[segment->first_use + u].arena);
		PLAIT__ASSERT(handle[u], "every arena that a segment uses has a handle");
	}
	for (int e = 0; e < extras.handles; e++)
		handle[segment->uses + e] = extras.handle[e];
}

/* Whether a burst is what most are, with as many steps and full batches. */
static bool is_full(const struct plait__binding *binding, const struct plait__burst *burst)
{
	return burst->steps == binding->steps &&
	       burst->step[burst->steps - 1].rows == binding->plan->options.batch_size;
}

static int submit_segment(struct plait__binding *binding, struct plait__burst *burst, int i,
			  void (*done)(void *))
{
	const struct plait__plan *plan = binding->plan;
	const struct plait__segment *segment = &plan->segment[i];
	struct plait__work *work = &works_of(burst)[i];
	struct starpu_task *task = starpu_task_create();
	starpu_data_handle_t *handles = task->handles;

	PLAIT__ASSERT(work->segment == segment,
		      "task arguments stand in the order of the segments");
	work->burst = burst;
	task->cl = binding->codelet[2 * i + !is_full(binding, burst)];
	task->cl_arg = work;
	task->name = segment->name; /* else traces show the model's symbol */
	task->priority = binding->priority + segment->depth;
	task->flops = segment->cost.flops * burst->steps;
	plait__worker_set_task(&binding->where[i], task);
	if (task->cl->nbuffers > STARPU_NMAXBUFS) /* StarPU frees it with the task */
		handles = task->dyn_handles = malloc((size_t)task->cl->nbuffers * sizeof *handles);
	if (!handles) {
		starpu_task_destroy(task);
		return plait__error(PLAIT_ENOMEM, "no memory for a task");
	}
	plait__binding_task_handles(binding, burst, segment, handles);
	if (segment->phase == PLAIT_BACKWARD && task->cl->nbuffers == segment->uses)
		task->handles_sequential_consistency = &binding->consistency[segment->first_use];
	if (segment->sink) {
		task->callback_func = done;
		task->callback_arg = burst;
	}
	return plait__recorder_submit(task);
}

static int submit_segments(struct plait__binding *binding, struct plait__burst *burst,
			   void (*done)(void *))
{
	const struct plait__plan *plan = binding->plan;
	/* In front of the first segment is the load, if that is a phase that ends. */
	int status = plait__barrier_for_loads(binding->barrier)
			     ? plait__barrier_end_phase(binding->barrier)
			     : 0;

	for (int i = 0; i < plan->segments && status == 0; i++) {
		if (i > 0 && plan->segment[i].phase != plan->segment[i - 1].phase)
			status = plait__barrier_end_phase(binding->barrier);
		if (status == 0)
			status = submit_segment(binding, burst, i, done);
	}
	return status < 0 ? status : plait__barrier_end_phase(binding->barrier);
}

int plait__binding_submit(struct plait__binding *binding, struct plait__burst *burst,
			  void (*done)(void *))
{
	int status = submit_segments(binding, burst, done);

	for (int r = 0; binding->fetch && r < binding->plan->results && status == 0; r++) {
		struct starpu_task *task = starpu_task_create();

		task->cl = binding->fetch;
		task->name = "metrics";
		task->handles[0] =
			binding->result_handle[burst->entry * binding->plan->results + r];
		task->callback_func = done;
		task->callback_arg = burst;
		status = plait__recorder_submit(task);
	}
	return status;
}
