/* SPDX-License-Identifier: MIT
 * Reading what a step has left in its arenas. */
#include "config.h"
#include "src/executor/binding.h"

#include <string.h>

/* The segment of a shard that computes node, and where its value is. */
static const struct plait__segment *find(const struct plait__plan *plan,
					 const struct plait_node *node, int shard,
					 const struct plait__operand **operand)
{
	for (int i = 0; i < plan->segments; i++) {
		const struct plait__segment *segment = &plan->segment[i];

		for (int c = 0; c < segment->calls; c++) {
			const struct plait__planned_call *call =
				&plan->call[segment->first_call + c];

			if (call->node == node && call->op == node->op && call->has_out &&
			    (segment->shard < 0 || segment->shard == shard)) {
				*operand = &call->out;
				return segment;
			}
		}
	}
	return NULL;
}

starpu_data_handle_t plait__binding_place(const struct plait__binding *binding,
					  const struct plait_node *node, int shard, size_t *offset)
{
	const struct plait__plan *plan = binding->plan;
	const struct plait__operand *operand = NULL;
	const struct plait__segment *segment =
		find(plan, plait__resolve(node, plan->options.mode), shard, &operand);

	PLAIT__ASSERT(segment && operand->buffer >= 0, "what is read is in an arena");
	*offset = operand->offset;
	return binding->handle[plan->use[segment->first_use + operand->buffer].arena];
}

void plait__binding_read(const struct plait__binding *binding, const struct plait_node *node,
			 int64_t rows, void *out)
{
	const struct plait__plan *plan = binding->plan;
	int shards = node->batched ? plan->options.split.shards : 1;
	char *to = out;

	node = plait__resolve(node, plan->options.mode);
	for (int s = 0; s < shards; s++) {
		size_t offset,
			bytes = plait__node_bytes(
				node, shards > 1 ? plait__shard_rows(&plan->options.split, rows, s)
						 : rows);
		starpu_data_handle_t handle = plait__binding_place(binding, node, s, &offset);

		starpu_data_acquire(handle, STARPU_R);
		memcpy(to, (char *)starpu_vector_get_local_ptr(handle) + offset, bytes);
		starpu_data_release(handle);
		to += bytes;
	}
}
