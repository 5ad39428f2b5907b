/* SPDX-License-Identifier: MIT
 * What commands with options say of themselves, and what they take without an option; finding a
 * command, or an option, in its table. */
#include "config.h"
#include "src/cli/options/table.h"
#include "src/base/assert.h"

#include <string.h>

#define BARE(name, word, used) \
	.bare = offsetof(struct cli_options, name), .bare_name = word, .bare_use = CLI_USE_##used

const struct cli_command_text cli_command_table[] = {
	{ CLI_TRAIN, "train", "plait train --data SPEC --model WORDS [options]",
	  "Trains a network on the samples.", .bare = 0 },
	{ CLI_EVAL, "eval", "plait eval --data SPEC --model WORDS --init FILE [options]",
	  "Prints loss, accuracy and other scores of saved weights on the samples.", .bare = 0 },
	{ CLI_PREDICT, "predict", "plait predict --data SPEC --init FILE [--out FILE] [options]",
	  "Writes what saved weights make of every sample: probabilities of the classes, or\n"
	  "the outputs of a network that was trained on targets.  Labels are not needed.",
	  .bare = 0 },
	{ CLI_POLICIES, "policies", "plait policies --data SPEC --model WORDS [options]",
	  "Measures one training job under every scheduling policy, and other settings.",
	  .bare = 0 },
	{ CLI_OVERLAP, "overlap", "plait overlap --data SPEC --model WORDS [options]",
	  "Measures how much of loading is hidden behind computing.", .bare = 0 },
	{ CLI_MODELS, "models", "plait models --data SPEC --model WORDS [options]",
	  "Shows how long StarPU has learned that a job's tasks take.", .bare = 0 },
	{ CLI_MODEL, "model", "plait model WORDS --input SHAPE [options]",
	  "Shows a network layer by layer: the shape of the output, parameters, the flops of\n"
	  "forward, and the memory of the values that are computed.",
	  BARE(model, "WORDS", MODEL) },
	{ CLI_LOAD, "load", "plait load --data SPEC [options]",
	  "Loads the samples batch by batch, does nothing with them and tells how fast.",
	  .bare = 0 },
	{ CLI_DATA, "data", "plait data SPEC [options]",
	  "Prints what a data set holds: count, shape, classes, mean and deviation.",
	  BARE(data, "SPEC", DATA) },
	{ CLI_TRACE, "trace", "plait trace [options] FILE|FOLDER|-- train ...|-- PROGRAM ...",
	  "Reports on a trace of StarPU: of a run that it makes, of an FxT file (prof_file_...)\n"
	  "or of the folder made of it.",
	  BARE(data, "FILE", TRACE) },
	{ CLI_PACK, "pack", "plait pack --data SPEC OUT [options]",
	  "Writes a data set into the file OUT, which opens at once as packed:OUT.  Images stay\n"
	  "JPEG or PNG as they are.",
	  BARE(out, "OUT", REPLACE) },
	{ CLI_RUNS, "runs", "plait runs LOG... [options]",
	  "Compares trainings by their logs, those of plait train --log: a table, and curves.",
	  BARE(logs, "LOG", READ), .bare_texts = true },
};

const int cli_command_count = sizeof cli_command_table / sizeof *cli_command_table;

const struct cli_command_text *cli_command_find(enum cli_command command)
{
	const struct cli_command_text *text = cli_command_table;

	while (text->command != command) {
		text++;
		PLAIT__ASSERT(text < cli_command_table + cli_command_count,
			      "every command with options has a text");
	}
	return text;
}

const struct cli_option *cli_option_find(enum cli_command command, const char *name, size_t length)
{
	for (int i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];

		if ((option->commands & command) && strlen(option->name) == length &&
		    memcmp(option->name, name, length) == 0)
			return option;
	}
	return NULL;
}

const char *cli_option_owner(const struct cli_option *option)
{
	const struct cli_command_text *text = cli_command_table;

	while (!(text->command & option->commands)) {
		text++;
		PLAIT__ASSERT(text < cli_command_table + cli_command_count,
			      "every option belongs to a command");
	}
	return text->name;
}

int cli_option_row(const struct cli_option *option)
{
	ptrdiff_t row = option - cli_option_table;

	PLAIT__ASSERT(row >= 0 && row < cli_option_count && cli_option_count <= CLI_MOST_OPTIONS,
		      "an option is a row of the table");
	return (int)row;
}
