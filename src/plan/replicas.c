/* SPDX-License-Identifier: MIT
 * Replicas hold parameters and state of their own and see their share of each batch, as PyTorch's
 * DistributedDataParallel has it (Li et al., VLDB 2020).  The gradients of layers that follow each
 * other are a bucket: one task adds those of all replicas as soon as the backward pass has made
 * them, then each replica updates its own parameters by the sum.  The sum's task is all that
 * replicas exchange. */
#include "config.h"
#include "src/plan/sections.h"

/* What a task adds in some 100 us: it reads two gradients and writes one, at 10 GB/s. */
#define BUCKET_BYTES ((size_t)256 * 1024)

/* At coarser grains the parameters of a stage are one arena, which is one bucket. */
static bool is_divided(const struct plait__plan *plan)
{
	return plan->options.granularity == PLAIT_GRANULARITY_OP ||
	       plan->options.granularity == PLAIT_GRANULARITY_LAYER;
}

/* Updates, and norms of gradients before them, are in the order in which the backward pass makes
 * the gradients.  A layer's are not taken apart, as they are in one arena, but for granularity op.
 */
int plait__plan_fill_buckets(const struct plait__plan *plan, struct plait__sections *cut)
{
	const struct plait_graph *graph = plan->graph;
	size_t most = plan->options.bucket_bytes ? plan->options.bucket_bytes : BUCKET_BYTES;
	size_t bytes = 0;
	enum plait_phase phase = PLAIT_SOURCE;
	int bucket = -1, stage = -1, group = -1;

	cut->bucket = plait__calloc((size_t)graph->nodes, sizeof *cut->bucket, "buckets");
	if (!cut->bucket)
		return PLAIT_ENOMEM;
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];
		bool apart =
			plan->options.granularity == PLAIT_GRANULARITY_OP || cut->group[i] != group;

		if (node->phase < PLAIT_CLIP)
			continue;
		if (node->phase != phase || plait__sections_stage(cut, plan, node) != stage ||
		    (is_divided(plan) && apart && bytes >= most)) {
			bucket++;
			bytes = 0;
		}
		bytes += plait__node_bytes(node->input[node->phase == PLAIT_UPDATE], 1);
		phase = node->phase;
		stage = plait__sections_stage(cut, plan, node);
		group = cut->group[i];
		cut->bucket[i] = bucket;
	}
	return 0;
}

/* Where gradients have norms, these read the sums; what a batchnorm's update reads has none. */
bool plait__plan_bucket_sums(const struct plait__plan *plan, const struct plait__sections *cut,
			     int first)
{
	const struct plait_graph *graph = plan->graph;

	for (int i = first; i < graph->nodes; i++)
		if (graph->node[i]->phase == PLAIT_UPDATE && cut->bucket[i] == cut->bucket[first] &&
		    (!graph->clip || !plait__is_parameter(graph->node[i]->input[0])))
			return true;
	return false;
}
