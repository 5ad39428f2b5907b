/* SPDX-License-Identifier: MIT
 * What there is of a node. */
#include "config.h"
#include "src/graph/op.h"

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
	return node ? plait_shape_elements(node->ndim, node->dim) : 0;
}

int64_t plait_node_columns(const struct plait_node *node)
{
	return !node ? 0 : node->ndim > 0 ? plait__columns(node) : 1;
}

struct plait_graph *plait_node_graph(const struct plait_node *node)
{
	return node ? node->graph : NULL;
}

enum plait_dtype plait_node_dtype(const struct plait_node *node)
{
	return node ? node->dtype : (enum plait_dtype)0;
}

int plait_node_inputs(const struct plait_node *node)
{
	return node ? node->ninputs : 0;
}

struct plait_node *plait_node_input(const struct plait_node *node, int i)
{
	return node && i >= 0 && i < node->ninputs ? node->input[i] : NULL;
}

double plait_node_attribute(const struct plait_node *node, int i)
{
	return node && i >= 0 && i < node->nattr ? node->attr[i] : 0;
}

bool plait_node_needs_gradient(const struct plait_node *node)
{
	return node && node->needs_gradient;
}

size_t plait__node_bytes(const struct plait_node *node, int64_t rows)
{
	return (size_t)(plait_node_elements(node) * (node->batched ? rows : 1)) *
	       plait_dtype_size(node->dtype);
}
