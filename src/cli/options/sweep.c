/* SPDX-License-Identifier: MIT
 * A value of --sweep is set by the row of its option in the table, as if it stood on the command
 * line: what is right and what a message says is the same. */
#include "config.h"
#include "src/cli/options/sweep.h"
#include "src/cli/options/check.h"
#include "src/cli/options/table.h"
#include "src/cli/complain.h"
#include "src/base/base.h"
#include "src/base/suggest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What does not touch which data there are: one loader may feed all. */
static const char *const swept[] = {
	"lr",          "momentum",   "weight-decay", "optimizer", "model",      "loss",
	"init",        "batch-size", "accumulate",   "seed",      "data-seed",  "label-smoothing",
	"focal-gamma", "schedule",   "warmup",       "clip-norm", "clip-value", "skip-outliers",
	NULL
};

bool cli_is_pool(const struct cli_options *options)
{
	return options->pool > 0 || options->sweeps.count > 0;
}

/* -- reading ------------------------------------------------------------------------------ */

static int no_such(const char *name)
{
	char suggestion[PLAIT__SUGGEST_SIZE];

	plait__suggest(suggestion, PLAIT__SUGGEST_COMMA, name, swept);
	cli_complain("train: --sweep: \"%s\" is no option to sweep%s; those are", name, suggestion);
	cli_complain_words(swept);
	return CLI_USAGE;
}

static bool is_swept(const char *name)
{
	int i = 0;

	while (swept[i] && strcmp(swept[i], name) != 0)
		i++;
	return swept[i] != NULL;
}

/* Whether the option takes the value. */
static int check_value(const struct cli_axis *axis, const char *value, struct cli_options *scratch)
{
	char why[CLI_WHY_SIZE];

	if (!*value) {
		cli_complain("train: --sweep %s: a value is missing: %s=V1,V2 or %s=V1|V2",
			     axis->name, axis->name, axis->name);
		return CLI_USAGE;
	}
	if (axis->option->words == cli_auto_only && strcmp(value, cli_auto_only[0]) == 0) {
		cli_complain("train: --sweep %s: auto is chosen once for all members: --%s auto",
			     axis->name, axis->name);
		return CLI_USAGE;
	}
	if (axis->option->set(axis->option, value, (char *)scratch + axis->option->field, why) == 0)
		return CLI_DONE;
	cli_complain("train: --sweep %s: \"%s\" %s", axis->name, value, why);
	return CLI_USAGE;
}

/* The first mark outside of a model's braces, or NULL. */
static char *find_mark(char *value, char mark)
{
	int depth = 0;

	for (; *value && !(*value == mark && depth <= 0); value++)
		depth += (*value == '{') - (*value == '}');
	return *value ? value : NULL;
}

/* The value that begins at *rest_p, which moves behind it; NULL: there is none left. */
static char *take_value(char **rest_p, char mark)
{
	char *value = *rest_p, *end = value ? find_mark(value, mark) : NULL;

	if (end)
		*end++ = '\0';
	*rest_p = end;
	return value;
}

/* Splits the values, at each | if there is one, else at each comma. */
static int read_values(struct cli_axis *axis, char *values)
{
	char mark = find_mark(values, '|') ? '|' : ',', *value;
	struct cli_options scratch = { 0 };
	int status = CLI_DONE;

	axis->value = plait__calloc(CLI_POOL_MOST + 1, sizeof *axis->value, "a sweep");
	if (!axis->value)
		return cli_failed(PLAIT_ENOMEM);
	while (status == CLI_DONE && (value = take_value(&values, mark))) {
		if (axis->count == CLI_POOL_MOST) {
			cli_complain("train: --sweep %s: more than %d values, and a pool has at "
				     "most as many members",
				     axis->name, CLI_POOL_MOST);
			return CLI_USAGE;
		}
		axis->value[axis->count++] = value;
		status = check_value(axis, value, &scratch);
	}
	return status;
}

static int read_axis(struct cli_sweep *sweep, const char *text)
{
	struct cli_axis *axis = &sweep->axis[sweep->axes++];
	char option[40], *equals;

	axis->text = plait__strdup(text);
	if (!axis->text)
		return cli_failed(PLAIT_ENOMEM);
	axis->name = axis->text;
	equals = strchr(axis->text, '=');
	if (!equals) {
		cli_complain("train: --sweep: \"%s\" is not OPTION=V1,V2, as in lr=0.1,0.01", text);
		return CLI_USAGE;
	}
	*equals = '\0';
	if (!is_swept(axis->name))
		return no_such(axis->name);
	for (int i = 0; i + 1 < sweep->axes; i++)
		if (strcmp(sweep->axis[i].name, axis->name) == 0) {
			cli_complain("train: --sweep %s was given twice: give all values in one",
				     axis->name);
			return CLI_USAGE;
		}
	snprintf(option, sizeof option, "--%s", axis->name);
	axis->option = cli_option_find(CLI_TRAIN, option, strlen(option));
	PLAIT__ASSERT(axis->option, "what can be swept is an option of train");
	return read_values(axis, equals + 1);
}

