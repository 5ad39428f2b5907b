/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/scores/words.h"
#include "src/cli/complain.h"
#include "src/cli/options/table.h"
#include "src/base/base.h"
#include "src/base/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than there are of metrics. */
#define MOST_WORDS 63

const struct cli_score_word cli_score_words[] = {
	{ "precision", CLI_SCORE_PRECISION },
	{ "recall", CLI_SCORE_RECALL },
	{ "f1", CLI_SCORE_F1 },
	{ "auroc", CLI_SCORE_AUROC },
	{ "ece", CLI_SCORE_ECE },
	{ "mae", CLI_SCORE_MAE },
	{ "rmse", CLI_SCORE_RMSE },
	{ "r2", CLI_SCORE_R2 },
	{ "confusion", CLI_SCORE_CONFUSION },
	{ "all", CLI_SCORES_OF_CLASSES | CLI_SCORES_OF_NUMBERS },
	{ NULL, 0 },
};

/* mae is a metric of the graph where it is named, and a score where "all" stands for it. */
static bool is_metric(const struct cli_score_word *word)
{
	return word->score == CLI_SCORE_MAE;
}

static const struct cli_score_word *find(const char *name)
{
	for (const struct cli_score_word *word = cli_score_words; word->name; word++)
		if (!is_metric(word) && strcmp(word->name, name) == 0)
			return word;
	return NULL;
}

/* Those that a loss has. */
static unsigned scores_of_loss(const struct cli_options *options)
{
	bool numbers =
		options->loss == CLI_MSE || options->loss == CLI_L1 || options->loss == CLI_HUBER;

	return numbers ? CLI_SCORES_OF_NUMBERS : CLI_SCORES_OF_CLASSES;
}

/* -- reading ----------------------------------------------------------------------------------- */

static int add_score(struct cli_score_list *list, const struct cli_score_word *word,
		     const struct cli_options *options)
{
	unsigned fits = word->score & scores_of_loss(options);
	bool all = strcmp(word->name, "all") == 0;

	if (!fits) {
		cli_complain("--metric %s: it is of %s, and --loss %s compares %s", word->name,
			     word->score & CLI_SCORES_OF_NUMBERS ? "numbers" : "classes",
			     cli_loss_names[options->loss],
			     word->score & CLI_SCORES_OF_NUMBERS ? "classes" : "numbers");
		return CLI_USAGE;
	}
	if (!all && (list->named & word->score)) {
		cli_complain("--metric: there is a \"%s\" already", word->name);
		return CLI_USAGE;
	}
	/* What "all" stands for is told where there is room for it. */
	if (!all)
		list->named |= fits;
	list->wanted |= fits;
	return CLI_DONE;
}

/* A word of the graph, of which two are scores, too. */
static void add_metric(struct cli_score_list *list, char **end, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(word, "topk:", 5) == 0)
		list->metrics |= CLI_SCORE_TOP;
	if (strcmp(word, "mae") == 0)
		list->metrics |= CLI_SCORE_MAE;
	if (list->of_graph)
		*(*end)++ = ',';
	memmove(*end, word, length + 1);
	*end += length;
	list->of_graph = list->text;
}

int cli_score_list_read(struct cli_score_list *list, const struct cli_options *options)
{
	char *rest, *word, *end;
	int status = CLI_DONE;

	*list = (struct cli_score_list){ 0 };
	if (!options->metrics)
		return CLI_DONE;
	list->text = rest = end = plait__strdup(options->metrics);
	if (!list->text)
		return cli_failed(PLAIT_ENOMEM);
	/* What is kept is no longer than what was read. */
	while (status == CLI_DONE && (word = strsep(&rest, ","))) {
		const struct cli_score_word *score = find(word);

		if (score)
			status = add_score(list, score, options);
		else
			add_metric(list, &end, word);
	}
	return status;
}

void cli_score_list_free(struct cli_score_list *list)
{
	free(list->text);
}

int cli_metric_words(const char **names, int max)
{
	int count = plait_metric_words(names, max);

	for (const struct cli_score_word *word = cli_score_words; word->name; word++) {
		if (is_metric(word))
			continue;
		if (count < max)
			names[count] = word->name;
		count++;
	}
	return count;
}

bool cli_metric_is_known(const char *word)
{
	const char *valid[MOST_WORDS + 1] = { NULL };
	char name[40], suggestion[PLAIT__SUGGEST_SIZE], list[400];
	int count = cli_metric_words(valid, MOST_WORDS);

	snprintf(name, sizeof name, "%.*s", (int)strcspn(word, ":"), word);
	for (int i = 0; i < count && i < MOST_WORDS; i++)
		if (strcmp(plait__respell(name, '-', '_'), valid[i]) == 0)
			return true;
	plait__suggest(suggestion, PLAIT__SUGGEST_QUOTED, name, valid);
	plait__join(list, sizeof list, valid, ", ");
	cli_complain("metric: unknown metric \"%.*s\"%s (--plugin brings more); the metrics are %s",
		     (int)strcspn(word, ":"), word, suggestion, plait__respell(list, '_', '-'));
	return false;
}

/* -- checking -------------------------------------------------------------------------------- */

bool cli_ends_in(const char *path, const char *ending)
{
	size_t length = strlen(path), tail = strlen(ending);

	return length > tail && strcmp(path + length - tail, ending) == 0;
}

static bool has_form(const char *option, const char *path)
{
	if (!path || cli_ends_in(path, ".csv") || cli_ends_in(path, ".png"))
		return true;
	cli_complain("eval: %s %s: must end in .csv or .png, which says what is written", option,
		     path);
	return false;
}

bool cli_scores_have_forms(const struct cli_options *options)
{
	return has_form("--confusion", options->confusion) &&
	       has_form("--worst", options->worst_out);
}

static int check_train(const struct cli_score_list *list, const struct cli_options *options)
{
	if (list->named & CLI_SCORE_CONFUSION) {
		cli_complain("train: --metric confusion: plait eval has it");
		return CLI_USAGE;
	}
	if (options->val || !list->wanted)
		return -1;
	cli_complain("train: scores (precision, recall, f1, auroc, ece, rmse, r2, all) are of "
		     "validation: needs --val SPEC, as there is --metric %s",
		     options->metrics);
	return CLI_USAGE;
}

int cli_scores_check(const struct cli_options *options, enum cli_command command)
{
	struct cli_score_list list;
	int status = -1;

	if (!(command & (CLI_TRAIN | CLI_EVAL)))
		return -1;
	if (cli_score_list_read(&list, options) != CLI_DONE)
		status = CLI_USAGE;
	if (status < 0 && command == CLI_TRAIN)
		status = check_train(&list, options);
	cli_score_list_free(&list);
	if (status < 0 && options->confusion && !(scores_of_loss(options) & CLI_SCORE_CONFUSION)) {
		cli_complain("eval: --confusion is of classes, and --loss %s compares numbers",
			     cli_loss_names[options->loss]);
		status = CLI_USAGE;
	}
	return status;
}
