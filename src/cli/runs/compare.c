/* SPDX-License-Identifier: MIT
 * What sets runs apart, which figures they have, and where these are best. */
#include "config.h"
#include "src/cli/runs/runs.h"
#include "src/cli/complain.h"
#include "src/base/base.h"

#include <stdlib.h>
#include <string.h>

/* -- options ----------------------------------------------------------------------------------- */

/* Where to write is no difference of a training. */
static const char *const outputs[] = { "log",  "log-every", "save",  "quiet", "print-plan",
				       "plot", "html",      "sweep", "pool",  NULL };

/* The text that an option counts with; NULL: none. */
static char *option_text(const struct cli_run *run, const char *name)
{
	const json_t *value = json_object_get(json_object_get(run->config, "options"), name);

	if (!value)
		value = json_object_get(json_object_get(run->config, "defaults"), name);
	if (json_is_string(value))
		return plait__strdup(json_string_value(value));
	return value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether a pool has given its members values of the option, so that their names say them:
 * "lr=0.1 seed=2". */
static bool is_in_name(const struct cli_run *run, const char *option)
{
	const char *at = run->member_name;
	size_t length = strlen(option);

	for (; at && (at = strstr(at, option)); at++)
		if (at[length] == '=' && (at == run->member_name || at[-1] == ' '))
			return true;
	return false;
}

/* Whether the runs whose log says their options, of which there may be none, have several values.
 */
static bool differs(const struct cli_runs *runs, const char *name)
{
	char *first = NULL;
	bool different = false, is_first = true;

	for (int i = 0; i < runs->count && !different; i++) {
		char *value = runs->run[i].config ? option_text(&runs->run[i], name) : NULL;

		different = is_in_name(&runs->run[i], name) ||
			    (runs->run[i].config && !is_first && !is_same(first, value));
		if (runs->run[i].config && is_first) {
			first = value;
			is_first = false;
		} else
			free(value);
	}
	free(first);
	return different;
}

static bool is_output(const char *name)
{
	int i = 0;

	while (outputs[i] && strcmp(outputs[i], name) != 0)
		i++;
	return outputs[i];
}

/* Appends "name=value" to what sets a run apart. */
static int append(struct cli_run *run, const char *name)
{
	char *value, *longer;

	if (!run->config || is_in_name(run, name))
		return 0;
	value = option_text(run, name);
	longer = plait__format("%s%s%s=%s", run->differs, *run->differs ? " " : "", name,
			       value ? value : "");
	free(value);
	free(run->differs);
	run->differs = longer;
	return longer ? 0 : PLAIT_ENOMEM;
}

/* Every option that some run was given: defaults that follow from them say nothing new. */
static json_t *all_options(const struct cli_runs *runs)
{
	json_t *all = json_object();

	for (int i = 0; i < runs->count; i++)
		json_object_update_missing(all, json_object_get(runs->run[i].config, "options"));
	return all;
}

int cli_runs_compare(struct cli_runs *runs)
{
	json_t *all = all_options(runs), *ignored;
	const char *name;
	int status = 0;

	for (int i = 0; i < runs->count && status == 0; i++) {
		const char *name_of = runs->run[i].member_name;

		runs->run[i].differs = plait__strdup(name_of ? name_of : "");
		status = runs->run[i].differs ? 0 : PLAIT_ENOMEM;
	}
	json_object_foreach(all, name, ignored)
	{
		if (status < 0 || is_output(name) || !differs(runs, name))
			continue;
		for (int i = 0; i < runs->count && status == 0; i++)
			status = append(&runs->run[i], name);
	}
	json_decref(all);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

/* -- figures ----------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

int cli_runs_panels(const struct cli_runs *runs, const char **key, int max)
{
	int count = 0;

	for (int i = 0; i < runs->count; i++)
		for (int j = 0; j < runs->run[i].series_count; j++) {
			const char *name = runs->run[i].series[j].key;
			int k = 0;

			name += begins(name, "val_") ? strlen("val_") : 0;
			while (k < count && strcmp(key[k], name) != 0)
				k++;
			if (k == count && count < max)
				key[count++] = name;
		}
	return count;
}

/* Figures that are better when they are less; all others of training are shares of what is right.
 */
static bool is_error(const char *key)
{
	static const char *const errors[] = { "loss", "mae", "mse", "rmse", "ece", NULL };
	int i = 0;

	key += begins(key, "val_") ? strlen("val_") : 0;
	while (errors[i] && !begins(key, errors[i]))
		i++;
	return errors[i];
}

int cli_series_best(const struct cli_series *series)
{
	bool less = is_error(series->key);
	int best = 0;

	for (int i = 1; i < series->count; i++)
		if (less ? series->point[i][1] < series->point[best][1]
			 : series->point[i][1] > series->point[best][1])
			best = i;
	return best;
}
