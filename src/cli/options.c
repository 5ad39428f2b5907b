/* SPDX-License-Identifier: MIT
 * Every option stands once, in the table: its name, what follows it, its help, who has
 * it, how it is read and into which field.  Usage, checks and messages come from there. */
#include "config.h"
#include "src/cli/options.h"
#include "src/cli/values.h"
#include "codelets/op.h"

#include <stdio.h>
#include <string.h>

#define BOTH (CLI_TRAIN | CLI_EVAL)
#define FIELD(name) .field = offsetof(struct cli_options, name)

static const char *const auto_only[] = { "auto", NULL };
static const char *const losses[] = { "cross-entropy", "mse", NULL };
static const char *const optimizers[] = { "sgd", "adam", "adamw", NULL };
static const char *const granularities[] = { "auto", "op", "layer", "phase", "step", NULL };

/* Help is at most 50 characters, so that usage fits in 80 columns. */
static const struct cli_option table[] = {
	{ "--data", "SPEC", "the samples", BOTH, cli_set_text, FIELD(data) },
	{ "--model", "WORDS", "the layers, as in \"linear:50 relu linear:2\"", BOTH, cli_set_text,
	  FIELD(model) },
	{ "--val", "SPEC", "samples to evaluate after every epoch", CLI_TRAIN, cli_set_text,
	  FIELD(val) },
	{ "--loss", "LOSS", "cross-entropy (default) or mse", BOTH, cli_set_word, FIELD(loss),
	  .words = losses },
	{ "--optimizer", "NAME", "adam (default), adamw or sgd", CLI_TRAIN, cli_set_word,
	  FIELD(optimizer), .words = optimizers },
	{ "--lr", "X", "learning rate (adam, adamw: 0.001; sgd: 0.01)", CLI_TRAIN, cli_set_real,
	  FIELD(lr) },
	{ "--momentum", "X", "of sgd (0)", CLI_TRAIN, cli_set_real, FIELD(momentum) },
	{ "--weight-decay", "X", "(adamw: 0.01; others: 0)", CLI_TRAIN, cli_set_real,
	  FIELD(weight_decay) },
	{ "--epochs", "N", "times to go through the samples (5)", CLI_TRAIN, cli_set_count,
	  FIELD(epochs), .min = 1, .max = 1000000 },
	{ "--batch-size", "N", "samples in a step (32)", BOTH, cli_set_count, FIELD(batch_size),
	  .min = 1, .max = 1 << 24 },
	{ "--seed", "N", "of first weights and shuffling (0)", CLI_TRAIN, cli_set_count,
	  FIELD(seed), .min = 0, .max = INT64_MAX },
	{ "--no-shuffle", NULL, "take the samples in their order", CLI_TRAIN, cli_set_flag,
	  FIELD(no_shuffle) },
	{ "--drop-last", NULL, "leave out a short last batch", CLI_TRAIN, cli_set_flag,
	  FIELD(drop_last) },
	{ "--normalize", "MEAN,STD", "of all channels, or \"M1,M2,M3;S1,S2,S3\"", BOTH,
	  cli_set_normalize, FIELD(normalize) },
	{ "--workers", "N", "loads at once (one a CPU worker)", BOTH, cli_set_count, FIELD(workers),
	  .min = 1, .max = 1024 },
	{ "--prefetch", "N|auto", "batches to load ahead, at least 2", BOTH, cli_set_count,
	  FIELD(prefetch), .min = 2, .max = 1024, .words = auto_only },
	{ "--shards", "N|auto", "parts of a batch to compute at once", BOTH, cli_set_count,
	  FIELD(shards), .min = 1, .max = 1024, .words = auto_only },
	{ "--granularity", "GRAIN", "of tasks: op, layer, phase, step or auto", BOTH, cli_set_word,
	  FIELD(granularity), .words = granularities },
	{ "--sched", "POLICY", "of StarPU (STARPU_SCHED if set, else eager)", BOTH, cli_set_text,
	  FIELD(sched) },
	{ "--init", "FILE", "safetensors file to take the weights from", BOTH, cli_set_text,
	  FIELD(init) },
	{ "--save", "FILE", "safetensors file to write the weights to", CLI_TRAIN, cli_set_text,
	  FIELD(save) },
	{ "--log", "FILE", "write what happens as lines of JSON", BOTH, cli_set_text, FIELD(log) },
	{ "--log-every", "N", "log every N-th step too (none)", CLI_TRAIN, cli_set_count,
	  FIELD(log_every), .min = 1, .max = INT64_MAX },
	{ "--print-plan", NULL, "print tasks and memory first", BOTH, cli_set_flag,
	  FIELD(print_plan) },
	{ "--quiet", NULL, "print nothing but failures", BOTH, cli_set_flag, FIELD(quiet) },
};

#define OPTIONS (sizeof table / sizeof *table)

static const char *command_name(enum cli_command command)
{
	return command == CLI_TRAIN ? "train" : "eval";
}

/* -- usage ---------------------------------------------------------------------------------- */

static void print_layers(FILE *out)
{
	static const struct plait__op *const ops[] = {
#define PLAIT__OP(name) &plait__op_##name,
#include "codelets/ops.def"
#undef PLAIT__OP
	};

	fputs("WORDS are one a layer:", out);
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (ops[i]->word)
			fprintf(out, " %s", ops[i]->name);
	fputs(".\n", out);
}

