/* SPDX-License-Identifier: MIT
 * Curves as a still picture: a panel for each figure, two side by side.  What was trained on is
 * thin, what was evaluated is thick; each run has a colour. */
#include "config.h"
#include "src/cli/runs/runs.h"
#include "src/cli/runs/canvas.h"
#include "src/cli/complain.h"
#include "src/base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In units of the canvas. */
#define PANEL_WIDTH 400
#define PANEL_HEIGHT 250
#define LEFT 52
#define RIGHT 14
#define TOP 26
#define BOTTOM 34
#define LINE 14 /* of the legend */
#define TICKS 5
#define MOST_PANELS 12

/* Okabe and Ito, Color Universal Design (2008): told apart by everybody; the last two are others.
 */
static const uint32_t colours[] = { 0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
				    0xe69f00, 0x56b4e9, 0x7f3c8d, 0x555555 };
#define COLOURS (sizeof colours / sizeof *colours)

/* What of a panel's figure a run has: step by step, by epoch, and of --val. */
enum { BY_STEP, BY_EPOCH, BY_VAL, KINDS };

struct panel {
	struct cli_canvas *canvas;
	struct cli_frame frame;
	double x[2], y[2]; /* the values at its sides */
};

static const struct cli_series *series_of(const struct cli_run *run, const char *key, int kind)
{
	char name[128];

	snprintf(name, sizeof name, "%s%s", kind == BY_VAL ? "val_" : "", key);
	return cli_run_series(run, name, kind == BY_STEP);
}

/* Half way to white. */
static uint32_t faint(uint32_t colour)
{
	return 0x808080 + (colour >> 1 & 0x7f7f7f);
}

/* A lone run has a colour for each kind. */
static uint32_t colour_of(const struct cli_runs *runs, int run, int kind)
{
	unsigned at = runs->count == 1 ? (unsigned)(kind == BY_VAL) : (unsigned)run;

	return kind == BY_STEP ? faint(colours[at % COLOURS]) : colours[at % COLOURS];
}

static void widen(double range[2], double value)
{
	range[0] = fmin(range[0], value);
	range[1] = fmax(range[1], value);
}

/* Leaves a range some room, by a share of it; one of a single value gets a width, too. */
static void make_room(double range[2], double share)
{
	double low = range[0], high = range[1];
	double margin = high > low ? share * (high - low) : low != 0 ? fabs(low) / 2 : 0.5;

	range[0] = low - margin;
	range[1] = high + margin;
}

/* Epochs are the same in all panels. */
static void find_epochs(const struct cli_runs *runs, double x[2])
{
	x[0] = INFINITY;
	x[1] = -INFINITY;
	for (int i = 0; i < runs->count; i++)
		for (int j = 0; j < runs->run[i].series_count; j++) {
			const struct cli_series *s = &runs->run[i].series[j];

			for (int k = 0; k < s->count; k++)
				widen(x, s->point[k][0]);
		}
	make_room(x, 0);
}

/* Of the epochs; and of single steps, but where these would leave the others half of the panel or
 * less: then they run out of it. */
static void find_values(const struct cli_runs *runs, const char *key, double y[2])
{
	double steps[2] = { INFINITY, -INFINITY }, epochs[2] = { INFINITY, -INFINITY };

	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < runs->count; i++) {
			const struct cli_series *s = series_of(&runs->run[i], key, kind);

			for (int j = 0; s && j < s->count; j++)
				widen(kind == BY_STEP ? steps : epochs, s->point[j][1]);
		}
	memcpy(y, epochs, sizeof epochs);
	if (!(epochs[1] > epochs[0]) || steps[1] - steps[0] <= 2 * (epochs[1] - epochs[0]))
		for (int i = 0; i < 2 && steps[0] <= steps[1]; i++)
			widen(y, steps[i]);
	make_room(y, 0.06);
}

static double x_of(const struct panel *p, double x)
{
	return p->frame.left +
	       (x - p->x[0]) / (p->x[1] - p->x[0]) * (p->frame.right - p->frame.left);
}

static double y_of(const struct panel *p, double y)
{
	return p->frame.bottom -
	       (y - p->y[0]) / (p->y[1] - p->y[0]) * (p->frame.bottom - p->frame.top);
}

/* -- axes -------------------------------------------------------------------------------------- */

/* The distance of about so many round values in a range. */
static double tick_step(const double range[2], int count)
{
	double rough = (range[1] - range[0]) / count, power = pow(10, floor(log10(rough)));

	rough /= power;
	return power * (rough < 1.5 ? 1 : rough < 3.5 ? 2 : rough < 7.5 ? 5 : 10);
}

static void put_line(const struct panel *p, double x1, double y1, double x2, double y2)
{
	const double ends[2][2] = { { x1, y1 }, { x2, y2 } };
	struct cli_frame all = { 0, 0, p->canvas->width, p->canvas->height };

	cli_canvas_line(p->canvas, &all, 2, ends, 0xdddddd, 0.75);
}

