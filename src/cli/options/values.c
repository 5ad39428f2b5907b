/* SPDX-License-Identifier: MIT
 * strtol and functions like it accept blanks before a number, other text behind it and hexadecimal
 * digits.  The functions here accept a decimal number and nothing else. */
#include "config.h"
#include "src/cli/options/values.h"
#include "src/base/number.h"
#include "src/base/suggest.h"
#include "src/base/assert.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <plait/transform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_set_text(const struct cli_option *option, const char *value, void *field, char *why)
{
	(void)option;
	(void)why;
	*(const char **)field = value;
	return 0;
}

int cli_set_flag(const struct cli_option *option, const char *value, void *field, char *why)
{
	(void)option;
	(void)why;
	*(bool *)field = value != NULL;
	return 0;
}

int cli_set_word(const struct cli_option *option, const char *value, void *field, char *why)
{
	char valid[CLI_WHY_SIZE], suggestion[PLAIT__SUGGEST_SIZE];

	if (!value) {
		*(int *)field = (int)option->initial;
		return 0;
	}
	for (int i = 0; option->words[i]; i++)
		if (strcmp(option->words[i], value) == 0) {
			*(int *)field = i;
			return 0;
		}
	plait__join(valid, sizeof valid, option->words, ", ");
	plait__suggest(suggestion, PLAIT__SUGGEST_SEMICOLON, value, option->words);
	snprintf(why, CLI_WHY_SIZE, "is none of %.160s%s", valid, suggestion);
	return -1;
}

int cli_set_count(const struct cli_option *option, const char *value, void *field, char *why)
{
	size_t digits;
	long long count;

	if (!value) {
		*(int64_t *)field = (int64_t)option->initial;
		return 0;
	}
	PLAIT__ASSERT(option->min < option->max, "a count has more than one value");
	digits = strspn(value, "0123456789");
	if (option->words && strcmp(value, option->words[0]) == 0) {
		*(int64_t *)field = 0;
		return 0;
	}
	errno = 0;
	count = strtoll(value, NULL, 10);
	if (digits > 0 && value[digits] == '\0' && errno == 0 && count >= option->min &&
	    count <= option->max) {
		*(int64_t *)field = count;
		return 0;
	}
	snprintf(why, CLI_WHY_SIZE, "is no whole number from %" PRId64 " to %" PRId64 "%s%s",
		 option->min, option->max, option->words ? ", nor " : "",
		 option->words ? option->words[0] : "");
	return -1;
}

int cli_set_list(const struct cli_option *option, const char *value, struct cli_list *list,
		 int (*set)(const struct cli_option *option, const char *one, int64_t *result,
			    char *why),
		 char *why)
{
	list->count = 0;
	while (value) {
		size_t length = strcspn(value, ",");
		char one[64];

		if (list->count == CLI_LIST_MAX || length >= sizeof one) {
			snprintf(why, CLI_WHY_SIZE, "is no list of at most %d values",
				 CLI_LIST_MAX);
			return -1;
		}
		memcpy(one, value, length);
		one[length] = '\0';
		if (set(option, one, &list->value[list->count++], why) < 0)
			return -1;
		if (value[length] == '\0')
			return 0;
		value += length + 1;
	}
	return 0;
}

static int set_one_count(const struct cli_option *option, const char *one, int64_t *result,
			 char *why)
{
	return cli_set_count(option, one, result, why);
}

int cli_set_counts(const struct cli_option *option, const char *value, void *field, char *why)
{
	return cli_set_list(option, value, field, set_one_count, why);
}

/* Reads a whole number at *text and moves *text behind it. */
static bool read_whole(const char **text, int64_t *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*value = strtoll(*text, &end, 10);
	*text = end;
	return errno == 0;
}

int cli_set_pair(const struct cli_option *option, const char *value, void *field, char *why)
{
	char between = option->words[0][0];
	int64_t pair[2] = { 0 };

	PLAIT__ASSERT(between && !option->words[0][1], "one character stands within a pair");
	if (!value ||
	    (read_whole(&value, &pair[0]) && *value++ == between && read_whole(&value, &pair[1]) &&
	     *value == '\0' && pair[0] < pair[1] && pair[1] <= option->max)) {
		memcpy(field, pair, sizeof pair);
		return 0;
	}
	snprintf(why, CLI_WHY_SIZE,
		 "is not %s: whole numbers from 0 to %" PRId64 ", the first below the second",
		 option->argument, option->max);
	return -1;
}

