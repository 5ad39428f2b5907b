/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/until/until.h"
#include "src/cli/complain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Copies the name of a figure, behind which may stand :min or :max, from length characters. */
static enum plait_better read_figure(const char *text, size_t length, char name[CLI_FIGURE_SIZE])
{
	enum plait_better better = PLAIT_BETTER_BY_NAME;

	if (length > 4 && strncmp(text + length - 4, ":min", 4) == 0)
		better = PLAIT_BETTER_LOWER;
	else if (length > 4 && strncmp(text + length - 4, ":max", 4) == 0)
		better = PLAIT_BETTER_HIGHER;
	length -= better == PLAIT_BETTER_BY_NAME ? 0 : 4;
	snprintf(name, CLI_FIGURE_SIZE, "%.*s",
		 (int)(length < CLI_FIGURE_SIZE ? length : CLI_FIGURE_SIZE - 1), text);
	return better;
}

void cli_until_attach(struct cli_until *until, struct cli_job *job,
		      const struct cli_options *options, const char *save_best)
{
	struct plait_until *u = &job->fit.until;

	*until = (struct cli_until){ .options = options,
				     .save_best = save_best,
				     .end = { .reason = PLAIT_END_FAILED, .best = NAN } };
	*u = (struct plait_until){ .patience = options->patience,
				   .keep_best = save_best != NULL,
				   .max_seconds = options->max_time };
	if (options->monitor) {
		u->better = read_figure(options->monitor, strlen(options->monitor), until->monitor);
		u->monitor = until->monitor;
	}
	if (options->target) {
		size_t length = strcspn(options->target, "=");

		u->target_better = read_figure(options->target, length, until->target);
		u->target = until->target;
		u->target_value = until->target_value = strtod(options->target + length + 1, NULL);
	}
	/* As the library chooses; to be told of it. */
	if (!options->monitor)
		strcpy(until->monitor, job->val ? "val_loss" : "loss");
	job->fit.end = &until->end;
}

int cli_until_best(struct cli_until *until, const struct cli_job *job)
{
	int status;

	if (!until->save_best)
		return CLI_DONE;
	status = plait_trainer_save_best(job->trainer, until->save_best);
	until->saved |= status == 0;
	return status < 0 ? cli_failed(status) : CLI_DONE;
}
