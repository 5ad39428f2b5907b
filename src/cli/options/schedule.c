/* SPDX-License-Identifier: MIT
 * The schedule of the learning rate: --schedule and what goes with it. */
#include "config.h"
#include "src/cli/options/schedule.h"
#include "src/cli/options/table.h"
#include "src/cli/complain.h"

#include <stdio.h>
#include <string.h>

/* What the library says, which begins with what the command line says, too. */
static void take_message(const char *value, char *why)
{
	const char *message = plait_error_message();
	char quoted[CLI_WHY_SIZE];

	message += strncmp(message, "schedule: ", 10) == 0 ? 10 : 0;
	snprintf(quoted, sizeof quoted, "\"%s\"", value);
	if (strncmp(message, quoted, strlen(quoted)) == 0)
		message += strlen(quoted) + strspn(message + strlen(quoted), ": ");
	snprintf(why, CLI_WHY_SIZE, "%s%s",
		 strncmp(message, "is ", 3) == 0 ? "" : "is no schedule: ", message);
}

int cli_set_schedule(const struct cli_option *option, const char *value, void *field, char *why)
{
	struct plait_schedule schedule = { 0 };

	(void)option;
	if (!value || plait_schedule_parse(&schedule, value) == 0) {
		*(struct plait_schedule *)field = schedule;
		return 0;
	}
	/* Once the option was of microbatches. */
	if (strcmp(value, "1f1b") == 0 || strcmp(value, "gpipe") == 0)
		snprintf(why, CLI_WHY_SIZE,
			 "is no schedule of the learning rate; that of microbatches is "
			 "--pipeline-schedule %s",
			 value);
	else if (*value >= '0' && *value <= '9')
		snprintf(why, CLI_WHY_SIZE,
			 "is no schedule but a number; in --sweep, words with commas stand between "
			 "bars: \"schedule=step:30,0.1|cosine\"");
	else
		take_message(value, why);
	return -1;
}

struct plait_schedule cli_schedule(const struct cli_options *options)
{
	struct plait_schedule schedule = options->schedule;

	schedule.warmup = options->lr_warmup;
	return schedule;
}

double cli_momentum(const struct cli_options *options)
{
	const struct plait_schedule *s = &options->schedule;

	if (options->momentum >= 0)
		return options->momentum;
	return s->kind == PLAIT_SCHEDULE_ONE_CYCLE && s->cycle_momentum ? s->max_momentum : 0;
}

int cli_schedule_check(const struct cli_options *options, const char *name)
{
	enum plait_schedule_kind kind = options->schedule.kind;

	if (kind == PLAIT_SCHEDULE_ONE_CYCLE && options->lr_warmup > 0) {
		cli_complain("%s: --warmup is for other schedules: onecycle rises by itself, for "
			     "pct_start of the steps",
			     name);
		return CLI_USAGE;
	}
	if (kind == PLAIT_SCHEDULE_PLATEAU && options->val_overlap) {
		cli_complain("%s: --schedule plateau waits for the loss of --val before the next "
			     "epoch, and --val-overlap has it beside that: leave out one",
			     name);
		return CLI_USAGE;
	}
	return -1;
}
