/* SPDX-License-Identifier: MIT
 * The metrics of a graph: numbers of its loss phase that each step leaves beside the loss. */
#include "config.h"
#include "src/graph/graph.h"

#include <plait/ops.h>
#include <string.h>

/* It is a key in a log and stands before a number in a line. */
static bool is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_-.:");

	return name[length] == '\0' && length > 0 && length < PLAIT_METRIC_NAME;
}

static bool is_taken(const struct plait_graph *graph, const char *name)
{
	for (int i = 0; i < graph->metrics; i++)
		if (strcmp(graph->metric[i].name, name) == 0)
			return true;
	return strcmp(name, "loss") == 0 || strcmp(name, "accuracy") == 0;
}

/* All results of a step are in one arena of each shard, as all that is made in its loss phase. */
static bool is_number(const struct plait_node *x)
{
	return x->partial && x->phase == PLAIT_LOSS && !x->op->view && x->dtype == PLAIT_F32 &&
	       plait_node_elements(x) == 1;
}

struct plait_node *plait_metric(struct plait_node *x, const char *name)
{
	struct plait_graph *graph = x ? x->graph : NULL;

	if (!x)
		return NULL;
	if (!name || !is_name(name))
		return plait_graph_fail(graph, PLAIT_EINVAL,
					"metric: \"%.40s\" is no name: letters, digits and _ - . : "
					"are, %d at most",
					name ? name : "NULL", PLAIT_METRIC_NAME - 1);
	if (is_taken(graph, name))
		return plait_graph_fail(graph, PLAIT_EINVAL,
					"metric: there is a \"%s\" already: give it another name",
					name);
	if (graph->metrics == PLAIT_MAX_METRICS)
		return plait_graph_fail(graph, PLAIT_EINVAL, "metric \"%s\": %d are possible", name,
					PLAIT_MAX_METRICS);
	if (graph->has_trainer)
		return plait_graph_fail(
			graph, PLAIT_EINVAL,
			"metric \"%s\": the graph has a trainer: call plait_metric() "
			"before plait_trainer_create()",
			name);
	if (!is_number(x))
		return plait_graph_fail(
			graph, PLAIT_EINVAL,
			"metric \"%s\": the result of %s is not one number made of a "
			"whole batch, as plait_mean() makes one",
			name, x->op->name);
	graph->metric[graph->metrics].node = x;
	strcpy(graph->metric[graph->metrics++].name, name);
	return x;
}
