/* SPDX-License-Identifier: MIT
 * Nodes that nothing computes: what comes with each batch, parameters, buffers, and an optimizer's
 * state. */
#include "config.h"
#include "src/base/grow.h"
#include "src/graph/op.h"

#include <inttypes.h>

const struct plait_op plait__op_source = { .abi = PLAIT_OP_ABI, .name = "source" };

/* spec: source, dtype, shape and, of what a layer keeps, attributes. */
static struct plait_node *source(struct plait_graph *graph, struct plait_node_spec spec)
{
	spec.op = &plait__op_source;
	spec.phase = PLAIT_SOURCE;
	spec.batched = spec.source <= PLAIT__SOURCE_WEIGHTS;
	return plait_node_append(graph, &spec);
}

struct plait_node *plait_input(struct plait_graph *graph, enum plait_dtype dtype, int ndim,
			       const int64_t *dim)
{
	struct plait_node *node;

	if (!graph)
		return NULL;
	if (dtype != PLAIT_F32 && dtype != PLAIT_U8)
		return plait_graph_fail(graph, PLAIT_EINVAL,
					"input: dtype %s, must be float32 or uint8",
					plait_dtype_name(dtype));
	if (ndim < 1 || ndim > PLAIT_MAX_DIMS)
		return plait_graph_fail(graph, PLAIT_ESHAPE,
					"input: %d dimensions, must be 1 to %d", ndim,
					PLAIT_MAX_DIMS);
	if (!dim)
		return plait_graph_fail(graph, PLAIT_EINVAL, "input: dim is NULL");
	if (plait__grow(&graph->input, &graph->input_capacity, (size_t)graph->inputs + 1,
			sizeof(struct plait_node *), "inputs") < 0)
		return plait_graph_fail(graph, PLAIT_ENOMEM, "input: no memory");
	node = source(graph, (struct plait_node_spec){ .source = PLAIT__SOURCE_INPUT,
						       .dtype = dtype,
						       .ndim = ndim,
						       .dim = dim });
	if (node)
		graph->input[graph->inputs++] = node;
	return node;
}

struct plait_node *plait_labels(struct plait_graph *graph)
{
	if (!graph)
		return NULL;
	if (!graph->labels)
		graph->labels =
			source(graph, (struct plait_node_spec){ .source = PLAIT__SOURCE_LABELS,
								.dtype = PLAIT_I32 });
	return graph->labels;
}

struct plait_node *plait_targets(struct plait_graph *graph, int64_t m)
{
	if (!graph)
		return NULL;
	if (graph->targets && graph->targets->dim[0] != m)
		return plait_graph_fail(graph, PLAIT_ESHAPE,
					"targets: %" PRId64 " wanted, the graph has %" PRId64
					" already",
					m, graph->targets->dim[0]);
	if (!graph->targets)
		graph->targets =
			source(graph, (struct plait_node_spec){ .source = PLAIT__SOURCE_TARGETS,
								.dtype = PLAIT_F32,
								.ndim = 1,
								.dim = &m });
	return graph->targets;
}

struct plait_node *plait_weights(struct plait_graph *graph)
{
	if (!graph)
		return NULL;
	if (!graph->weights)
		graph->weights =
			source(graph, (struct plait_node_spec){ .source = PLAIT__SOURCE_WEIGHTS,
								.dtype = PLAIT_F32 });
	return graph->weights;
}

struct plait_node *plait__batch_key(struct plait_graph *graph)
{
	if (!graph->batch_key)
		graph->batch_key =
			source(graph, (struct plait_node_spec){ .source = PLAIT__SOURCE_KEY,
								.dtype = PLAIT_I32,
								.ndim = 1,
								.dim = &(int64_t){ 2 } });
	return graph->batch_key;
}

struct plait_node *plait_output(struct plait_node *node)
{
	const struct plait_node *computed = node;

	if (!node)
		return NULL;
	if (node->partial)
		return plait_graph_fail(
			node->graph, PLAIT_EINVAL,
			"output: the result of %s is made of a whole batch, must be "
			"a value of each sample",
			node->op->name);
	while (computed->op->view)
		computed = computed->input[0];
	if (computed->phase != PLAIT_FORWARD)
		return plait_graph_fail(node->graph, PLAIT_EINVAL,
					"output: a layer must compute it, and it is %s",
					computed->phase == PLAIT_LOSS ? "of a loss" : "a source");
	node->graph->output = plait__layout_contiguous(node);
	return node->graph->output ? node : NULL;
}

/* What the layer that is built next keeps; spec: source, dtype, shape. */
static struct plait_node *kept(struct plait_graph *graph, const char *suffix,
			       struct plait_node_spec spec, enum plait__init init, float number)
{
	struct plait_node *node;

	if (!suffix)
		return plait_graph_fail(graph, PLAIT_EINVAL, "a parameter's name is NULL");
	spec.nattr = 1;
	spec.attr = &(double){ (double)number };
	node = source(graph, spec);
	if (!node)
		return NULL;
	node->layer = graph->layers;
	node->needs_gradient = spec.source == PLAIT__SOURCE_PARAMETER;
	node->init = init;
	return plait__node_name(node, suffix);
}

struct plait_node *plait_parameter(struct plait_graph *graph, const char *suffix, int ndim,
				   const int64_t *dim, float bound)
{
	return kept(graph, suffix,
		    (struct plait_node_spec){ .source = PLAIT__SOURCE_PARAMETER,
					      .dtype = PLAIT_F32,
					      .ndim = ndim,
					      .dim = dim },
		    PLAIT__INIT_UNIFORM, bound);
}

struct plait_node *plait__parameter_of(struct plait_graph *graph, const char *suffix, int ndim,
				       const int64_t *dim, float number)
{
	return kept(graph, suffix,
		    (struct plait_node_spec){ .source = PLAIT__SOURCE_PARAMETER,
					      .dtype = PLAIT_F32,
					      .ndim = ndim,
					      .dim = dim },
		    PLAIT__INIT_CONSTANT, number);
}

struct plait_node *plait__buffer(struct plait_graph *graph, enum plait_dtype dtype,
				 const char *suffix, int ndim, const int64_t *dim, float number)
{
	return kept(
		graph, suffix,
		(struct plait_node_spec){
			.source = PLAIT__SOURCE_BUFFER, .dtype = dtype, .ndim = ndim, .dim = dim },
		dtype == PLAIT_F32 ? PLAIT__INIT_CONSTANT : PLAIT__INIT_ZERO, number);
}

struct plait_node *plait__state_of(struct plait_node *parameter, double number)
{
	struct plait_node *node;

	if (!parameter)
		return NULL;
	node = source(parameter->graph, (struct plait_node_spec){ .source = PLAIT__SOURCE_STATE,
								  .dtype = parameter->dtype,
								  .ndim = parameter->ndim,
								  .dim = parameter->dim,
								  .nattr = 1,
								  .attr = &number });
	if (!node)
		return NULL;
	node->layer = parameter->layer;
	node->init = PLAIT__INIT_CONSTANT;
	return node;
}

struct plait_node *plait__state(struct plait_node *parameter)
{
	return plait__state_of(parameter, 0);
}

struct plait_node *plait__state_numbers(struct plait_graph *graph, int64_t n)
{
	return source(graph, (struct plait_node_spec){ .source = PLAIT__SOURCE_STATE,
						       .dtype = PLAIT_F32,
						       .ndim = 1,
						       .dim = &n });
}
