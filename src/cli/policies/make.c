/* SPDX-License-Identifier: MIT
 * The configurations of a sweep, from the options' lists. */
#include "config.h"
#include "src/cli/policies/sweep.h"
#include "src/cli/complain.h"
#include "src/cli/job/start.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_POLICIES 128

struct policies {
	const char *name[MOST_POLICIES];
	int count;
};

/* A policy that no list has may be in the library nevertheless, which need not list its own. */
static int add_policy(struct policies *list, const char *name, size_t length, const char *library)
{
	char *wanted = strndup(name, length);
	int status;

	if (!wanted) {
		cli_complain("policies: no memory");
		return CLI_FAILED;
	}
	status = plait_policy_find(wanted, library, &list->name[list->count]);
	free(wanted);
	if (status < 0) {
		cli_complain("policies: --policies: %s", plait_error_message());
		return CLI_USAGE;
	}
	list->count++;
	return CLI_DONE;
}

static bool is_built_in(const char *name)
{
	struct starpu_sched_policy **policy = starpu_sched_get_predefined_policies();

	while (*policy && !((*policy)->policy_name && strcmp((*policy)->policy_name, name) == 0))
		policy++;
	return *policy || strcmp(name, "plait") == 0;
}

/* A library need not list its policies, and then they can only be asked for by name. */
static void warn_unlisted(const struct policies *list, const char *library)
{
	if (!library)
		library = getenv("STARPU_SCHED_LIB");
	if (!library || !*library)
		return;
	for (int i = 0; i < list->count; i++)
		if (!is_built_in(list->name[i]))
			return;
	cli_complain("policies: %s lists no policies of its own (starpu_get_sched_lib_policies), "
		     "so all lacks them: name them, as in --policies eager,NAME",
		     library);
}

static int list_all(struct policies *list, const char *library)
{
	int count = plait_library_policies(library, list->name, MOST_POLICIES);

	if (count < 0)
		return cli_failed(count);
	list->count = count < MOST_POLICIES ? count : MOST_POLICIES;
	warn_unlisted(list, library);
	return CLI_DONE;
}

static int list_policies(struct policies *list, const struct cli_options *options)
{
	const char *names = options->policies ? options->policies : options->sched;
	int status = CLI_DONE;

	list->count = 0;
	if (!names || strcmp(names, "all") == 0)
		return list_all(list, options->sched_lib);
	while (status == CLI_DONE && list->count < MOST_POLICIES) {
		size_t length = strcspn(names, ",");

		status = add_policy(list, names, length, options->sched_lib);
		if (names[length] == '\0')
			break;
		names += length + 1;
	}
	return status;
}

/* The list, or a list of one value where the option was not given. */
static struct cli_list list_or(const struct cli_list *list, int64_t value)
{
	return list->count > 0 ? *list : (struct cli_list){ .count = 1, .value = { value } };
}

/* Configuration i of all combinations.  The policy changes fastest. */
static struct cli_configuration make_configuration(const struct policies *policies,
						   const struct cli_list list[4], int i)
{
	struct cli_configuration c = { .policy = policies->name[i % policies->count] };
	int64_t *field[] = { &c.ncpu, &c.grain, &c.prefetch, &c.batch_size };

	i /= policies->count;
	for (int l = 0; l < 4; l++) {
		*field[l] = list[l].value[i % list[l].count];
		i /= list[l].count;
	}
	PLAIT__ASSERT(i == 0, "a configuration's number is below the number of them");
	return c;
}

int cli_sweep_make(struct cli_sweep *sweep, const struct cli_options *options)
{
	struct cli_list list[4] = { list_or(&options->ncpus, 0),
				    list_or(&options->grains, options->grain),
				    list_or(&options->prefetches, options->prefetch),
				    list_or(&options->batch_sizes, options->batch_size) };
	struct policies policies;
	int64_t count, most = 0;
	int status;

	*sweep = (struct cli_sweep){ .options = options,
				     .warmup = options->warmup > 0 ? options->warmup
								   : cli_measure_warmup(options),
				     .repeats = (int)options->repeats,
				     .turns = 1 };
	status = list_policies(&policies, options);
	if (status != CLI_DONE)
		return status;
	count = policies.count;
	for (int l = 0; l < 4; l++)
		count *= list[l].count;
	for (int i = 0; i < list[0].count; i++)
		if (list[0].value[i] > most)
			most = list[0].value[i];
	cli_warn_workers(most);
	if (count > 10000) {
		cli_complain("policies: %" PRId64 " configurations, at most 10000 can be compared",
			     count);
		return CLI_USAGE;
	}
	sweep->configuration =
		plait__calloc((size_t)count, sizeof *sweep->configuration, "configurations");
	if (!sweep->configuration)
		return cli_failed(PLAIT_ENOMEM);
	for (sweep->count = 0; sweep->count < count; sweep->count++) {
		struct cli_configuration *c = &sweep->configuration[sweep->count];

		*c = make_configuration(&policies, list, sweep->count);
		c->run = plait__calloc((size_t)sweep->repeats, sizeof *c->run, "runs");
		if (!c->run)
			return cli_failed(PLAIT_ENOMEM);
	}
	return CLI_DONE;
}

void cli_sweep_free(struct cli_sweep *sweep)
{
	for (int i = 0; i < sweep->count; i++)
		free(sweep->configuration[i].run);
	free(sweep->configuration);
}

const char *cli_configuration_status(const struct cli_configuration *c)
{
	return c->skipped ? "skipped" : cli_child_end_name(c->end);
}
