/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/data/view.h"
#include "src/dataset/dataset.h"
#include "src/loader/bad_samples.h"

#include <inttypes.h>

/* An array of the data set's shape. */
static void view_array(const struct plait_dataset *dataset, const void *x, struct cli_view *view)
{
	const struct plait_dataset_info *info = &dataset->info;
	bool image = info->ndim == 2 || info->ndim == 3;

	if (info->dtype == PLAIT_U8)
		view->bytes = x;
	else
		view->floats = x;
	view->channels = info->ndim == 3 ? info->dim[0] : 1;
	view->height = image ? info->dim[info->ndim - 2] : 1;
	view->width =
		image ? info->dim[info->ndim - 1] : plait_shape_elements(info->ndim, info->dim);
	view->column = 1;
	view->row = (size_t)view->width;
	view->plane = view->row * (size_t)view->height;
}

static int view_record(const struct plait_dataset *dataset, int64_t index,
		       struct cli_view_memory *memory, struct cli_view *view)
{
	struct plait__stored stored;
	struct plait__image image;
	int status = dataset->fetch(dataset, index, &memory->stored, &stored);

	if (status < 0)
		return status;
	view->label =
		dataset->info.classes > 0 ? plait__dataset_label(dataset, index, &stored) : -1;
	if (stored.kind == PLAIT__STORED_PLANES) {
		view_array(dataset, stored.bytes, view);
		return 0;
	}
	status = plait__dataset_decode(dataset, &stored, &memory->pixels, &memory->turned, &image);
	if (status < 0)
		return plait__error(status, "%s: sample %" PRId64 ": %s: %s", dataset->info.spec,
				    index, stored.path, plait_error_message());
	view->bytes = image.pixels;
	view->channels = image.channels;
	view->height = image.height;
	view->width = image.width;
	view->plane = 1;
	view->row = image.stride;
	view->column = (size_t)image.channels;
	return 0;
}

int cli_view_read(const struct plait_dataset *dataset, int64_t index,
		  struct cli_view_memory *memory, struct cli_view *view)
{
	size_t bytes = plait__dataset_sample_bytes(dataset);
	const struct plait_dataset_info *info = &dataset->info;
	void *x = NULL;
	int status = 0;

	PLAIT__ASSERT(index >= 0 && index < info->samples, "a sample is one of the data set");
	*view = (struct cli_view){ .label = -1 };
	if (dataset->fetch)
		return view_record(dataset, index, memory, view);
	if (dataset->x) {
		status = plait__dataset_bring(dataset, index, &(struct plait__stored){ 0 });
		x = (char *)dataset->x + (size_t)index * bytes;
		view->label = info->classes > 0 ? dataset->labels[index] : -1;
	} else {
		x = plait__buffer_reserve(&memory->stored, bytes);
		status = x ? plait_dataset_read(dataset, index, 0, x,
						info->classes > 0 ? &view->label : NULL, NULL)
			   : PLAIT_ENOMEM;
	}
	if (status == 0)
		view_array(dataset, x, view);
	return status;
}

bool cli_view_is_bad(int status)
{
	return plait__bad_status(status);
}

bool cli_view_varies(const struct plait_dataset *dataset)
{
	return dataset->varying;
}

const char *cli_view_path(const struct plait_dataset *dataset, int64_t index)
{
	return plait__dataset_path(dataset, index);
}

void cli_view_free(struct cli_view_memory *memory)
{
	plait__buffer_free(&memory->stored);
	plait__buffer_free(&memory->pixels);
	plait__buffer_free(&memory->turned);
}
