/* SPDX-License-Identifier: MIT
 * Where layers are computed. */
#include "config.h"
#include "src/graph/graph.h"

#include <stdlib.h>
#include <string.h>

bool plait__device_parse(const char *text, struct plait__device *device)
{
	static const struct {
		const char *name;
		enum plait__device_kind kind;
	} kinds[] = { { "cpu", PLAIT__CPU }, { "cuda", PLAIT__CUDA } };

	if (strcmp(text, "any") == 0) {
		*device = (struct plait__device){ .kind = PLAIT__ANYWHERE };
		return true;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t length = strlen(kinds[i].name);
		const char *number = text + length;

		if (strncmp(text, kinds[i].name, length) != 0 ||
		    strspn(number, "0123456789") != strlen(number) || strlen(number) > 4)
			continue;
		*device = (struct plait__device){ kinds[i].kind, *number ? atoi(number) : -1 };
		return true;
	}
	return false;
}

struct plait_node *plait_place(struct plait_node *node, const char *device)
{
	if (!node)
		return NULL;
	if (node->phase != PLAIT_FORWARD)
		return plait_graph_fail(
			node->graph, PLAIT_EINVAL,
			"plait_place: %s belongs to no layer; a loss is computed where "
			"the last layer is",
			node->op->name);
	if (!device)
		return plait_graph_fail(node->graph, PLAIT_EINVAL, "plait_place: device is NULL");
	if (!plait__device_parse(device, &node->device))
		return plait_graph_fail(
			node->graph, PLAIT_EINVAL,
			"plait_place: \"%s\" is no device: any, cpu, cuda, or one of "
			"them by its number, as cpu0",
			device);
	return node;
}

/* -- layers by their numbers ------------------------------------------------------------- */

/* Reads "2", "0-3" or "4-" of a graph with so many layers; false: it is none. */
static bool parse_layers(const char *text, int layers, int *first, int *last)
{
	const char *dash = strchr(text, '-');
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 6 || (text[digits] && text + digits != dash))
		return false;
	*first = *last = atoi(text);
	if (dash && dash[1]) {
		if (strspn(dash + 1, "0123456789") != strlen(dash + 1) || strlen(dash + 1) > 6)
			return false;
		*last = atoi(dash + 1);
	} else if (dash) {
		*last = layers - 1;
	}
	return *first <= *last && *last < layers;
}

/* taken: by layer, whether a word before has placed it. */
static int place_word(struct plait_graph *graph, char *word, bool *taken)
{
	char *colon = strchr(word, ':');
	struct plait__device device;
	int first, last;

	if (!colon)
		return plait__error(PLAIT_EINVAL,
				    "\"%s\" is no LAYERS:DEVICE, as in 0-3:cpu0 or 4-:cuda0", word);
	*colon = '\0';
	if (!plait__device_parse(colon + 1, &device))
		return plait__error(PLAIT_EINVAL, PLAIT__NO_DEVICE, colon + 1);
	if (!parse_layers(word, graph->sequence.next, &first, &last))
		return plait__error(PLAIT_EINVAL,
				    "\"%s\" names no layers of this network: it has 0 to %d", word,
				    graph->sequence.next - 1);
	for (int i = first; i <= last; i++) {
		if (taken[i])
			return plait__error(PLAIT_EINVAL, "layer %d is placed twice: place it once",
					    i);
		taken[i] = true;
	}
	for (int i = 0; i < graph->nodes; i++) {
		struct plait_node *node = graph->node[i];
		int index = plait__layer_index(graph, node->layer);

		if (node->phase == PLAIT_FORWARD && index >= first && index <= last)
			node->device = device;
	}
	return 0;
}

int plait_place_words(struct plait_graph *graph, const char *words)
{
	int status = plait_graph_status(graph);
	char *copy, *rest, *word;
	bool *taken;

	if (status == 0 && !words)
		status = plait__error(PLAIT_EINVAL, "plait_place_words: words is NULL");
	if (status < 0)
		return status;
	copy = rest = plait__format("%s", words);
	taken = plait__calloc((size_t)graph->sequence.next + 1, sizeof *taken, "places of layers");
	if (!copy || !taken)
		status = PLAIT_ENOMEM;
	while (status == 0 && (word = strsep(&rest, " \t")))
		if (*word)
			status = place_word(graph, word, taken);
	free(taken);
	free(copy);
	return status;
}