int cli_sweep_open(struct cli_sweep *sweep, const struct cli_options *common)
{
	int64_t members;

	*sweep = (struct cli_sweep){ .common = common,
				     .seeds = common->pool > 0 ? (int)common->pool : 1 };
	members = sweep->seeds;
	for (int i = 0; i < common->sweeps.count; i++) {
		int status = read_axis(sweep, common->sweeps.value[i]);

		if (status != CLI_DONE)
			return status;
		members *= sweep->axis[i].count;
		if (members > CLI_POOL_MOST) {
			cli_complain("train: --sweep and --pool ask for %" PRId64
				     " members or more, and a pool has at most %d",
				     members, CLI_POOL_MOST);
			return CLI_USAGE;
		}
	}
	sweep->members = (int)members;
	return CLI_DONE;
}

void cli_sweep_close(struct cli_sweep *sweep)
{
	for (int i = 0; i < sweep->axes; i++) {
		free(sweep->axis[i].value);
		free(sweep->axis[i].text);
	}
}

/* -- members ------------------------------------------------------------------------------ */

/* Which value of each axis a member has. */
static void find_values(const struct cli_sweep *sweep, int member, const char **value)
{
	int rest = member / sweep->seeds;

	for (int i = sweep->axes; i-- > 0; rest /= sweep->axis[i].count)
		value[i] = sweep->axis[i].value[rest % sweep->axis[i].count];
}

void cli_sweep_member(const struct cli_sweep *sweep, int member, struct cli_options *options)
{
	const char *value[CLI_TEXTS_MAX];
	char why[CLI_WHY_SIZE];

	*options = *sweep->common;
	options->pool = 0;
	options->sweeps.count = 0;
	find_values(sweep, member, value);
	for (int i = 0; i < sweep->axes; i++) {
		const struct cli_option *option = sweep->axis[i].option;

		if (option->set(option, value[i], (char *)options + option->field, why) < 0)
			PLAIT__ASSERT(false, "values are checked when a sweep is opened");
		options->given[cli_option_row(option)] = value[i];
	}
	/* All members of a combination read the data in one order. */
	if (options->data_seed < 0)
		options->data_seed = options->seed;
	options->seed = (int64_t)((uint64_t)options->seed + (uint64_t)(member % sweep->seeds));
}

int cli_sweep_first(struct cli_sweep *sweep, const struct cli_options *common,
		    struct cli_options *first)
{
	int status = cli_sweep_open(sweep, common);

	*first = *common;
	if (status == CLI_DONE && cli_is_pool(common))
		cli_sweep_member(sweep, 0, first);
	return status;
}

char *cli_sweep_name(const struct cli_sweep *sweep, int member)
{
	const char *value[CLI_TEXTS_MAX];
	struct cli_options options;
	char *name = plait__format("%s", "");

	cli_sweep_member(sweep, member, &options);
	find_values(sweep, member, value);
	for (int i = 0; i < sweep->axes && name; i++) {
		char *longer;

		/* Of several seeds it is not the first one. */
		if (sweep->seeds > 1 && strcmp(sweep->axis[i].name, "seed") == 0)
			continue;
		longer = plait__format("%s%s%s=%s", name, *name ? " " : "", sweep->axis[i].name,
				       value[i]);
		free(name);
		name = longer;
	}
	if (name && (sweep->seeds > 1 || !*name)) {
		char *longer =
			plait__format("%s%sseed=%" PRId64, name, *name ? " " : "", options.seed);

		free(name);
		name = longer;
	}
	return name;
}

char *cli_sweep_save(const char *path, int member)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	int length = (int)(dot && dot > name ? (size_t)(dot - path) : strlen(path));

	/* What is no file stays so, and is refused. */
	if (!*name || strcmp(path, "-") == 0)
		return plait__strdup(path);
	return plait__format("%.*s-%d%s", length, path, member + 1, path + length);
}

/* -- checks ------------------------------------------------------------------------------- */

static int check_member(const struct cli_sweep *sweep, int member)
{
	struct cli_options options;
	char *name = cli_sweep_name(sweep, member);
	int status;

	if (!name)
		return cli_failed(PLAIT_ENOMEM);
	cli_sweep_member(sweep, member, &options);
	cli_complain_of(sweep->axes > 0 ? name : NULL);
	status = cli_options_check(&options, CLI_TRAIN);
	if (options.seed < 0) {
		cli_complain("train: --pool %d: there are no more seeds behind --seed %" PRId64,
			     sweep->seeds, INT64_MAX);
		status = CLI_USAGE;
	}
	cli_complain_of(NULL);
	free(name);
	return status;
}

int cli_sweep_check(const struct cli_options *options)
{
	struct cli_sweep sweep;
	int status = cli_sweep_open(&sweep, options);

	status = status == CLI_DONE ? -1 : status;
	for (int i = 0; status < 0 && i < sweep.axes; i++)
		if (options->given[cli_option_row(sweep.axis[i].option)]) {
			cli_complain("train: --%s and --sweep %s: give one of them",
				     sweep.axis[i].name, sweep.axis[i].name);
			status = CLI_USAGE;
		}
	for (int i = 0; status < 0 && i < sweep.members; i++)
		status = check_member(&sweep, i);
	cli_sweep_close(&sweep);
	return status;
}
