/* SPDX-License-Identifier: MIT
 * Making scores and adding samples. */
#include "config.h"
#include "src/scores/scores.h"
#include "src/base/grow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- memory ---------------------------------------------------------------------------------- */

static void free_lists(struct plait_scores *s)
{
	free(s->by_class);
	free(s->confusion);
	free(s->rank);
	free(s->row);
	free(s->probability);
	free(s->answer);
	free(s->number);
	free(s->by_output);
	free(s->worst);
}

/* Lists of what the kind counts. */
static bool make_lists(struct plait_scores *s)
{
	const struct plait_scores_options *o = &s->options;
	size_t outputs = (size_t)o->outputs, classes;

	if (o->kind == PLAIT_SCORES_NUMBERS) {
		s->number = plait__calloc(outputs, sizeof *s->number, "scores");
		s->by_output = plait__calloc(outputs, sizeof *s->by_output, "scores");
		return s->number && s->by_output;
	}
	classes = plait__scores_two(s) ? 2 : outputs;
	s->classes = (int64_t)classes;
	if (o->auroc)
		s->columns = o->kind == PLAIT_SCORES_CLASSES && classes == 2 ? 1 : o->outputs;
	s->by_class = plait__calloc(classes, sizeof *s->by_class, "scores of classes");
	s->row = plait__calloc(outputs, sizeof *s->row, "probabilities");
	if (!s->by_class || !s->row)
		return false;
	if (o->kind == PLAIT_SCORES_CLASSES) {
		s->rank = plait__calloc(classes, sizeof *s->rank, "scores of classes");
		if (!s->rank)
			return false;
	}
	if (o->confusion && (o->kind == PLAIT_SCORES_CLASSES || plait__scores_two(s))) {
		s->confusion = plait__calloc(classes, classes * sizeof *s->confusion,
					     "a confusion matrix");
		return s->confusion != NULL;
	}
	return true;
}

/* Scores of a kind, in the place of what s had. */
static int make(struct plait_scores *s, const struct plait_scores_options *options)
{
	struct plait_scores made = { .given = s->given, .options = *options };
	bool whole = true;

	if (options->worst > 0) {
		made.worst = plait__calloc((size_t)options->worst, sizeof *made.worst,
					   "the samples of the largest losses");
		whole = made.worst != NULL;
	}
	if (whole && options->kind != 0)
		whole = make_lists(&made);
	if (!whole) {
		free_lists(&made);
		return PLAIT_ENOMEM;
	}
	free_lists(s);
	*s = made;
	return 0;
}

static int check_options(const struct plait_scores_options *o)
{
	if ((unsigned)o->kind > PLAIT_SCORES_NUMBERS)
		return plait__error(PLAIT_EINVAL, "scores: kind %d, must be one of PLAIT_SCORES_*",
				    (int)o->kind);
	if (o->kind == 0 && (o->outputs != 0 || o->probabilities || o->ignores))
		return plait__error(PLAIT_EINVAL,
				    "scores: without a kind the network says what its outputs are: "
				    "leave outputs, probabilities and ignores 0");
	if (o->kind != 0 && o->outputs < 1)
		return plait__error(PLAIT_EINVAL, "scores: %" PRId64 " outputs, must be at least 1",
				    o->outputs);
	if (o->worst < 0)
		return plait__error(PLAIT_EINVAL,
				    "scores: worst is %" PRId64 ", must not be negative", o->worst);
	return 0;
}

int plait_scores_create(struct plait_scores **scores_p, const struct plait_scores_options *options)
{
	struct plait_scores *s;
	int status;

	if (!scores_p || !options)
		return plait__error(PLAIT_EINVAL, "plait_scores_create: %s is NULL",
				    scores_p ? "options" : "scores_p");
	status = check_options(options);
	if (status < 0)
		return status;
	s = plait__calloc(1, sizeof *s, "scores");
	if (!s)
		return PLAIT_ENOMEM;
	s->given = *options;
	status = make(s, options);
	if (status < 0)
		free(s);
	else
		*scores_p = s;
	return status;
}

void plait_scores_destroy(struct plait_scores *scores)
{
	if (!scores)
		return;
	free_lists(scores);
	free(scores);
}

void plait_scores_reset(struct plait_scores *s)
{
	size_t classes = s ? (size_t)s->classes : 0;

	if (!s)
		return;
	s->samples = s->exact = s->worsts = 0;
	memset(s->bin, 0, sizeof s->bin);
	if (s->by_class)
		memset(s->by_class, 0, classes * sizeof *s->by_class);
	if (s->confusion)
		memset(s->confusion, 0, classes * classes * sizeof *s->confusion);
	if (s->rank)
		memset(s->rank, 0, classes * sizeof *s->rank);
	if (s->number)
		memset(s->number, 0, (size_t)s->options.outputs * sizeof *s->number);
}

/* -- within an evaluation ---------------------------------------------------------------------- */