int cli_set_bytes(const struct cli_option *option, const char *value, void *field, char *why)
{
	static const char units[] = "kMGT";
	const char *unit;
	size_t digits;
	long long count;
	int shift;

	if (!value)
		return cli_set_count(option, NULL, field, why);
	digits = strspn(value, "0123456789");
	unit = value[digits] ? strchr(units, value[digits]) : NULL;
	shift = unit ? 10 * (int)(unit - units + 1) : 0;
	errno = 0;
	count = strtoll(value, NULL, 10);
	if (digits > 0 && value[digits + (unit != NULL)] == '\0' && errno == 0 &&
	    count <= INT64_MAX >> shift && count << shift >= option->min &&
	    count << shift <= option->max) {
		*(int64_t *)field = count << shift;
		return 0;
	}
	snprintf(why, CLI_WHY_SIZE,
		 "is no number of bytes, at least %" PRId64 ", as 500M or 6G (k, M, G, T: powers "
		 "of 1024)",
		 option->min);
	return -1;
}

/* Reads a decimal number at *text and moves *text behind it.  Options end up in floats. */
static bool read_real(const char **text, double *value)
{
	const char *start = *text;
	char *end;

	/* What may stand in a decimal number; this leaves out nan, infinity and 0x10. */
	if (strspn(start, "0123456789+-.eE") == 0)
		return false;
	*value = strtod(start, &end);
	if (end == start || !isfinite(*value) || memchr(start, 'x', (size_t)(end - start)) ||
	    memchr(start, 'X', (size_t)(end - start)) ||
	    !plait__number_fits_float(start, end, *value))
		return false;
	*text = end;
	return true;
}

int cli_set_real(const struct cli_option *option, const char *value, void *field, char *why)
{
	double real = option->initial;

	if (!value || (read_real(&value, &real) && *value == '\0' && real >= 0)) {
		*(double *)field = real;
		return 0;
	}
	snprintf(why, CLI_WHY_SIZE, "is no number, " PLAIT__NUMBER_FITS);
	return -1;
}

int cli_set_limit(const struct cli_option *option, const char *value, void *field, char *why)
{
	struct cli_limit limit = { 0 };
	const char *rest = value;
	char ignored[CLI_WHY_SIZE];

	if (value && read_real(&rest, &limit.percent) && strcmp(rest, "%") == 0) {
		if (!(limit.percent > 0 && limit.percent <= 100)) {
			snprintf(why, CLI_WHY_SIZE, "must be above 0%% and at most 100%%");
			return -1;
		}
	} else {
		limit.percent = 0;
		if (cli_set_bytes(option, value, &limit.bytes, ignored) < 0) {
			snprintf(why, CLI_WHY_SIZE,
				 "is no limit on memory: bytes as 500M or 6G (k, M, G, T: powers "
				 "of 1024), or a share as 50%%");
			return -1;
		}
	}
	*(struct cli_limit *)field = limit;
	return 0;
}

int64_t cli_read_reals(const char **text, int64_t max, float *number)
{
	for (int64_t count = 0; count < max; (*text)++) {
		double real;

		if (!read_real(text, &real))
			return 0;
		if (number)
			number[count] = (float)real;
		count++;
		if (**text != ',')
			return count;
	}
	return 0;
}

int cli_set_reals(const struct cli_option *option, const char *value, void *field, char *why)
{
	const char *rest = value;
	bool valid = true;
	double real;

	(void)option;
	*(const char **)field = value;
	if (!value)
		return 0;
	do
		valid = read_real(&rest, &real) && real >= 0;
	while (valid && *rest++ == ',');
	if (valid && rest[-1] == '\0')
		return 0;
	snprintf(why, CLI_WHY_SIZE,
		 "is no list of numbers with commas between, each " PLAIT__NUMBER_FITS);
	return -1;
}

int cli_set_normalize(const struct cli_option *option, const char *value, void *field, char *why)
{
	struct plait_normalize n = { 0 };
	int means, stds = 0;

	(void)option;
	if (!value) {
		*(struct plait_normalize *)field = n;
		return 0;
	}
	means = (int)cli_read_reals(&value, PLAIT_MAX_CHANNELS, n.mean);
	if (means == 2 && *value == '\0') {
		n.std[0] = n.mean[1];
		means = stds = 1;
	} else if (means > 0 && *value == ';') {
		value++;
		stds = (int)cli_read_reals(&value, PLAIT_MAX_CHANNELS, n.std);
	}
	n.channels = means;
	if (stds != means || means == 0 || *value != '\0') {
		snprintf(why, CLI_WHY_SIZE,
			 "must be MEAN,STD or as many means as deviations: M1,M2,M3;S1,S2,S3 (at "
			 "most %d)",
			 PLAIT_MAX_CHANNELS);
		return -1;
	}
	for (int i = 0; i < stds; i++)
		if (!(n.std[i] > 0)) {
			snprintf(why, CLI_WHY_SIZE, "has a standard deviation that is not above 0");
			return -1;
		}
	*(struct plait_normalize *)field = n;
	return 0;
}
