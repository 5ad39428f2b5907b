/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/dashboard/dots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void cli_dots_begin(struct cli_dots *d, int columns, int rows, bool utf8)
{
	memset(d, 0, sizeof *d);
	d->columns = columns < CLI_DOTS_COLUMNS ? columns : CLI_DOTS_COLUMNS;
	d->rows = rows < CLI_DOTS_ROWS ? rows : CLI_DOTS_ROWS;
	d->utf8 = utf8;
}

/* Dots of a character; without braille it is one. */
static int across(const struct cli_dots *d)
{
	return d->utf8 ? 2 : 1;
}

static int down(const struct cli_dots *d)
{
	return d->utf8 ? 4 : 1;
}

/* Unicode 15, U+2800: bits of the dots, by row and column. */
static const uint8_t bit[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

static void set(struct cli_dots *d, int curve, int x, int y)
{
	int row = y / down(d), column = x / across(d);

	if (x < 0 || y < 0 || row >= d->rows || column >= d->columns)
		return;
	d->dots[row][column] |= bit[y % down(d)][x % across(d)];
	d->curve[row][column] = (uint8_t)curve;
}

static int place(double share, int dots)
{
	return (int)lround(fmin(fmax(share, 0), 1) * (dots - 1));
}

void cli_dots_draw(struct cli_dots *d, int curve, int n, const double (*point)[2])
{
	int wide = d->columns * across(d), high = d->rows * down(d), last_x = 0, last_y = 0;

	for (int i = 0; i < n; i++) {
		int x = place(point[i][0], wide), y = place(1 - point[i][1], high);
		int steps = i > 0 ? abs(x - last_x) > abs(y - last_y) ? abs(x - last_x)
								      : abs(y - last_y)
				  : 0;

		set(d, curve, x, y);
		for (int s = 1; s < steps; s++)
			set(d, curve, last_x + (x - last_x) * s / steps,
			    last_y + (y - last_y) * s / steps);
		last_x = x;
		last_y = y;
	}
}

int cli_dots_put(const struct cli_dots *d, int row, const char *const *colour, FILE *line)
{
	int end = d->columns, curve = 0;

	while (end > 0 && d->dots[row][end - 1] == 0)
		end--;
	for (int i = 0; i < end; i++) {
		int c = d->curve[row][i], dots = d->dots[row][i];

		if (colour && c && c != curve)
			fprintf(line, "\033[%sm", colour[c - 1]);
		curve = c ? c : curve;
		if (dots == 0)
			putc(' ', line);
		else if (d->utf8)
			fprintf(line, "%c%c%c", 0xe2, 0xa0 | dots >> 6, 0x80 | (dots & 0x3f));
		else
			putc(c == 1 ? '*' : 'o', line);
	}
	if (colour && curve)
		fputs("\033[0m", line);
	return end;
}
