/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/data/sheet.h"
#include "src/cli/complain.h"
#include "src/cli/data/font.h"
#include "src/cli/data/picture.h"
#include "src/base/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS 10
#define MOST_ROWS 30
#define CELL 96 /* pixels: the longer side of a sample, about */
#define GAP 4
#define LINE (CLI_FONT_HEIGHT + 3) /* pixels from a cell to the next if its label is below it */

struct sheet {
	const struct plait_dataset *dataset;
	int rows, cell;
	int line; /* pixels of a label below a cell; 0: there are no labels */
	int64_t sample[MOST_ROWS][COLUMNS]; /* -1: none */
	struct cli_picture picture;
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

/* The sample, and below it the name of its class, or the number where there is none. */
static void draw_labelled(struct sheet *sheet, int row, int column, const struct cli_view *view)
{
	const char *const *names = plait_dataset_info(sheet->dataset)->class_names;
	int top = GAP + row * (sheet->cell + sheet->line + GAP);
	int left = GAP + column * (sheet->cell + GAP);
	char number[16];

	cli_picture_sample(&sheet->picture, top, left, sheet->cell, view);
	if (sheet->line == 0 || view->label < 0)
		return;
	snprintf(number, sizeof number, "%" PRId32, view->label);
	cli_picture_text(&sheet->picture, top + sheet->cell + sheet->line - CLI_FONT_HEIGHT, left,
			 sheet->cell, 0, names ? names[view->label] : number);
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
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

int cli_sheet_write(const struct plait_dataset *dataset, const char *path)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	struct sheet sheet = { .dataset = dataset, .line = info->classes > 0 ? LINE : 0 };
	int status;

	if (!cli_picture_can_draw(dataset, "--png"))
		return CLI_FAILED;
	sheet.cell = cli_picture_cell(dataset, CELL);
	choose(&sheet);
	status = cli_picture_make(&sheet.picture, GAP + COLUMNS * (sheet.cell + GAP),
				  GAP + sheet.rows * (sheet.cell + sheet.line + GAP),
				  cli_picture_channels(dataset));
	if (status != CLI_DONE)
		return status;
	return cli_picture_end(&sheet.picture, draw_all(&sheet), path);
}
