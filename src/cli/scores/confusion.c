/* SPDX-License-Identifier: MIT
 * The confusion matrix as CSV and as a picture: a row for each class, a column for what its samples
 * are said to be. */
#include "config.h"
#include "src/cli/scores/print.h"
#include "src/cli/complain.h"
#include "src/cli/data/font.h"
#include "src/cli/data/picture.h"
#include "src/cli/output.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* -- CSV ------------------------------------------------------------------------------------- */

static int write_csv(const struct plait_scores_result *r, const struct plait__names *names,
		     const char *path)
{
	struct cli_output output;
	int status = cli_output_begin(&output, path);
	char text[CLI_CLASS_NUMBER];

	if (status != CLI_DONE)
		return status;
	fputs("class", output.file);
	for (int64_t c = 0; c < r->classes; c++) {
		putc(',', output.file);
		cli_output_cell(output.file, cli_class_name(names, c, text));
	}
	putc('\n', output.file);
	for (int64_t c = 0; c < r->classes; c++) {
		cli_output_cell(output.file, cli_class_name(names, c, text));
		for (int64_t p = 0; p < r->classes; p++)
			fprintf(output.file, ",%" PRId64, r->confusion[c * r->classes + p]);
		putc('\n', output.file);
	}
	return cli_output_end(&output, CLI_DONE);
}

/* -- PNG ------------------------------------------------------------------------------------- */

#define GAP 6
#define MOST_NAME 24       /* characters of a class's name */
#define MOST_CLASSES 4096  /* a pixel each is a large picture */
#define LARGE_PICTURE 1000 /* pixels that cells take, about, where they have no numbers */
#define LEAST_NAMED (CLI_FONT_HEIGHT + 2) /* pixels of a cell beside which a name has room */

static const char title[] = "a row for each class, a column for what its samples are said to be";

struct matrix {
	const struct plait_scores_result *result;
	const struct plait__names *names;
	int cell, top, left; /* pixels: of a cell; where the first one begins */
	bool numbers;        /* cells have numbers */
	struct cli_picture picture;
};

static int text_width(int characters)
{
	return characters * CLI_FONT_WIDTH;
}

static void lay_out(struct matrix *m)
{
	int64_t classes = m->result->classes, most = 0;
	int name = 1, digits;
	char text[CLI_CLASS_NUMBER];

	for (int64_t i = 0; i < classes * classes; i++)
		most = m->result->confusion[i] > most ? m->result->confusion[i] : most;
	digits = snprintf(NULL, 0, "%" PRId64, most);
	m->cell = text_width(digits) + 7;
	m->cell = m->cell < 25 ? 25 : m->cell;
	m->numbers = classes * m->cell <= 2 * LARGE_PICTURE;
	if (!m->numbers)
		m->cell = classes < LARGE_PICTURE ? LARGE_PICTURE / (int)classes : 1;
	for (int64_t c = 0; m->cell >= LEAST_NAMED && c < classes; c++) {
		int length = (int)strlen(cli_class_name(m->names, c, text));

		name = length > name ? length : name;
	}
	name = m->cell >= LEAST_NAMED ? text_width(name < MOST_NAME ? name : MOST_NAME) : 0;
	m->left = GAP + name + GAP;
	m->top = GAP + CLI_FONT_HEIGHT + GAP + name + GAP;
}

/* White where there are none, blue where all samples of the row are. */
static void draw_cell(struct matrix *m, int64_t c, int64_t p)
{
	static const int dark[3] = { 24, 72, 150 };
	int64_t count = m->result->confusion[c * m->result->classes + p];
	int64_t all = m->result->by_class[c].samples;
	double share = all > 0 ? (double)count / (double)all : 0;
	int top = m->top + (int)c * m->cell, left = m->left + (int)p * m->cell;
	int gap = m->cell >= LEAST_NAMED; /* between cells, where they are large */
	char text[CLI_CLASS_NUMBER];
	uint8_t colour[3];
	int width;

	/* By the root, so that a few of many can be seen. */
	for (int i = 0; i < 3; i++)
		colour[i] = (uint8_t)lrint(247 - sqrt(share) * (247 - dark[i]));
	cli_picture_fill(&m->picture, top, left, m->cell - gap, m->cell - gap, colour);
	if (!m->numbers || count == 0)
		return;
	width = text_width(snprintf(text, sizeof text, "%" PRId64, count));
	cli_picture_text(&m->picture, top + (m->cell - CLI_FONT_HEIGHT) / 2,
			 left + (m->cell - width) / 2, width, share > 0.3 ? 255 : 0, text);
}

/* Names of rows end where the cells begin, those of columns begin there and go upwards. */
static void draw_name(struct matrix *m, int64_t c)
{
	char number[CLI_CLASS_NUMBER];
	const char *name = cli_class_name(m->names, c, number);
	int room = m->left - 2 * GAP, width = text_width((int)strlen(name));
	int middle = (int)c * m->cell + (m->cell - CLI_FONT_HEIGHT) / 2;

	width = width < room ? width : room;
	cli_picture_text(&m->picture, m->top + middle, m->left - GAP - width, width, 0, name);
	cli_picture_text_up(&m->picture, m->top - GAP, m->left + middle, room, name);
}

static int write_png(const struct plait_scores_result *r, const struct plait__names *names,
		     const char *path)
{
	struct matrix m = { .result = r, .names = names };
	int width, least = 2 * GAP + text_width((int)sizeof title), status;

	if (r->classes > MOST_CLASSES) {
		cli_complain("--confusion %s: %" PRId64 " classes are too many for a picture, of "
			     "which %d are possible: take a .csv",
			     path, r->classes, MOST_CLASSES);
		return CLI_FAILED;
	}
	lay_out(&m);
	width = m.left + (int)r->classes * m.cell + GAP;
	status = cli_picture_make(&m.picture, width > least ? width : least,
				  m.top + (int)r->classes * m.cell + GAP, 3);
	if (status != CLI_DONE)
		return status;
	cli_picture_text(&m.picture, GAP, GAP, text_width((int)sizeof title), 0, title);
	for (int64_t c = 0; c < r->classes; c++) {
		if (m.cell >= LEAST_NAMED)
			draw_name(&m, c);
		for (int64_t p = 0; p < r->classes; p++)
			draw_cell(&m, c, p);
	}
	return cli_picture_end(&m.picture, CLI_DONE, path);
}

int cli_confusion_write(const struct plait_scores_result *result, const struct plait__names *names,
			const char *path)
{
	if (!result->confusion) {
		cli_complain("--confusion %s: each output is a class of its own, to which a sample "
			     "may belong or not: there is no such matrix",
			     path);
		return CLI_FAILED;
	}
	return cli_ends_in(path, ".png") ? write_png(result, names, path)
					 : write_csv(result, names, path);
}