static void print_usage(enum cli_command command)
{
	printf("usage: plait %s --data SPEC --model WORDS %s[options]\n\n%s\n\n",
	       command_name(command), command == CLI_EVAL ? "--init FILE " : "",
	       command == CLI_EVAL ? "Prints loss and accuracy of saved weights on the samples."
				   : "Trains a network on the samples.");
	for (size_t i = 0; i < OPTIONS; i++) {
		char left[40];

		if (!(table[i].commands & command))
			continue;
		snprintf(left, sizeof left, "%s %s", table[i].name,
			 table[i].argument ? table[i].argument : "");
		printf("  %-23s  %s\n", left, table[i].help);
	}
	printf("  %-23s  %s\n\n", "--help", "this text");
	print_layers(stdout);
	puts("SPEC is one of\n"
	     "  fashion-mnist[:train|:test]        the files of Debian's dataset-fashion-mnist\n"
	     "  idx:IMAGES,LABELS                  IDX files, plain or .gz\n"
	     "  npy:X.npy,Y.npy                    NumPy arrays\n"
	     "  csv:FILE[,label=COL]               numbers with commas\n"
	     "  synthetic:SAMPLES,FEATURES,CLASSES made up");
}

/* -- parsing -------------------------------------------------------------------------------- */

static int unknown(enum cli_command command, const char *name)
{
	const char *valid[OPTIONS + 2], *nearest, *elsewhere = "";
	size_t count = 0;

	for (size_t i = 0; i < OPTIONS; i++) {
		if (table[i].commands & command)
			valid[count++] = table[i].name;
		else if (strcmp(table[i].name, name) == 0)
			elsewhere = " (train has it)";
	}
	valid[count++] = "--help";
	valid[count] = NULL;
	nearest = *elsewhere ? NULL : plait__nearest(name, valid);
	cli_complain("%s: no option \"%s\"%s%s%s%s; the options are", command_name(command), name,
		     elsewhere, nearest ? ", did you mean " : "", nearest ? nearest : "",
		     nearest ? "?" : "");
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s%s", i % 6 ? " " : i ? "\n  " : "  ", valid[i]);
	fputc('\n', stderr);
	return CLI_USAGE;
}

/* The entry whose name is the first length characters of name, or NULL. */
static const struct cli_option *find(enum cli_command command, const char *name, size_t length)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if ((table[i].commands & command) && strlen(table[i].name) == length &&
		    memcmp(table[i].name, name, length) == 0)
			return &table[i];
	return NULL;
}

/* Reads the option at argv[*i], and its value, which may be the next argument. */
static int parse_one(struct cli_options *options, enum cli_command command, int argc, char **argv,
		     int *i)
{
	const char *argument = argv[*i], *equals = strchr(argument, '=');
	const struct cli_option *option =
		find(command, argument, equals ? (size_t)(equals - argument) : strlen(argument));
	const char *value = equals ? equals + 1 : NULL;
	char why[CLI_WHY_SIZE];

	if (!option && *argument != '-') {
		cli_complain("%s: what is \"%s\"? values follow an option, and those with blanks "
			     "need quotes",
			     command_name(command), argument);
		return CLI_USAGE;
	}
	if (!option)
		return unknown(command, argument);
	if (!option->argument && value) {
		cli_complain("%s: %s takes no value, \"%s\" was given", command_name(command),
			     option->name, value);
		return CLI_USAGE;
	}
	if (option->argument && !value && *i + 1 < argc && strncmp(argv[*i + 1], "--", 2) != 0)
		value = argv[++*i];
	if (option->argument && (!value || !*value)) {
		cli_complain("%s: %s needs a value: %s %s", command_name(command), option->name,
			     option->name, option->argument);
		return CLI_USAGE;
	}
	if (option->set(option, value, (char *)options + option->field, why) == 0)
		return CLI_DONE;
	cli_complain("%s: %s: \"%s\" %s", command_name(command), option->name, value, why);
	return CLI_USAGE;
}

/* What single options cannot know. */
static int check(const struct cli_options *options, enum cli_command command)
{
	const char *missing = !options->data                          ? "--data SPEC"
			      : !options->model                       ? "--model WORDS"
			      : command == CLI_EVAL && !options->init ? "--init FILE"
			      : options->log_every > 0 && !options->log
				      ? "--log FILE, as there is --log-every"
				      : NULL;

	if (missing) {
		cli_complain("%s: needs %s; plait %s --help says more", command_name(command),
			     missing, command_name(command));
		return CLI_USAGE;
	}
	if (options->log && options->save && strcmp(options->log, options->save) == 0) {
		cli_complain("train: --log and --save name one file, %s", options->log);
		return CLI_USAGE;
	}
	if (options->momentum >= 0 && options->optimizer != PLAIT_SGD - 1) {
		cli_complain("train: --momentum belongs to --optimizer sgd, not to %s",
			     optimizers[options->optimizer]);
		return CLI_USAGE;
	}
	return -1;
}

int cli_options_parse(struct cli_options *options, enum cli_command command, int argc, char **argv)
{
	*options = (struct cli_options){
		.optimizer = PLAIT_ADAM - 1,
		.lr = -1,
		.momentum = -1,
		.weight_decay = -1,
		.epochs = 5,
		.batch_size = 32,
	};
	for (int i = 0; i < argc; i++) {
		int status;

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_usage(command);
			return CLI_DONE;
		}
		status = parse_one(options, command, argc, argv, &i);
		if (status != CLI_DONE)
			return status;
	}
	return check(options, command);
}
