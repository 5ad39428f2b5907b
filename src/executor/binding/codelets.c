/* SPDX-License-Identifier: MIT
 * The codelets of a binding's segments, one for a full burst and one for the short last one. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/base/phase_colours.h"
#include "src/runtime/runtime.h"

/* How a segment uses the flag that stops updates. */
static enum starpu_data_access_mode halt_mode(const struct plait__binding *binding,
					      const struct plait__segment *segment)
{
	const struct plait__plan *plan = binding->plan;
	enum starpu_data_access_mode mode = STARPU_NONE;

	for (int i = 0; i < segment->calls && binding->halt; i++) {
		const struct plait__planned_call *call = &plan->call[segment->first_call + i];

		if (call->node == plan->graph->loss)
			return STARPU_RW;
		if (call->op->updates)
			mode = STARPU_R;
	}
	return mode;
}

static int add(struct plait__extras *extras, const struct plait__segment *segment,
	       starpu_data_handle_t handle, enum starpu_data_access_mode mode)
{
	extras->handle[extras->handles] = handle;
	extras->mode[extras->handles] = mode;
	return segment->uses + extras->handles++;
}

struct plait__extras plait__binding_extras(const struct plait__binding *binding,
					   const struct plait__segment *segment)
{
	struct plait__extras extras = { .halt = -1 };
	enum starpu_data_access_mode halt = halt_mode(binding, segment);

	if (halt != STARPU_NONE)
		extras.halt = add(&extras, segment, binding->halt, halt);
	if (binding->barrier->handle)
		add(&extras, segment, binding->barrier->handle, STARPU_R);
	return extras;
}

static struct starpu_codelet *codelet_of(const struct plait__binding *binding,
					 const struct plait__segment *segment, int steps,
					 int64_t rows)
{
	static const unsigned color[] = { [PLAIT_FORWARD] = PLAIT__COLOUR_FORWARD,
					  [PLAIT_LOSS] = PLAIT__COLOUR_LOSS,
					  [PLAIT_BACKWARD] = PLAIT__COLOUR_BACKWARD,
					  [PLAIT_CLIP] = PLAIT__COLOUR_UPDATE,
					  [PLAIT_UPDATE] = PLAIT__COLOUR_UPDATE };
	static const enum starpu_data_access_mode access[] = { STARPU_NONE, STARPU_R, STARPU_W,
							       STARPU_RW };
	const struct plait__worker_set *where = &binding->where[segment - binding->plan->segment];
	const struct plait__use *use = &binding->plan->use[segment->first_use];
	struct plait__extras extras = plait__binding_extras(binding, segment);
	enum starpu_data_access_mode mode[segment->uses + extras.handles];
	char symbol[48];

	PLAIT__ASSERT(segment->uses > 0, "a segment uses at least one arena");
	for (int i = 0; i < segment->uses; i++)
		mode[i] = access[use[i].access];
	for (int i = 0; i < extras.handles; i++)
		mode[segment->uses + i] = extras.mode[i];
	plait__plan_symbol(binding->plan, segment, steps, rows, symbol);
	return plait__runtime_codelet(
		&(struct plait__codelet_shape) {
			.symbol = symbol, .where = where->on_gpu ? STARPU_CUDA : STARPU_CPU,
			.cpu = plait__segment_cpu,
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
			.cuda = plait__segment_cuda,
#endif
			.color = color[segment->phase], .handles = segment->uses + extras.handles,
			.mode = mode,
		},
		segment->name);
}

/* A GPU's result reaches the host as the input of a task that does nothing, which no worker runs:
 * it only waits for the copy. */
static int make_fetch(struct plait__binding *binding)
{
	static const enum starpu_data_access_mode mode[] = { STARPU_R };

	binding->fetch =
		plait__runtime_codelet(&(struct plait__codelet_shape){ .symbol = "fetch",
								       .where = STARPU_NOWHERE,
								       .main_memory = true,
								       .handles = 1,
								       .mode = mode },
				       "metrics");
	return binding->fetch ? 0 : PLAIT_ENOMEM;
}

int plait__binding_make_codelets(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;
	int64_t batches = binding->feed.batches;
	int64_t rows[2] = { plan->options.batch_size,
			    plait__feed_rows(&binding->feed, batches - 1) };
	int steps[2] = { binding->steps, (int)((batches - 1) % binding->steps + 1) };

	binding->codelet = plait__calloc((size_t)(2 * plan->segments), sizeof(void *), "codelets");
	binding->consistency = plait__calloc((size_t)(plan->uses + plan->segments), 1, "codelets");
	if (!binding->codelet || !binding->consistency)
		return PLAIT_ENOMEM;
	for (int i = 0; i < 2 * plan->segments; i++) {
		binding->codelet[i] =
			codelet_of(binding, &plan->segment[i / 2], steps[i % 2], rows[i % 2]);
		if (!binding->codelet[i])
			return PLAIT_ENOMEM;
	}
	for (int i = 0; i < plan->uses; i++)
		binding->consistency[i] = !plan->use[i].unordered;
	return binding->uses_gpu ? make_fetch(binding) : 0;
}

static enum plait_work work_of_phase(enum plait_phase phase)
{
	return phase >= PLAIT_CLIP       ? PLAIT_WORK_UPDATE
	       : phase == PLAIT_BACKWARD ? PLAIT_WORK_BACKWARD
					 : PLAIT_WORK_FORWARD;
}

/* Calls are in the order of their phases. */
enum plait_work plait__segment_work(const struct plait__plan *plan,
				    const struct plait__segment *segment)
{
	const struct plait__planned_call *call = &plan->call[segment->first_call];
	enum plait_work first = work_of_phase(call[0].node->phase);
	enum plait_work last = work_of_phase(call[segment->calls - 1].node->phase);

	return first == last ? first : PLAIT_WORK_STEP;
}
