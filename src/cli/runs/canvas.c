/* SPDX-License-Identifier: MIT
 * In a PNG a pixel is covered by a line as far as it lies within half a width of it. */
#include "config.h"
#include "src/cli/runs/canvas.h"
#include "src/cli/runs/runs.h"
#include "src/cli/complain.h"
#include "src/cli/data/font.h"
#include "src/cli/data/png.h"
#include "src/cli/scores/words.h"
#include "src/base/base.h"
#include "src/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCALE 2 /* pixels of a unit */
#define FONT 9.5

static size_t pixels_of(const struct cli_canvas *c)
{
	return (size_t)c->width * SCALE * (size_t)c->height * SCALE;
}

int cli_canvas_open(struct cli_canvas *c, const char *path, int width, int height)
{
	*c = (struct cli_canvas){ .width = width, .height = height, .path = path };
	if (cli_ends_in(path, ".png")) {
		c->pixels = plait__calloc(pixels_of(c), 3, "a picture");
		c->covered = c->pixels ? plait__calloc(pixels_of(c), 1, "a picture") : NULL;
		if (!c->covered) {
			free(c->pixels);
			return cli_failed(PLAIT_ENOMEM);
		}
		memset(c->pixels, 255, 3 * pixels_of(c));
		return CLI_DONE;
	}
	if (cli_output_begin(&c->output, path) != CLI_DONE)
		return CLI_FAILED;
	fprintf(c->output.file,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" font-family=\"Helvetica, Arial, sans-serif\" "
		"font-size=\"%g\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
		width, height, width, height, FONT);
	return CLI_DONE;
}

int cli_canvas_close(struct cli_canvas *c, int status)
{
	if (!c->pixels) {
		fputs("</svg>\n", c->output.file);
		return cli_output_end(&c->output, status);
	}
	if (status == CLI_DONE)
		status = cli_png_write(c->path, c->width * SCALE, c->height * SCALE, 3, c->pixels);
	free(c->pixels);
	free(c->covered);
	return status;
}

/* -- lines ------------------------------------------------------------------------------------- */

/* Pixels that a segment may touch, within the frame. */
static void find_box(const struct cli_frame *f, const double *a, const double *b, double width,
		     int box[4])
{
	double reach = width / 2 + 1;

	box[0] = (int)(SCALE * fmax(f->left, fmin(a[0], b[0]) - reach));
	box[1] = (int)(SCALE * fmax(f->top, fmin(a[1], b[1]) - reach));
	box[2] = (int)(SCALE * fmin(f->right, fmax(a[0], b[0]) + reach));
	box[3] = (int)(SCALE * fmin(f->bottom, fmax(a[1], b[1]) + reach));
}

static double distance(const double *a, const double *b, double x, double y)
{
	double dx = b[0] - a[0], dy = b[1] - a[1], square = dx * dx + dy * dy;
	double at = square > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / square : 0;

	at = fmin(fmax(at, 0), 1);
	return hypot(x - a[0] - at * dx, y - a[1] - at * dy);
}

static void cover(struct cli_canvas *c, const struct cli_frame *f, const double *a, const double *b,
		  double width)
{
	int box[4];

	find_box(f, a, b, width, box);
	for (int y = box[1]; y < box[3] && y < c->height * SCALE; y++)
		for (int x = box[0]; x < box[2] && x < c->width * SCALE; x++) {
			double away = distance(a, b, (x + 0.5) / SCALE, (y + 0.5) / SCALE);
			double share = fmin(fmax((width / 2 - away) * SCALE + 0.5, 0), 1);
			uint8_t *at =
				&c->covered[(size_t)y * (size_t)(c->width * SCALE) + (size_t)x];

			*at = (uint8_t)fmax(*at, round(255 * share));
		}
}

