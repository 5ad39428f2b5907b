/* SPDX-License-Identifier: MIT
 * The codelets of a binding's segments, one for a full batch and one for the short last one. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/base/phase_colours.h"
#include "src/runtime/runtime.h"

#include <stdlib.h>
#include <string.h>

static void fill_codelet(const struct plait__binding *binding, const struct plait__segment *segment,
			 struct starpu_codelet *codelet)
{
	static const unsigned color[] = { [PLAIT__FORWARD] = PLAIT__COLOUR_FORWARD,
					  [PLAIT__LOSS] = PLAIT__COLOUR_LOSS,
					  [PLAIT__BACKWARD] = PLAIT__COLOUR_BACKWARD,
					  [PLAIT__UPDATE] = PLAIT__COLOUR_UPDATE };
	static const enum starpu_data_access_mode mode[] = { STARPU_NONE, STARPU_R, STARPU_W,
							     STARPU_RW };
	const struct plait__use *use = &binding->plan->use[segment->first_use];
	bool scratch = binding->scratch != NULL, barrier = binding->barrier->handle != NULL;
	enum starpu_data_access_mode *modes = codelet->modes;

	PLAIT__ASSERT(segment->uses > 0, "a segment uses at least one arena");
	codelet->where = binding->on_gpu ? STARPU_CUDA : STARPU_CPU;
	codelet->cpu_funcs[0] = plait__segment_cpu;
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
	codelet->cuda_funcs[0] = plait__segment_cuda;
	codelet->cuda_flags[0] = STARPU_CUDA_ASYNC;
#endif
	codelet->color = color[segment->phase];
	codelet->nbuffers = segment->uses + scratch + barrier;
	if (codelet->nbuffers > STARPU_NMAXBUFS) /* freed with the codelet */
		modes = codelet->dyn_modes = calloc((size_t)codelet->nbuffers, sizeof *modes);
	for (int i = 0; i < segment->uses && modes; i++)
		modes[i] = mode[use[i].access];
	if (scratch && modes)
		modes[segment->uses] = STARPU_SCRATCH;
	if (barrier && modes)
		modes[segment->uses + scratch] = STARPU_R;
}

/* A GPU's result reaches the host as the input of a task that does nothing else. */
static void fetch_cpu(void *buffers[], void *arg)
{
	(void)buffers;
	(void)arg;
}

int plait__binding_make_codelets(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;
	int64_t rows[2] = { plan->options.batch_size,
			    plait__feed_rows(&binding->feed, binding->feed.batches - 1) };
	bool is_new;

	binding->codelet = plait__calloc((size_t)(2 * plan->segments), sizeof(void *), "codelets");
	binding->consistency = plait__calloc((size_t)(plan->uses + plan->segments), 1, "codelets");
	if (!binding->codelet || !binding->consistency)
		return PLAIT_ENOMEM;
	for (int i = 0; i < 2 * plan->segments; i++) {
		char symbol[48];
		struct starpu_codelet *codelet;

		plait__plan_symbol(plan, &plan->segment[i / 2], rows[i % 2], symbol);
		if (binding->barrier->handle) /* it has a handle more */
			strcat(symbol, "_phases");
		codelet = plait__runtime_codelet(symbol, plan->segment[i / 2].name, &is_new);
		if (!codelet)
			return PLAIT_ENOMEM;
		if (is_new)
			fill_codelet(binding, &plan->segment[i / 2], codelet);
		if (codelet->nbuffers > STARPU_NMAXBUFS && !codelet->dyn_modes)
			return plait__error(PLAIT_ENOMEM, "no memory for a codelet");
		PLAIT__ASSERT(codelet->nbuffers == plan->segment[i / 2].uses +
							   (binding->scratch != NULL) +
							   (binding->barrier->handle != NULL),
			      "segments that share a codelet have the same handles");
		binding->codelet[i] = codelet;
	}
	for (int i = 0; i < plan->uses; i++)
		binding->consistency[i] = !plan->use[i].unordered;
	if (!binding->on_gpu)
		return 0;
	binding->fetch = plait__runtime_codelet("fetch", "metrics", &is_new);
	if (!binding->fetch)
		return PLAIT_ENOMEM;
	binding->fetch->cpu_funcs[0] = fetch_cpu;
	binding->fetch->where = STARPU_CPU;
	binding->fetch->nbuffers = 1;
	binding->fetch->modes[0] = STARPU_R;
	return 0;
}
