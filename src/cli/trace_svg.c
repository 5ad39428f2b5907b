/* SPDX-License-Identifier: MIT
 * A still picture for a paper's column: a row for each worker, tasks in the colour of their
 * phase.  Of a long run it shows some steps in the middle, as many as can be told apart. */
#include "config.h"
#include "src/cli/trace_analyse.h"
#include "src/cli/report.h"
#include "src/cli/trace_steps.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TASKS 120

/* In points; the picture is 252 wide, a column of two. */
#define WIDTH 252.0
#define LEFT 40.0
#define RIGHT 4.0
#define TOP 12.0
#define ROW 13.0
#define BAR 10.0
#define FONT 6.5

struct picture {
	FILE *file;
	const struct cli_report *report;
	double start, end;         /* what of the time is shown */
	int64_t first_step, steps; /* 0: everything */
	const struct cli_steps *all;
	double bottom; /* of the rows */
	bool moves;    /* there is a row of transfers */
	bool seen[CLI_PHASES];
};

static void put_text(FILE *file, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c == '<')
			fputs("&lt;", file);
		else if (*c == '&')
			fputs("&amp;", file);
		else if (*c == '>')
			fputs("&gt;", file);
		else
			putc(*c < ' ' || *c > '~' ? '?' : *c, file);
}

static double x_of(const struct picture *p, double time)
{
	double share = (time - p->start) / (p->end - p->start);

	return LEFT + fmin(fmax(share, 0), 1) * (WIDTH - LEFT - RIGHT);
}

/* -- which part ---------------------------------------------------------------------------------
 */

static int64_t tasks_between(const struct cli_timeline *tl, double start, double end)
{
	int64_t count = 0;

	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		count += task->start < end && task->end > start;
	}
	return count;
}

/* Steps from the middle on, so that there are MOST_TASKS or fewer, but at least one step. */
static void choose_part(struct picture *p)
{
	const struct cli_timeline *tl = p->report->tl;
	int64_t first = p->all->count / 2, low = 1, high = p->all->count - first;

	/* A moment has no width: it is drawn as a microsecond. */
	p->end = tl->wall > 0 ? tl->wall : 1;
	if (tl->inside <= MOST_TASKS || p->all->count < 2)
		return;
	while (low < high) {
		int64_t middle = (low + high + 1) / 2;

		if (tasks_between(tl, p->all->step[first].start,
				  p->all->step[first + middle - 1].end) <= MOST_TASKS)
			low = middle;
		else
			high = middle - 1;
	}
	p->first_step = first;
	p->steps = low;
	p->start = p->all->step[first].start;
	for (int64_t i = first; i < first + low; i++)
		p->end = i == first ? p->all->step[i].end : fmax(p->end, p->all->step[i].end);
}

static bool is_shown(const struct picture *p, double start, double end)
{
	return end > p->start && start < p->end;
}

/* A state must be wide enough to be seen. */
static bool is_wide(const struct picture *p, const struct cli_trace_state *state)
{
	return state->phase != CLI_PHASE_IDLE && x_of(p, state->end) - x_of(p, state->start) > 0.1;
}

/* For the legend. */
static void find_phases(struct picture *p)
{
	const struct cli_timeline *tl = p->report->tl;

	for (int64_t i = 0; i < tl->states; i++)
		if (is_wide(p, tl->state + i))
			p->seen[tl->state[i].phase] = true;
	for (int64_t i = 0; i < tl->transfers; i++)
		if (is_shown(p, tl->transfer[i].start, tl->transfer[i].end))
			p->seen[CLI_PHASE_TRANSFER] = true;
	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		if (is_shown(p, task->start, task->end))
			p->seen[cli_task_phase(tl, task)] = true;
	}
}

/* -- rows ----------------------------------------------------------------------------------------
 */

static void put_bar(struct picture *p, int row, double start, double end, enum cli_phase phase,
		    const char *name)
{
	double x = x_of(p, start), width = x_of(p, end) - x;

	if (!is_shown(p, start, end))
		return;
	fprintf(p->file, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.1f\" fill=\"%s\">",
		x, TOP + row * ROW + (ROW - BAR) / 2, fmax(width, 0.15), BAR,
		cli_phase_colours[phase]);
	fputs("<title>", p->file);
	put_text(p->file, name);
	fprintf(p->file, ", %.1f us</title></rect>\n", end - start);
}

static void put_rows(struct picture *p)
{
	const struct cli_timeline *tl = p->report->tl;
	int row = (int)tl->workers;

	for (int64_t i = 0; i < tl->states; i++) {
		const struct cli_trace_state *state = tl->state + i;

		if (is_wide(p, state))
			put_bar(p, state->worker, state->start, state->end, state->phase,
				cli_phase_names[state->phase]);
	}
	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		put_bar(p, task->worker, task->start, task->end, cli_task_phase(tl, task),
			tl->name[task->name].text);
	}
	for (int64_t i = 0; p->moves && i < tl->transfers; i++)
		put_bar(p, row, tl->transfer[i].start, tl->transfer[i].end, CLI_PHASE_TRANSFER,
			"transfer");
}

