/* SPDX-License-Identifier: MIT
 * The text of --help. */
#include "config.h"
#include "src/cli/options/usage.h"
#include "src/cli/options/table.h"
#include "src/cli/scores/words.h"
#include "src/base/assert.h"

#include <string.h>

/* More than there are of layers, or of steps. */
#define MOST_WORDS 128

/* In lines of at most 80 columns. Words are written with - where names have _. */
static void print_names(FILE *out, const char *title, int (*list)(const char **names, int max))
{
	const char *names[MOST_WORDS];
	int count = list(names, MOST_WORDS), column = fprintf(out, "%s", title);

	for (int i = 0; i < count && i < MOST_WORDS; i++) {
		if (column + 1 + (int)strlen(names[i]) + 1 > 80)
			column = fprintf(out, "\n ") - 1;
		column += fprintf(out, " ");
		for (const char *c = names[i]; *c; c++, column++)
			fputc(*c == '_' ? '-' : *c, out);
	}
	fputs(".\n", out);
}

static int optimizer_names(const char **names, int max)
{
	int count = 0;

	for (; cli_optimizer_names[count]; count++)
		if (count < max)
			names[count] = cli_optimizer_names[count];
	return count;
}

static int preset_names(const char **names, int max)
{
	return plait_model_presets(names, NULL, max);
}

/* all: what each is, too. */
static void print_presets(FILE *out, bool all)
{
	const char *names[MOST_WORDS], *about[MOST_WORDS];
	int count = plait_model_presets(names, about, MOST_WORDS);

	if (!all) {
		fputs("residual{ WORDS | WORDS } goes around layers; @FILE has the words.\n", out);
		print_names(out, "Networks:", preset_names);
		return;
	}
	fputs("residual{ WORDS } or residual{ WORDS | WORDS } adds what goes around layers.\n"
	      "@FILE has the words in a file.  One word for a network, mlp:3 with 3 outputs:\n",
	      out);
	for (int i = 0; i < count && i < MOST_WORDS; i++)
		fprintf(out, "  %-16s %s\n", names[i], about[i]);
}

static void print_words(FILE *out, const char *title, int (*list)(const char **usage, int max))
{
	const char *usage[MOST_WORDS];
	int count = list(usage, MOST_WORDS);

	fprintf(out, "%s\n", title);
	for (int i = 0; i < count && i < MOST_WORDS; i++)
		fprintf(out, "  %s\n", usage[i]);
}

/* -- groups ---------------------------------------------------------------------------------- */

/* Options by what they are for, with a blank on both sides of each; those that few need come behind
 * the bar, and only --help-all has them.  What no group has is the command's own. */
static const struct group {
	const char *title, *names;
	unsigned commands; /* it has their own options alone; 0: those of any */
} groups[] = {
	{ .title = "What",
	  .names = " --data --model --val --loss --init --save --config --confusion --worst"
		   " | --save-best --val-transform --val-overlap --dashboard --plot --html "
		   "--tensorboard"
		   " --print-config --label-smoothing --focal-gamma --class-weights"
		   " --ignore-label --huber-delta --metric --plugin --log-every " },
	{ .title = "How",
	  .names =
		  " --epochs --steps --batch-size --optimizer --lr --schedule --seed --pool --sweep"
		  " | --monitor --patience --target --max-time --warmup --lr-find --momentum"
		  " --nesterov --data-seed --weight-decay --beta1 --beta2 --eps --alpha --centered"
		  " --adjust-lr --adam-lr-ratio --clip-norm --clip-value --skip-outliers"
		  " --drop-last --pad-last " },
	{ .title = "Which samples, and their loading",
	  .names = " --transform --normalize --workers --cache | --slots --sampler --no-shuffle"
		   " --subset --rank --prefetch --chunk --bad-samples --bad-limit --timeout"
		   " --memory-limit --load-delay --load-once " },
	{ .title = "Running on StarPU",
	  .names = " --ncpu --sched --shards | --sched-lib --granularity --overlap --place"
		   " --microbatches --pipeline-schedule --accumulate --replicas --bucket"
		   " --gpu-memory-limit --precision --no-cuda-graphs " },
	{ .title = "Comparing",
	  .names = " --policies --granularities --repeats | --prefetches --batch-sizes --warmup"
		   " --max-run --max-time ",
	  .commands = CLI_POLICIES | CLI_OVERLAP },
	{ .names = "" },
};
enum { GROUPS = sizeof groups / sizeof *groups };

/* What a job's models depend on; of its other options, which plait models takes too, they do not.
 */
