/* SPDX-License-Identifier: MIT
 * How these options are read. */
#include "config.h"
#include "src/cli/until/until.h"
#include "src/cli/complain.h"
#include "src/cli/options/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- values -------------------------------------------------------------------------------------
 */

/* A number of seconds; or of hours, minutes and seconds in this order, each with its letter. */
static bool read_time(const char *text, double *sum)
{
	static const double seconds[] = { 3600, 60, 1 };
	static const char units[] = "hms";
	bool plain = text[strspn(text, "0123456789")] == '\0';
	const char *left = units;

	for (*sum = 0; *text;) {
		size_t digits = strspn(text, "0123456789");
		const char *unit = plain          ? &units[2]
				   : text[digits] ? strchr(left, text[digits])
						  : NULL;

		if (digits == 0 || digits > 9 || !unit)
			return false;
		*sum += strtod(text, NULL) * seconds[unit - units];
		text += digits + !plain;
		left = unit + 1;
	}
	return *sum > 0;
}

int cli_set_time(const struct cli_option *option, const char *value, void *field, char *why)
{
	double sum = 0;

	(void)option;
	if (value && !read_time(value, &sum)) {
		snprintf(why, CLI_WHY_SIZE,
			 "is no time above 0: seconds, or as 90s, 30m, 2h or 1h30m");
		return -1;
	}
	*(double *)field = sum;
	return 0;
}

int cli_set_figure(const struct cli_option *option, const char *value, void *field, char *why)
{
	(void)option;
	*(const char **)field = value;
	if (!value || (*value && strlen(value) < CLI_FIGURE_SIZE))
		return 0;
	snprintf(why, CLI_WHY_SIZE, "is no figure of an epoch, as val_loss or accuracy");
	return -1;
}

int cli_set_target(const struct cli_option *option, const char *value, void *field, char *why)
{
	const char *equals = value ? strchr(value, '=') : NULL;
	char *end = NULL;

	(void)option;
	*(const char **)field = value;
	if (equals && equals > value && equals - value < CLI_FIGURE_SIZE &&
	    strspn(equals + 1, "0123456789+-.eE") == strlen(equals + 1) &&
	    isfinite(strtod(equals + 1, &end)) && end > equals + 1 && !*end)
		return 0;
	if (!value)
		return 0;
	snprintf(why, CLI_WHY_SIZE, "is not NAME=VALUE, as in val_accuracy=0.92");
	return -1;
}

/* -- checks ------------------------------------------------------------------------------------ */

int cli_until_check(const struct cli_options *options, const char *name)
{
	const struct {
		const char *option;
		bool given;
	} own[] = {
		{ "--patience", options->patience > 0 },
		{ "--target", options->target != NULL },
		{ "--save-best", options->save_best != NULL },
	};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (own[i].given && options->val_overlap) {
			cli_complain("%s: %s waits for the validation of an epoch before the next "
				     "one, and --val-overlap has it beside that: leave out one",
				     name, own[i].option);
			return CLI_USAGE;
		}
	if (options->monitor && options->patience == 0 && !options->save_best) {
		cli_complain("%s: needs --patience N or --save-best FILE, as there is --monitor",
			     name);
		return CLI_USAGE;
	}
	return -1;
}
