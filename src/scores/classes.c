/* SPDX-License-Identifier: MIT
 * Counting what is said of classes. */
#include "config.h"
#include "codelets/shared/rows.h"
#include "src/scores/scores.h"

#include <string.h>

/* Bin b is of confidences above b/15, up to (b+1)/15. */
static void add_confidence(struct plait_scores *s, double confidence, bool right)
{
	int b = 0;

	/* NaN is in the first bin, and in the sum. */
	while (b < PLAIT__BINS - 1 && confidence > (double)(b + 1) / PLAIT__BINS)
		b++;
	s->bin[b].right += right;
	s->bin[b].confidence += confidence;
}

static void count(struct plait_scores *s, int64_t label, int64_t predicted)
{
	s->by_class[label].samples++;
	s->by_class[predicted].predicted++;
	s->by_class[label].right += label == predicted;
	s->exact += label == predicted;
	if (s->confusion)
		s->confusion[label * s->classes + predicted]++;
}

/* The first of the largest, as plait__row_first_max has it. */
static int64_t largest(int64_t n, const float *x)
{
	int64_t at = 0;

	for (int64_t j = 1; j < n; j++)
		if (plait__beats_after(x[j], x[at]))
			at = j;
	return at;
}

void plait__scores_add_class(struct plait_scores *s, const struct plait_scores_rows *rows,
			     int64_t i)
{
	int64_t n = s->options.outputs, predicted;
	const float *x = rows->outputs + i * n;
	int32_t label = rows->labels[i];

	predicted = largest(n, x);
	s->rank[plait__row_rank(n, x, label)]++;
	count(s, label, predicted);
	if (plait__scores_need_probabilities(s))
		plait__scores_fill_row(s, x);
	if (s->options.calibration)
		add_confidence(s, s->row[predicted], label == predicted);
	if (s->columns > 0) {
		memcpy(s->probability + s->samples * s->columns, s->row + (n - s->columns),
		       (size_t)s->columns * sizeof *s->row);
		s->answer[s->samples] = label;
	}
	plait__scores_add_worst(s, rows, i, label, predicted);
}

void plait__scores_add_binary(struct plait_scores *s, const struct plait_scores_rows *rows,
			      int64_t i)
{
	int64_t n = s->options.outputs, wrong = 0;
	const float *x = rows->outputs + i * n, *t = rows->targets + i * n;
	bool two = plait__scores_two(s), yes = false, said = false;

	if (plait__scores_need_probabilities(s))
		plait__scores_fill_row(s, x);
	for (int64_t j = 0; j < n; j++) {
		yes = t[j] >= 0.5f;
		said = x[j] > (s->options.probabilities ? 0.5f : 0.0f);
		if (two) {
			count(s, yes, said);
		} else {
			s->by_class[j].samples += yes;
			s->by_class[j].predicted += said;
			s->by_class[j].right += yes && said;
		}
		wrong += yes != said;
		if (s->options.calibration)
			add_confidence(s, said ? s->row[j] : 1 - s->row[j], yes == said);
		if (s->columns > 0) {
			s->probability[s->samples * n + j] = s->row[j];
			s->answer[s->samples * n + j] = yes;
		}
	}
	if (!two)
		s->exact += wrong == 0;
	plait__scores_add_worst(s, rows, i, two ? yes : -1, two ? said : -1);
}
