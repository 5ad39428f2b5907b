/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/data/sheet.h"
#include "src/cli/complain.h"
#include "src/cli/data/font.h"
#include "src/cli/data/png.h"
#include "src/cli/data/view.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 10
#define MOST_ROWS 30
#define CELL 96 /* pixels: the longer side of a sample, about */
#define GAP 4
#define LINE (CLI_FONT_HEIGHT + 3) /* pixels from a cell to the next if its label is below it */

struct sheet {
	const struct plait_dataset *dataset;
	int rows, channels, cell, width, height;
	int line; /* pixels of a label below a cell; 0: there are no labels */
	int64_t sample[MOST_ROWS][COLUMNS]; /* -1: none */
	uint8_t *pixels;
};

/* -- which samples -------------------------------------------------------------------------- */

/* Whether a sample is drawn in the next column.  Its class has count samples, of which seen came
 * before it.  The samples that are drawn are spread evenly over the class. */
static bool is_taken(int64_t seen, int64_t count, int *column)
{
	int64_t columns = count < COLUMNS ? count : COLUMNS;

	if (*column >= columns || seen != *column * count / columns)
		return false;
	(*column)++;
	return true;
}

/* Chooses a row of samples for each class, by the labels of all samples. */
static int choose_by_class(struct sheet *sheet)
{
	const struct plait_dataset_info *info = plait_dataset_info(sheet->dataset);
	const int32_t *labels = plait_dataset_labels(sheet->dataset);
	int64_t count[MOST_ROWS] = { 0 }, seen[MOST_ROWS] = { 0 };
	int column[MOST_ROWS] = { 0 };

	sheet->rows = info->classes < MOST_ROWS ? (int)info->classes : MOST_ROWS;
	for (int64_t i = 0; i < info->samples; i++) {
		PLAIT__ASSERT(labels[i] >= 0, "classes are numbered from 0");
		if (labels[i] < sheet->rows)
			count[labels[i]]++;
	}
	for (int64_t i = 0; i < info->samples; i++) {
		int32_t row = labels[i];

		if (row < sheet->rows && is_taken(seen[row]++, count[row], &column[row]))
			sheet->sample[row][column[row] - 1] = i;
	}
	return 0;
}

static void choose(struct sheet *sheet)
{
	const struct plait_dataset_info *info = plait_dataset_info(sheet->dataset);
	int64_t cells = COLUMNS * COLUMNS;

	memset(sheet->sample, -1, sizeof sheet->sample);
	if (plait_dataset_labels(sheet->dataset)) {
		choose_by_class(sheet);
		return;
	}
	cells = info->samples < cells ? info->samples : cells;
	sheet->rows = (int)((cells + COLUMNS - 1) / COLUMNS);
	for (int64_t i = 0; i < cells; i++)
		sheet->sample[i / COLUMNS][i % COLUMNS] =
			(int64_t)((double)i * (double)info->samples / (double)cells);
}

/* -- drawing -------------------------------------------------------------------------------- */

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

/* Draws the sample in the middle of its cell and keeps its proportions.  A small sample is enlarged
 * by a whole factor. */
static void draw(struct sheet *sheet, int row, int column, const struct cli_view *view)
{
	int64_t side = view->height > view->width ? view->height : view->width;
	double step = side <= sheet->cell ? 1.0 / (double)(sheet->cell / side)
					  : (double)side / sheet->cell;
	int height = (int)fmax(1, (double)view->height / step);
	int width = (int)fmax(1, (double)view->width / step);
	int top = GAP + row * (sheet->cell + sheet->line + GAP) + (sheet->cell - height) / 2;
	int left = GAP + column * (sheet->cell + GAP) + (sheet->cell - width) / 2;
	float least, most;

	PLAIT__ASSERT(top >= 0 && left >= 0 && top + height <= sheet->height &&
			      left + width <= sheet->width,
		      "a sample is drawn within the picture");
	find_range(view, &least, &most);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			for (int c = 0; c < sheet->channels; c++) {
				float value = cover(view, c, y * step, x * step, step);
				float unit = most > least ? (value - least) / (most - least) : 0;
				size_t at = (size_t)(top + y) * (size_t)sheet->width +
					    (size_t)(left + x);

				sheet->pixels[at * (size_t)sheet->channels + (size_t)c] =
					(uint8_t)lrintf(fminf(fmaxf(unit, 0), 1) * 255);
			}
}

