/* SPDX-License-Identifier: MIT
 * The codelet bodies: a segment is its calls, one after another. */
#include "config.h"
#include "src/executor/step.h"
#include "src/runtime/runtime.h"

#include <math.h>
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
#include <starpu_cublas_v2.h>
#endif

static void *locate(const struct plait__operand *operand, char *const *base, char *scratch,
		    int64_t first_row)
{
	if (operand->buffer == PLAIT__IN_SCRATCH)
		return scratch + operand->offset;
	return base[operand->buffer] + operand->offset + operand->row_bytes * (size_t)first_row;
}

static void find_buffers(const struct plait__segment *segment, void *buffers[], char **base)
{
	PLAIT__ASSERT(segment->calls > 0, "a segment calls at least one kernel");
	for (int i = 0; i < segment->uses; i++)
		base[i] = (char *)STARPU_VECTOR_GET_PTR(buffers[i]);
}

/* What all calls of a segment have in common. */
static struct plait__call first_call(const struct plait__work *work, int64_t *first_row)
{
	int shards = work->binding->plan->options.shards, shard = work->segment->shard;
	int64_t rows = work->step->rows;

	*first_row = plait__shard_begin(rows, shard, shards);
	return (struct plait__call){ .in = work->in,
				     .rows = plait__shard_rows(rows, shard, shards),
				     .batch = rows,
				     .scalars = &work->step->scalars };
}

/* A batch that could not be read must not reach the parameters either. */
static void refuse_bad_batch(const struct plait__work *work)
{
	if (work->step->load.status < 0 && work->binding->plan->options.mode == PLAIT__TRAIN)
		plait__step_halt(work->step);
}

static void set_call(struct plait__call *call, const void **in,
		     const struct plait__planned_call *planned, char *const *base, char *scratch,
		     int64_t first_row)
{
	call->node = planned->node;
	for (int i = 0; i < planned->inputs; i++)
		in[i] = locate(&planned->in[i], base, scratch, first_row);
	call->out = planned->has_out ? locate(&planned->out, base, scratch, first_row) : NULL;
	plait__call_check(call, planned->op);
}

void plait__segment_cpu(void *buffers[], void *arg)
{
	struct plait__work *work = arg;
	const struct plait__segment *segment = work->segment;
	const struct plait__plan *plan = work->binding->plan;
	char *base[segment->uses + 1], *scratch = plait__runtime_scratch();
	double begin = starpu_timing_now();
	int64_t first_row;
	struct plait__call call = first_call(work, &first_row);

	refuse_bad_batch(work);
	find_buffers(segment, buffers, base);
	for (int i = 0; i < segment->calls; i++) {
		const struct plait__planned_call *planned = &plan->call[segment->first_call + i];

		/* A loss that is not finite must not reach the parameters: they stay those of
		 * the step before, and the step can be repeated to find where it broke. */
		if (planned->op->updates && plait__step_halted(work->step))
			continue;
		set_call(&call, work->in, planned, base, scratch, first_row);
		planned->op->cpu(&call);
		if (planned->node == plan->graph->loss && plan->options.mode == PLAIT__TRAIN &&
		    !isfinite(*(const float *)call.out))
			plait__step_halt(work->step);
	}
	work->microseconds = starpu_timing_now() - begin;
	plait__runtime_worked(work->microseconds);
}

#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA

static void check_launch(const struct plait__op *op, int error)
{
	if (error < 0)
		STARPU_ABORT_MSG("%s: cuBLAS failed", op->name);
	if (error > 0)
		STARPU_CUDA_REPORT_ERROR((cudaError_t)error);
}

/* Calls that are handed to an op at once, and the inputs of each. */
#define TOGETHER 64
#define UPDATE_INPUTS 4

/* The updates by one op that begin at call i of a segment; returns how many. */
static int update_all(const struct plait__work *work, const struct plait__call *common, int i,
		      char *const *base, char *scratch)
{
	const struct plait__segment *segment = work->segment;
	const struct plait__planned_call *planned =
		&work->binding->plan->call[segment->first_call + i];
	const struct plait__op *op = planned->op;
	const void *in[TOGETHER][UPDATE_INPUTS];
	struct plait__call call[TOGETHER];
	int calls = 0;

	for (; calls < TOGETHER && i + calls < segment->calls && planned[calls].op == op; calls++) {
		PLAIT__ASSERT(planned[calls].inputs <= UPDATE_INPUTS,
			      "an update has a parameter, a gradient and two states at most");
		call[calls] = *common;
		call[calls].in = in[calls];
		set_call(&call[calls], in[calls], &planned[calls], base, scratch, 0);
	}
	if (!plait__step_halted(work->step))
		check_launch(op, op->cuda_all(call, calls));
	return calls;
}

void plait__segment_cuda(void *buffers[], void *arg)
{
	const struct plait__work *work = arg;
	const struct plait__segment *segment = work->segment;
	const struct plait__plan *plan = work->binding->plan;
	struct plait__extras extras = plait__binding_extras(work->binding, segment);
	char *base[segment->uses + 1],
		*scratch = work->binding->gpu.scratch[starpu_worker_get_id()];
	int64_t first_row;
	struct plait__call call = first_call(work, &first_row);

	refuse_bad_batch(work);
	find_buffers(segment, buffers, base);
	plait__ring_used_on(work->binding->ring, starpu_worker_get_local_memory_node());
	if (extras.halt >= 0)
		call.halt = (int *)STARPU_VECTOR_GET_PTR(buffers[extras.halt]);
	call.stream = starpu_cuda_get_local_stream();
	call.cublas = starpu_cublas_get_local_handle();
	for (int i = 0; i < segment->calls;) {
		const struct plait__planned_call *planned = &plan->call[segment->first_call + i];

		if (planned->op->updates) {
			i += update_all(work, &call, i, base, scratch);
			continue;
		}
		set_call(&call, work->in, planned, base, scratch, first_row);
		check_launch(planned->op, planned->op->cuda(&call));
		i++;
	}
}
#endif
