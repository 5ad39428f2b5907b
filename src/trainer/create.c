/* SPDX-License-Identifier: MIT
 * A graph becomes trainable: its gradients and updates are appended and its parameters drawn.
 * What a run does with it begins in fit.c. */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/autodiff.h"
#include "src/gradient/clip.h"
#include "src/gradient/optimizer.h"
#include "src/runtime/runtime.h"
#include "src/trainer/scoring/scoring.h"
#include "src/trainer/trainer.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

static struct plait__clipping clipping_of(const struct plait_trainer_options *o)
{
	return (struct plait__clipping){ o->clip_norm, o->clip_value, o->skip_outliers };
}

/* Loss, count of right answers, what is scored, gradients, updates: what a step has besides the
 * network. */
static int extend_graph(struct plait_graph *net, const struct plait_trainer_options *options)
{
	const struct plait__clipping clipping = clipping_of(options);
	struct plait_node **gradient, *loss = NULL;
	int nodes, status;

	status = plait__graph_settle_loss(net);
	if (status == 0 && (net->loss || options->forward_only))
		status = plait__graph_settle_output(net);
	if (status < 0)
		return status;
	if (net->class_loss && net->class_loss->input[1] == net->labels)
		net->accuracy = plait__accuracy(net->class_loss->input[0], net->labels);
	status = plait__scored_append(net);
	if (status < 0)
		return status;
	if (options->forward_only)
		return plait_graph_status(net);
	nodes = net->nodes;
	gradient = plait__calloc((size_t)nodes, sizeof *gradient, "gradients");
	if (!gradient)
		return PLAIT_ENOMEM;
	status = plait__autodiff(net, gradient, clipping.outliers > 0 ? &loss : NULL);
	if (status == 0 && plait__clip_wanted(&clipping))
		status = plait__clip_append(net, &clipping, nodes, gradient, loss);
	/* The last layer's gradients are there first, so its update is appended first. */
	for (int i = nodes - 1; i >= 0 && status == 0; i--) {
		struct plait_node *node = net->node[i];

		PLAIT__ASSERT(!gradient[i] ||
				      plait_node_elements(gradient[i]) == plait_node_elements(node),
			      "a gradient has its parameter's shape");
		if (gradient[i])
			plait__optimizer_append(&options->optimizer, node, gradient[i]);
		else if (node->op == &plait__op_batchnorm && node->gradient)
			plait__batchnorm_update(node);
		status = plait_graph_status(net);
	}
	free(gradient);
	return status;
}

#define MOST_SIZE 1000000 /* of a shard, in proportion */
#define MOST_SHARDS 1024

static int or_one(int count)
{
	return count > 0 ? count : 1;
}

/* Shards of a microbatch. */
static int beside(const struct plait_trainer_options *o)
{
	return or_one(o->shards > 0 ? o->shards : o->replicas);
}

/* How a batch is cut. */
static int check_shards(const struct plait_trainer_options *o)
{
	int64_t all = (int64_t)beside(o) * or_one(o->microbatches) * or_one(o->accumulate);

	if (o->shards < 0 || o->shards > MOST_SHARDS)
		return plait__error(PLAIT_EINVAL, "%d shards, must be 1 to %d, or 0 for 1",
				    o->shards, MOST_SHARDS);
	if (o->replicas < 0 || o->replicas > MOST_SHARDS)
		return plait__error(PLAIT_EINVAL, "%d replicas, must be 1 to %d, or 0 for 1",
				    o->replicas, MOST_SHARDS);
	if (beside(o) % or_one(o->replicas) != 0)
		return plait__error(PLAIT_EINVAL,
				    "%d shards of %d replicas, must be as many of each", o->shards,
				    o->replicas);
	if (o->microbatches < 0 || o->microbatches > MOST_SHARDS)
		return plait__error(PLAIT_EINVAL, "%d microbatches, must be 1 to %d, or 0 for 1",
				    o->microbatches, MOST_SHARDS);
	if (o->accumulate < 0 || o->accumulate > MOST_SHARDS)
		return plait__error(PLAIT_EINVAL,
				    "%d batches to accumulate, must be 1 to %d, or 0 for 1",
				    o->accumulate, MOST_SHARDS);
	if (all > MOST_SHARDS)
		return plait__error(PLAIT_EINVAL,
				    "%d shards of %d microbatches of %d batches: a step has "
				    "%" PRId64 " shards, must be at most %d",
				    beside(o), or_one(o->microbatches), or_one(o->accumulate), all,
				    MOST_SHARDS);
	if ((unsigned)o->pipeline_schedule > PLAIT_PIPELINE_GPIPE)
		return plait__error(PLAIT_EINVAL,
				    "pipeline_schedule %d, must be one of PLAIT_PIPELINE_*",
				    (int)o->pipeline_schedule);
	if ((o->shard_sizes || o->shard_devices) && o->shards < 1)
		return plait__error(PLAIT_EINVAL, "sizes and devices of shards need their number");
	for (int i = 0; o->shard_sizes && i < o->shards; i++)
		if (o->shard_sizes[i] < 1 || o->shard_sizes[i] > MOST_SIZE)
			return plait__error(PLAIT_EINVAL, "shard %d has size %d, must be 1 to %d",
					    i, o->shard_sizes[i], MOST_SIZE);
	if (o->granularity == PLAIT_GRANULARITY_RUN && all > 1)
		return plait__error(PLAIT_EINVAL,
				    "%" PRId64 " shards and microbatches, must be 1 where a task "
				    "computes several steps",
				    all);
	return 0;
}

