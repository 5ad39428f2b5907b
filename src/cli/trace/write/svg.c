/* SPDX-License-Identifier: MIT
 * A still picture for a paper's column: a row for each worker, tasks in the colour of their
 * phase.  Of a long run it shows some steps in the middle, as many as can be told apart. */
#include "config.h"
#include "src/cli/trace/write/svg_frame.h"
#include "src/cli/complain.h"
#include "src/cli/output.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdlib.h>

#define MOST_TASKS 120

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

/* -- which part --------------------------------------------------------------------------- */

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
static void choose_part(struct cli_picture *p)
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
	PLAIT__ASSERT(low >= 1 && first + low <= p->all->count, "the steps shown are there");
	p->first_step = first;
	p->steps = low;
	p->start = p->all->step[first].start;
	for (int64_t i = first; i < first + low; i++)
		p->end = i == first ? p->all->step[i].end : fmax(p->end, p->all->step[i].end);
}

static bool is_shown(const struct cli_picture *p, double start, double end)
{
	return end > p->start && start < p->end;
}

/* A state must be wide enough to be seen. */
static bool is_wide(const struct cli_picture *p, const struct cli_trace_state *state)
{
	return state->phase != CLI_PHASE_IDLE &&
	       cli_picture_x(p, state->end) - cli_picture_x(p, state->start) > 0.1;
}

/* For the legend. */
static void find_phases(struct cli_picture *p)
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

/* -- rows --------------------------------------------------------------------------------- */

static void put_bar(struct cli_picture *p, int row, double start, double end, enum cli_phase phase,
		    const char *name)
{
	double x = cli_picture_x(p, start), width = cli_picture_x(p, end) - x;

	if (!is_shown(p, start, end))
		return;
	fprintf(p->file, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.1f\" fill=\"%s\">",
		x, TOP + row * ROW + (ROW - BAR) / 2, fmax(width, 0.15), BAR,
		cli_phase_colours[phase]);
	fputs("<title>", p->file);
	put_text(p->file, name);
	fprintf(p->file, ", %.1f us</title></rect>\n", end - start);
}

static void put_rows(struct cli_picture *p)
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

static void put_row_names(struct cli_picture *p)
{
	const struct cli_timeline *tl = p->report->tl;

	for (int row = 0; row < (int)tl->workers + p->moves; row++) {
		fprintf(p->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 3,
			TOP + row * ROW + ROW / 2 + FONT / 3);
		put_text(p->file, row < tl->workers ? tl->worker[row].name : "transfers");
		fputs("</text>\n", p->file);
	}
}

/* -- the file ----------------------------------------------------------------------------- */

static void put_head(const struct cli_picture *p, double height)
{
	fprintf(p->file,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0fpt\" height=\"%.0fpt\" "
		"viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, Arial, sans-serif\" "
		"font-size=\"%.1f\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
		WIDTH, height, WIDTH, height, FONT);
}

static void draw(struct cli_picture *p)
{
	double legend, caption;

	choose_part(p);
	find_phases(p);
	p->moves = p->report->transfers > 0;
	p->bottom = TOP + ROW * (double)(p->report->tl->workers + p->moves) + 1;
	legend = p->bottom + 9 + 3 * FONT;
	caption = cli_picture_put_legend(p, legend, false) + FONT + 4;
	put_head(p, ceil(caption + FONT + 6));
	put_row_names(p);
	put_rows(p);
	cli_picture_put_steps(p);
	cli_picture_put_axis(p);
	cli_picture_put_legend(p, legend, true);
	cli_picture_put_caption(p, caption);
	fputs("</svg>\n", p->file);
}

int cli_trace_write_svg(const struct cli_report *report, const char *path)
{
	struct cli_steps steps;
	struct cli_picture picture = { .report = report, .all = &steps };
	struct cli_output output;
	int status = cli_steps_find(&steps, report->tl);

	if (status != CLI_DONE)
		return status;
	status = cli_output_begin(&output, path);
	if (status == CLI_DONE) {
		picture.file = output.file;
		draw(&picture);
		status = cli_output_end(&output, CLI_DONE);
	}
	cli_steps_free(&steps);
	return status;
}
