/* SPDX-License-Identifier: MIT
 * The words of --metric.  Some are metrics of the graph, which each step computes; those here are
 * scores, which all samples of an evaluation, or of --val, have together. */
#ifndef PLAIT_CLI_SCORES_WORDS_H
#define PLAIT_CLI_SCORES_WORDS_H

#include "src/cli/options/options.h"

/* A bit each. */
enum cli_score {
	CLI_SCORE_PRECISION = 1,
	CLI_SCORE_RECALL = 2,
	CLI_SCORE_F1 = 4,
	CLI_SCORE_AUROC = 8,
	CLI_SCORE_ECE = 16,
	CLI_SCORE_CONFUSION = 32,
	CLI_SCORE_MAE = 64,
	CLI_SCORE_RMSE = 128,
	CLI_SCORE_R2 = 256,
	CLI_SCORE_TOP = 512,
	CLI_SCORES_OF_CLASSES = CLI_SCORE_PRECISION | CLI_SCORE_RECALL | CLI_SCORE_F1 |
				CLI_SCORE_AUROC | CLI_SCORE_ECE | CLI_SCORE_CONFUSION,
	CLI_SCORES_OF_NUMBERS = CLI_SCORE_MAE | CLI_SCORE_RMSE | CLI_SCORE_R2,
};

/* The name of each, by its bit, in the order in which they are told; the last has no name. */
struct cli_score_word {
	const char *name;
	unsigned score;
};
extern const struct cli_score_word cli_score_words[];

/* Of topk:K and mae, which are metrics of the graph too, evaluation tells exactly what it has
 * counted, and not a mean of floats. */
struct cli_score_list {
	unsigned named;   /* words that are listed */
	unsigned wanted;  /* those, and what all stands for */
	unsigned metrics; /* TOP, MAE: metrics of the graph that are listed */
	char *of_graph;   /* words for plait_metric_word, with commas between; in text; or NULL */
	char *text;       /* freed by cli_score_list_free */
};

/* Reads --metric, which may be NULL.  Returns CLI_DONE, or the exit status after saying what is
 * wrong with a word of scores; of other words the graph says it.  cli_score_list_free in any case.
 */
int cli_score_list_read(struct cli_score_list *list, const struct cli_options *options);
void cli_score_list_free(struct cli_score_list *list);

/* What single words of --metric, and the other options of scores, cannot know: whether they fit the
 * loss, and whether there is an evaluation.  Returns CLI_USAGE after saying what is wrong, or -1.
 */
int cli_scores_check(const struct cli_options *options, enum cli_command command);

/* Whether a path has an ending, as ".png", and something before it. */
bool cli_ends_in(const char *path, const char *ending);

/* Whether a word is one of --metric, whatever stands behind its colon; says so if not. */
bool cli_metric_is_known(const char *word);

/* Whether the names of --confusion and --worst say what is to be written; says so if not. */
bool cli_scores_have_forms(const struct cli_options *options);

/* Lists all words of --metric, as plait_metric_words does. */
int cli_metric_words(const char **names, int max);

#endif
