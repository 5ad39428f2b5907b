/* SPDX-License-Identifier: MIT
 * What single options cannot know: which are missing, and which do not go together. */
#include "config.h"
#include "src/cli/options/check.h"
#include "src/cli/options/optimizer.h"
#include "src/cli/options/schedule.h"
#include "src/cli/options/table.h"
#include "src/cli/scores/words.h"
#include "src/cli/complain.h"
#include "src/cli/until/until.h"

#include <string.h>

/* What is missing, or NULL. */
static const char *find_missing(const struct cli_options *options, enum cli_command command)
{
	if (!options->data && command == CLI_TRACE)
		return options->rest > 0 ? NULL : "FILE, FOLDER or -- COMMAND";
	if (options->model && strcmp(options->model, "@") == 0)
		return "the name of a file behind the @ for words";
	if (command == CLI_MODEL)
		return !options->model            ? "WORDS"
		       : options->input.ndim == 0 ? "--input SHAPE"
						  : NULL;
	if (command == CLI_RUNS)
		return options->logs.count == 0 ? "LOG, one or several" : NULL;
	if (!options->data || !*options->data)
		return command == CLI_DATA ? "SPEC" : "--data SPEC";
	if (command == CLI_PACK && (!options->out || !*options->out))
		return "a file to write";
	if (!options->model && (command & CLI_COMPUTING & ~CLI_PREDICT))
		return "--model WORDS";
	if (!options->init && (command & (CLI_EVAL | CLI_PREDICT)))
		return "--init FILE";
	if (!options->log && !options->plot && !options->html && !options->tensorboard &&
	    options->log_every > 0)
		return "--log FILE, as there is --log-every";
	if (!options->val && options->val_transform)
		return "--val SPEC, as there is --val-transform";
	if (!options->val && options->val_overlap)
		return "--val SPEC, as there is --val-overlap";
	if (options->bucket > 0 && options->replicas == 1)
		return "--replicas N, at least 2, as there is --bucket";
	if (options->bad_limit > 0 && options->bad_samples == PLAIT_BAD_FAIL)
		return "--bad-samples replace or mask, as there is --bad-limit";
	return NULL;
}

/* Of options that belong to one loss. */
static int check_loss(const struct cli_options *options, const char *name)
{
	const struct {
		const char *option;
		bool given;
		int loss;
	} own[] = {
		{ "--label-smoothing", options->label_smoothing > 0, CLI_CROSS_ENTROPY },
		{ "--focal-gamma", options->focal_gamma > 0, CLI_CROSS_ENTROPY },
		{ "--class-weights", options->class_weights != NULL, CLI_CROSS_ENTROPY },
		{ "--ignore-label", options->ignore_label_given, CLI_CROSS_ENTROPY },
		{ "--huber-delta", options->huber_delta_given, CLI_HUBER },
	};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (own[i].given && options->loss != own[i].loss) {
			cli_complain("%s: %s belongs to --loss %s, not to %s", name, own[i].option,
				     cli_loss_names[own[i].loss], cli_loss_names[options->loss]);
			return CLI_USAGE;
		}
	if (options->label_smoothing > 1) {
		cli_complain("%s: --label-smoothing is %g, must be 0 to 1", name,
			     options->label_smoothing);
		return CLI_USAGE;
	}
	if (options->label_smoothing > 0 && options->focal_gamma > 0) {
		cli_complain("%s: --focal-gamma and --label-smoothing: give one of them", name);
		return CLI_USAGE;
	}
	if (options->huber_delta_given && options->huber_delta == 0) {
		cli_complain("%s: --huber-delta is 0, must be above", name);
		return CLI_USAGE;
	}
	return -1;
}

int cli_options_check(const struct cli_options *options, enum cli_command command)
{
	const char *missing = find_missing(options, command);
	const char *name = cli_command_find(command)->name;
	int status;

	if (missing) {
		cli_complain("%s: needs %s; plait %s --help says more", name, missing, name);
		return CLI_USAGE;
	}
	if (options->rest > 0 && options->data) {
		cli_complain("%s: report on %s, or on what comes after --? One of them", name,
			     options->data);
		return CLI_USAGE;
	}
	if (options->no_shuffle && options->sampler != CLI_SEQUENTIAL) {
		cli_complain("%s: --no-shuffle is --sampler sequential, and another was given",
			     name);
		return CLI_USAGE;
	}
	if (options->val_overlap && options->overlap != PLAIT_OVERLAP_FULL) {
		cli_complain("%s: --val-overlap belongs to --overlap full, not to %s", name,
			     plait_overlap_name((enum plait_overlap)options->overlap));
		return CLI_USAGE;
	}
	if (cli_optimizer_check(options) == CLI_USAGE)
		return CLI_USAGE;
	status = cli_schedule_check(options, name);
	if (status < 0)
		status = cli_until_check(options, name);
	if (status < 0)
		status = check_loss(options, name);
	return status < 0 ? cli_scores_check(options, command) : status;
}
