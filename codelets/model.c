/* SPDX-License-Identifier: MIT
 * Builds layers from a model's words. An op's room says what its word means; this file only
 * finds the room. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct plait_op *const ops[] = {
#define PLAIT__OP(name) &plait__op_##name,
#include "codelets/ops.def"
#undef PLAIT__OP
};
#define OPS (sizeof ops / sizeof *ops)

static const struct plait_op *find(const char *name)
{
	for (size_t i = 0; i < OPS; i++)
		if (ops[i]->word && strcmp(ops[i]->name, name) == 0)
			return ops[i];
	return NULL;
}

static struct plait_node *unknown(struct plait_graph *graph, const char *name)
{
	const char *words[OPS + 1], *nearest;
	char list[256] = "";
	size_t count = 0, length = 0;

	for (size_t i = 0; i < OPS; i++)
		if (ops[i]->word)
			words[count++] = ops[i]->name;
	words[count] = NULL;
	for (size_t i = 0; i < count && length < sizeof list; i++)
		length += (size_t)snprintf(list + length, sizeof list - length, "%s%s",
					   i ? ", " : "", words[i]);
	nearest = plait__nearest(name, words);
	return plait_graph_fail(graph, PLAIT_EINVAL,
				"model: unknown layer \"%.60s\"%s%s%s; the layers are %s", name,
				nearest ? ", did you mean \"" : "", nearest ? nearest : "",
				nearest ? "\"?" : "", list);
}

/* word is "name" or "name:arguments"; the colon is overwritten. */
static struct plait_node *layer(struct plait_node *x, char *word)
{
	char *colon = strchr(word, ':');
	const struct plait_op *op;

	if (colon)
		*colon = '\0';
	op = find(word);
	return op ? op->word(x, colon ? colon + 1 : "") : unknown(x->graph, word);
}

struct plait_node *plait_model(struct plait_node *x, const char *words)
{
	static const char blanks[] = " \t\r\n";
	struct plait_node *first = x;
	char *copy, *rest = NULL;

	if (!x)
		return NULL;
	copy = words ? strdup(words) : NULL;
	if (!copy)
		return plait_graph_fail(x->graph, words ? PLAIT_ENOMEM : PLAIT_EINVAL, "model: %s",
					words ? "no memory for the words" : "the words are NULL");
	for (char *word = strtok_r(copy, blanks, &rest); x && word;
	     word = strtok_r(NULL, blanks, &rest))
		x = layer(x, word);
	if (x == first)
		x = plait_graph_fail(first->graph, PLAIT_EINVAL,
				     "model: no layers in \"%s\": write words, as in \"linear:50 "
				     "relu linear:2\"",
				     words);
	free(copy);
	return x;
}

int plait_model_words(const char **names, int max)
{
	int count = 0;

	for (size_t i = 0; i < OPS; i++) {
		if (!ops[i]->word)
			continue;
		if (names && count < max)
			names[count] = ops[i]->name;
		count++;
	}
	return count;
}
