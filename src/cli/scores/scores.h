/* SPDX-License-Identifier: MIT
 * The scores of a job: of eval, and of each validation of train. */
#ifndef PLAIT_CLI_SCORES_H
#define PLAIT_CLI_SCORES_H

#include "src/cli/scores/words.h"
#include "src/cli/writer.h"

struct cli_scores {
	struct plait_scores *scores; /* NULL: none are wanted */
	struct cli_score_list list;
	struct plait_scores_result result; /* once it was taken */
};

/* Makes what the options of a command ask for; classes: of the data, or 0.  Returns CLI_DONE, or
 * the exit status after saying what is wrong.  cli_scores_free in any case. */
int cli_scores_make(struct cli_scores *scores, enum cli_command command,
		    const struct cli_options *options, int64_t classes);
void cli_scores_free(struct cli_scores *scores);

/* Takes what an evaluation or a validation has found.  Returns as above. */
int cli_scores_take(struct cli_scores *scores);

/* The value of a metric of the graph by its name: that of the scores where they have it exactly. */
double cli_scores_metric(const struct cli_scores *scores, const struct plait_metrics *metrics,
			 const char *name);

/* Walks through the scores that are told: the name of number i, from 0, and its value; NULL behind
 * the last one.  of: which. */
const char *cli_scores_next(const struct cli_scores *scores, unsigned of, int *i, double *value);

#endif
