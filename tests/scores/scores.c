/* SPDX-License-Identifier: MIT
 * Scores that a program fills: what it may leave out, which samples are the worst, and what is
 * refused. */
#include "config.h"
#include "tests/tap.h"
#include <plait.h>

static struct plait_scores *make(struct plait_scores_options options)
{
	struct plait_scores *scores = NULL;

	if (plait_scores_create(&scores, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return scores;
}

static struct plait_scores_result result_of(struct plait_scores *scores)
{
	struct plait_scores_result r;

	if (plait_scores_result(scores, &r) < 0)
		tap_bail_out("%s", plait_error_message());
	return r;
}

static void refused(int status, const char *part)
{
	is_int(status, PLAIT_EINVAL, "refused: %s", part);
	contains(plait_error_message(), part, "and it says why");
}

/* -- the worst samples ------------------------------------------------------------------------ */

static void check_worst(const struct plait_scores_result *r, const int64_t *sample, int64_t n,
			const char *what)
{
	is_int(r->worst, n, "%s: so many", what);
	for (int64_t i = 0; i < n && i < r->worst; i++)
		is_int(r->worst_sample[i].sample, sample[i], "%s: sample %lld", what, (long long)i);
}

static void test_worst(void)
{
	/* Of two classes; by sigmoid(log 3) is 3/4. */
	const float outputs[] = { 0, 0, 0, logf(3), 1, 0, 0, 2, 3, 0, 0, 0, 0, 0 };
	const int32_t labels[] = { 0, 0, 1, 1, 0, 1, -1 };
	const double losses[] = { 0.5, 2, 0.25, 2, NAN, 0.5, 100 };
	struct plait_scores_rows rows = {
		.rows = 7, .first = 40, .outputs = outputs, .labels = labels, .losses = losses
	};
	struct plait_scores *scores = make((struct plait_scores_options){
		.kind = PLAIT_SCORES_CLASSES, .outputs = 2, .worst = 4 });
	struct plait_scores_result r;

	plait_scores_add(scores, &rows);
	r = result_of(scores);
	check_worst(&r, (int64_t[]){ 44, 41, 43, 40 }, 4, "the worst of six");
	is_int(r.worst_sample[1].label, 0, "its class");
	is_int(r.worst_sample[1].predicted, 1, "what it is said to be");
	is_near(r.worst_sample[1].probability, 0.75, 1e-7, "and how surely");
	is_near(r.worst_sample[1].loss, 2, 0, "its loss");
	is_int(r.samples, 6, "a sample without a class does not count");
	ok(isnan(r.auroc) && isnan(r.calibration_error) && !r.confusion,
	   "what was not wanted is not there");
	rows.rows = 2;
	rows.first = 10;
	plait_scores_add(scores, &rows);
	r = result_of(scores);
	check_worst(&r, (int64_t[]){ 44, 41, 43, 11 }, 4,
		    "of equal losses the one that was there first");
	plait_scores_reset(scores);
	is_int(result_of(scores).worst, 0, "none after all are forgotten");
	rows.losses = NULL;
	refused(plait_scores_add(scores, &rows), "no losses");
	plait_scores_destroy(scores);
}

static void test_worst_of_others(void)
{
	const float outputs[] = { 2, -2 }, targets[] = { 0, 1 };
	const double losses[] = { 1, 3 };
	const struct plait_scores_rows rows = {
		.rows = 2, .outputs = outputs, .targets = targets, .losses = losses
	};
	struct plait_scores *yes = make((struct plait_scores_options){
		.kind = PLAIT_SCORES_BINARY, .outputs = 1, .worst = 9 });
	struct plait_scores *numbers = make((struct plait_scores_options){
		.kind = PLAIT_SCORES_NUMBERS, .outputs = 1, .worst = 9 });
	struct plait_scores_result r;

	plait_scores_add(yes, &rows);
	r = result_of(yes);
	check_worst(&r, (int64_t[]){ 1, 0 }, 2, "fewer than wanted");
	is_int(r.worst_sample[0].label, 1, "a yes");
	is_int(r.worst_sample[0].predicted, 0, "of which no is said");
	is_near(r.worst_sample[0].probability, 1 / (1 + exp(-2)), 1e-15, "so surely");
	plait_scores_add(numbers, &rows);
	r = result_of(numbers);
	check_worst(&r, (int64_t[]){ 1, 0 }, 2, "of numbers");
	is_int(r.worst_sample[0].label, -1, "which have no class");
	ok(isnan(r.worst_sample[0].probability), "and no probability");
	plait_scores_destroy(yes);
	plait_scores_destroy(numbers);
}

/* -- edges ------------------------------------------------------------------------------------ */

/* As in torch.argmax NaN is the largest; of equal outputs it is the first, of which top counts the
 * earlier ones as before it. */
static void test_order(void)
{
	const float outputs[] = { 1, NAN, 2, 3, 3, 3, -INFINITY, -INFINITY, -INFINITY };
	const int32_t labels[] = { 1, 1, 2 };
	struct plait_scores *scores = make((struct plait_scores_options){
		.kind = PLAIT_SCORES_CLASSES, .outputs = 3, .confusion = true, .auroc = true });
	struct plait_scores_result r;

	plait_scores_add(scores, &(struct plait_scores_rows){
					 .rows = 3, .outputs = outputs, .labels = labels });
	r = result_of(scores);
	is_int(r.confusion[1 * 3 + 1], 1, "NaN is the largest");
	is_int(r.confusion[1 * 3 + 0], 1, "of equal ones the first");
	is_int(r.confusion[2 * 3 + 0], 1, "and of all that are");
	is_near(plait_scores_top(scores, 1), 1 / 3.0, 1e-15, "top 1");
	is_near(plait_scores_top(scores, 2), 2 / 3.0, 1e-15, "top 2");
	is_near(plait_scores_top(scores, 99), 1, 0, "top of more than there are");
	ok(isnan(plait_scores_top(scores, 0)), "top 0 is nothing");
	ok(isnan(r.auroc), "no area of probabilities that are NaN");
	plait_scores_destroy(scores);
}

static void test_none(void)
{
	struct plait_scores *classes = make((struct plait_scores_options){
		.kind = PLAIT_SCORES_CLASSES, .outputs = 2, .calibration = true, .auroc = true });
	struct plait_scores *numbers =
		make((struct plait_scores_options){ .kind = PLAIT_SCORES_NUMBERS, .outputs = 2 });
	struct plait_scores_result r = result_of(classes);

	ok(isnan(r.accuracy) && isnan(r.macro.f1) && isnan(r.auroc) && isnan(r.calibration_error),
	   "of no samples there are no scores");
	is_int(plait_scores_add(classes, &(struct plait_scores_rows){ 0 }), 0,
	       "adding none needs no lists");
	r = result_of(numbers);
	ok(isnan(r.numbers.mae) && isnan(r.numbers.r2), "nor of numbers");
	ok(isnan(plait_scores_top(numbers, 1)), "numbers have no order");
	plait_scores_destroy(classes);
	plait_scores_destroy(numbers);
}

static void test_refused(void)
{
	struct plait_scores *scores = NULL;
	struct plait_scores_options none = { 0 },
				    wrong = { .kind = (enum plait_scores_kind)4, .outputs = 1 };
	struct plait_scores_result r;
	const float x = 0;

	refused(plait_scores_create(NULL, &none), "scores_p is NULL");
	refused(plait_scores_create(&scores, NULL), "options is NULL");
	refused(plait_scores_create(&scores, &wrong), "kind 4");
	wrong = (struct plait_scores_options){ .kind = PLAIT_SCORES_BINARY };
	refused(plait_scores_create(&scores, &wrong), "0 outputs");
	wrong = (struct plait_scores_options){ .outputs = 3 };
	refused(plait_scores_create(&scores, &wrong), "without a kind");
	wrong = (struct plait_scores_options){ .worst = -1 };
	refused(plait_scores_create(&scores, &wrong), "worst is -1");
	ok(!scores, "nothing is made");
	scores = make(none);
	refused(plait_scores_add(scores, &(struct plait_scores_rows){ .rows = 1 }), "have no kind");
	refused(plait_scores_result(scores, &r), "have no kind");
	plait_scores_destroy(scores);
	scores = make((struct plait_scores_options){ .kind = PLAIT_SCORES_CLASSES, .outputs = 1 });
	refused(plait_scores_add(scores, &(struct plait_scores_rows){ .rows = 1 }), "no outputs");
	refused(plait_scores_add(scores, &(struct plait_scores_rows){ .rows = 1, .outputs = &x }),
		"no labels");
	refused(plait_scores_add(NULL, &(struct plait_scores_rows){ 0 }), "scores is NULL");
	refused(plait_scores_add(scores, NULL), "rows is NULL");
	refused(plait_scores_result(NULL, &r), "scores is NULL");
	refused(plait_scores_result(scores, NULL), "result is NULL");
	plait_scores_destroy(scores);
	plait_scores_destroy(NULL);
	plait_scores_reset(NULL);
}

/* Sorting takes many samples by other digits than few: the area of n samples whose probabilities
 * are those of their places, every third one positive, is that of a closed form. */
static void test_many(void)
{
	enum { SAMPLES = 30000 };
	struct plait_scores *scores = make((struct plait_scores_options){
		.kind = PLAIT_SCORES_BINARY, .outputs = 1, .probabilities = true, .auroc = true });
	int64_t positives = SAMPLES / 3, negatives = SAMPLES - positives;

	for (int64_t i = 0; i < SAMPLES; i++) {
		int64_t place = i * 7919 % SAMPLES;
		float x = (float)place / SAMPLES, t = place % 3 == 2;

		plait_scores_add(scores, &(struct plait_scores_rows){
						 .rows = 1, .outputs = &x, .targets = &t });
	}
	/* Positive k, from 0, is above 2 (k + 1) negatives. */
	is_near(result_of(scores).auroc,
		(double)positives * (double)(positives + 1) / (double)(positives * negatives),
		1e-15, "the area of many samples");
	plait_scores_destroy(scores);
}

int main(void)
{
	test_worst();
	test_worst_of_others();
	test_order();
	test_none();
	test_refused();
	test_many();
	return tap_done();
}
