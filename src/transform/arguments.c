/* SPDX-License-Identifier: MIT
 * Reading the arguments of words. */
#include "config.h"
#include "src/base/number.h"
#include "src/transform/fuse.h"

#include <string.h>

const char *plait__read_integer(const char *text, int least, int most, int *value)
{
	int64_t n = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && n <= most; p++)
		n = 10 * n + (*p - '0');
	if (p == text || n < least || n > most)
		return NULL;
	*value = (int)n;
	return p;
}

const char *plait__read_size(const char *text, struct plait__action *action)
{
	const char *p = plait__read_integer(text, 1, PLAIT__MAX_SIDE, &action->height);

	action->width = 0;
	return p && *p == 'x' ? plait__read_integer(p + 1, 1, PLAIT__MAX_SIDE, &action->width) : p;
}

const char *plait__read_numbers(const char *text, char end, int most, float *value, int *count)
{
	char number[32];
	double x;

	for (*count = 0; *count < most; text++) {
		size_t length = strcspn(text, ",;");

		if (length >= sizeof number)
			return NULL;
		memcpy(number, text, length);
		number[length] = '\0';
		if (plait__number_parse(number, &x) != PLAIT__TEXT_NUMBER ||
		    !plait__number_fits_float(number, number + length, x))
			return NULL;
		PLAIT__ASSERT(*count < most, "there is room for the number");
		value[(*count)++] = (float)x;
		text += length;
		if (*text == end)
			return text + (end != '\0');
		if (*text != ',')
			return NULL;
	}
	return NULL;
}

int plait__word_misused(const struct plait__action *action, const char *what)
{
	return plait__error(PLAIT_EINVAL, "transform: %s: %s; write %s", action->text, what,
			    action->word->usage);
}

const char plait__bad_size[] = "the size must be S or HxW, each 1 to 65535";

int plait__parse_size(struct plait_transform *transform, struct plait__action *action,
		      const char *text)
{
	const char *end = plait__read_size(text, action);

	(void)transform;
	if (!end || *end)
		return plait__word_misused(action, plait__bad_size);
	return 0;
}

int plait__parse_square(struct plait_transform *transform, struct plait__action *action,
			const char *text)
{
	int status = plait__parse_size(transform, action, text);

	action->fixes = true;
	if (!action->width)
		action->width = action->height;
	return status;
}
