/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/data/picture.h"
#include "src/cli/complain.h"
#include "src/cli/data/font.h"
#include "src/cli/data/png.h"
#include "src/base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int cli_picture_make(struct cli_picture *picture, int width, int height, int channels)
{
	size_t size = (size_t)width * (size_t)height * (size_t)channels;

	*picture = (struct cli_picture){ .width = width, .height = height, .channels = channels };
	picture->pixels = plait__calloc(size, 1, "a picture");
	if (!picture->pixels)
		return cli_failed(PLAIT_ENOMEM);
	memset(picture->pixels, 255, size);
	return CLI_DONE;
}

int cli_picture_end(struct cli_picture *picture, int status, const char *path)
{
	if (status == CLI_DONE)
		status = cli_png_write(path, picture->width, picture->height, picture->channels,
				       picture->pixels);
	free(picture->pixels);
	return status;
}

static uint8_t *at(const struct cli_picture *picture, int top, int left)
{
	PLAIT__ASSERT(top >= 0 && left >= 0 && top < picture->height && left < picture->width,
		      "what is drawn is within the picture");
	return picture->pixels +
	       ((size_t)top * (size_t)picture->width + (size_t)left) * (size_t)picture->channels;
}

/* -- samples --------------------------------------------------------------------------------- */

int cli_picture_channels(const struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);

	return info->ndim == 3 ? (int)info->dim[0] : 1;
}

bool cli_picture_can_draw(const struct plait_dataset *dataset, const char *option)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	int channels = cli_picture_channels(dataset);
	char text[128];

	if (info->ndim >= 2 && info->ndim <= 3 && (channels == 1 || channels == 3))
		return true;
	cli_complain("%s: %s: samples are %s; a picture needs images, [H,W] or [C,H,W] with 1 or 3 "
		     "channels",
		     option, info->spec,
		     plait_shape_text(info->ndim, info->dim, text, sizeof text));
	return false;
}

int cli_picture_cell(const struct plait_dataset *dataset, int about)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	int64_t side = info->dim[info->ndim - 1];

	if (info->dim[info->ndim - 2] > side)
		side = info->dim[info->ndim - 2];
	return cli_view_varies(dataset) || side > about ? about : (int)(about / side * side);
}

/* The mean of the sample's values over the part of it that a pixel covers. */
static float cover(const struct cli_view *view, int64_t c, double y, double x, double step)
{
	int64_t y0 = (int64_t)y, x0 = (int64_t)x;
	int64_t y1 = (int64_t)ceil(y + step), x1 = (int64_t)ceil(x + step);
	double sum = 0;

	y1 = y1 > view->height ? view->height : y1;
	x1 = x1 > view->width ? view->width : x1;
	if (step <= 1)
		return cli_view_at(view, c, y0, x0);
	PLAIT__ASSERT(y0 < y1 && x0 < x1, "a pixel covers a part of the sample");
	for (int64_t v = y0; v < y1; v++)
		for (int64_t u = x0; u < x1; u++)
			sum += (double)cli_view_at(view, c, v, u);
	return (float)(sum / (double)((y1 - y0) * (x1 - x0)));
}

/* Which value is drawn black and which white: 0 and 1 for bytes, the least and the greatest of the
 * sample for floats. */
static void find_range(const struct cli_view *view, float *least, float *most)
{
	*least = 0;
	*most = 1;
	if (view->bytes)
		return;
	*least = HUGE_VALF;
	*most = -HUGE_VALF;
	for (int64_t c = 0; c < view->channels; c++)
		for (int64_t y = 0; y < view->height; y++)
			for (int64_t x = 0; x < view->width; x++) {
				*least = fminf(*least, cli_view_at(view, c, y, x));
				*most = fmaxf(*most, cli_view_at(view, c, y, x));
			}
}

void cli_picture_sample(struct cli_picture *picture, int top, int left, int cell,
			const struct cli_view *view)
{
	int64_t side = view->height > view->width ? view->height : view->width;
	double step = side <= cell ? 1.0 / (double)(cell / side) : (double)side / cell;
	int height = (int)fmax(1, (double)view->height / step);
	int width = (int)fmax(1, (double)view->width / step);
	float least, most;

	top += (cell - height) / 2;
	left += (cell - width) / 2;
	find_range(view, &least, &most);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			for (int c = 0; c < picture->channels; c++) {
				float value = cover(view, c, y * step, x * step, step);
				float unit = most > least ? (value - least) / (most - least) : 0;

				at(picture, top + y, left + x)[c] =
					(uint8_t)lrintf(fminf(fmaxf(unit, 0), 1) * 255);
			}
}

/* -- texts ----------------------------------------------------------------------------------- */

void cli_picture_text(struct cli_picture *picture, int top, int left, int width, uint8_t shade,
		      const char *text)
{
	PLAIT__ASSERT(top + CLI_FONT_HEIGHT <= picture->height && left + width <= picture->width,
		      "a text is within the picture");
	cli_font_draw(text, width, shade, at(picture, top, left),
		      picture->width * picture->channels, picture->channels);
}

void cli_picture_text_up(struct cli_picture *picture, int bottom, int left, int height,
			 const char *text)
{
	struct cli_picture line;

	/* Without memory the text is left out. */
	if (height <= 0 || cli_picture_make(&line, height, CLI_FONT_HEIGHT, 1) != CLI_DONE)
		return;
	cli_picture_text(&line, 0, 0, height, 0, text);
	for (int x = 0; x < height; x++)
		for (int y = 0; y < CLI_FONT_HEIGHT; y++)
			if (*at(&line, y, x) == 0)
				memset(at(picture, bottom - 1 - x, left + y), 0,
				       (size_t)picture->channels);
	free(line.pixels);
}

void cli_picture_fill(struct cli_picture *picture, int top, int left, int height, int width,
		      const uint8_t colour[3])
{
	PLAIT__ASSERT(picture->channels == 3, "a colour needs three channels");
	for (int y = top; y < top + height; y++)
		for (int x = left; x < left + width; x++)
			memcpy(at(picture, y, x), colour, 3);
}