static const char models_need[] =
	" --data --model --loss --label-smoothing --focal-gamma --class-weights --ignore-label"
	" --optimizer --clip-norm --clip-value --skip-outliers --batch-size --shards"
	" --place --microbatches --pipeline-schedule --accumulate --replicas"
	" --bucket --granularity --precision --plugin --all --reset --json ";

/* Where the option stands in names, or NULL. */
static const char *find_name(const char *names, const char *name)
{
	char blanks[40];

	snprintf(blanks, sizeof blanks, " %s ", name);
	return strstr(names, blanks);
}

/* From the last one on, as those of some commands alone are there: train has another --warmup. */
static const struct group *group_of(const struct cli_option *option)
{
	for (int i = GROUPS - 1; i-- > 0;) {
		unsigned others = option->commands & ~groups[i].commands;

		if (find_name(groups[i].names, option->name) && (!groups[i].commands || !others))
			return &groups[i];
	}
	return &groups[GROUPS - 1];
}

static bool is_common(const struct cli_option *option, enum cli_command command)
{
	const char *names = group_of(option)->names, *bar = strchr(names, '|');

	if (command == CLI_MODELS)
		return find_name(models_need, option->name);
	return !bar || find_name(names, option->name) < bar;
}

static void print_option(FILE *out, const struct cli_option *option)
{
	char left[40];
	int width;

	snprintf(left, sizeof left, "%s %s", option->name,
		 option->argument ? option->argument : "");
	width = fprintf(out, "  %-23s  %s", left, option->help);
	if (option->initial > 0 && option->set != cli_set_word)
		width += fprintf(out, " (%g)", option->initial);
	PLAIT__ASSERT(width <= 80, "usage fits in 80 columns");
	fputc('\n', out);
}

/* Returns how many options were left out, as few need them. */
static int print_group(FILE *out, const struct group *group, enum cli_command command, bool all)
{
	int printed = 0, left_out = 0;

	for (int i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];

		if (!(option->commands & command) || group_of(option) != group)
			continue;
		if (!all && !is_common(option, command)) {
			left_out++;
			continue;
		}
		if (printed++ == 0 && group->title)
			fprintf(out, "%s\n", group->title);
		else if (printed == 1)
			fputs("Of this command\n", out);
		print_option(out, option);
	}
	if (printed > 0)
		fputc('\n', out);
	return left_out;
}

void cli_print_usage(FILE *out, enum cli_command command, bool all)
{
	const struct cli_command_text *text = cli_command_find(command);
	int left_out = 0;

	fprintf(out, "usage: %s\n\n%s\n\n", text->usage, text->about);
	for (int i = 0; i < GROUPS; i++)
		left_out += print_group(out, &groups[i], command, all);
	if (left_out > 0)
		fprintf(out, "  %-23s  %d more options%s\n", "--help-all", left_out,
			command & CLI_TRAINING  ? ", and the words of transforms and schedules"
			: command & CLI_LOADING ? ", and the STEPS of transforms"
						: "");
	fprintf(out, "  %-23s  %s\n\n", "--help", "this text");
	if (command & (CLI_COMPUTING | CLI_MODEL)) {
		print_names(out, "WORDS are one a layer:", plait_model_words);
		print_presets(out, all || command == CLI_MODEL);
	}
	if ((command & CLI_TRAINING) && all)
		print_names(out, "Optimizers:", optimizer_names);
	if ((command & (CLI_TRAIN | CLI_EVAL)) && all)
		print_names(out, "Metrics, with commas between:", cli_metric_words);
	if ((command & CLI_TRAINING) && all)
		print_words(out, "Schedules of the learning rate:", plait_schedule_words);
	if ((command & CLI_LOADING) && (all || left_out == 0))
		print_words(out, "STEPS are for images of bytes, in their order:",
			    plait_transform_words);
	if (command == CLI_TRACE || command == CLI_MODEL)
		return;
	fputs("SPEC is one of\n"
	      "  fashion-mnist[:train|:test]        the files of Debian's dataset-fashion-mnist\n"
	      "  images:DIR                         JPEG and PNG files, a folder for each class\n"
	      "  cifar10:DIR[:train|:test]          CIFAR-10 in its binary files\n"
	      "  tar:FILE[,FILE...]                 WebDataset shards\n"
	      "  packed:FILE                        what plait pack has written\n"
	      "  idx:IMAGES[,LABELS]                IDX files, plain or .gz\n"
	      "  npy:X.npy[,Y.npy][,layout=hwc]     NumPy arrays\n"
	      "  csv:FILE[,label=COL|none][,header=yes|no]  numbers with commas\n"
	      "  synthetic:SAMPLES,FEATURES,CLASSES made up\n",
	      out);
}