/* Whether what was given is what there is. */
static int check_settled(const struct plait_scores_options *given,
			 const struct plait_scores_options *settled)
{
	bool labels = settled->kind == PLAIT_SCORES_CLASSES;

	if ((given->kind == PLAIT_SCORES_CLASSES) != labels)
		return plait__error(PLAIT_EINVAL,
				    "scores: they are of %s, and the loss compares outputs with %s",
				    labels ? "targets" : "classes", labels ? "labels" : "targets");
	if (given->outputs != settled->outputs)
		return plait__error(PLAIT_EINVAL,
				    "scores: they are of %" PRId64
				    " outputs, and the network has %" PRId64,
				    given->outputs, settled->outputs);
	return 0;
}

int plait__scores_settle(struct plait_scores *s, const struct plait_scores_options *settled)
{
	struct plait_scores_options options = s->given;

	if (s->given.kind != 0) {
		int status = check_settled(&s->given, settled);

		if (status == 0)
			plait_scores_reset(s);
		return status;
	}
	options.kind = settled->kind;
	options.outputs = settled->outputs;
	options.probabilities = settled->probabilities;
	options.ignores = settled->ignores;
	options.ignored = settled->ignored;
	return make(s, &options);
}

void plait__scores_swap(struct plait_scores *a, struct plait_scores *b)
{
	struct plait_scores held = *a;

	PLAIT__ASSERT(a->options.kind == b->options.kind &&
			      a->options.outputs == b->options.outputs,
		      "scores that change hands are of one kind");
	*a = *b;
	*b = held;
}

struct plait_scores *plait__scores_like(const struct plait_scores *scores)
{
	struct plait_scores *s = plait__calloc(1, sizeof *s, "scores");

	if (!s)
		return NULL;
	s->given = scores->given;
	if (make(s, &scores->options) == 0)
		return s;
	free(s);
	return NULL;
}

int plait__scores_reserve(struct plait_scores *s, int64_t samples)
{
	bool labels = s->options.kind == PLAIT_SCORES_CLASSES;
	size_t all = (size_t)s->samples + (size_t)samples, columns = (size_t)s->columns;

	if (columns == 0)
		return 0;
	if (all > SIZE_MAX / sizeof(double) / columns)
		return plait__error(PLAIT_ENOMEM, "no memory for the probabilities of %zu samples",
				    all);
	if (plait__grow(&s->probability, &s->probability_room, all * columns,
			sizeof *s->probability, "the probabilities of all samples") < 0 ||
	    plait__grow(&s->answer, &s->answer_room, labels ? all : all * columns,
			sizeof *s->answer, "the answers of all samples") < 0)
		return PLAIT_ENOMEM;
	return 0;
}

/* -- adding ---------------------------------------------------------------------------------- */

static int check_rows(const struct plait_scores *s, const struct plait_scores_rows *rows)
{
	bool labels = s->options.kind == PLAIT_SCORES_CLASSES;

	if (s->options.kind == 0)
		return plait__error(PLAIT_EINVAL,
				    "plait_scores_add: the scores have no kind: give them one when "
				    "they are created");
	if (rows->rows > 0 &&
	    (!rows->outputs || !(labels ? (void *)rows->labels : (void *)rows->targets)))
		return plait__error(PLAIT_EINVAL, "plait_scores_add: no %s",
				    !rows->outputs ? "outputs"
				    : labels       ? "labels"
						   : "targets");
	if (rows->rows > 0 && s->options.worst > 0 && !rows->losses)
		return plait__error(
			PLAIT_EINVAL,
			"plait_scores_add: no losses, which say what samples are worst");
	return 0;
}

static bool counts(const struct plait_scores *s, const struct plait_scores_rows *rows, int64_t i)
{
	int32_t label;

	if (rows->weights && rows->weights[i] == 0.0f)
		return false;
	if (s->options.kind != PLAIT_SCORES_CLASSES)
		return true;
	label = rows->labels[i];
	return label >= 0 && label < s->classes &&
	       !(s->options.ignores && label == s->options.ignored);
}

void plait__scores_add_row(struct plait_scores *s, const struct plait_scores_rows *rows, int64_t i)
{
	PLAIT__ASSERT((size_t)((s->samples + 1) * s->columns) <= s->probability_room,
		      "there is room for what is kept of a sample");
	if (!counts(s, rows, i))
		return;
	if (s->options.kind == PLAIT_SCORES_CLASSES)
		plait__scores_add_class(s, rows, i);
	else if (s->options.kind == PLAIT_SCORES_BINARY)
		plait__scores_add_binary(s, rows, i);
	else
		plait__scores_add_numbers(s, rows, i);
	s->samples++;
}

int plait_scores_add(struct plait_scores *s, const struct plait_scores_rows *rows)
{
	int status;

	if (!s || !rows)
		return plait__error(PLAIT_EINVAL, "plait_scores_add: %s is NULL",
				    s ? "rows" : "scores");
	status = check_rows(s, rows);
	if (status == 0)
		status = plait__scores_reserve(s, rows->rows);
	for (int64_t i = 0; i < rows->rows && status == 0; i++)
		plait__scores_add_row(s, rows, i);
	return status;
}
