/* SPDX-License-Identifier: MIT
 * Builds layers from a model's words, and metrics from theirs. An op's room says what its word
 * means; this file only finds the room. */
#include "config.h"
#include "codelets/shared/room.h"
#include "codelets/shared/register.h"
#include "src/base/suggest.h"

#include <plait/ops.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 63 /* that a message shows */

/* what: "layer" or "metric", of what: "model" or that. */
static struct plait_node *unknown(struct plait_graph *graph, const char *of, const char *what,
				  const char *name, int (*list_words)(const char **names, int max))
{
	const char *words[MOST_WORDS + 1] = { NULL }; /* so that they end in NULL */
	char suggestion[PLAIT__SUGGEST_SIZE], list[256];

	list_words(words, MOST_WORDS);
	return plait_graph_fail(graph, PLAIT_EINVAL,
				"%s: unknown %s \"%.60s\"%s (plug-ins bring more: --plugin, "
				"plait_plugin_load); the %ss are %s",
				of, what, name,
				plait__suggest(suggestion, PLAIT__SUGGEST_QUOTED, name, words),
				what, plait__join(list, sizeof list, words, ", "));
}

/* word is "name" or "name:arguments"; the colon is overwritten. */
static struct plait_node *layer(struct plait_node *x, char *word)
{
	char *colon = strchr(word, ':');
	const struct plait_op *op;
	struct plait_node *y;

	if (colon)
		*colon = '\0';
	op = plait__op_find(word);
	if (!op)
		return unknown(x->graph, "model", "layer", word, plait_model_words);
	y = op->word(x, colon ? colon + 1 : "");
	/* An error that is kept already is the cause, and stays. */
	return y ? y : plait_graph_fail(x->graph, PLAIT_EINVAL, "model: %s gives no layer", word);
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

struct plait_node *plait_metric_word(struct plait_node *y, struct plait_node *answers,
				     struct plait_node *weights, const char *word)
{
	char name[PLAIT_METRIC_NAME], *colon;
	const struct plait_op *op;
	struct plait_node *x;

	if (!y || !answers)
		return NULL;
	if (!word || strlen(word) >= sizeof name)
		return plait_graph_fail(y->graph, PLAIT_EINVAL, "metric: the word is %s",
					word ? "too long" : "NULL");
	strcpy(name, word);
	colon = strchr(name, ':');
	if (colon)
		*colon = '\0';
	op = plait__op_find_metric(name);
	if (!op)
		return unknown(y->graph, "metric", "metric", name, plait_metric_words);
	x = op->metric(y, answers, weights, colon ? colon + 1 : "");
	return x ? plait_metric(x, word)
		 : plait_graph_fail(y->graph, PLAIT_EINVAL, "metric: %s gives no number", name);
}
