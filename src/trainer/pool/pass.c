/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/phase_colours.h"
#include "src/executor/binding/memory.h"
#include "src/runtime/recorder.h"
#include "src/runtime/runtime.h"
#include "src/trainer/pool/pass.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int plait__pass_check(const struct plait__pass *p, const char *caller)
{
	const struct plait_trainer *trainer = p->trainer;
	int status = plait__trainer_check(trainer, p->dataset, caller);
	int64_t samples, batch;

	if (status < 0)
		return status;
	if (trainer->run)
		return plait__error(PLAIT_ESTATE, "%s: the trainer has an open run, close it first",
				    caller);
	if (!trainer->graph->loss)
		return plait__error(PLAIT_EINVAL,
				    "%s: the graph has no loss: end it with "
				    "plait_cross_entropy or plait_mse",
				    caller);
	if (!p->backward)
		return 0;
	samples = plait_dataset_info(p->dataset)->samples;
	batch = p->options->loader.batch_size;
	if (trainer->options.forward_only)
		return plait__error(PLAIT_ESTATE,
				    "%s: the trainer is forward_only: it has no "
				    "gradients",
				    caller);
	if (batch != 0 && batch < samples)
		return plait__error(PLAIT_EINVAL,
				    "%s: batch size %" PRId64 " of %" PRId64 " samples: a gradient "
				    "is that of all samples in one batch: leave batch_size 0",
				    caller, batch, samples);
	return 0;
}

/* -- outputs, which a task copies in each step --------------------------------------------- */

/* What it copies: freed by StarPU. */
struct taken {
	float *to;
	size_t offset, bytes;
};

static void take(void *buffers[], void *arg)
{
	const struct taken *taken = arg;
	double begin = starpu_timing_now();

	memcpy(taken->to, (char *)STARPU_VECTOR_GET_PTR(buffers[0]) + taken->offset, taken->bytes);
	plait__runtime_worked(PLAIT_WORK_OTHER, starpu_timing_now() - begin);
}

static int submit_take(const struct plait__pass *p, starpu_data_handle_t handle,
		       const struct taken *what)
{
	struct taken *taken = plait__calloc(1, sizeof *taken, "a task");
	struct starpu_task *task;

	if (!taken)
		return PLAIT_ENOMEM;
	*taken = *what;
	task = starpu_task_create();
	task->cl = p->take;
	task->name = p->take->name;
	task->handles[0] = handle;
	task->cl_arg = taken;
	task->cl_arg_free = 1;
	return plait__recorder_submit(task);
}

/* Shard by shard, to where its rows belong. */
static int take_outputs(void *user, const struct plait__step *step)
{
	const struct plait__pass *p = user;
	const struct plait__plan *plan = p->binding.plan;
	const struct plait_node *output = plan->graph->output;
	int64_t width = plait_node_elements(output);
	float *to = p->outputs + step->batch * plan->options.batch_size * width;
	int status = 0;

	for (int s = 0; s < plan->options.split.shards && status == 0; s++) {
		int64_t values = plait__shard_rows(&plan->options.split, step->rows, s) * width;
		struct taken taken = { .to = to, .bytes = (size_t)values * sizeof *to };
		starpu_data_handle_t handle =
			plait__binding_place(&p->binding, output, s, &taken.offset);

		if (values > 0)
			status = submit_take(p, handle, &taken);
		to += values;
	}
	return status;
}

static int make_take(struct plait__pass *p)
{
	static const enum starpu_data_access_mode mode[] = { STARPU_R };

	p->take = plait__runtime_codelet(
		&(struct plait__codelet_shape){ .symbol = "take",
						.where = STARPU_CPU,
						.cpu = take,
						.color = PLAIT__COLOUR_FORWARD,
						.handles = 1,
						.mode = mode },
		"take");
	p->observer.submitted = take_outputs;
	return p->take ? 0 : PLAIT_ENOMEM;
}

/* -- gradients --------------------------------------------------------------------------- */

static float *acquire(const struct plait__pass *p, const struct plait_node *gradient, int shard,
		      enum starpu_data_access_mode mode, starpu_data_handle_t *handle)
{
	size_t offset;

	*handle = plait__binding_place(&p->binding, gradient, shard, &offset);
	starpu_data_acquire(*handle, mode);
	return (float *)((char *)starpu_vector_get_local_ptr(*handle) + offset);
}

