/* SPDX-License-Identifier: MIT
 * The shape of a sample: 3x32x32. */
#include "config.h"
#include "src/cli/options/values.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads a dimension at *text and moves *text behind it. */
static bool read_dimension(const char **text, int64_t *dim)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*dim = strtoll(*text, &end, 10);
	*text = end;
	return errno == 0;
}

int cli_set_shape(const struct cli_option *option, const char *value, void *field, char *why)
{
	struct cli_shape shape = { 0 };
	bool more = value != NULL;

	while (more && shape.ndim < PLAIT_MAX_DIMS &&
	       read_dimension(&value, &shape.dim[shape.ndim++]))
		more = *value == 'x' && value++;
	if (!value ||
	    (!more && *value == '\0' && plait_shape_elements(shape.ndim, shape.dim) > 0)) {
		*(struct cli_shape *)field = shape;
		return 0;
	}
	snprintf(why, CLI_WHY_SIZE,
		 "is no %s: whole numbers above 0 with x between, as 784 or 3x32x32, %d at most",
		 option->argument, PLAIT_MAX_DIMS);
	return -1;
}