/* Colours what is covered, which it ends. */
static void colour_covered(struct cli_canvas *c, uint32_t colour)
{
	for (size_t i = 0; i < pixels_of(c); i++) {
		for (int k = 0; k < 3 && c->covered[i]; k++) {
			int to = colour >> (16 - 8 * k) & 255, from = c->pixels[3 * i + (size_t)k];

			c->pixels[3 * i + (size_t)k] =
				(uint8_t)(from + (to - from) * c->covered[i] / 255);
		}
		c->covered[i] = 0;
	}
}

/* Far outside of the frame a line comes no nearer to what is seen. */
static double within(double value, double low, double high)
{
	return fmin(fmax(value, low - (high - low)), high + (high - low));
}

void cli_canvas_line(struct cli_canvas *c, const struct cli_frame *f, int n,
		     const double (*point)[2], uint32_t colour, double width)
{
	double last[2] = { 0 };

	if (!c->pixels)
		fprintf(c->output.file,
			"<svg x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
			"viewBox=\"%.2f %.2f %.2f %.2f\"><polyline fill=\"none\" "
			"stroke=\"#%06x\" stroke-width=\"%g\" stroke-linejoin=\"round\" "
			"points=\"",
			f->left, f->top, f->right - f->left, f->bottom - f->top, f->left, f->top,
			f->right - f->left, f->bottom - f->top, (unsigned)colour, width);
	for (int i = 0; i < n; i++) {
		double at[2] = { within(point[i][0], f->left, f->right),
				 within(point[i][1], f->top, f->bottom) };

		if (c->pixels)
			cover(c, f, i > 0 ? last : at, at, width);
		else
			fprintf(c->output.file, "%s%.2f,%.2f", i > 0 ? " " : "", at[0], at[1]);
		memcpy(last, at, sizeof last);
	}
	if (c->pixels)
		colour_covered(c, colour);
	else
		fputs("\"/></svg>\n", c->output.file);
}

/* -- text -------------------------------------------------------------------------------------- */

static int letters(const char *text)
{
	int count = 0;

	for (; *text; count++) {
		int length = plait__utf8_length(text);

		text += length > 0 ? length : 1;
	}
	return count;
}

/* A letter of the font has SCALE x SCALE pixels for each of its own. */
static void draw_text(struct cli_canvas *c, int x0, int y0, int columns, const char *text)
{
	uint8_t *small = plait__calloc((size_t)columns, CLI_FONT_HEIGHT, "text in a picture");

	if (!small)
		return;
	memset(small, 255, (size_t)columns * CLI_FONT_HEIGHT);
	cli_font_draw(text, columns, 0, small, columns, 1);
	for (int y = 0; y < CLI_FONT_HEIGHT * SCALE; y++)
		for (int x = 0; x < columns * SCALE; x++) {
			int to_x = x0 + x, to_y = y0 + y;
			bool is_in = to_x >= 0 && to_x < c->width * SCALE && to_y >= 0 &&
				     to_y < c->height * SCALE;

			if (is_in && small[y / SCALE * columns + x / SCALE] == 0)
				memset(c->pixels + 3 * ((size_t)to_y * (size_t)(c->width * SCALE) +
							(size_t)to_x),
				       40, 3);
		}
	free(small);
}

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			putc((unsigned char)*text < ' ' ? ' ' : *text, out);
		}
}

void cli_canvas_text(struct cli_canvas *c, double x, double y, enum cli_anchor anchor, double width,
		     const char *text)
{
	static const char *const anchors[] = { "start", "middle", "end" };
	int most = (int)(width / CLI_FONT_WIDTH), count = letters(text);
	int columns = (count < most ? count : most) * CLI_FONT_WIDTH;

	if (c->pixels) {
		draw_text(c, (int)(x * SCALE) - columns * SCALE * (int)anchor / 2,
			  (int)(y * SCALE) - CLI_FONT_HEIGHT * SCALE, columns, text);
		return;
	}
	fprintf(c->output.file, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\" fill=\"#282828\">",
		x, y, anchors[anchor]);
	put_escaped(c->output.file, text);
	fputs("</text>\n", c->output.file);
}
