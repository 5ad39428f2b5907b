/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/scores/scores.h"
#include "src/cli/complain.h"

#include <stdlib.h>
#include <string.h>

/* With more classes --json leaves the confusion matrix out, which would be most of the file. */
#define MOST_JSON_CLASSES 1000

int cli_scores_make(struct cli_scores *scores, enum cli_command command,
		    const struct cli_options *options, int64_t classes)
{
	bool json = command == CLI_EVAL && options->json_file;
	struct plait_scores_options wanted = { 0 };
	int status;

	*scores = (struct cli_scores){ 0 };
	if (!(command & (CLI_TRAIN | CLI_EVAL)) || (command == CLI_TRAIN && !options->val))
		return CLI_DONE;
	status = cli_score_list_read(&scores->list, options);
	if (status != CLI_DONE)
		return status;
	wanted.auroc = json || (scores->list.wanted & CLI_SCORE_AUROC);
	wanted.calibration = json || (scores->list.wanted & CLI_SCORE_ECE);
	wanted.confusion = command == CLI_EVAL &&
			   ((json && classes <= MOST_JSON_CLASSES) || options->confusion ||
			    (scores->list.wanted & CLI_SCORE_CONFUSION));
	wanted.worst = command == CLI_EVAL ? options->worst : 0;
	if (!json && !scores->list.wanted && !scores->list.metrics && !wanted.confusion &&
	    wanted.worst == 0)
		return CLI_DONE;
	status = plait_scores_create(&scores->scores, &wanted);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

void cli_scores_free(struct cli_scores *scores)
{
	plait_scores_destroy(scores->scores);
	cli_score_list_free(&scores->list);
}

int cli_scores_take(struct cli_scores *scores)
{
	int status = scores->scores ? plait_scores_result(scores->scores, &scores->result) : 0;

	return status < 0 ? cli_failed(status) : CLI_DONE;
}

double cli_scores_metric(const struct cli_scores *scores, const struct plait_metrics *metrics,
			 const char *name)
{
	const struct plait_scores_result *r = &scores->result;
	/* Scores leave out samples of an ignored label, and metrics do not. */
	bool same = scores->scores && r->samples == metrics->samples;

	if (same && strncmp(name, "topk:", 5) == 0 && r->kind == PLAIT_SCORES_CLASSES)
		return plait_scores_top(scores->scores, atoll(name + 5));
	if (same && strcmp(name, "mae") == 0 && r->kind == PLAIT_SCORES_NUMBERS)
		return r->numbers.mae;
	return plait_metrics_value(metrics, name);
}

static double value_of(const struct plait_scores_result *r, unsigned score)
{
	switch (score) {
	case CLI_SCORE_PRECISION:
		return r->macro.precision;
	case CLI_SCORE_RECALL:
		return r->macro.recall;
	case CLI_SCORE_F1:
		return r->macro.f1;
	case CLI_SCORE_AUROC:
		return r->auroc;
	case CLI_SCORE_ECE:
		return r->calibration_error;
	case CLI_SCORE_MAE:
		return r->numbers.mae;
	case CLI_SCORE_RMSE:
		return r->numbers.rmse;
	default:
		return r->numbers.r2;
	}
}

const char *cli_scores_next(const struct cli_scores *scores, unsigned of, int *i, double *value)
{
	const struct cli_score_word *word;

	of &= scores->list.wanted & ~(scores->list.metrics | CLI_SCORE_CONFUSION);
	while (scores->scores && (word = &cli_score_words[*i])->name) {
		++*i;
		/* The last word stands for others. */
		if ((word->score & (word->score - 1)) || !(word->score & of))
			continue;
		*value = value_of(&scores->result, word->score);
		return word->name;
	}
	return NULL;
}
