/* SPDX-License-Identifier: MIT
 * How coarse the tasks of a binding are, where the program leaves it to Plait. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/runtime/runtime.h"

/* Stages are tasks of their own. */
static bool is_placed(const struct plait_graph *graph)
{
	bool placed = false;

	for (int i = 0; i < graph->nodes; i++)
		placed |= graph->node[i]->device.kind != PLAIT__ANYWHERE;
	return placed;
}

/* Whether each CPU worker has a shard, which it need not share with another between the layers. */
static bool works_on_its_own(const struct plait_graph *graph,
			     const struct plait__binding_options *options)
{
	return plait__split_beside(&options->split) >= plait_cpu_workers() &&
	       options->replicas <= 1 && !is_placed(graph);
}

enum plait_granularity plait__binding_granularity(const struct plait__binding *binding,
						  const struct plait__store *store,
						  const struct plait__binding_options *options)
{
	if (binding->shared)
		return binding->shared->plan->options.granularity;
	if (options->granularity != PLAIT_GRANULARITY_AUTO)
		return options->granularity;
	return plait__plan_granularity(store->graph, binding->feed.options.batch_size,
				       &options->split, works_on_its_own(store->graph, options),
				       plait_cuda_workers() > 0);
}

/* All slots of a binding take no more for it than so many bytes, and an eighth of a limit that is
 * given: the rest is for validation and for a cache. */
#define MOST_BYTES (INT64_C(16) << 20)

static int64_t room_for(const struct plait__feed *feed)
{
	int64_t limit = feed->options.memory_limit, bytes = MOST_BYTES, batches;

	if (limit > 0 && limit / 8 < bytes)
		bytes = limit / 8;
	batches = bytes / feed->options.prefetch / (int64_t)feed->layout.bytes;
	return batches > 1 ? batches : 1;
}

int plait__binding_steps(const struct plait__binding *binding, const struct plait__store *store,
			 const struct plait__binding_options *options)
{
	const struct plait__feed *feed = &binding->feed;
	int64_t most = options->steps, batches = feed->batches, bursts;

	if (most > 1 && is_placed(store->graph))
		return plait__error(
			PLAIT_EINVAL,
			"a task of %lld steps has all layers, and some are placed: leave "
			"out the placing or take another granularity",
			(long long)most);
	/* Shards are for steps that are worth several tasks. */
	if (plait__binding_granularity(binding, store, options) != PLAIT_GRANULARITY_STEP ||
	    options->split.shards > 1 || is_placed(store->graph))
		return 1;
	if (most > 0)
		return (int)(most < batches ? most : batches);
	/* What a GPU takes for a step is not in the estimate, nor is what a sample takes that is
	 * not there yet.  Phases that are kept apart are those of a step. */
	if (plait_cuda_workers() > 0 || !plait__feed_is_quick(feed) ||
	    options->overlap != PLAIT_OVERLAP_FULL)
		return 1;
	most = plait__plan_steps(store->graph, options->mode, feed->options.batch_size);
	if (options->most_steps > 0 && most > options->most_steps)
		most = options->most_steps;
	if (most > room_for(feed))
		most = room_for(feed);
	/* All bursts of an epoch are about the same. */
	bursts = (batches + most - 1) / most;
	return (int)((batches + bursts - 1) / bursts);
}
