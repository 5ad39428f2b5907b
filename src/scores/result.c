/* SPDX-License-Identifier: MIT
 * Figures made of counts. */
#include "config.h"
#include "src/scores/scores.h"

#include <math.h>

/* As zero_division=0 has it. */
static double ratio(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

static void fill_class(struct plait_class_scores *c)
{
	c->precision = ratio(c->right, c->predicted);
	c->recall = ratio(c->right, c->samples);
	c->f1 = ratio(2 * c->right, c->samples + c->predicted);
}

/* Of BINARY with several outputs a class that does not occur counts, too. */
static bool occurs(const struct plait_scores *s, const struct plait_class_scores *c)
{
	return c->samples + c->predicted > 0 ||
	       (s->options.kind == PLAIT_SCORES_BINARY && !plait__scores_two(s));
}

static void fill_means(struct plait_scores *s, struct plait_scores_result *r)
{
	struct plait_class_scores all = { 0 };
	double classes = 0;

	r->macro = (struct plait_mean_scores){ 0 };
	for (int64_t c = 0; c < s->classes; c++) {
		struct plait_class_scores *one = &s->by_class[c];

		fill_class(one);
		all.samples += one->samples;
		all.predicted += one->predicted;
		all.right += one->right;
		if (!occurs(s, one))
			continue;
		classes++;
		r->macro.precision += one->precision;
		r->macro.recall += one->recall;
		r->macro.f1 += one->f1;
	}
	fill_class(&all);
	r->micro = (struct plait_mean_scores){ all.precision, all.recall, all.f1 };
	/* Of no samples: NaN. */
	r->macro.precision /= classes;
	r->macro.recall /= classes;
	r->macro.f1 /= classes;
}

static double calibration_error(const struct plait_scores *s)
{
	bool each = s->options.kind == PLAIT_SCORES_BINARY;
	double decisions = (double)(s->samples * (each ? s->options.outputs : 1)), sum = 0;

	if (!s->options.calibration)
		return NAN;
	for (int b = 0; b < PLAIT__BINS; b++)
		sum += fabs((double)s->bin[b].right - s->bin[b].confidence);
	return sum / decisions;
}

static int fill_classes(struct plait_scores *s, struct plait_scores_result *r)
{
	int status = plait__scores_auroc(s, &r->auroc);

	r->accuracy = (double)s->exact / (double)s->samples;
	r->calibration_error = calibration_error(s);
	r->classes = s->classes;
	r->by_class = s->by_class;
	r->confusion = s->confusion;
	fill_means(s, r);
	return status;
}

int plait_scores_result(struct plait_scores *s, struct plait_scores_result *result)
{
	static const struct plait_mean_scores none = { NAN, NAN, NAN };
	struct plait_scores_result r = { .accuracy = NAN,
					 .macro = none,
					 .micro = none,
					 .auroc = NAN,
					 .calibration_error = NAN,
					 .numbers = { NAN, NAN, NAN, NAN } };
	int status = 0;

	if (!s || !result)
		return plait__error(PLAIT_EINVAL, "plait_scores_result: %s is NULL",
				    s ? "result" : "scores");
	if (s->options.kind == 0)
		return plait__error(PLAIT_EINVAL,
				    "plait_scores_result: nothing was evaluated, so the scores "
				    "have no kind yet");
	r.kind = s->options.kind;
	r.samples = s->samples;
	r.outputs = s->options.outputs;
	r.by_output = s->by_output;
	r.worst = s->worsts;
	r.worst_sample = s->worst;
	if (r.kind == PLAIT_SCORES_NUMBERS)
		r.numbers = plait__scores_numbers(s);
	else
		status = fill_classes(s, &r);
	if (status == 0)
		*result = r;
	return status;
}

double plait_scores_top(const struct plait_scores *s, int64_t k)
{
	int64_t among = 0;

	if (!s || !s->rank || s->samples == 0 || k < 1)
		return NAN;
	for (int64_t before = 0; before < k && before < s->classes; before++)
		among += s->rank[before];
	return (double)among / (double)s->samples;
}