static void put_axes(const struct panel *p, const char *title)
{
	double step = tick_step(p->y, TICKS);
	char text[32];

	for (double y = ceil(p->y[0] / step) * step; y <= p->y[1]; y += step) {
		put_line(p, p->frame.left, y_of(p, y), p->frame.right, y_of(p, y));
		snprintf(text, sizeof text, "%.4g", fabs(y) < step / 1000 ? 0 : y);
		cli_canvas_text(p->canvas, p->frame.left - 5, y_of(p, y) + 3, CLI_ANCHOR_END,
				LEFT - 6, text);
	}
	step = fmax(tick_step(p->x, TICKS), p->x[1] - p->x[0] > 2 ? 1 : 0);
	for (double x = ceil(p->x[0] / step) * step; x <= p->x[1]; x += step) {
		put_line(p, x_of(p, x), p->frame.top, x_of(p, x), p->frame.bottom);
		snprintf(text, sizeof text, "%.4g", x);
		cli_canvas_text(p->canvas, x_of(p, x), p->frame.bottom + 13, CLI_ANCHOR_MIDDLE,
				LEFT, text);
	}
	cli_canvas_text(p->canvas, p->frame.left, p->frame.top - 8, CLI_ANCHOR_START, PANEL_WIDTH,
			title);
	cli_canvas_text(p->canvas, p->frame.right, p->frame.bottom + 26, CLI_ANCHOR_END, LEFT,
			"epoch");
}

/* -- curves ------------------------------------------------------------------------------------ */

/* Of many points, those that are least and greatest in half a unit.  to: room for all. */
static int thin_out(const struct panel *p, const struct cli_series *s, double (*to)[2])
{
	int n = 0;

	for (int i = 0; i < s->count;) {
		double x = x_of(p, s->point[i][0]);
		int low = i, high = i;

		for (; i < s->count && x_of(p, s->point[i][0]) < x + 0.5; i++) {
			low = s->point[i][1] < s->point[low][1] ? i : low;
			high = s->point[i][1] > s->point[high][1] ? i : high;
		}
		for (int turn = 0; turn < (low == high ? 1 : 2); turn++) {
			int at = (turn == 0) == (low < high) ? low : high;

			to[n][0] = x_of(p, s->point[at][0]);
			to[n++][1] = y_of(p, s->point[at][1]);
		}
	}
	return n;
}

static int put_series(const struct panel *p, const struct cli_series *s, int kind, uint32_t colour)
{
	static const double widths[] = { [BY_STEP] = 0.6, [BY_EPOCH] = 1, [BY_VAL] = 2 };
	double(*point)[2] = plait__calloc((size_t)s->count, sizeof *point, "a curve");

	if (!point)
		return cli_failed(PLAIT_ENOMEM);
	cli_canvas_line(p->canvas, &p->frame, thin_out(p, s, point), (const double(*)[2])point,
			colour, widths[kind]);
	free(point);
	return CLI_DONE;
}

static int put_panel(const struct cli_runs *runs, const char *key, struct panel *p)
{
	int status = CLI_DONE;

	find_epochs(runs, p->x);
	find_values(runs, key, p->y);
	put_axes(p, key);
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < runs->count && status == CLI_DONE; i++) {
			const struct cli_series *s = series_of(&runs->run[i], key, kind);

			if (s)
				status = put_series(p, s, kind, colour_of(runs, i, kind));
		}
	return status;
}

/* -- the picture ------------------------------------------------------------------------------- */

static void put_name(struct cli_canvas *canvas, int line, uint32_t colour, double width,
		     const char *name)
{
	double y = 12 + line * LINE;
	const double ends[2][2] = { { 14, y }, { 34, y } };
	struct cli_frame all = { 0, 0, canvas->width, canvas->height };

	cli_canvas_line(canvas, &all, 2, ends, colour, width);
	cli_canvas_text(canvas, 40, y + 3, CLI_ANCHOR_START, canvas->width - 40, name);
}

static bool is_evaluated(const struct cli_runs *runs)
{
	bool is = false;

	for (int i = 0; i < runs->count; i++)
		is |= cli_run_series(&runs->run[i], "val_loss", false) != NULL;
	return is;
}

static void put_legend(struct cli_canvas *canvas, const struct cli_runs *runs)
{
	if (runs->count == 1) {
		put_name(canvas, 0, colour_of(runs, 0, BY_EPOCH), 1, "training");
		if (is_evaluated(runs))
			put_name(canvas, 1, colour_of(runs, 0, BY_VAL), 2, "evaluation");
		return;
	}
	if (is_evaluated(runs))
		cli_canvas_text(canvas, canvas->width - RIGHT, 15, CLI_ANCHOR_END, PANEL_WIDTH,
				"thin: training, thick: evaluation");
	for (int i = 0; i < runs->count; i++) {
		const struct cli_run *run = &runs->run[i];

		put_name(canvas, i, colour_of(runs, i, BY_EPOCH), 2,
			 run->differs && *run->differs ? run->differs : run->name);
	}
}

int cli_runs_draw(const struct cli_runs *runs, const char *path)
{
	const char *key[MOST_PANELS];
	int panels = cli_runs_panels(runs, key, MOST_PANELS), status;
	int legend = 10 + LINE * (runs->count == 1 ? 2 : runs->count);
	struct cli_canvas canvas;

	status = cli_canvas_open(&canvas, path, 2 * PANEL_WIDTH,
				 legend + (panels + 1) / 2 * PANEL_HEIGHT);
	if (status != CLI_DONE)
		return status;
	put_legend(&canvas, runs);
	for (int i = 0; i < panels && status == CLI_DONE; i++) {
		double left = i % 2 * PANEL_WIDTH, top = legend + i / 2 * PANEL_HEIGHT;
		struct panel p = { .canvas = &canvas,
				   .frame = { left + LEFT, top + TOP, left + PANEL_WIDTH - RIGHT,
					      top + PANEL_HEIGHT - BOTTOM } };

		status = put_panel(runs, key[i], &p);
	}
	return cli_canvas_close(&canvas, status);
}
