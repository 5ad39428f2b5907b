/* SPDX-License-Identifier: MIT
 * Scores as JSON.  Numbers have the digits that tell a double from its neighbours, but for the last
 * one or two. */
#include "config.h"
#include "src/cli/scores/print.h"
#include "src/cli/data/view.h"

#include <inttypes.h>
#include <stdio.h>

#define MOST_TOP 10 /* of top_k */
#define FORMAT "%.15g"

static void put_mean(struct cli_writer *out, const char *key, double macro, double micro)
{
	cli_writer_open(out, key, '{');
	cli_writer_real(out, "macro", FORMAT, macro);
	cli_writer_real(out, "micro", FORMAT, micro);
	cli_writer_close(out, '}');
}

static void put_top(struct cli_writer *out, const struct plait_scores *scores, int64_t classes)
{
	char key[8];

	cli_writer_open(out, "top_k", '{');
	for (int k = 1; k <= MOST_TOP && k <= classes; k++) {
		snprintf(key, sizeof key, "%d", k);
		cli_writer_real(out, key, FORMAT, plait_scores_top(scores, k));
	}
	cli_writer_close(out, '}');
}

static void put_classes(struct cli_writer *out, const struct plait_scores_result *r,
			const struct plait__names *names)
{
	cli_writer_open(out, "classes", '[');
	for (int64_t c = 0; c < r->classes; c++) {
		const struct plait_class_scores *one = &r->by_class[c];

		cli_writer_open(out, NULL, '{');
		cli_writer_integer(out, "class", c);
		if (c < names->count)
			cli_writer_text(out, "name", names->name[c]);
		cli_writer_integer(out, "samples", one->samples);
		cli_writer_integer(out, "predicted", one->predicted);
		cli_writer_integer(out, "right", one->right);
		cli_writer_real(out, "precision", FORMAT, one->precision);
		cli_writer_real(out, "recall", FORMAT, one->recall);
		cli_writer_real(out, "f1", FORMAT, one->f1);
		cli_writer_real(out, "auroc", FORMAT, one->auroc);
		cli_writer_close(out, '}');
	}
	cli_writer_close(out, ']');
}

static void put_confusion(struct cli_writer *out, const struct plait_scores_result *r)
{
	cli_writer_open(out, "confusion", '[');
	for (int64_t c = 0; c < r->classes; c++) {
		cli_writer_open(out, NULL, '[');
		for (int64_t p = 0; p < r->classes; p++)
			cli_writer_integer(out, NULL, r->confusion[c * r->classes + p]);
		cli_writer_close(out, ']');
	}
	cli_writer_close(out, ']');
}

static void put_number(struct cli_writer *out, const struct plait_number_scores *number)
{
	cli_writer_real(out, "mae", FORMAT, number->mae);
	cli_writer_real(out, "mse", FORMAT, number->mse);
	cli_writer_real(out, "rmse", FORMAT, number->rmse);
	cli_writer_real(out, "r2", FORMAT, number->r2);
}

static void put_outputs(struct cli_writer *out, const struct plait_scores_result *r)
{
	cli_writer_open(out, "outputs", '[');
	for (int64_t i = 0; i < r->outputs; i++) {
		cli_writer_open(out, NULL, '{');
		put_number(out, &r->by_output[i]);
		cli_writer_close(out, '}');
	}
	cli_writer_close(out, ']');
}

static void put_worst(struct cli_writer *out, const struct plait_scores_result *r,
		      const struct plait_dataset *data)
{
	cli_writer_open(out, "worst", '[');
	for (int64_t i = 0; i < r->worst; i++) {
		const struct plait_worst_sample *one = &r->worst_sample[i];
		const char *path = cli_view_path(data, one->sample);

		cli_writer_open(out, NULL, '{');
		cli_writer_integer(out, "sample", one->sample);
		if (path)
			cli_writer_text(out, "path", path);
		cli_writer_real(out, "loss", FORMAT, one->loss);
		if (one->predicted >= 0) {
			cli_writer_integer(out, "class", one->label);
			cli_writer_integer(out, "predicted", one->predicted);
			cli_writer_real(out, "probability", FORMAT, one->probability);
		}
		cli_writer_close(out, '}');
	}
	cli_writer_close(out, ']');
}

void cli_scores_put(struct cli_writer *out, const struct cli_scores *scores,
		    const struct plait__names *names, const struct plait_dataset *data)
{
	const struct plait_scores_result *r = &scores->result;

	if (r->kind == PLAIT_SCORES_NUMBERS) {
		put_number(out, &r->numbers);
		put_outputs(out, r);
	} else {
		cli_writer_real(out, "accuracy", FORMAT, r->accuracy);
		if (r->kind == PLAIT_SCORES_CLASSES)
			put_top(out, scores->scores, r->classes);
		put_mean(out, "precision", r->macro.precision, r->micro.precision);
		put_mean(out, "recall", r->macro.recall, r->micro.recall);
		put_mean(out, "f1", r->macro.f1, r->micro.f1);
		cli_writer_real(out, "auroc", FORMAT, r->auroc);
		cli_writer_real(out, "ece", FORMAT, r->calibration_error);
		put_classes(out, r, names);
		if (r->confusion)
			put_confusion(out, r);
	}
	if (r->worst_sample)
		put_worst(out, r, data);
}
