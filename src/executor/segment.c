/* SPDX-License-Identifier: MIT
 * The codelet bodies: a segment is its calls, one after another, for each step of the burst. */
#include "config.h"
#include "src/executor/step.h"
#include "src/runtime/runtime.h"

#include <math.h>
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
#include <starpu_cublas_v2.h>
#endif

static void find_buffers(const struct plait__segment *segment, void *buffers[], char **base)
{
	PLAIT__ASSERT(segment->calls > 0, "a segment calls at least one kernel");
	for (int i = 0; i < segment->uses; i++)
		base[i] = (char *)STARPU_VECTOR_GET_PTR(buffers[i]);
}

/* The slot and the results of a burst hold those of its steps, one behind the other. */
static void to_next_step(const struct plait__work *work, char **base)
{
	const struct plait__plan *plan = work->binding->plan;

	PLAIT__ASSERT(plan->segments == 1, "a burst of several steps is one task");
	for (int i = 0; i < work->segment->uses; i++) {
		const struct plait__arena *arena =
			&plan->arena[plan->use[work->segment->first_use + i].arena];

		if (arena->kind == PLAIT__SLOT)
			base[i] += work->binding->feed.layout.bytes;
		else if (arena->kind == PLAIT__RESULT)
			base[i] += work->binding->result_bytes;
	}
}

/* What all calls of a segment in a step have in common. */
static struct plait_call first_call(const struct plait__work *work, const struct plait__step *step,
				    int64_t *first_row)
{
	const struct plait__split *split = &work->binding->plan->options.split;
	int64_t rows = step->rows;

	*first_row = plait__shard_begin(split, rows, work->segment->shard);
	return (struct plait_call){ .in = work->in,
				    .rows = plait__shard_rows(split, rows, work->segment->shard),
				    .batch = rows,
				    .first = *first_row,
				    .training = work->binding->plan->options.mode == PLAIT__TRAIN,
				    .seed = work->binding->plan->store->seed,
				    .scalars = &step->scalars,
				    .precision = work->binding->plan->options.precision };
}

/* A batch that could not be read must not reach the parameters either. */
static void refuse_bad_batch(const struct plait__step *step)
{
	if (plait__step_status(step) < 0 && step->binding->plan->options.mode == PLAIT__TRAIN)
		plait__step_halt(step);
}

/* The flag that stops updates on GPUs, in the memory of the worker; NULL: the segment has no use
 * for it, or no GPU is at work. */
static int *halt_of(const struct plait__work *work, void *buffers[])
{
	int place = work->binding->uses_gpu
			    ? plait__binding_extras(work->binding, work->segment).halt
			    : -1;

	return place < 0 ? NULL : (int *)STARPU_VECTOR_GET_PTR(buffers[place]);
}

static void run_on_cpu(const struct plait__work *work, const struct plait__step *step,
		       char *const *base, char *scratch, int *halt)
{
	const struct plait__segment *segment = work->segment;
	const struct plait__plan *plan = work->binding->plan;
	int64_t first_row;
	struct plait_call call = first_call(work, step, &first_row);

	call.scratch = plait__call_scratch(segment, scratch);
	refuse_bad_batch(step);
	for (int i = 0, run; i < segment->calls; i += run) {
		const struct plait__planned_call *planned = &plan->call[segment->first_call + i];

		run = planned->run;
		/* A loss that is not finite must not reach the parameters: they stay those of
		 * the step before, and the step can be repeated to find where it broke. */
		if (planned->op->updates && (plait__step_halted(step) || (halt && *halt)))
			continue;
		plait__plan_run(planned, &call, work->in, base, scratch, first_row);
		if (planned->node != plan->graph->loss || plan->options.mode != PLAIT__TRAIN ||
		    plait__graph_skips(plan->graph) || isfinite(*(const float *)call.out))
			continue;
		plait__step_halt(step);
		if (halt)
			*halt = 1;
	}
}

void plait__segment_cpu(void *buffers[], void *arg)
{
	struct plait__work *work = arg;
	char *base[work->segment->uses + 1], *scratch = plait__runtime_scratch();
	int *halt = halt_of(work, buffers);
	double begin = starpu_timing_now();

	find_buffers(work->segment, buffers, base);
	for (int i = 0; i < work->burst->steps; i++) {
		if (i > 0)
			to_next_step(work, base);
		run_on_cpu(work, &work->burst->step[i], base, scratch, halt);
	}
	work->end = starpu_timing_now();
	work->microseconds = work->end - begin;
	plait__runtime_worked(plait__segment_work(work->binding->plan, work->segment),
			      work->microseconds);
}

#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA

/* What the calls of a segment are made of, on a GPU. */
struct gpu_segment {
	const struct plait__work *work;
	const struct plait__step *step;
	struct plait_call common;
	char *const *base;
	char *scratch;
	int64_t first_row;
};

#define MOST_INPUTS 8 /* of a call that is joined */

/* Does call i of a segment, and of those before end what one launch can do with it; *done: how many
 * they are. Returns what the op returns. */
static int run_joint(const struct gpu_segment *s, int i, int end, int *done)
{
	const struct plait__segment *segment = s->work->segment;
	const struct plait__planned_call *planned =
		&s->work->binding->plan->call[segment->first_call + i];
	const struct plait_op *op = planned->op;
	const void *in[PLAIT__MOST_JOINT][MOST_INPUTS];
	struct plait_call call[PLAIT__MOST_JOINT];
	int calls = 0, status;

	PLAIT__ASSERT(op->joint <= PLAIT__MOST_JOINT && planned->inputs <= MOST_INPUTS,
		      "calls that are joined, and their inputs, are no more than fit");
	do {
		call[calls] = s->common;
		call[calls].in = in[calls];
		plait__call_set(&call[calls], in[calls], &planned[calls], s->base, s->scratch,
				s->first_row, 0);
		calls++;
		/* A shard's gradients are added by an op that is not their node's. */
	} while (calls < op->joint && i + calls < end && planned[calls].inputs <= MOST_INPUTS &&
		 planned[calls].op == planned[calls].node->op);
	status = op->cuda_joint(call, calls, done);
	PLAIT__ASSERT(*done >= 1 && *done <= calls, "a launch does calls that it was shown");
	return status;
}

