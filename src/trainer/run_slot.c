/* SPDX-License-Identifier: MIT
 * A run without a data set: the program fills the slots. */
#include "config.h"
#include "src/trainer/run.h"

#include <inttypes.h>
#include <string.h>

/* The reader of a data set that is a description only; the chunk of a load is measured with it. */
static int read_nothing(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			float *target)
{
	const struct plait_run *run = user;
	const struct plait_graph *graph = run->trainer->graph;

	(void)index;
	(void)key;
	memset(x, 0, plait__node_bytes(graph->input[0], 1));
	if (label)
		*label = 0;
	if (target)
		memset(target, 0, plait__node_bytes(graph->targets, 1));
	return 0;
}

int plait__run_describe(struct plait_run *run, struct plait_dataset **dataset)
{
	const struct plait_graph *graph = run->trainer->graph;
	struct plait_dataset_info info = { .spec = "the program's memory" };

	if (graph->inputs != 1)
		return plait__error(PLAIT_EINVAL, "the graph has %d inputs, a slot has one",
				    graph->inputs);
	if (run->options.loader.batch_size == 0)
		run->options.loader.batch_size = PLAIT__BATCH_SIZE;
	/* A step is an epoch of one batch, whose rows are told when it is submitted. */
	info.samples = run->options.loader.batch_size * plait__trainer_accumulates(run->trainer);
	info.dtype = graph->input[0]->dtype;
	info.ndim = graph->input[0]->ndim;
	memcpy(info.dim, graph->input[0]->dim, sizeof info.dim);
	if (graph->labels)
		info.classes = plait_node_elements(graph->class_loss ? graph->class_loss->input[0]
								     : graph->output);
	if (graph->targets)
		info.targets = plait_node_elements(graph->targets);
	run->options.loader = (struct plait_loader_options){
		.batch_size = run->options.loader.batch_size,
		.prefetch = run->options.loader.prefetch,
		.chunk = info.samples,
		.timeout = run->options.loader.timeout,
		.memory_limit = run->options.loader.memory_limit,
	};
	return plait_dataset_from_callback(dataset, &info, read_nothing, run);
}

/* A slot is free when the steps that read the batch before in it are done. */
static int await_slot(struct plait_run *run)
{
	int slots = run->binding.load_memory.slots;

	return run->submitted - run->done < slots ? plait__run_check(run)
						  : plait__run_await_half(run, slots);
}

static void describe(const struct plait_run *run, unsigned char *memory, struct plait_slot *slot)
{
	const struct plait_graph *graph = run->trainer->graph;
	const struct plait__slot_layout *layout = &run->binding.feed.layout;

	*slot = (struct plait_slot){ .samples = run->binding.feed.options.batch_size, .x = memory };
	if (graph->labels)
		slot->labels = (int32_t *)(memory + layout->labels_offset);
	if (graph->targets)
		slot->targets = (float *)(memory + layout->targets_offset);
	if (graph->weights)
		slot->weights = (float *)(memory + layout->weights_offset);
	for (int64_t i = 0; slot->weights && i < slot->samples; i++)
		slot->weights[i] = 1;
}

static int take_slot(struct plait_run *run, struct plait_slot *slot)
{
	struct plait__load *load = &run->lent[run->submitted % run->rooms];
	int status = 0;

	if (run->slot_is_out)
		return plait__error(PLAIT_ESTATE,
				    "plait_run_slot: the last slot was not submitted");
	status = await_slot(run);
	if (status < 0)
		return status;
	describe(run, plait__ring_lend(run->binding.ring, load, run->submitted), slot);
	run->slot_is_out = true;
	return 0;
}

int plait_run_slot(struct plait_run *run, struct plait_slot *slot)
{
	int status;

	if (!run || !slot)
		return plait__error(PLAIT_EINVAL, "plait_run_slot: %s is NULL",
				    run ? "slot" : "run");
	if (!run->lent)
		return plait__error(PLAIT_ESTATE, "plait_run_slot: the run has a data set");
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = take_slot(run, slot);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}

static int submit_slot(struct plait_run *run, int64_t samples)
{
	if (!run->slot_is_out)
		return plait__error(PLAIT_ESTATE,
				    "plait_run_submit: plait_run_slot has given no slot");
	if (samples < 1 || samples > run->binding.feed.options.batch_size)
		return plait__error(PLAIT_EINVAL,
				    "plait_run_submit: %" PRId64
				    " samples, a slot has room for 1 to %" PRId64,
				    samples, run->binding.feed.options.batch_size);
	plait__run_give_back(run, samples);
	return plait__run_request(run);
}

int plait_run_submit(struct plait_run *run, int64_t samples)
{
	int status;

	if (!run)
		return plait__error(PLAIT_EINVAL, "plait_run_submit: run is NULL");
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = submit_slot(run, samples);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}

void plait__run_give_back(struct plait_run *run, int64_t samples)
{
	if (run->slot_is_out)
		plait__ring_return(&run->lent[run->submitted % run->rooms], samples);
	run->slot_is_out = false;
}

void plait__run_lent(const void *rule, int64_t step, struct plait__load *load)
{
	const struct plait_run *run = rule;

	*load = run->lent[step % run->rooms];
}

const unsigned char *plait__run_halted_slot(const struct plait_run *run, struct plait__step *halted)
{
	int64_t taken = run->submitted + run->slot_is_out;

	if (!run->lent)
		return NULL;
	halted->rows = run->lent[halted->count % run->rooms].rows;
	return taken - halted->count <= run->binding.load_memory.slots
		       ? plait__ring_memory(&run->lent[halted->count % run->rooms])
		       : NULL;
}
