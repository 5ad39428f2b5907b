/* SPDX-License-Identifier: MIT
 * The text of --help. */
#include "config.h"
#include "src/cli/options/usage.h"
#include "src/cli/options/table.h"
#include "src/base/assert.h"

/* More than there are of layers, or of steps. */
#define MOST_WORDS 128

static void print_layers(FILE *out)
{
	const char *names[MOST_WORDS];
	int count = plait_model_words(names, MOST_WORDS);

	fputs("WORDS are one a layer:", out);
	for (int i = 0; i < count && i < MOST_WORDS; i++)
		fprintf(out, " %s", names[i]);
	fputs(".\n", out);
}

static void print_steps(FILE *out)
{
	const char *usage[MOST_WORDS];
	int count = plait_transform_words(usage, MOST_WORDS);

	fputs("STEPS are for images of bytes, in their order:\n", out);
	for (int i = 0; i < count && i < MOST_WORDS; i++)
		fprintf(out, "  %s\n", usage[i]);
}

void cli_print_usage(FILE *out, enum cli_command command)
{
	const struct cli_command_text *text = cli_command_find(command);

	fprintf(out, "usage: %s\n\n%s\n\n", text->usage, text->about);
	for (int i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];
		char left[40];
		int width;

		if (!(option->commands & command))
			continue;
		snprintf(left, sizeof left, "%s %s", option->name,
			 option->argument ? option->argument : "");
		width = fprintf(out, "  %-23s  %s", left, option->help);
		if (option->initial > 0 && option->set != cli_set_word)
			width += fprintf(out, " (%g)", option->initial);
		PLAIT__ASSERT(width <= 80, "usage fits in 80 columns");
		fputc('\n', out);
	}
	fprintf(out, "  %-23s  %s\n\n", "--help", "this text");
	if (command & CLI_COMPUTING)
		print_layers(out);
	if (command & CLI_LOADING)
		print_steps(out);
	if (command == CLI_TRACE)
		return;
	fputs("SPEC is one of\n"
	      "  fashion-mnist[:train|:test]        the files of Debian's dataset-fashion-mnist\n"
	      "  images:DIR                         JPEG and PNG files, a folder for each class\n"
	      "  cifar10:DIR[:train|:test]          CIFAR-10 in its binary files\n"
	      "  tar:FILE[,FILE...]                 WebDataset shards\n"
	      "  packed:FILE                        what plait pack has written\n"
	      "  idx:IMAGES,LABELS                  IDX files, plain or .gz\n"
	      "  npy:X.npy,Y.npy[,layout=hwc]       NumPy arrays\n"
	      "  csv:FILE[,label=COL][,header=yes|no]  numbers with commas\n"
	      "  synthetic:SAMPLES,FEATURES,CLASSES made up\n",
	      out);
}
