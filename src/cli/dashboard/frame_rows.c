/* SPDX-License-Identifier: MIT
 * Rows of text, and charts side by side. */
#include "config.h"
#include "src/cli/dashboard/frame.h"
#include "src/cli/dashboard/dots.h"
#include "src/base/text.h"

#include <math.h>
#include <string.h>

#define LABEL 8 /* columns left of a chart */
#define GAP 2

static const char *const curve_colours[] = { "36", "33" };

/* -- rows -------------------------------------------------------------------------------------- */

void cli_frame_text(struct cli_frame_rows *f, const char *sgr, const char *text)
{
	if (sgr && f->state->colours)
		fprintf(f->out, "\033[%sm", sgr);
	while (*text && *text != '\n' && f->left > 0) {
		int length = plait__utf8_length(text);
		bool shown = length > 1 || (length == 1 && *text >= ' ' && *text != 127);

		fwrite(shown ? text : "?", 1, shown ? (size_t)length : 1, f->out);
		text += length > 0 ? length : 1;
		f->left--;
	}
	if (sgr && f->state->colours)
		fputs("\033[0m", f->out);
}

void cli_frame_blanks(struct cli_frame_rows *f, int count)
{
	for (; count > 0 && f->left > 0; count--, f->left--)
		putc(' ', f->out);
}

void cli_frame_begin_row(struct cli_frame_rows *f)
{
	f->left = f->columns;
}

void cli_frame_end_row(struct cli_frame_rows *f)
{
	fputs("\033[K\r\n", f->out);
}

void cli_frame_row(struct cli_frame_rows *f, const char *sgr, const char *text)
{
	cli_frame_begin_row(f);
	cli_frame_text(f, sgr, text);
	cli_frame_end_row(f);
}

double cli_frame_share(const struct cli_frame_state *s)
{
	return s->epoch_steps > 0 ? (double)s->epoch_step / (double)s->epoch_steps : 0;
}

/* -- charts ------------------------------------------------------------------------------------ */

struct chart {
	const char *title;
	const struct cli_track *track[2]; /* training, evaluation */
	double low, high;
	struct cli_dots dots;
};

static void find_range(struct chart *c)
{
	c->low = INFINITY;
	c->high = -INFINITY;
	for (int t = 0; t < 2; t++)
		for (int i = 0; i < c->track[t]->count; i++) {
			c->low = fmin(c->low, c->track[t]->point[i][1]);
			c->high = fmax(c->high, c->track[t]->point[i][1]);
		}
	if (!(c->low <= c->high))
		c->low = c->high = 0;
	if (c->low == c->high)
		c->high += c->high != 0 ? fabs(c->high) / 2 : 1;
}

#define MOST_POINTS 1024

/* epochs: where the chart ends. */
static void draw_chart(struct chart *c, double epochs, int columns, int rows, bool utf8)
{
	static double point[MOST_POINTS][2];

	find_range(c);
	cli_dots_begin(&c->dots, columns, rows, utf8);
	for (int t = 0; t < 2; t++) {
		const struct cli_track *track = c->track[t];
		int n = track->count < MOST_POINTS ? track->count : MOST_POINTS;

		for (int i = 0; i < n; i++) {
			const double *at = track->point[track->count - n + i];

			point[i][0] = at[0] / epochs;
			point[i][1] = (at[1] - c->low) / (c->high - c->low);
		}
		cli_dots_draw(&c->dots, t + 1, n, (const double(*)[2])point);
	}
}

static void put_title(struct cli_frame_rows *f, const struct chart *c, int width)
{
	int before = f->left;

	cli_frame_text(f, "1", c->title);
	cli_frame_text(f, curve_colours[0], "  training");
	if (c->track[1]->count > 0)
		cli_frame_text(f, curve_colours[1], "  evaluation");
	cli_frame_blanks(f, width - (before - f->left));
}

/* A row of a chart, with the greatest and the least value beside the first and the last. */
static void put_chart_row(struct cli_frame_rows *f, const struct chart *c, int row)
{
	char label[32] = "";
	int used;

	if (row == 0)
		snprintf(label, sizeof label, "%7.4g", c->high);
	else if (row == c->dots.rows - 1)
		snprintf(label, sizeof label, "%7.4g", c->low);
	label[LABEL - 1] = '\0';
	cli_frame_text(f, NULL, label);
	cli_frame_blanks(f, LABEL - (int)strlen(label));
	used = cli_dots_put(&c->dots, row, f->state->colours ? curve_colours : NULL, f->out);
	f->left -= used;
	cli_frame_blanks(f, c->dots.columns - used);
}

void cli_frame_charts(struct cli_frame_rows *f, int count)
{
	static struct chart chart[2];
	const struct cli_frame_state *s = f->state;
	static const struct cli_track none;
	bool accuracy = s->train_accuracy.count > 0;
	int width = (f->columns - GAP) / 2;
	double epochs = fmax(1, s->epoch - 1 + cli_frame_share(s));

	chart[0] = (struct chart){ .title = "loss", .track = { &s->smooth, &s->val } };
	chart[1] =
		accuracy ? (struct chart){ .title = "accuracy",
					   .track = { &s->train_accuracy, &s->val_accuracy } }
			 : (struct chart){ .title = "learning rate", .track = { &s->rate, &none } };
	for (int i = 0; i < 2; i++)
		draw_chart(&chart[i], epochs, width - LABEL, count - 1, s->utf8);
	cli_frame_begin_row(f);
	for (int i = 0; i < 2; i++) {
		put_title(f, &chart[i], width);
		cli_frame_blanks(f, i == 0 ? GAP : 0);
	}
	cli_frame_end_row(f);
	for (int row = 0; row < chart[0].dots.rows; row++) {
		cli_frame_begin_row(f);
		put_chart_row(f, &chart[0], row);
		cli_frame_blanks(f, GAP);
		put_chart_row(f, &chart[1], row);
		cli_frame_end_row(f);
	}
}
