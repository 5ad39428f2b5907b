/* SPDX-License-Identifier: MIT
 * Networks as words:
 *   network = preset | layers
 *   layers  = layer { layer }
 *   layer   = word | "residual" "{" layers [ "|" layers ] "}"
 * No other place knows this grammar.  What a word stands for codelets/model.c finds. */
#include "config.h"
#include "codelets/model.h"
#include "codelets/words.h"

#include <plait/ops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct plait_graph *graph;
	struct plait__words words;
	int depth; /* residuals that are open */
};

#define MOST_BEFORE 30 /* bytes of the text that a message shows before a fault */

/* What stands where it should not, and where that is. */
static struct plait_node *expected(struct parser *p, const char *what)
{
	const char *end = p->words.begin, *begin = end;
	const char *quote = *p->words.word ? "\"" : "";

	while (begin > p->words.text && begin[-1] != '\n' && end - begin < MOST_BEFORE)
		begin--;
	begin += strspn(begin, " \t\r");
	while (end > begin && strchr(" \t\r", end[-1]))
		end--;
	return plait_graph_fail(
		p->graph, PLAIT_EINVAL, "model: expected %s, found %s%.60s%s%s%.*s%s", what, quote,
		*p->words.word ? p->words.word : "the end", quote, begin < end ? " behind \"" : "",
		(int)(end - begin), begin, begin < end ? "\"" : "");
}

static struct plait_node *layers(struct parser *p, struct plait_node *x);

/* One side of a residual, behind its brace or bar. */
static struct plait_node *side(struct parser *p, struct plait_node *x, const char *name)
{
	struct plait__sequence outer = plait__sequence_enter(p->graph, name);
	struct plait_node *y;

	plait__words_next(&p->words);
	y = layers(p, x);
	plait__sequence_leave(p->graph, outer);
	return y;
}

/* y = body + shortcut, where the latter is x itself if nothing else is written. */
static struct plait_node *join(struct parser *p, struct plait_node *body,
			       struct plait_node *shortcut, const struct plait_node *x)
{
	char path[PLAIT__PATH_SIZE], bodys[128], shortcuts[128];

	if (body->ndim == shortcut->ndim &&
	    memcmp(body->dim, shortcut->dim, (size_t)body->ndim * sizeof *body->dim) == 0)
		return plait_add(body, shortcut);
	return plait_graph_fail(
		p->graph, PLAIT_ESHAPE,
		"model: residual %s: its body gives %s, and its shortcut%s %s: both must have one "
		"shape",
		plait__layer_path(p->graph, p->graph->layers, path),
		plait_shape_text(body->ndim, body->dim, bodys, sizeof bodys),
		shortcut == x ? ", which is its input," : "",
		plait_shape_text(shortcut->ndim, shortcut->dim, shortcuts, sizeof shortcuts));
}

static struct plait_node *residual(struct parser *p, struct plait_node *x)
{
	struct plait_node *body, *shortcut = x, *y;
	int line = p->words.line;

	if (!strchr(p->words.word, ':'))
		plait__words_next(&p->words);
	if (!plait__words_at(&p->words, '{'))
		return expected(p, PLAIT__RESIDUAL "{ words } or " PLAIT__RESIDUAL
						   "{ words | words }");
	if (p->depth == PLAIT__MODEL_DEPTH)
		return plait_graph_fail(p->graph, PLAIT_EINVAL,
					"model: more than %d residuals in each other", p->depth);
	p->depth++;
	body = side(p, x, "body");
	if (body && plait__words_at(&p->words, '|'))
		shortcut = side(p, x, "shortcut");
	if (!body || !shortcut)
		return NULL;
	p->depth--;
	y = plait__words_at(&p->words, '}') ? join(p, body, shortcut, x)
					    : expected(p, "\"}\" of a " PLAIT__RESIDUAL);
	if (y)
		plait__words_next(&p->words);
	else
		p->words.line = line; /* of what is too long, or wrong as a whole */
	return y;
}

static bool is_residual(const char *word)
{
	size_t length = strlen(PLAIT__RESIDUAL);

	return strncmp(word, PLAIT__RESIDUAL, length) == 0 &&
	       (word[length] == '\0' || word[length] == ':');
}