static int run_one(const struct gpu_segment *s, int i, int end, int *done)
{
	const struct plait__planned_call *planned =
		&s->work->binding->plan->call[s->work->segment->first_call + i];
	struct plait_call call = s->common;

	*done = 1;
	if (planned->op->updates && plait__step_halted(s->step))
		return 0;
	if (planned->op->cuda_joint)
		return run_joint(s, i, end, done);
	plait__call_set(&call, s->work->in, planned, s->base, s->scratch, s->first_row, 0);
	return planned->op->cuda(&call);
}

/* Calls begin to end - 1. Returns 0, or what the op returned that failed, in *failed. */
static int run_calls(const struct gpu_segment *s, int begin, int end,
		     const struct plait_op **failed)
{
	int status = 0;

	for (int i = begin, done; i < end && status == 0; i += done) {
		*failed = s->work->binding->plan->call[s->work->segment->first_call + i].op;
		status = run_one(s, i, end, &done);
	}
	return status;
}

static void run_plain(const struct gpu_segment *s, int begin, int end)
{
	const struct plait_op *failed = NULL;
	int status = run_calls(s, begin, end, &failed);

	if (status < 0)
		STARPU_ABORT_MSG("%s: %s failed with status %d", failed->name,
				 status > -1000 ? "cuBLAS" : "cuDNN", -status);
	if (status > 0)
		STARPU_CUDA_REPORT_ERROR((cudaError_t)status);
}

/* The first calls of a segment, of which no argument changes from step to step but those in the
 * key. */
static void run_captured(const struct gpu_segment *s, int end)
{
	const struct plait__segment *segment = s->work->segment;
	struct plait__binding *binding = s->step->binding;
	uintptr_t word[segment->uses + 3];
	struct plait__graph_key key = { .segment = (int)(segment - binding->plan->segment),
					.words = segment->uses + 3,
					.word = word };
	const struct plait_op *failed;
	struct gpu_segment same = *s;

	same.common.scalars = NULL;
	for (int i = 0; i < segment->uses; i++)
		word[i] = (uintptr_t)s->base[i];
	word[segment->uses] = (uintptr_t)s->scratch;
	word[segment->uses + 1] = (uintptr_t)s->common.halt;
	word[segment->uses + 2] = (uintptr_t)s->common.batch;
	if (plait__graph_launch(&binding->graphs, &key, s->common.stream))
		return;
	if (plait__graph_begin(&binding->graphs, &key, s->common.stream)) {
		bool whole = run_calls(&same, 0, end, &failed) == 0;

		if (plait__graph_end(&binding->graphs, &key, s->common.stream, whole))
			return;
	}
	run_plain(s, 0, end);
}

/* How many calls are captured: those before the first update, because updates read the step's
 * scalars and are left out when it is halted. 0 where one would be. */
static int captured_calls(const struct plait__work *work)
{
	const struct plait__planned_call *call =
		&work->binding->plan->call[work->segment->first_call];
	int calls = 0;

	if (!work->binding->graphs.first)
		return 0;
	while (calls < work->segment->calls && !call[calls].op->updates)
		calls++;
	return calls > 1 ? calls : 0;
}

static void run_on_gpu(const struct plait__work *work, const struct plait__step *step,
		       char *const *base, int *halt, int captured)
{
	int worker = starpu_worker_get_id();
	struct gpu_segment s = { .work = work,
				 .step = step,
				 .base = base,
				 .scratch = work->binding->gpu.scratch[worker] };

	refuse_bad_batch(step);
	s.common = first_call(work, step, &s.first_row);
	s.common.halt = halt;
	s.common.stream = starpu_cuda_get_local_stream();
	s.common.cublas = starpu_cublas_get_local_handle();
	s.common.workspace = work->binding->gpu.workspace[worker];
	s.common.scratch = work->binding->gpu.call_scratch[worker];
	if (captured > 0)
		run_captured(&s, captured);
	run_plain(&s, captured, work->segment->calls);
}

static bool reads_slot(const struct plait__work *work)
{
	const struct plait__plan *plan = work->binding->plan;
	bool reads = false;

	for (int i = 0; i < work->segment->uses; i++)
		reads |= plan->arena[plan->use[work->segment->first_use + i].arena].kind ==
			 PLAIT__SLOT;
	return reads;
}

void plait__segment_cuda(void *buffers[], void *arg)
{
	const struct plait__work *work = arg;
	const struct plait__segment *segment = work->segment;
	int captured = captured_calls(work);
	int *halt = halt_of(work, buffers);
	char *base[segment->uses + 1];

	find_buffers(segment, buffers, base);
	for (int i = 0; i < segment->uses; i++)
		PLAIT__ASSERT(plait__binding_holds(work->binding, base[i]),
			      "StarPU gives no handle memory of a GPU");
	if (reads_slot(work))
		plait__ring_used_on(work->binding->ring, starpu_worker_get_local_memory_node());
	for (int i = 0; i < work->burst->steps; i++) {
		if (i > 0)
			to_next_step(work, base);
		run_on_gpu(work, &work->burst->step[i], base, halt, captured);
	}
}
#endif
