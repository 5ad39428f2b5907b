/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/scores/print.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Classes, or outputs, of which each has a line. */
#define MOST_LINES 40
#define MOST_NAME 24 /* columns of a class's name */

const char *cli_class_name(const struct plait__names *names, int64_t class,
			   char text[CLI_CLASS_NUMBER])
{
	if (class >= 0 && class < names->count)
		return names->name[class];
	snprintf(text, CLI_CLASS_NUMBER, "%" PRId64, class);
	return text;
}

/* -- names in columns -------------------------------------------------------------------------- */

/* How many characters a text has; a byte that is no UTF-8 counts as one. */
static int characters(const char *text)
{
	int count = 0;

	for (; *text; count++) {
		int length = plait__utf8_length(text);

		text += length > 0 ? length : 1;
	}
	return count;
}

static int width_of_names(const struct plait__names *names, int64_t classes)
{
	int width = 5;
	char text[CLI_CLASS_NUMBER];

	for (int64_t c = 0; c < classes; c++) {
		int one = characters(cli_class_name(names, c, text));

		width = one > width ? one : width;
	}
	return width < MOST_NAME ? width : MOST_NAME;
}

/* A name that is too long is cut, and ends in "..". */
static void print_name(const char *name, int width)
{
	char cut[4 * MOST_NAME + 3];
	int count = characters(name), kept = count > width ? width - 2 : count;
	size_t used = 0;

	for (int i = 0; i < kept; i++) {
		int length = plait__utf8_length(name + used);

		used += (size_t)(length > 0 ? length : 1);
	}
	memcpy(cut, name, used);
	strcpy(cut + used, count > width ? ".." : "");
	plait__text_print(stdout, cut);
	printf("%*s", width - (count > width ? width : count), "");
}

/* -- tables ------------------------------------------------------------------------------------ */

static void print_cell(double value)
{
	if (isnan(value))
		printf("  %9s", "-");
	else
		printf(fabs(value) < 1e5 ? "  %9.4f" : "  %9.3g", value);
}

/* The columns that are wanted, of a class or of all. */
static void print_cells(unsigned wanted, const struct plait_mean_scores *mean, double auroc)
{
	if (wanted & CLI_SCORE_PRECISION)
		print_cell(mean->precision);
	if (wanted & CLI_SCORE_RECALL)
		print_cell(mean->recall);
	if (wanted & CLI_SCORE_F1)
		print_cell(mean->f1);
	if (wanted & CLI_SCORE_AUROC)
		print_cell(auroc);
	putchar('\n');
}

static void print_classes(const struct plait_scores_result *r, unsigned wanted,
			  const struct plait__names *names)
{
	int width = width_of_names(names, r->classes <= MOST_LINES ? r->classes : 0);
	static const char *const head[] = { "precision", "recall", "f1", "auroc" };
	char text[CLI_CLASS_NUMBER];

	printf("\n  %-*s  %9s", width, "class", "samples");
	for (int i = 0; i < 4; i++)
		if (wanted >> i & 1)
			printf("  %9s", head[i]);
	putchar('\n');
	for (int64_t c = 0; c < r->classes && r->classes <= MOST_LINES; c++) {
		const struct plait_class_scores *one = &r->by_class[c];

		printf("  ");
		print_name(cli_class_name(names, c, text), width);
		printf("  %9" PRId64, one->samples);
		print_cells(wanted,
			    &(struct plait_mean_scores){ one->precision, one->recall, one->f1 },
			    one->auroc);
	}
	printf("  %-*s  %9" PRId64, width, "macro", r->samples);
	print_cells(wanted, &r->macro, r->auroc);
	printf("  %-*s  %9" PRId64, width, "micro", r->samples);
	print_cells(wanted, &r->micro, NAN);
	if (r->classes > MOST_LINES)
		printf("  %" PRId64 " classes are too many for lines: --json FILE has each\n",
		       r->classes);
}

static void print_outputs(const struct plait_scores_result *r)
{
	if (r->outputs > MOST_LINES || r->outputs == 1)
		return;
	printf("\n  %6s  %9s  %9s  %9s\n", "output", "mae", "rmse", "r2");
	for (int64_t i = 0; i < r->outputs; i++) {
		printf("  %6" PRId64, i);
		print_cell(r->by_output[i].mae);
		print_cell(r->by_output[i].rmse);
		print_cell(r->by_output[i].r2);
		putchar('\n');
	}
}

/* -- the confusion matrix ---------------------------------------------------------------------- */

static int digits(int64_t number)
{
	return snprintf(NULL, 0, "%" PRId64, number);
}

/* Columns of the terminal that standard output is; 80 where it is none. */
static int columns(void)
{
	struct winsize window;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col
										   : 80;
}

static int64_t most(const struct plait_scores_result *r)
{
	int64_t most = 0;

	for (int64_t i = 0; i < r->classes * r->classes; i++)
		most = r->confusion[i] > most ? r->confusion[i] : most;
	return most;
}

static void print_confusion(const struct plait_scores_result *r, const struct plait__names *names)
{
	int number = digits(r->classes - 1), name = width_of_names(names, r->classes);
	int cell = digits(most(r));
	bool named = names->count > 0;
	char text[CLI_CLASS_NUMBER];

	cell = 2 + (cell > number ? cell : number);
	if (r->classes > MOST_LINES ||
	    2 + number + (named ? 1 + name : 0) + cell * (int)r->classes > columns()) {
		printf("\n  The confusion matrix of %" PRId64
		       " classes does not fit here: --confusion FILE.csv or FILE.png\n",
		       r->classes);
		return;
	}
	printf("\n  confusion: a row for each class, a column for what its samples are said to "
	       "be\n");
	printf("  %*s", number + (named ? 1 + name : 0), "");
	for (int64_t c = 0; c < r->classes; c++)
		printf("%*" PRId64, cell, c);
	putchar('\n');
	for (int64_t c = 0; c < r->classes; c++) {
		printf("  %*" PRId64, number, c);
		if (named) {
			putchar(' ');
			print_name(cli_class_name(names, c, text), name);
		}
		for (int64_t p = 0; p < r->classes; p++)
			printf("%*" PRId64, cell, r->confusion[c * r->classes + p]);
		putchar('\n');
	}
}

void cli_scores_print(const struct cli_scores *scores, const struct plait__names *names,
		      const struct cli_options *options)
{
	const struct plait_scores_result *r = &scores->result;
	unsigned wanted = scores->list.wanted;
	unsigned by_class =
		wanted & (CLI_SCORE_PRECISION | CLI_SCORE_RECALL | CLI_SCORE_F1 | CLI_SCORE_AUROC);

	if (r->by_class && by_class)
		print_classes(r, by_class, names);
	if (r->by_output && (wanted & (CLI_SCORE_RMSE | CLI_SCORE_R2)))
		print_outputs(r);
	if (r->confusion && (options->confusion || (wanted & CLI_SCORE_CONFUSION)))
		print_confusion(r, names);
}
