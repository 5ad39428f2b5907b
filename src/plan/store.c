/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/plan/store.h"
#include "src/base/assert.h"
#include "src/base/random.h"
#include "src/graph/op.h"
#include "src/runtime/memory_limit.h"

#include <starpu.h>
#include <stdlib.h>
#include <string.h>

bool plait__is_parameter(const struct plait_node *node)
{
	return node->source == PLAIT__SOURCE_PARAMETER;
}

bool plait__is_entry(const struct plait_node *node)
{
	return plait__is_parameter(node) || node->source == PLAIT__SOURCE_BUFFER;
}

static size_t lay_out_value(struct plait__store *store, const struct plait_node *node, size_t at)
{
	store->offset[node->id] = at;
	return at + plait__align(plait__node_bytes(node, 1));
}

/* States follow their parameters' order, not that of the updates. */
static void lay_out_state(struct plait__store *store, const struct plait_node *parameter)
{
	const struct plait_node *update = store->update[parameter->id];

	for (int i = 2; update && i < update->ninputs; i++)
		if (update->input[i]->source == PLAIT__SOURCE_STATE)
			store->state_bytes =
				lay_out_value(store, update->input[i], store->state_bytes);
}

static void find_updates(struct plait__store *store)
{
	const struct plait_graph *graph = store->graph;

	for (int i = 0; i < graph->nodes; i++) {
		struct plait_node *update = graph->node[i];

		if (update->phase != PLAIT_UPDATE || !plait__is_parameter(update->input[0]))
			continue;
		PLAIT__ASSERT(!store->update[update->input[0]->id],
			      "one node updates each parameter");
		store->update[update->input[0]->id] = update;
	}
}

static int lay_out(struct plait__store *store)
{
	const struct plait_graph *graph = store->graph;

	for (int i = 0; i < graph->nodes; i++) {
		store->parameters += plait__is_parameter(graph->node[i]);
		store->entries += plait__is_entry(graph->node[i]);
	}
	store->offset = plait__calloc((size_t)graph->nodes, sizeof *store->offset, "offsets");
	store->update = plait__calloc((size_t)graph->nodes, sizeof(void *), "updates");
	store->parameter = plait__calloc((size_t)store->parameters + 1, sizeof *store->parameter,
					 "parameters");
	store->entry =
		plait__calloc((size_t)store->entries + 1, sizeof *store->entry, "parameters");
	if (!store->offset || !store->update || !store->parameter || !store->entry)
		return PLAIT_ENOMEM;
	if (store->use == PLAIT__STORE_TRAINS)
		find_updates(store);
	for (int i = 0, n = 0, p = 0; i < graph->nodes; i++) {
		if (!plait__is_entry(graph->node[i]))
			continue;
		PLAIT__ASSERT(!graph->node[i]->batched, "a parameter is the same for all samples");
		store->entry[n++] = graph->node[i];
		store->values_bytes = lay_out_value(store, graph->node[i], store->values_bytes);
		if (!plait__is_parameter(graph->node[i]))
			continue;
		store->parameter[p++] = graph->node[i];
		lay_out_state(store, graph->node[i]);
	}
	if (graph->outlier_state)
		store->state_bytes = lay_out_value(store, graph->outlier_state, store->state_bytes);
	return 0;
}

/* The kernel promises more memory than it has, and ends the process when the pages are touched:
 * compare the sizes first. */
static int check_memory(const struct plait__store *store)
{
	size_t needed = store->values_bytes + store->state_bytes;
	int64_t available = plait__memory_available("");

	if (needed <= (size_t)available)
		return 0;
	return plait__error(PLAIT_ENOMEM,
			    "parameters and optimizer state need %.1f MB, this machine has %.1f MB "
			    "left: the network is too large",
			    (double)needed * 1e-6, (double)available * 1e-6);
}

static int allocate(const struct plait__store *store, unsigned char **memory_p, size_t bytes,
		    const char *what)
{
	if (bytes == 0)
		return 0;
	if (store->use == PLAIT__STORE_READS)
		*memory_p = aligned_alloc(PLAIT__ALIGN, bytes);
	else if (starpu_malloc((void **)memory_p, bytes) != 0)
		*memory_p = NULL;
	if (!*memory_p)
		return plait__error(PLAIT_ENOMEM, "no memory for %s: %zu bytes", what, bytes);
	memset(*memory_p, 0, bytes);
	return 0;
}

static void release(const struct plait__store *store, unsigned char *memory, size_t bytes)
{
	if (store->use == PLAIT__STORE_READS)
		free(memory);
	else if (memory)
		starpu_free_noflag(memory, bytes);
}

/* U(-bound, bound), keyed by (seed, position of the parameter, element): PyTorch's
 * distribution for nn.Linear, not its generator. */
static void draw(struct plait__store *store)
{
	for (int i = 0; i < store->parameters; i++) {
		const struct plait_node *node = store->parameter[i];
		float *value = plait__store_memory(store, node), bound = (float)node->attr[0];
		uint64_t key = plait__key(store->seed, (uint64_t)i);
		int64_t n = plait_node_elements(node);

		if (node->init != PLAIT__INIT_UNIFORM)
			continue;
		for (int64_t j = 0; j < n; j++)
			value[j] =
				(2 * plait__uniform(plait__random(key, (uint64_t)j)) - 1) * bound;
	}
}

/* All memory was 0 before. */
static void set_constant(struct plait__store *store, const struct plait_node *node)
{
	float *value = plait__store_memory(store, node);

	if (node->init != PLAIT__INIT_CONSTANT || node->attr[0] == 0)
		return;
	PLAIT__ASSERT(node->dtype == PLAIT_F32, "a constant is of floats");
	for (int64_t j = 0; j < plait_node_elements(node); j++)
		value[j] = (float)node->attr[0];
}

static void set_constants(struct plait__store *store)
{
	for (int i = 0; i < store->entries; i++) {
		const struct plait_node *update = store->update[store->entry[i]->id];

		set_constant(store, store->entry[i]);
		for (int j = 2; update && j < update->ninputs; j++)
			if (update->input[j]->source == PLAIT__SOURCE_STATE)
				set_constant(store, update->input[j]);
	}
}

int plait__store_create(struct plait__store *store, const struct plait_graph *graph, uint64_t seed,
			enum plait__store_use use)
{
	int status;

	*store = (struct plait__store){ .graph = graph, .seed = seed, .use = use };
	status = lay_out(store);
	if (status == 0)
		status = check_memory(store);
	if (status == 0)
		status = allocate(store, &store->values, store->values_bytes, "parameters");
	if (status == 0)
		status = allocate(store, &store->state, store->state_bytes, "optimizer state");
	if (status < 0) {
		plait__store_destroy(store);
		return status;
	}
	draw(store);
	set_constants(store);
	return 0;
}

void plait__store_destroy(struct plait__store *store)
{
	release(store, store->values, store->values_bytes);
	release(store, store->state, store->state_bytes);
	free(store->offset);
	free(store->update);
	free(store->parameter);
	free(store->entry);
	*store = (struct plait__store){ 0 };
}

void *plait__store_memory(const struct plait__store *store, const struct plait_node *node)
{
	return (plait__is_entry(node) ? store->values : store->state) + store->offset[node->id];
}
