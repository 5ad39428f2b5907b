/* SPDX-License-Identifier: MIT
 * How arrays lie in files: the options that say it, and copying to another order. */
#include "config.h"
#include "src/dataset/format.h"

#include <stdlib.h>
#include <string.h>

/* Takes ",layout=chw" or ",layout=hwc" from the end of text. */
static int take_layout(char *text, enum plait__layout *layout_p)
{
	char *option = strrchr(text, ',');

	*layout_p = PLAIT__LAYOUT_BY_SHAPE;
	if (!option || strncmp(option, ",layout=", 8) != 0)
		return 0;
	*option = '\0';
	if (strcmp(option + 8, "chw") == 0)
		*layout_p = PLAIT__LAYOUT_CHW;
	else if (strcmp(option + 8, "hwc") == 0)
		*layout_p = PLAIT__LAYOUT_HWC;
	else
		return plait__error(PLAIT_EINVAL,
				    "layout=%s: expected chw (channels, height, width) or hwc",
				    option + 8);
	return 0;
}

int plait__dataset_split(const char *rest, const char *usage, char **first_p, char **second_p,
			 enum plait__layout *layout_p)
{
	char *first = plait__strdup(rest), *comma;
	int status = first ? take_layout(first, layout_p) : PLAIT_ENOMEM;

	comma = first ? strchr(first, ',') : NULL;
	if (status == 0 &&
	    (!*first || comma == first || (comma && (!comma[1] || strchr(comma + 1, ',')))))
		status = plait__error(PLAIT_EINVAL,
				      "expected %s, found \"%s\": one file, or two with a comma "
				      "between, which no name may have",
				      usage, rest);
	*second_p = NULL;
	if (status == 0 && comma) {
		*comma = '\0';
		*second_p = plait__strdup(comma + 1);
		status = *second_p ? 0 : PLAIT_ENOMEM;
	}
	if (status < 0) {
		free(first);
		return status;
	}
	*first_p = first;
	return 0;
}

void plait__rearrange(const char *from, int ndim, const int64_t *dim, const int64_t *stride,
		      size_t size, char *to)
{
	int64_t index[PLAIT_MAX_DIMS] = { 0 }, at = 0, last = stride[ndim - 1];
	int d;

	do {
		for (int64_t i = 0; i < dim[ndim - 1]; i++, to += size)
			memcpy(to, from + (size_t)(at + i * last) * size, size);
		for (d = ndim - 2; d >= 0; d--) {
			at += stride[d];
			if (++index[d] < dim[d])
				break;
			at -= dim[d] * stride[d];
			index[d] = 0;
		}
	} while (d >= 0);
}
