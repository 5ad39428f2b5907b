/* SPDX-License-Identifier: MIT
 * What is around the rows of a still picture: numbers of steps, time, legend, caption. */
#include "config.h"
#include "src/cli/trace/write/svg_frame.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Helvetica's letters are narrower than this, but a font that replaces it may be wider. */
static double text_width(const char *text)
{
	return 0.6 * FONT * (double)strlen(text);
}

/* Steps differ in length: a number stands only where the one before leaves it room. */
void cli_picture_put_steps(const struct cli_picture *p)
{
	int64_t count = p->steps ? p->steps : p->all->count;
	int64_t every = 1 + count / 8;
	double end = 0;
	char number[24];

	if (count > 0)
		fprintf(p->file,
			"<text x=\"%.1f\" y=\"%.1f\" fill=\"#444\" "
			"text-anchor=\"end\">step</text>\n",
			LEFT - 3, TOP - 3);
	for (int64_t i = p->first_step; i < p->first_step + count; i += every) {
		double x = cli_picture_x(p, p->all->step[i].start);

		snprintf(number, sizeof number, "%" PRId64, p->all->step[i].step);
		if (x < end + 2 || x + 1 + text_width(number) > WIDTH)
			continue;
		fprintf(p->file,
			"<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#444\" "
			"stroke-width=\"0.4\" stroke-dasharray=\"1.5 1\"/>\n"
			"<text x=\"%.2f\" y=\"%.1f\" fill=\"#444\">%s</text>\n",
			x, x, TOP - 8, p->bottom, x + 1, TOP - 3, number);
		end = x + 1 + text_width(number);
	}
}

/* 1, 2 or 5 times a power of ten, for about six ticks. */
static double choose_tick(double span)
{
	double power = pow(10, floor(log10(span / 6))), rest = span / 6 / power;

	return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
}

void cli_picture_put_axis(const struct cli_picture *p)
{
	double tick = choose_tick(p->end - p->start), scale = 1;
	const char *unit = "µs";
	int decimals;

	if (tick >= 1e5) {
		scale = 1e6;
		unit = "s";
	} else if (tick >= 1e2) {
		scale = 1e3;
		unit = "ms";
	}
	decimals = (int)fmax(0, -floor(log10(tick / scale) + 1e-9));
	fprintf(p->file,
		"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#000\" "
		"stroke-width=\"0.5\"/>\n",
		LEFT, WIDTH - RIGHT, p->bottom, p->bottom);
	for (double t = ceil(p->start / tick) * tick; t <= p->end; t += tick)
		fprintf(p->file,
			"<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#000\" "
			"stroke-width=\"0.5\"/>\n<text x=\"%.2f\" y=\"%.1f\" "
			"text-anchor=\"middle\">%.*f</text>\n",
			cli_picture_x(p, t), cli_picture_x(p, t), p->bottom, p->bottom + 2,
			cli_picture_x(p, t), p->bottom + 3 + FONT, decimals, t / scale);
	fprintf(p->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">time (%s)</text>\n",
		(LEFT + WIDTH - RIGHT) / 2, p->bottom + 5 + 2 * FONT, unit);
}

double cli_picture_put_legend(const struct cli_picture *p, double y, bool draws)
{
	double x = LEFT;

	for (int phase = 0; phase < CLI_PHASES; phase++) {
		double width = 13 + text_width(cli_phase_names[phase]);

		if (!p->seen[phase])
			continue;
		if (x + width > WIDTH - RIGHT) {
			x = LEFT;
			y += FONT + 3;
		}
		if (draws)
			fprintf(p->file,
				"<rect x=\"%.1f\" y=\"%.1f\" width=\"6\" height=\"6\" "
				"fill=\"%s\"/>\n<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
				x, y - 5.5, cli_phase_colours[phase], x + 8, y,
				cli_phase_names[phase]);
		x += width;
	}
	return y;
}

/* Two lines: what is shown, and how the whole run went. */
void cli_picture_put_caption(const struct cli_picture *p, double y)
{
	const struct cli_step *step = p->all->step + p->first_step;
	const struct cli_step *end = step + (p->steps > 0 ? p->steps - 1 : 0);
	int64_t all = p->report->tl->steps;
	const char *line = "<text x=\"%.1f\" y=\"%.1f\" fill=\"#444\">";

	fprintf(p->file, line, LEFT, y);
	if (p->steps == 1 && step->steps == 1)
		fprintf(p->file, "Step %" PRId64 " of %" PRId64 " steps", step->step, all);
	else if (p->steps)
		fprintf(p->file, "Steps %" PRId64 " to %" PRId64 " of %" PRId64 " steps",
			step->step, end->step + end->steps - 1, all);
	else
		fprintf(p->file, "All of the %" PRId64 " tasks", p->report->tl->inside);
	fputs("</text>\n", p->file);
	fprintf(p->file, line, LEFT, y + FONT + 2);
	fprintf(p->file, "%sevice busy %.1f %%", p->steps ? "Of all: d" : "D",
		100 * p->report->device_busy);
	if (isfinite(p->report->loading_hidden))
		fprintf(p->file, ", loading %.1f %% hidden", 100 * p->report->loading_hidden);
	fputs("</text>\n", p->file);
}