/* Those of the shards, added as updates add them. */
static void add_shards(const struct plait__pass *p, const struct plait_node *gradient)
{
	const struct plait__split *split = &p->binding.plan->options.split;
	int64_t n = plait_node_elements(gradient);
	struct plait__sum next = { 0 };

	PLAIT__ASSERT(plait__split_microbatches(split) == 1,
		      "of a pass that keeps gradients all shards are beside each other");
	while (plait__next_sum(split, 0, &next)) {
		starpu_data_handle_t into, from;
		float *sum = acquire(p, gradient, next.left, STARPU_RW, &into);
		const float *more = acquire(p, gradient, next.right, STARPU_R, &from);

		for (int64_t i = 0; i < n; i++)
			sum[i] += more[i];
		starpu_data_release(from);
		starpu_data_release(into);
	}
}

static int keep_gradients(const struct plait__pass *p)
{
	struct plait_trainer *trainer = p->trainer;
	const struct plait__store *store = &trainer->store;

	if (!trainer->gradients)
		trainer->gradients = plait__calloc(1, store->values_bytes, "gradients");
	if (!trainer->gradients)
		return PLAIT_ENOMEM;
	plait__runtime_resume(); /* what is on a GPU is copied back */
	for (int i = 0; i < store->parameters; i++) {
		const struct plait_node *parameter = store->parameter[i];
		starpu_data_handle_t handle;
		const float *value;

		if (!parameter->gradient)
			continue;
		add_shards(p, parameter->gradient);
		value = acquire(p, parameter->gradient, 0, STARPU_R, &handle);
		memcpy(trainer->gradients + store->offset[parameter->id], value,
		       plait__node_bytes(parameter, 1));
		starpu_data_release(handle);
	}
	plait__runtime_pause();
	return 0;
}

/* -- the pass ---------------------------------------------------------------------------- */

/* What stays to be read of a step. */
static bool *mark_kept(const struct plait__pass *p)
{
	const struct plait_graph *graph = p->trainer->graph;
	const struct plait__store *store = &p->trainer->store;
	bool *keeps = plait__calloc((size_t)graph->nodes, sizeof *keeps, "marks of values");

	if (keeps && p->outputs)
		keeps[plait__resolve(graph->output, PLAIT__EVALUATE)->id] = true;
	for (int i = 0; keeps && p->backward && i < store->parameters; i++)
		if (store->parameter[i]->gradient)
			keeps[plait__resolve(store->parameter[i]->gradient, PLAIT__EVALUATE)->id] =
				true;
	return keeps;
}

static int bind(struct plait__pass *p)
{
	bool *keeps = mark_kept(p);
	int status = PLAIT_ENOMEM;

	if (keeps)
		status = plait__trainer_bind(p->trainer, &p->binding, PLAIT__EVALUATE, p->dataset,
					     &p->used, p->outputs || p->backward ? keeps : NULL,
					     p->lenders);
	free(keeps);
	return status;
}

int plait__pass_open(struct plait__pass *p)
{
	int status;

	p->used = *p->options;
	p->used.scores = NULL;
	if (p->backward)
		p->used.loader.batch_size = plait_dataset_info(p->dataset)->samples;
	/* A substitute's output would stand in the place of the sample's. */
	if (p->outputs) {
		p->used.loader.pad_last = false;
		p->used.loader.bad = (struct plait_bad_options){ 0 };
	}
	status = bind(p);
	if (status < 0)
		return status;
	p->only = &p->binding;
	if (p->used.print_plan)
		status = plait__bindings_print(&p->only, 1, p->used.print_plan);
	p->metrics.has_accuracy = p->trainer->graph->accuracy != NULL;
	p->loop = (struct plait__loop){ .binding = &p->only, .bindings = 1, .epochs = 1 };
	p->collector = (struct plait__collector){ .options = &p->used,
						  .member = p->member,
						  .metrics = &p->metrics,
						  .last_end = starpu_timing_now() };
	p->observer = plait__collector_observer(&p->collector);
	return status == 0 && p->outputs ? make_take(p) : status;
}

int plait__pass_end(struct plait__pass *p, int status)
{
	if (status == 0 && plait__collector_cut(&p->collector, &p->binding))
		return plait__error(PLAIT_EINTERRUPTED, "interrupted");
	if (status == 0 && p->metrics.samples == 0)
		return plait__trainer_empty(p->dataset);
	return status == 0 && p->backward ? keep_gradients(p) : status;
}

void plait__pass_close(struct plait__pass *p)
{
	plait__binding_destroy(&p->binding);
}
