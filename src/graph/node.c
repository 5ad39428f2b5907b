/* SPDX-License-Identifier: MIT
 * The size of a node's value. */
#include "config.h"
#include "src/graph/graph.h"

#include <string.h>

int plait_node_shape(const struct plait_node *node, int64_t *dim)
{
	if (!node)
		return 0;
	if (dim)
		memcpy(dim, node->dim, (size_t)node->ndim * sizeof *dim);
	return node->ndim;
}

int64_t plait_node_elements(const struct plait_node *node)
{
	return plait_shape_elements(node->ndim, node->dim);
}

size_t plait__node_bytes(const struct plait_node *node, int64_t rows)
{
	return (size_t)(plait_node_elements(node) * (node->batched ? rows : 1)) *
	       plait_dtype_size(node->dtype);
}