/* The sample, and below it the name of its class, or the number where there is none. */
static void draw_labelled(struct sheet *sheet, int row, int column, const struct cli_view *view)
{
	const char *const *names = plait_dataset_info(sheet->dataset)->class_names;
	int top = (row + 1) * (sheet->cell + sheet->line + GAP) - CLI_FONT_HEIGHT;
	int left = GAP + column * (sheet->cell + GAP);
	char number[16];

	draw(sheet, row, column, view);
	if (sheet->line == 0 || view->label < 0)
		return;
	snprintf(number, sizeof number, "%" PRId32, view->label);
	cli_font_draw(names ? names[view->label] : number, sheet->cell,
		      sheet->pixels + ((size_t)top * (size_t)sheet->width + (size_t)left) *
					      (size_t)sheet->channels,
		      sheet->width * sheet->channels, sheet->channels);
}

static int draw_all(struct sheet *sheet)
{
	struct cli_view_memory memory = { 0 };
	struct cli_view view;
	int status = 0;

	for (int row = 0; row < sheet->rows; row++)
		for (int column = 0; column < COLUMNS && status == 0; column++) {
			int64_t sample = sheet->sample[row][column];

			if (sample < 0)
				continue;
			status = cli_view_read(sheet->dataset, sample, &memory, &view);
			if (status == 0)
				draw_labelled(sheet, row, column, &view);
			else if (cli_view_is_bad(status))
				status = 0; /* its cell stays empty */
		}
	cli_view_free(&memory);
	return status;
}

int cli_sheet_write(const struct plait_dataset *dataset, const char *path)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	struct sheet sheet = { .dataset = dataset, .channels = 1, .cell = CELL };
	int64_t side = info->ndim >= 2 ? info->dim[info->ndim - 1] : 0;
	size_t size;
	int status;

	if (info->ndim == 3)
		sheet.channels = (int)info->dim[0];
	if (info->ndim < 2 || info->ndim > 3 || (sheet.channels != 1 && sheet.channels != 3)) {
		char text[128];

		cli_complain("--png: %s: samples are %s; a picture needs images, [H,W] or [C,H,W] "
			     "with 1 or 3 channels",
			     info->spec,
			     plait_shape_text(info->ndim, info->dim, text, sizeof text));
		return CLI_FAILED;
	}
	if (info->dim[info->ndim - 2] > side)
		side = info->dim[info->ndim - 2];
	/* A cell is a multiple of a small sample, so that each of its pixels is drawn in full. */
	if (!cli_view_varies(dataset) && side <= CELL)
		sheet.cell = (int)(CELL / side * side);
	choose(&sheet);
	sheet.width = GAP + COLUMNS * (sheet.cell + GAP);
	sheet.line = info->classes > 0 ? LINE : 0;
	sheet.height = GAP + sheet.rows * (sheet.cell + sheet.line + GAP);
	size = (size_t)sheet.width * (size_t)sheet.height * (size_t)sheet.channels;
	sheet.pixels = plait__calloc(size, 1, "a picture");
	if (!sheet.pixels)
		return cli_failed(PLAIT_ENOMEM);
	memset(sheet.pixels, 255, size);
	status = draw_all(&sheet);
	status = status < 0 ? cli_failed(status)
			    : cli_png_write(path, sheet.width, sheet.height, sheet.channels,
					    sheet.pixels);
	free(sheet.pixels);
	return status;
}