static void put_row_names(struct picture *p)
{
	const struct cli_timeline *tl = p->report->tl;

	for (int row = 0; row < (int)tl->workers + p->moves; row++) {
		fprintf(p->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 3,
			TOP + row * ROW + ROW / 2 + FONT / 3);
		put_text(p->file, row < tl->workers ? tl->worker[row].name : "transfers");
		fputs("</text>\n", p->file);
	}
}

/* -- marks, axis, legend -------------------------------------------------------------------------
 */

static void put_step_marks(struct picture *p)
{
	int64_t count = p->steps ? p->steps : p->all->count;
	int64_t every = 1 + count / 8; /* so that numbers do not run into each other */

	for (int64_t i = p->first_step; i < p->first_step + count; i++) {
		double x = x_of(p, p->all->step[i].start);

		if ((i - p->first_step) % every)
			continue;
		fprintf(p->file,
			"<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#444\" "
			"stroke-width=\"0.4\" stroke-dasharray=\"1.5 1\"/>\n"
			"<text x=\"%.2f\" y=\"%.1f\" fill=\"#444\">%s%" PRId64 "</text>\n",
			x, x, TOP - 8, p->bottom, x + 1, TOP - 3, i == p->first_step ? "step " : "",
			p->all->step[i].step);
	}
}

/* 1, 2 or 5 times a power of ten, for about six ticks. */
static double choose_tick(double span)
{
	double power = pow(10, floor(log10(span / 6))), rest = span / 6 / power;

	return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
}

static void put_axis(struct picture *p)
{
	double tick = choose_tick(p->end - p->start), scale = 1;
	const char *unit = "µs";

	if (tick >= 1e5) {
		scale = 1e6;
		unit = "s";
	} else if (tick >= 1e2) {
		scale = 1e3;
		unit = "ms";
	}
	fprintf(p->file,
		"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#000\" "
		"stroke-width=\"0.5\"/>\n",
		LEFT, WIDTH - RIGHT, p->bottom, p->bottom);
	for (double t = ceil(p->start / tick) * tick; t <= p->end; t += tick)
		fprintf(p->file,
			"<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#000\" "
			"stroke-width=\"0.5\"/>\n<text x=\"%.2f\" y=\"%.1f\" "
			"text-anchor=\"middle\">%.10g</text>\n",
			x_of(p, t), x_of(p, t), p->bottom, p->bottom + 2, x_of(p, t),
			p->bottom + 3 + FONT, t / scale);
	fprintf(p->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">time (%s)</text>\n",
		(LEFT + WIDTH - RIGHT) / 2, p->bottom + 5 + 2 * FONT, unit);
}

/* Returns where it ends; draws it only if it should. */
static double put_legend(struct picture *p, double y, bool draws)
{
	double x = LEFT;

	for (int phase = 0; phase < CLI_PHASES; phase++) {
		double width = 12 + FONT * 0.55 * (double)strlen(cli_phase_names[phase]);

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
static void put_caption(struct picture *p, double y)
{
	const struct cli_step *step = p->all->step + p->first_step;
	int64_t all = p->all->count;
	const char *line = "<text x=\"%.1f\" y=\"%.1f\" fill=\"#444\">";

	fprintf(p->file, line, LEFT, y);
	if (p->steps == 1)
		fprintf(p->file, "Step %" PRId64 " of %" PRId64 " steps", step->step, all);
	else if (p->steps)
		fprintf(p->file, "Steps %" PRId64 " to %" PRId64 " of %" PRId64 " steps",
			step->step, step[p->steps - 1].step, all);
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

/* -- the file ------------------------------------------------------------------------------------
 */

static void put_head(const struct picture *p, double height)
{
	fprintf(p->file,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0fpt\" height=\"%.0fpt\" "
		"viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, Arial, sans-serif\" "
		"font-size=\"%.1f\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
		WIDTH, height, WIDTH, height, FONT);
}

static void draw(struct picture *p)
{
	double legend, caption;

	choose_part(p);
	find_phases(p);
	p->moves = p->report->transfers > 0;
	p->bottom = TOP + ROW * (double)(p->report->tl->workers + p->moves) + 1;
	legend = p->bottom + 9 + 3 * FONT;
	caption = put_legend(p, legend, false) + FONT + 4;
	put_head(p, ceil(caption + FONT + 6));
	put_row_names(p);
	put_rows(p);
	put_step_marks(p);
	put_axis(p);
	put_legend(p, legend, true);
	put_caption(p, caption);
	fputs("</svg>\n", p->file);
}

int cli_trace_write_svg(const struct cli_report *report, const char *path)
{
	struct cli_steps steps;
	struct picture picture = { .report = report, .all = &steps };
	int status = cli_steps_find(&steps, report->tl);

	if (status != CLI_DONE)
		return status;
	picture.file = cli_file_create(path);
	if (picture.file) {
		draw(&picture);
		status = cli_file_close(picture.file, path);
	} else {
		status = CLI_FAILED;
	}
	cli_steps_free(&steps);
	return status;
}
