/* SPDX-License-Identifier: MIT
 * Making a predictor: parameters, plan, and a place for each thread. */
#include "config.h"
#include "src/loader/feed.h"
#include "src/plan/store_file.h"
#include "src/predictor/predictor.h"
#include "src/trainer/trainer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static int check_options(const struct plait_predictor_options *options)
{
	if (options->samples < 0)
		return plait__error(PLAIT_EINVAL,
				    "predictor: %" PRId64 " samples at once, must be at least 1",
				    options->samples);
	if (options->threads < 0 || options->threads > 4096)
		return plait__error(PLAIT_EINVAL, "predictor: %d threads, must be 1 to 4096",
				    options->threads);
	if ((unsigned)options->precision > PLAIT_PRECISION_BF16)
		return plait__error(PLAIT_EINVAL,
				    "predictor: precision %d, must be one of PLAIT_PRECISION_*",
				    (int)options->precision);
	return 0;
}

static int check_graph(struct plait_graph *graph)
{
	int status = plait__graph_settle_output(graph);

	if (status == 0 && graph->inputs != 1)
		return plait__error(PLAIT_EINVAL, "predictor: the graph has %d inputs, must have 1",
				    graph->inputs);
	if (status == 0 && plait__resolve(graph->output, PLAIT__PREDICT)->phase != PLAIT_FORWARD)
		return plait__error(PLAIT_EINVAL,
				    "predictor: the output is the input: add layers to the graph");
	return status;
}

/* Sums of sizes up to it, and a good deal beyond, fit in a size_t. */
static int check_size(const struct plait_graph *graph, int64_t samples)
{
	double bytes = 0;

	for (int i = 0; i < graph->nodes; i++)
		if (graph->node[i]->batched)
			bytes += (double)plait__node_bytes(graph->node[i], 1) + PLAIT__ALIGN;
	return bytes * (double)samples < 0x1p53
		       ? 0
		       : plait__error(PLAIT_ENOMEM,
				      "predictor: %" PRId64 " samples at once do not fit in memory",
				      samples);
}

static int make_plan(struct plait_predictor *p, const struct plait_graph *graph,
		     enum plait_precision precision)
{
	const struct plait_node *x = graph->input[0];
	struct plait__slot_layout slot = { .bytes =
						   plait__align(plait__node_bytes(x, p->samples)) };
	struct plait__plan_options options = { .mode = PLAIT__PREDICT,
					       .granularity = PLAIT_GRANULARITY_STEP,
					       .steps = 1,
					       .split.shards = 1,
					       .one_place = true,
					       .batch_size = p->samples,
					       .precision = precision,
					       .slot = &slot };
	int status = plait__plan_create(&p->plan, graph, &p->store, &options);

	if (status < 0)
		return status;
	PLAIT__ASSERT(p->plan->segments == 1, "a prediction is one segment");
	p->inputs = plait_node_elements(x);
	p->x_bytes = (int64_t)plait__node_bytes(x, 1);
	p->outputs = plait_node_elements(graph->output);
	p->slot = p->result = -1;
	for (int i = 0; i < p->plan->segment->uses; i++) {
		enum plait__arena_kind kind = p->plan->arena[p->plan->use[i].arena].kind;

		if (kind == PLAIT__SLOT)
			p->slot = i;
		else if (kind == PLAIT__RESULT)
			p->result = i;
		else
			PLAIT__ASSERT(kind == PLAIT__PARAMETERS,
				      "one segment makes no values for others");
	}
	return 0;
}

static int make_place(const struct plait_predictor *p, struct plait__place *place)
{
	const struct plait__segment *segment = p->plan->segment;

	place->scratch =
		aligned_alloc(PLAIT__ALIGN, plait__align(p->plan->scratch_bytes) + PLAIT__ALIGN);
	place->in = plait__calloc((size_t)p->plan->most_inputs + 1, sizeof *place->in, "inputs");
	place->base = plait__calloc((size_t)segment->uses, sizeof *place->base, "buffers");
	if (!place->scratch || !place->in || !place->base)
		return plait__error(PLAIT_ENOMEM, "predictor: no memory for %zu bytes of values",
				    p->plan->scratch_bytes);
	for (int i = 0; i < segment->uses; i++) {
		const struct plait__arena *arena = &p->plan->arena[p->plan->use[i].arena];

		if (arena->kind == PLAIT__PARAMETERS)
			place->base[i] = (char *)p->store.values + arena->offset;
	}
	return 0;
}

