/* SPDX-License-Identifier: MIT
 * The curve as a still picture for a paper's column: the loss over the rate, each step and
 * smoothed, with the rate that is proposed. */
#include "config.h"
#include "src/cli/lr_find/lr_find.h"
#include "src/cli/complain.h"
#include "src/cli/output.h"

#include <math.h>

/* In points. */
#define WIDTH 252.0
#define HEIGHT 150.0
#define LEFT 34.0
#define RIGHT 6.0
#define TOP 14.0
#define BOTTOM 28.0
#define FONT 6.5

struct frame {
	FILE *file;
	const struct cli_lr_curve *curve;
	double low, high; /* losses that are shown */
};

static double x_of(const struct frame *f, double lr)
{
	const struct cli_lr_curve *c = f->curve;
	double share = log(lr / c->lr[0]) / log(c->lr[c->count - 1] / c->lr[0]);

	return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct frame *f, double loss)
{
	return TOP + (f->high - loss) / (f->high - f->low) * (HEIGHT - TOP - BOTTOM);
}

/* What explodes would leave the rest no room: it runs out of the picture. */
static struct frame begin(const struct cli_lr_curve *c, FILE *file)
{
	double low = c->smooth[c->least], high = fmax(c->smooth[0], c->smooth[c->steepest]);

	for (int i = 0; i < c->count; i++)
		low = fmin(low, c->loss[i]);
	return (struct frame){ .file = file,
			       .curve = c,
			       .low = low - 0.05 * (high - low),
			       .high = high + 0.25 * (high - low) };
}

/* Points far outside come no nearer to what is seen. */
static void put_curve(const struct frame *f, const double *loss, const char *style)
{
	double far = f->high - f->low;

	fputs("<polyline clip-path=\"url(#frame)\" fill=\"none\" points=\"", f->file);
	for (int i = 0; i < f->curve->count; i++)
		fprintf(f->file, "%s%.2f,%.2f", i > 0 ? " " : "", x_of(f, f->curve->lr[i]),
			y_of(f, fmin(fmax(loss[i], f->low - far), f->high + far)));
	fprintf(f->file, "\" %s/>\n", style);
}

static void put_line(const struct frame *f, double x1, double y1, double x2, double y2,
		     const char *style)
{
	fprintf(f->file, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" %s/>\n", x1, y1, x2,
		y2, style);
}

static void put_axes(const struct frame *f)
{
	const struct cli_lr_curve *c = f->curve;
	double bottom = HEIGHT - BOTTOM;
	const char *grid = "stroke=\"#ddd\" stroke-width=\"0.4\"";

	for (double p = ceil(log10(c->lr[0]) - 1e-9); p <= log10(c->lr[c->count - 1]) + 1e-9; p++) {
		double x = x_of(f, pow(10, p));

		put_line(f, x, TOP, x, bottom, grid);
		fprintf(f->file,
			"<text x=\"%.2f\" y=\"%.1f\" text-anchor=\"middle\">1e%.0f</text>\n", x,
			bottom + 3 + FONT, p);
	}
	for (int i = 0; i <= 4; i++) {
		double loss = f->low + (f->high - f->low) * i / 4, y = y_of(f, loss);

		put_line(f, LEFT, y, WIDTH - RIGHT, y, grid);
		fprintf(f->file, "<text x=\"%.1f\" y=\"%.2f\" text-anchor=\"end\">%.3g</text>\n",
			LEFT - 3, y + FONT / 3, loss);
	}
	fprintf(f->file,
		"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">learning rate</text>\n",
		(LEFT + WIDTH - RIGHT) / 2, bottom + 6 + 2 * FONT);
	fprintf(f->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">loss</text>\n", LEFT - 3,
		TOP - 5);
}

static void put_best(const struct frame *f)
{
	double lr = cli_lr_curve_best(f->curve), x = x_of(f, lr);

	put_line(f, x, TOP, x, HEIGHT - BOTTOM,
		 "stroke=\"#b03030\" stroke-width=\"0.8\" stroke-dasharray=\"3 2\"");
	fprintf(f->file,
		"<text x=\"%.2f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#b03030\">--lr %.2g"
		"</text>\n",
		x, TOP - 5, lr);
}

static void draw(const struct frame *f)
{
	fprintf(f->file,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0fpt\" height=\"%.0fpt\" "
		"viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, Arial, sans-serif\" "
		"font-size=\"%.1f\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
		"<clipPath id=\"frame\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		"height=\"%.1f\"/>"
		"</clipPath>\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT, FONT, LEFT, TOP, WIDTH - LEFT - RIGHT,
		HEIGHT - TOP - BOTTOM);
	put_axes(f);
	put_curve(f, f->curve->loss, "stroke=\"#bbb\" stroke-width=\"0.5\"");
	put_curve(f, f->curve->smooth, "stroke=\"#2060a0\" stroke-width=\"1.2\"");
	put_best(f);
	fputs("</svg>\n", f->file);
}

int cli_lr_curve_draw(const struct cli_lr_curve *c, const char *path)
{
	struct cli_output output;
	struct frame frame;

	if (cli_output_begin(&output, path) != CLI_DONE)
		return CLI_FAILED;
	frame = begin(c, output.file);
	draw(&frame);
	return cli_output_end(&output, CLI_DONE);
}
