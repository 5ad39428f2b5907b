/* SPDX-License-Identifier: MIT
 * A sample as it is stored, before transforms, whatever its layout. */
#ifndef PLAIT_CLI_VIEW_H
#define PLAIT_CLI_VIEW_H

#include "src/base/assert.h"
#include "src/image/image.h"

#include <plait/dataset.h>

/* Value (c,y,x) is at c * plane + y * row + x * column of bytes or of floats, whichever is not
 * NULL.  A sample that is no image has one channel and one row. */
struct cli_view {
	const uint8_t *bytes;
	const float *floats;
	int64_t channels, height, width;
	size_t plane, row, column;
	int32_t label; /* -1: none */
};

/* Memory for views, zeroed at first; a view is valid until the next one. */
struct cli_view_memory {
	struct plait__buffer stored, pixels, turned;
};

/* Errors: as plait_dataset_read, and those of decoding. */
int cli_view_read(const struct plait_dataset *dataset, int64_t index,
		  struct cli_view_memory *memory, struct cli_view *view);

/* Whether an error of cli_view_read is the sample's fault. */
bool cli_view_is_bad(int status);

/* Whether images differ so much in size that none is that of most. */
bool cli_view_varies(const struct plait_dataset *dataset);

/* The file of a sample, or file and member; NULL where there is none. */
const char *cli_view_path(const struct plait_dataset *dataset, int64_t index);

void cli_view_free(struct cli_view_memory *memory);

static inline float cli_view_at(const struct cli_view *view, int64_t c, int64_t y, int64_t x)
{
	size_t i = (size_t)c * view->plane + (size_t)y * view->row + (size_t)x * view->column;

	PLAIT__ASSERT(c < view->channels && y < view->height && x < view->width,
		      "a value is one of the sample");
	return view->bytes ? (float)view->bytes[i] / 255.0f : view->floats[i];
}

#endif
