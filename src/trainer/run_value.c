/* SPDX-License-Identifier: MIT
 * Values and gradients of a step, by name. */
#include "config.h"
#include "codelets/ops.h"
#include "src/trainer/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRADIENT ".grad"

/* -- names ------------------------------------------------------------------------------ */

static bool is_named(const struct plait_node *node, const char *name, size_t length)
{
	return node->name[0] && strlen(node->name) == length &&
	       memcmp(node->name, name, length) == 0;
}

/* The node that name stands for, or NULL. */
static const struct plait_node *find(const struct plait_graph *graph, const char *name)
{
	size_t length = strlen(name), suffix = strlen(GRADIENT);
	bool gradient = length > suffix && strcmp(name + length - suffix, GRADIENT) == 0;

	if (gradient)
		length -= suffix;
	for (int i = 0; i < graph->nodes; i++)
		if (is_named(graph->node[i], name, length))
			return gradient ? graph->node[i]->gradient : graph->node[i];
	return NULL;
}

static int no_such_value(const struct plait_graph *graph, const char *name)
{
	char all[300] = "";

	for (int i = 0; i < graph->nodes; i++)
		if (graph->node[i]->name[0] && graph->node[i]->phase <= PLAIT_FORWARD)
			snprintf(all + strlen(all), sizeof all - strlen(all), " %s",
				 graph->node[i]->name);
	return plait__error(PLAIT_EINVAL,
			    "no value \"%s\" in the network; there are%s, and \"NAME" GRADIENT
			    "\" for the gradient of each that a parameter stands above",
			    name, all);
}

/* -- keeping ---------------------------------------------------------------------------- */

static int check_name(const struct plait_graph *graph, const char *name)
{
	const struct plait_node *node = find(graph, name);

	if (!node)
		return no_such_value(graph, name);
	if (plait__resolve(node, PLAIT__TRAIN)->phase == PLAIT_SOURCE && !plait__is_entry(node))
		return plait__error(PLAIT_EINVAL, "\"%s\" is the input under another shape", name);
	if (node->batched && node->ndim == PLAIT_MAX_DIMS)
		return plait__error(
			PLAIT_ESHAPE,
			"\"%s\": with one for the samples it has %d dimensions, at most "
			"%d are possible",
			name, node->ndim + 1, PLAIT_MAX_DIMS);
	return 0;
}

int plait__run_keep(struct plait_run *run, bool *keeps)
{
	const struct plait_graph *graph = run->trainer->graph;
	const char *const *name = run->options.keep;
	int n = 0, status = 0;

	while (name && name[n] && status == 0)
		status = check_name(graph, name[n++]);
	if (status < 0 || n == 0)
		return status;
	run->kept = plait__calloc((size_t)n, sizeof *run->kept, "values that are kept");
	if (!run->kept)
		return PLAIT_ENOMEM;
	run->keeps = n;
	for (int i = 0; i < n; i++) {
		run->kept[i].node = find(graph, name[i]);
		keeps[plait__resolve(run->kept[i].node, PLAIT__TRAIN)->id] = true;
	}
	return 0;
}

int plait__run_make_kept(struct plait_run *run)
{
	for (int i = 0; i < run->keeps; i++) {
		const struct plait_node *node = run->kept[i].node;

		if (plait__is_entry(node))
			continue;
		/* Where it is channels_last, twice: PyTorch's layout is made behind it. */
		run->kept[i].memory = plait__calloc(
			node->channels_last ? 2 : 1,
			plait__node_bytes(node, run->binding.plan->options.batch_size) + 1,
			node->name);
		if (!run->kept[i].memory)
			return PLAIT_ENOMEM;
	}
	return 0;
}

void plait__run_free_kept(struct plait_run *run)
{
	for (int i = 0; i < run->keeps; i++)
		free(run->kept[i].memory);
	free(run->kept);
}

/* -- reading ---------------------------------------------------------------------------- */

/* The kept value of a name, or NULL. */
static struct plait__kept *find_kept(struct plait_run *run, const char *name)
{
	const struct plait_node *node = find(run->trainer->graph, name);

	for (int i = 0; node && i < run->keeps; i++)
		if (run->kept[i].node == node)
			return &run->kept[i];
	return NULL;
}

static int read_value(struct plait_run *run, const struct plait__kept *kept,
		      struct plait_tensor *tensor)
{
	const struct plait__feed *feed = &run->binding.feed;
	const struct plait_node *node = kept->node;
	int64_t step = run->submitted - 1;
	int64_t rows = run->lent ? run->lent[step % run->rooms].rows
				 : plait__feed_rows(feed, step % feed->batches);
	int status = plait__run_settle(run);

	if (status < 0)
		return status;

	*tensor = (struct plait_tensor){ .name = node->name, .dtype = node->dtype };
	if (node->batched)
		tensor->dim[tensor->ndim++] = rows;
	for (int i = 0; i < node->ndim; i++)
		tensor->dim[tensor->ndim++] = node->dim[i];
	tensor->data = kept->memory;
	if (plait__is_entry(node))
		tensor->data = plait__store_memory(&run->trainer->store, node);
	else
		plait__binding_read(&run->binding, node, rows, kept->memory);
	if (node->channels_last) {
		float *made = (float *)kept->memory + rows * plait_node_elements(node);

		plait__layout_copy(node, false, rows, tensor->data, made);
		tensor->data = made;
	}
	return 0;
}

int plait_run_value(struct plait_run *run, const char *name, struct plait_tensor *tensor)
{
	struct plait__kept *kept;
	int status;

	if (!run || !name || !tensor)
		return plait__error(PLAIT_EINVAL, "plait_run_value: %s is NULL",
				    !run    ? "run"
				    : !name ? "the name"
					    : "tensor");
	kept = find_kept(run, name);
	if (!kept)
		return plait__error(PLAIT_EINVAL,
				    "plait_run_value: \"%s\" is not kept: name it in options.keep "
				    "when the run is opened",
				    name);
	if (plait_run_submitted(run) == 0)
		return plait__error(PLAIT_ESTATE, "plait_run_value: no step was submitted yet");
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = read_value(run, kept, tensor);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}
