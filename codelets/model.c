/* SPDX-License-Identifier: MIT
 * Builds a layer from a model's word, and metrics from theirs. An op's room says what its word
 * means; this file only finds the room. */
#include "config.h"
#include "codelets/model.h"
#include "codelets/shared/register.h"
#include "src/base/suggest.h"

#include <plait/ops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 63 /* that a message shows */

/* Says which words there are, of a layer: residual and whole networks too. */
static struct plait_node *unknown(struct plait_graph *graph, bool metric, const char *name)
{
	const char *what = metric ? "metric" : "layer";
	/* So many that a NULL follows. */
	const char *words[MOST_WORDS + 1] = { NULL }, *networks[MOST_WORDS + 1] = { NULL };
	char suggestion[PLAIT__SUGGEST_SIZE], sought[PLAIT__SUGGEST_SIZE], list[400], rest[96];
	int count = metric ? plait_metric_words(words, MOST_WORDS)
			   : plait_model_words(words, MOST_WORDS - 1);

	plait__join(list, sizeof list, words, ", ");
	if (!metric && count < MOST_WORDS) {
		words[count++] = PLAIT__RESIDUAL;
		plait_model_presets(networks, NULL, MOST_WORDS);
		plait_model_presets(words + count, NULL, MOST_WORDS - count);
	}
	snprintf(sought, sizeof sought, "%s", name);
	plait__suggest(suggestion, PLAIT__SUGGEST_QUOTED, plait__respell(sought, '-', '_'), words);
	return plait_graph_fail(graph, PLAIT_EINVAL,
				"%s: unknown %s \"%.60s\"%s (plug-ins bring more: --plugin, "
				"plait_plugin_load); the %ss are %s%s%s",
				metric ? what : "model", what, name,
				plait__respell(suggestion, '_', '-'), what,
				plait__respell(list, '_', '-'),
				metric ? "" : ", " PLAIT__RESIDUAL "{ words | words }; networks: ",
				plait__join(rest, sizeof rest, networks, ", "));
}

struct plait_node *plait__model_layer(struct plait_node *x, char *word)
{
	char *colon = strchr(word, ':');
	const struct plait_op *op;
	struct plait_node *y;

	if (colon)
		*colon = '\0';
	op = plait__op_find(word);
	if (!op)
		return unknown(x->graph, false, word);
	y = op->word(x, colon ? colon + 1 : "");
	/* An error that is kept already is the cause, and stays. */
	return y ? y : plait_graph_fail(x->graph, PLAIT_EINVAL, "model: %s gives no layer", word);
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
		return unknown(y->graph, true, name);
	x = op->metric(y, answers, weights, colon ? colon + 1 : "");
	return x ? plait_metric(x, word)
		 : plait_graph_fail(y->graph, PLAIT_EINVAL, "metric: %s gives no number", name);
}