static int make_places(struct plait_predictor *p, int threads)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int status = 0;

	p->places = threads > 0 ? threads : cores > 0 ? (int)cores : 1;
	p->place = plait__calloc((size_t)p->places, sizeof *p->place, "a predictor");
	if (!p->place)
		return PLAIT_ENOMEM;
	for (int i = 0; i < p->places && status == 0; i++) {
		status = make_place(p, &p->place[i]);
		p->place[i].next = p->free;
		p->free = &p->place[i];
	}
	return status;
}

int plait__predictor_make(struct plait_predictor **predictor_p, struct plait_graph *graph,
			  const struct plait_predictor_options *options)
{
	static const struct plait_predictor_options defaults;
	struct plait_node *const output = graph->output; /* as it was: layers may be appended */
	struct plait_predictor *p;
	int status = check_options(options ? options : &defaults);

	if (status == 0)
		status = check_graph(graph);
	p = status == 0 ? plait__calloc(1, sizeof *p, "a predictor") : NULL;
	if (!p) {
		graph->output = output;
		return status < 0 ? status : PLAIT_ENOMEM;
	}
	STARPU_PTHREAD_MUTEX_INIT(&p->mutex, NULL);
	STARPU_PTHREAD_COND_INIT(&p->freed, NULL);
	p->samples = options && options->samples > 0 ? options->samples : 1;
	status = check_size(graph, p->samples);
	if (status == 0)
		status = plait__store_create(&p->store, graph, 0, PLAIT__STORE_READS);
	if (status == 0)
		status = make_plan(p, graph, options ? options->precision : PLAIT_PRECISION_FP32);
	graph->output = output;
	if (status == 0)
		status = make_places(p, options ? options->threads : 0);
	if (status < 0) {
		plait_predictor_destroy(p);
		return status;
	}
	plait__plan_warm_up(p->plan);
	*predictor_p = p;
	return 0;
}

int plait_predictor_create(struct plait_predictor **predictor_p, struct plait_graph *graph,
			   const char *path, const struct plait_predictor_options *options)
{
	struct plait_predictor *p = NULL;
	int status;

	if (!predictor_p)
		return plait__error(PLAIT_EINVAL, "plait_predictor_create: predictor_p is NULL");
	status = plait_graph_status(graph);
	if (status == 0)
		status = plait__predictor_make(&p, graph, options);
	if (status == 0 && path)
		status = plait__store_load(&p->store, path);
	if (status < 0) {
		plait_predictor_destroy(p);
		return status;
	}
	*predictor_p = p;
	return 0;
}

int plait_predictor_of(struct plait_predictor **predictor_p, struct plait_trainer *trainer,
		       const struct plait_predictor_options *options)
{
	struct plait_predictor *p = NULL;
	int status;

	if (!predictor_p || !trainer)
		return plait__error(PLAIT_EINVAL, "plait_predictor_of: %s is NULL",
				    trainer ? "predictor_p" : "the trainer");
	status = plait__trainer_idle(trainer, "plait_predictor_of");
	if (status < 0)
		return status;
	status = plait__predictor_make(&p, trainer->graph, options);
	if (status == 0) {
		plait__store_copy(&p->store, &trainer->store);
		*predictor_p = p;
	}
	plait__trainer_let_go(trainer);
	return status;
}

void plait_predictor_destroy(struct plait_predictor *p)
{
	if (!p)
		return;
	for (int i = 0; p->place && i < p->places; i++) {
		free(p->place[i].scratch);
		free(p->place[i].in);
		free(p->place[i].base);
	}
	free(p->place);
	plait__plan_destroy(p->plan);
	plait__store_destroy(&p->store);
	plait_graph_destroy(p->graph);
	plait__names_free(&p->classes);
	STARPU_PTHREAD_MUTEX_DESTROY(&p->mutex);
	STARPU_PTHREAD_COND_DESTROY(&p->freed);
	free(p);
}

int64_t plait_predictor_inputs(const struct plait_predictor *p)
{
	return p ? p->inputs : 0;
}

int64_t plait_predictor_outputs(const struct plait_predictor *p)
{
	return p ? p->outputs : 0;
}
