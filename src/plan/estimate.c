/* SPDX-License-Identifier: MIT
 * How long tasks may take, by the flops and bytes of their calls, and what follows from that for
 * the grain of tasks. */
#include "config.h"
#include "src/plan/simulate.h"

#include <math.h>
#include <unistd.h>

/* What one core does at least: so many flops a second, and bytes from memory or, where a step is so
 * small that all of it stays there, from its caches. */
#define FLOPS 5e10
#define MEMORY_BYTES 1e10
#define CACHE_BYTES 5e10
/* A call of a kernel takes so long, however little it has to do. */
#define CALL_SECONDS 50e-9

static struct plait_cost cost_of(const struct plait_op *op, const struct plait_node *node,
				 int64_t rows)
{
	struct plait_cost cost = { 0 };

	if (op->cost)
		op->cost(node, rows, &cost);
	return cost;
}

static double seconds_of(const struct plait_node *node, int64_t batch_size, double bytes_a_second)
{
	struct plait_cost cost = cost_of(node->op, node, batch_size);

	return CALL_SECONDS + cost.flops / FLOPS + cost.bytes / bytes_a_second;
}

/* Seconds that a step takes.  What is scored moves few bytes, where it is computed at all. */
static double estimate(const struct plait_graph *graph, enum plait__mode mode, int64_t batch_size,
		       double bytes_a_second)
{
	double seconds = CALL_SECONDS;

	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];

		/* What has a stand-in is made of nodes that cost as much, and they are counted. */
		if (plait__node_runs(node, mode) && !node->stands_in && node != graph->scored &&
		    (mode == PLAIT__TRAIN || node->phase <= PLAIT_LOSS))
			seconds += seconds_of(node, batch_size, bytes_a_second);
	}
	return seconds;
}

/* Whether samples go through in chunks, and updates, which one task alone would compute, take less
 * than so much of a shard's time.
 *
 * Where the layers of a shard are one task, their memory is taken again as soon as it has been
 * read, and chunks go through several of them.  On a Xeon with AVX-512 resnet8 takes 0.82 of the
 * time that tasks by layer take, mobilenet-small 0.86 and cnn 0.9, whose updates are a thirtieth of
 * that; an MLP 784-512-512-10, whose updates are a third, takes 1.17. */
#define UPDATES_SHARE 0.1

static bool gains_by_one_task(const struct plait_graph *graph, int64_t batch_size, double seconds)
{
	double updates = 0;
	bool chunks = false;

	for (int i = 0; i < graph->nodes; i++) {
		if (graph->node[i]->phase >= PLAIT_CLIP)
			updates += seconds_of(graph->node[i], batch_size, MEMORY_BYTES);
		chunks |= plait__chunk_rows(graph->node[i]) > 0;
	}
	return chunks && updates < UPDATES_SHARE * seconds;
}

/* A StarPU task costs a few microseconds of a core; below this much work a step is one task. */
#define COARSE_SECONDS 300e-6

enum plait_granularity plait__plan_granularity(const struct plait_graph *graph, int64_t batch_size,
					       const struct plait__split *split, bool alone,
					       bool on_gpu)
{
	double seconds =
		estimate(graph, PLAIT__TRAIN, batch_size, MEMORY_BYTES) / (double)split->shards;

	/* On a GPU each boundary is a round trip to the host with an idle GPU. */
	return on_gpu || seconds < COARSE_SECONDS ||
			       (alone && gains_by_one_task(graph, batch_size, seconds))
		       ? PLAIT_GRANULARITY_STEP
		       : PLAIT_GRANULARITY_LAYER;
}

/* A task of several steps takes about so long.  StarPU spends some 10 us on it and on its load, and
 * a run cannot be stopped within it.  (Four trainers of the seed model at once are 1.42 times as
 * fast as one after another with 100 us, 1.49 with 200 and 1.58 with 400; one alone is as fast with
 * each.) */
#define RUN_SECONDS 300e-6

int64_t plait__plan_steps(const struct plait_graph *graph, enum plait__mode mode,
			  int64_t batch_size)
{
	double steps = RUN_SECONDS / estimate(graph, mode, batch_size, CACHE_BYTES);

	return steps > 1 ? (int64_t)steps : 1;
}

/* Bytes a second of the shared cache.  It holds what a run works on if that is a quarter of it: the
 * rest is left to other workers and other programs. */
#define SHARED_CACHE_BYTES 3e10

static double memory_speed(const struct plait__plan *plan)
{
	long shared = sysconf(_SC_LEVEL3_CACHE_SIZE), own = sysconf(_SC_LEVEL2_CACHE_SIZE);
	double bytes = 0;

	for (int i = 0; i < plan->arenas; i++)
		bytes += (double)plan->arena[i].bytes;
	return bytes <= (double)own / 2      ? CACHE_BYTES
	       : bytes <= (double)shared / 4 ? SHARED_CACHE_BYTES
					     : MEMORY_BYTES;
}

/* Each call by the roofline model (Williams, Waterman, Patterson 2009): it takes as long as its
 * flops or as its bytes, whichever is longer. */
void plait__plan_estimate(const struct plait__plan *plan, double *seconds)
{
	const struct plait__plan_options *o = &plan->options;
	double bytes_a_second = memory_speed(plan);

	for (int i = 0; i < plan->segments; i++) {
		const struct plait__segment *segment = &plan->segment[i];
		int64_t rows = plait__shard_rows(&o->split, o->batch_size, segment->shard);

		seconds[i] = 0;
		for (int c = 0; c < segment->calls; c++) {
			const struct plait__planned_call *call =
				&plan->call[segment->first_call + c];
			struct plait_cost cost = cost_of(call->op, call->node, rows);

			seconds[i] += CALL_SECONDS +
				      fmax(cost.flops / FLOPS, cost.bytes / bytes_a_second);
		}
	}
}