/* At least one, up to a mark or the end. */
static struct plait_node *layers(struct parser *p, struct plait_node *x)
{
	if (!plait__words_named(&p->words))
		return expected(p, "a layer");
	while (x && plait__words_named(&p->words)) {
		if (is_residual(p->words.word)) {
			x = residual(p, x);
			continue;
		}
		if (plait__is_preset(p->words.word))
			return expected(p, "a layer, as a whole network stands alone");
		x = plait__model_layer(x, p->words.word);
		if (x)
			plait__words_next(&p->words);
	}
	return x;
}

/* A word that is the whole model. */
static struct plait_node *preset(struct parser *p, struct plait_node *x, int64_t outputs)
{
	char *words = plait__preset_words(p->words.word, outputs);

	if (!words)
		return plait_graph_fail(p->graph, PLAIT_EINVAL, "%s", plait_error_message());
	plait__words_next(&p->words);
	x = *p->words.word ? expected(p, "nothing behind a whole network")
			   : plait__model(x, words, 0);
	free(words);
	return x;
}

static struct plait_node *network(struct parser *p, struct plait_node *x, int64_t outputs)
{
	if (!*p->words.word)
		return plait_graph_fail(p->graph, PLAIT_EINVAL,
					"model: no layers in \"%.60s\": write words, as in "
					"\"linear:50 relu linear:2\"",
					p->words.text);
	if (plait__is_preset(p->words.word))
		return preset(p, x, outputs);
	x = layers(p, x);
	return x && *p->words.word ? expected(p, "a layer or the end") : x;
}

/* Writes the line of a fault before the graph's message. */
static void prefix_line(struct plait_graph *graph, int line)
{
	char text[32];
	size_t length = (size_t)snprintf(text, sizeof text, "line %d: ", line);

	memmove(graph->message + length, graph->message, sizeof graph->message - length);
	memcpy(graph->message, text, length);
	graph->message[sizeof graph->message - 1] = '\0';
}

struct plait_node *plait__model(struct plait_node *x, const char *words, int64_t outputs)
{
	struct parser p = { .graph = x ? x->graph : NULL };
	int before;

	if (!x)
		return NULL;
	if (!words)
		return plait_graph_fail(x->graph, PLAIT_EINVAL, "model: the words are NULL");
	if (strlen(words) > PLAIT__MODEL_MOST)
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"model: more than %d bytes of words", PLAIT__MODEL_MOST);
	if (!plait__words_open(&p.words, words))
		return plait_graph_fail(x->graph, PLAIT_ENOMEM, "model: no memory for the words");
	before = x->graph->status;
	x = network(&p, x, outputs);
	if (!x && before == 0 && strchr(words, '\n'))
		prefix_line(p.graph, p.words.line);
	plait__words_close(&p.words);
	return x;
}

struct plait_node *plait_model(struct plait_node *x, const char *words)
{
	return plait__model(x, words, 0);
}

/* Appends the words, with - for _ in names, and one blank between them, but none before the brace
 * of a residual. */
static void append_words(char *text, struct plait__words *words)
{
	for (char *end = text; *words->word; plait__words_next(words)) {
		if (end > text && !plait__words_at(words, '{'))
			*end++ = ' ';
		for (char *c = words->word; *c && *c != ':'; c++)
			if (*c == '_')
				*c = '-';
		end = stpcpy(end, words->word);
	}
}

char *plait__model_text(const char *text, int64_t outputs)
{
	struct plait__words words;
	char *result = NULL;

	if (!plait__words_open(&words, text))
		plait__error(PLAIT_ENOMEM, "no memory for the words of a model");
	else if (plait__is_preset(words.word))
		result = plait__preset_words(words.word, outputs);
	else
		/* Each word has a blank. */
		result = plait__calloc(2 * strlen(text) + 1, 1, "the words of a model");
	if (result && !*result)
		append_words(result, &words);
	plait__words_close(&words);
	return result;
}

bool plait__model_ends_in(const struct plait_node *output, const char *op)
{
	return output && strcmp(output->op->name, op) == 0;
}