/* What says how a step is cut into tasks, and how these compute. */
static int check_tasks(const struct plait_trainer_options *o)
{
	bool run = o->granularity == PLAIT_GRANULARITY_RUN;
	int least = run, most = run || o->granularity == PLAIT_GRANULARITY_AUTO ? INT_MAX : 0;

	if ((unsigned)o->granularity > PLAIT_GRANULARITY_RUN)
		return plait__error(PLAIT_EINVAL,
				    "granularity %d, must be one of PLAIT_GRANULARITY_*",
				    (int)o->granularity);
	if (o->steps_per_task < least || o->steps_per_task > most)
		return plait__error(PLAIT_EINVAL,
				    "%d steps per task, must be at least 1 with "
				    "PLAIT_GRANULARITY_RUN, 0 or more with _AUTO, else 0",
				    o->steps_per_task);
	if ((unsigned)o->precision > PLAIT_PRECISION_BF16)
		return plait__error(PLAIT_EINVAL, "precision %d, must be one of PLAIT_PRECISION_*",
				    (int)o->precision);
	return check_shards(o);
}

static int place_shards(struct plait_trainer *trainer)
{
	struct plait_trainer_options *o = &trainer->options;

	if (!o->shard_devices)
		return 0;
	trainer->shard_device =
		plait__calloc((size_t)o->shards, sizeof *trainer->shard_device, "shards");
	if (!trainer->shard_device)
		return PLAIT_ENOMEM;
	for (int i = 0; i < o->shards; i++)
		if (!o->shard_devices[i] ||
		    !plait__device_parse(o->shard_devices[i], &trainer->shard_device[i]))
			return plait__error(PLAIT_EINVAL, "shard %d: " PLAIT__NO_DEVICE, i,
					    o->shard_devices[i] ? o->shard_devices[i] : "(null)");
	o->shard_devices = NULL;
	return 0;
}

static int make_split(struct plait_trainer *trainer)
{
	const struct plait_trainer_options *o = &trainer->options;
	int shards = beside(o);

	trainer->split.microbatches = or_one(o->microbatches) * or_one(o->accumulate);
	trainer->split.shards = shards * trainer->split.microbatches;
	if (!o->shard_sizes)
		return 0;
	trainer->shard_end =
		plait__calloc((size_t)trainer->split.shards, sizeof *trainer->shard_end, "shards");
	if (!trainer->shard_end)
		return PLAIT_ENOMEM;
	for (int i = 0; i < trainer->split.shards; i++)
		trainer->shard_end[i] =
			o->shard_sizes[i % shards] + (i > 0 ? trainer->shard_end[i - 1] : 0);
	trainer->split.end = trainer->shard_end;
	trainer->options.shard_sizes = NULL;
	return 0;
}

int plait_trainer_create(struct plait_trainer **trainer_p, struct plait_graph *net,
			 const struct plait_trainer_options *options)
{
	struct plait_trainer *trainer;
	int status = plait__runtime_require("plait_trainer_create");

	if (status == 0)
		status = plait_graph_status(net);
	if (status == 0 && !trainer_p)
		status = plait__error(PLAIT_EINVAL, "plait_trainer_create: trainer_p is NULL");
	if (status < 0)
		return status;
	if (net->has_trainer)
		return plait__error(PLAIT_ESTATE,
				    "plait_trainer_create: the graph has a trainer already");
	trainer = plait__calloc(1, sizeof *trainer, "a trainer");
	if (!trainer)
		return PLAIT_ENOMEM;
	trainer->graph = net;
	trainer->network = plait__graph_mark(net);
	if (options)
		trainer->options = *options;
	status = check_tasks(&trainer->options);
	if (status == 0)
		status = make_split(trainer);
	if (status == 0)
		status = place_shards(trainer);
	if (status == 0 && !trainer->options.forward_only)
		status = plait__optimizer_check(&trainer->options.optimizer);
	if (status == 0 && !trainer->options.forward_only) {
		const struct plait__clipping clipping = clipping_of(&trainer->options);

		status = plait__clip_check(&clipping);
	}
	if (status == 0)
		status = extend_graph(net, &trainer->options);
	if (status == 0)
		status = plait__store_create(&trainer->store, net, trainer->options.seed,
					     PLAIT__STORE_TRAINS);
	if (status == 0 && trainer->store.parameters == 0 && !trainer->options.forward_only)
		status = plait__error(PLAIT_EINVAL,
				      "the graph has no parameters: there is nothing to train");
	if (status < 0) {
		plait__store_destroy(&trainer->store);
		plait__graph_rewind(net, trainer->network);
		free(trainer->shard_end);
		free(trainer->shard_device);
		free(trainer);
		return status;
	}
	net->has_trainer = true;
	*trainer_p = trainer;
	return 0;
}

void plait_trainer_destroy(struct plait_trainer *trainer)
{
	if (!trainer)
		return;
	PLAIT__ASSERT(!trainer->run, "a run is closed before its trainer is destroyed");
	plait__trainer_free_metadata(trainer);
	plait__store_destroy(&trainer->store);
	plait__graph_rewind(trainer->graph, trainer->network);
	free(trainer->shard_end);
	free(trainer->gradients);
	free(trainer->best);
	free(trainer->shard_device);
	trainer->graph->has_trainer = false;
	free(trainer);
}
