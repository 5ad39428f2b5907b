/* SPDX-License-Identifier: MIT
 * The scores of plait eval, for people and for programs. */
#ifndef PLAIT_CLI_SCORES_PRINT_H
#define PLAIT_CLI_SCORES_PRINT_H

#include "src/cli/scores/scores.h"
#include "src/cli/job/names.h"

/* The name of a class, or its number, which is written to text, where it has none. */
#define CLI_CLASS_NUMBER 24
const char *cli_class_name(const struct plait__names *names, int64_t class,
			   char text[CLI_CLASS_NUMBER]);

/* Below the line of an evaluation: a table of classes or outputs, the confusion matrix. */
void cli_scores_print(const struct cli_scores *scores, const struct plait__names *names,
		      const struct cli_options *options);

/* Puts all scores into an object. */
void cli_scores_put(struct cli_writer *out, const struct cli_scores *scores,
		    const struct plait__names *names, const struct plait_dataset *data);

/* --confusion FILE, --worst N FILE.  Both return CLI_DONE, or the exit status after saying what is
 * wrong. */
int cli_confusion_write(const struct plait_scores_result *result, const struct plait__names *names,
			const char *path);
int cli_worst_write(const struct plait_scores_result *result, const struct plait__names *names,
		    const struct plait_dataset *data, const char *path);

/* Whether --worst can draw samples of the data; says so if not. */
bool cli_worst_can_draw(const struct plait_dataset *data, const char *path);

#endif
