/* SPDX-License-Identifier: MIT
 * plait data: what a data set holds. */
#include "config.h"
#include "src/cli/job/bad.h"
#include "src/cli/job/open.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/data/sheet.h"
#include "src/cli/data/survey.h"
#include "src/base/text.h"

#include <inttypes.h>

/* Classes that are printed, at most. */
#define MOST_CLASSES 24

static void print_shape(const struct plait_dataset *dataset, const struct cli_survey *survey)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	char text[128];

	plait__text_print(stdout, info->spec);
	printf("\n  %-10s %" PRId64 "\n", "samples", info->samples);
	if (survey->min_height < survey->max_height || survey->min_width < survey->max_width)
		printf("  %-10s [%" PRId64 ",H,W] of %s, H %" PRId64 " to %" PRId64 ", W %" PRId64
		       " to %" PRId64 "\n",
		       "shape", info->dim[0], plait_dtype_name(info->dtype), survey->min_height,
		       survey->max_height, survey->min_width, survey->max_width);
	else
		printf("  %-10s %s of %s\n", "shape",
		       plait_shape_text(info->ndim, info->dim, text, sizeof text),
		       plait_dtype_name(info->dtype));
	if (info->targets > 0)
		printf("  %-10s %" PRId64 " a sample\n", "targets", info->targets);
}

/* How the data were understood where there is a choice. */
static void print_notes(const struct plait_dataset *dataset)
{
	enum plait_note kind;
	const char *text;

	for (int i = 0; (text = plait_dataset_note(dataset, i, &kind)); i++) {
		printf("  %-10s ", kind == PLAIT_NOTE_LOSS ? "missing" : "taken");
		plait__text_print(stdout, text);
		putchar('\n');
	}
}

static void print_numbers(const char *name, const double *number, int count)
{
	printf("  %-10s", name);
	for (int c = 0; c < count; c++)
		printf(" %.4f", number[c]);
	putchar('\n');
}

static void print_class(const struct plait_dataset_info *info, int64_t label, int64_t count)
{
	printf("    %5" PRId64 " %9" PRId64, label, count);
	if (info->class_names) {
		fputs("  ", stdout);
		plait__text_print(stdout, info->class_names[label]);
	}
	putchar('\n');
}

/* All classes if they are few; else the first and the last of those that have samples. */
static void print_classes(const struct plait_dataset_info *info, const struct cli_survey *survey)
{
	int64_t shown = survey->classes, empty = info->classes - survey->classes, next = 0;

	printf("  %-10s %" PRId64 "\n", "classes", info->classes);
	for (int64_t c = 0; info->classes <= MOST_CLASSES && c < info->classes; c++) {
		bool found = next < survey->classes && survey->class[next].label == c;

		print_class(info, c, found ? survey->class[next].count : 0);
		next += found;
	}
	if (info->classes <= MOST_CLASSES)
		return;
	for (int64_t i = 0; i < shown; i++) {
		if (i == MOST_CLASSES / 2 && shown > MOST_CLASSES) {
			i = shown - MOST_CLASSES / 2;
			printf("    %5s %9s  %" PRId64 " more\n", "...", "", shown - MOST_CLASSES);
		}
		print_class(info, survey->class[i].label, survey->class[i].count);
	}
	if (empty > 0)
		printf("    %" PRId64 " without samples\n", empty);
}

static void print_survey(const struct plait_dataset *dataset, const struct cli_survey *survey)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);

	print_shape(dataset, survey);
	print_notes(dataset);
	if (survey->channels > 0) {
		print_numbers("mean", survey->mean, survey->channels);
		print_numbers("deviation", survey->deviation, survey->channels);
	}
	if (info->classes > 0)
		print_classes(info, survey);
	if (survey->looked < info->samples)
		printf("  Mean%s and deviation are of %" PRId64 " samples, evenly spread.\n",
		       survey->counted ? "" : ", counts", survey->looked);
}

int cli_data(int argc, char **argv)
{
	struct cli_options options;
	struct cli_survey survey = { 0 };
	struct plait_dataset *dataset = NULL;
	int status = cli_options_parse(&options, CLI_DATA, argc, argv);

	if (status >= 0)
		return status;
	status = cli_data_open(&dataset, options.data, &options);
	if (status != CLI_DONE) {
		plait_dataset_destroy(dataset);
		return status;
	}
	status = cli_survey_make(dataset, &survey);
	if (status == 0)
		print_survey(dataset, &survey);
	status = status < 0 ? cli_failed(status) : CLI_DONE;
	if (status == CLI_DONE && options.png)
		status = cli_sheet_write(dataset, options.png);
	if (survey.bad && plait_bad_samples_count(survey.bad) > 0) {
		cli_bad_print(&(struct plait_bad_options){ .list = survey.bad });
		status = CLI_FAILED;
	}
	cli_survey_free(&survey);
	plait_dataset_destroy(dataset);
	return status;
}
