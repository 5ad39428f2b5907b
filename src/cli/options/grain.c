/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/options/grain.h"
#include "src/cli/options/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A task of more steps would take all of a run. */
#define MOST_STEPS (1 << 20)
#define MOST_SIZE 1000000 /* of a shard, in proportion */

static int64_t read_run(const char *value)
{
	const char *number = value + strlen("run:");
	long long steps;

	if (strncmp(value, "run:", strlen("run:")) != 0)
		return 0;
	steps = strtoll(number, NULL, 10);
	return strspn(number, "0123456789") == strlen(number) && steps <= MOST_STEPS ? steps : 0;
}

static int set_one(const struct cli_option *option, const char *one, int64_t *result, char *why)
{
	int64_t steps = read_run(one);
	int word;

	if (steps > 0) {
		*result = PLAIT_GRANULARITY_RUN + steps;
		return 0;
	}
	if (strncmp(one, "run", strlen("run")) == 0) {
		snprintf(why, CLI_WHY_SIZE, "is not run:N: N steps of a task, 1 to %d", MOST_STEPS);
		return -1;
	}
	if (cli_set_word(option, one, &word, why) < 0)
		return -1;
	*result = word;
	return 0;
}

int cli_set_grain(const struct cli_option *option, const char *value, void *field, char *why)
{
	if (value)
		return set_one(option, value, field, why);
	*(int64_t *)field = (int64_t)option->initial;
	return 0;
}

int cli_set_grains(const struct cli_option *option, const char *value, void *field, char *why)
{
	return cli_set_list(option, value, field, set_one, why);
}

enum plait_granularity cli_grain_granularity(int64_t grain)
{
	return grain < PLAIT_GRANULARITY_RUN ? (enum plait_granularity)grain
					     : PLAIT_GRANULARITY_RUN;
}

int cli_grain_steps(int64_t grain)
{
	return grain > PLAIT_GRANULARITY_RUN ? (int)(grain - PLAIT_GRANULARITY_RUN) : 0;
}

const char *cli_grain_text(int64_t grain, char text[24])
{
	const char *name = plait_granularity_name(cli_grain_granularity(grain));

	if (grain > PLAIT_GRANULARITY_RUN)
		snprintf(text, 24, "%s:%d", name, cli_grain_steps(grain));
	else
		snprintf(text, 24, "%s", name);
	return text;
}

/* -- shards ------------------------------------------------------------------------------- */

/* Takes the device off the front of one shard, "cpu0:3"; the rest is its size. */
static const char *take_device(struct cli_shards *shards, const char *one, char *why)
{
	const char *colon = strchr(one, ':');
	char *device = shards->device[shards->size.count];

	snprintf(device, CLI_DEVICE_SIZE, "any");
	if (!colon)
		return one;
	if (colon - one >= CLI_DEVICE_SIZE || colon == one) {
		snprintf(why, CLI_WHY_SIZE, "has \"%s\", which is no DEVICE:SIZE, as in cpu0:3",
			 one);
		return NULL;
	}
	snprintf(device, CLI_DEVICE_SIZE, "%.*s", (int)(colon - one), one);
	shards->placed = true;
	return colon + 1;
}

static int add_shard(const struct cli_option *number, struct cli_shards *shards, const char *one,
		     char *why)
{
	const char *size = take_device(shards, one, why);

	if (!size)
		return -1;
	if (shards->size.count == CLI_LIST_MAX - 1) {
		snprintf(why, CLI_WHY_SIZE, "lists more than %d sizes", CLI_LIST_MAX - 1);
		return -1;
	}
	return cli_set_count(number, size, &shards->size.value[shards->size.count++], why);
}

int cli_set_shards(const struct cli_option *option, const char *value, void *field, char *why)
{
	struct cli_shards *shards = field;
	struct cli_option number = *option;
	char copy[1024], *rest = copy, *one;
	int status = 0;

	*shards = (struct cli_shards){ .automatic = value && strcmp(value, "auto") == 0 };
	if (!value || (shards->automatic && option->words))
		return 0;
	if (shards->automatic) {
		snprintf(why, CLI_WHY_SIZE,
			 "is measured by train alone, which says what it has chosen: give the "
			 "number");
		return -1;
	}
	if (strpbrk(value, ",:")) {
		number.max = MOST_SIZE;
		number.words = NULL;
	}
	if (strlen(value) >= sizeof copy) {
		snprintf(why, CLI_WHY_SIZE, "is too long");
		return -1;
	}
	strcpy(copy, value);
	while (status == 0 && (one = strsep(&rest, ",")))
		status = add_shard(&number, shards, one, why);
	return status;
}

bool cli_shards_sized(const struct cli_shards *shards)
{
	return shards->placed || shards->size.count > 1;
}

int64_t cli_shards(const struct cli_shards *shards)
{
	return shards->size.count == 1 && !shards->placed ? shards->size.value[0]
							  : shards->size.count;
}

int64_t cli_shards_least(const struct cli_shards *shards, int64_t microbatches)
{
	int64_t sum = shards->size.count > 0 ? 0 : 1;

	for (int i = 0; i < shards->size.count; i++)
		sum += shards->size.value[i];
	return sum * microbatches;
}
