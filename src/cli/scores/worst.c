/* SPDX-License-Identifier: MIT
 * The samples of the largest losses: a sheet of pictures, or a table. */
#include "config.h"
#include "src/cli/scores/print.h"
#include "src/cli/complain.h"
#include "src/cli/data/font.h"
#include "src/cli/data/picture.h"
#include "src/cli/output.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS 5
#define CELL 144 /* pixels: room for a sample, and for a caption below it */
#define GAP 8
#define LINE (CLI_FONT_HEIGHT + 3) /* from a line of a caption to the next */
#define LINES 4

bool cli_worst_can_draw(const struct plait_dataset *data, const char *path)
{
	return !cli_ends_in(path, ".png") || cli_picture_can_draw(data, "--worst");
}

/* -- CSV ------------------------------------------------------------------------------------- */

static void put_sample(FILE *file, const struct plait_worst_sample *one,
		       const struct plait__names *names, const struct plait_dataset *data)
{
	const char *path = cli_view_path(data, one->sample);
	char text[CLI_CLASS_NUMBER];

	fprintf(file, "%" PRId64 ",", one->sample);
	if (path)
		cli_output_cell(file, path);
	fprintf(file, ",%.9g,", one->loss);
	if (one->predicted >= 0) {
		cli_output_cell(file, cli_class_name(names, one->label, text));
		putc(',', file);
		cli_output_cell(file, cli_class_name(names, one->predicted, text));
		fprintf(file, ",%.9g\n", one->probability);
	} else {
		fputs(",,\n", file);
	}
}

static int write_csv(const struct plait_scores_result *r, const struct plait__names *names,
		     const struct plait_dataset *data, const char *path)
{
	struct cli_output output;
	int status = cli_output_begin(&output, path);

	if (status != CLI_DONE)
		return status;
	fputs("sample,path,loss,class,predicted,probability\n", output.file);
	for (int64_t i = 0; i < r->worst; i++)
		put_sample(output.file, &r->worst_sample[i], names, data);
	return cli_output_end(&output, CLI_DONE);
}

/* -- PNG ------------------------------------------------------------------------------------- */

struct sheet {
	const struct plait_scores_result *result;
	const struct plait__names *names;
	const struct plait_dataset *data;
	int cell; /* pixels of a sample */
	struct cli_picture picture;
};

/* What its file is called in its folder or archive, or its number. */
static void name_of(const struct sheet *sheet, int64_t sample, char *text, size_t size)
{
	const char *path = cli_view_path(sheet->data, sample),
		   *slash = path ? strrchr(path, '/') : NULL;

	if (path)
		snprintf(text, size, "%s", slash ? slash + 1 : path);
	else
		snprintf(text, size, "sample %" PRId64, sample);
}

static void draw_caption(struct sheet *sheet, int top, int left,
			 const struct plait_worst_sample *one)
{
	char line[LINES][128] = { "" }, text[CLI_CLASS_NUMBER];

	name_of(sheet, one->sample, line[0], sizeof line[0]);
	snprintf(line[1], sizeof line[1], "loss %.4g", one->loss);
	if (one->predicted >= 0) {
		snprintf(line[2], sizeof line[2], "is   %.100s",
			 cli_class_name(sheet->names, one->label, text));
		snprintf(line[3], sizeof line[3], "said %.2f %.100s", one->probability,
			 cli_class_name(sheet->names, one->predicted, text));
	}
	for (int i = 0; i < LINES; i++)
		cli_picture_text(&sheet->picture, top + i * LINE, left, CELL, 0, line[i]);
}

static int draw_all(struct sheet *sheet)
{
	struct cli_view_memory memory = { 0 };
	struct cli_view view;
	int status = 0;

	for (int i = 0; i < sheet->result->worst && status == 0; i++) {
		const struct plait_worst_sample *one = &sheet->result->worst_sample[i];
		int top = GAP + i / COLUMNS * (sheet->cell + GAP + LINES * LINE + GAP);
		int left = GAP + i % COLUMNS * (CELL + GAP);

		status = cli_view_read(sheet->data, one->sample, &memory, &view);
		if (status == 0)
			cli_picture_sample(&sheet->picture, top, left, sheet->cell, &view);
		else if (cli_view_is_bad(status))
			status = 0; /* another stood for it */
		draw_caption(sheet, top + sheet->cell + GAP / 2, left, one);
	}
	cli_view_free(&memory);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

static int write_png(const struct plait_scores_result *r, const struct plait__names *names,
		     const struct plait_dataset *data, const char *path)
{
	struct sheet sheet = {
		.result = r, .names = names, .data = data, .cell = cli_picture_cell(data, CELL)
	};
	int rows = (int)((r->worst + COLUMNS - 1) / COLUMNS);
	int columns = r->worst < COLUMNS ? (int)r->worst : COLUMNS;
	int status = cli_picture_make(&sheet.picture, GAP + columns * (CELL + GAP),
				      GAP + rows * (sheet.cell + GAP + LINES * LINE + GAP),
				      cli_picture_channels(data));

	return status == CLI_DONE ? cli_picture_end(&sheet.picture, draw_all(&sheet), path)
				  : status;
}

int cli_worst_write(const struct plait_scores_result *result, const struct plait__names *names,
		    const struct plait_dataset *data, const char *path)
{
	return cli_ends_in(path, ".png") ? write_png(result, names, data, path)
					 : write_csv(result, names, data, path);
}
