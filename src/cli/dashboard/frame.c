/* SPDX-License-Identifier: MIT
 * From above: what is trained and how far it is, its figures, two charts, the workers, the line of
 * the last epoch, and the keys.  Charts take the rows that the others leave.
 *
 * Every row is erased behind its end, not before it is drawn, and a frame is one update where the
 * terminal knows that (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036):
 * so nothing flickers. */
#include "config.h"
#include "src/cli/dashboard/frame.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define HEAD 4  /* rows above the charts */
#define FOOT 3  /* and below the workers */
#define NAME 10 /* of a worker */

static const struct {
	char letter;
	const char *name, *colour;
} works[PLAIT_WORKS] = {
	[PLAIT_WORK_LOAD] = { 'L', "load", "34" },
	[PLAIT_WORK_FORWARD] = { 'F', "forward", "32" },
	[PLAIT_WORK_BACKWARD] = { 'B', "backward", "31" },
	[PLAIT_WORK_UPDATE] = { 'U', "update", "36" },
	[PLAIT_WORK_STEP] = { 'S', "step", "35" },
	[PLAIT_WORK_OTHER] = { 'O', "other", "37" },
};

/* -- head -------------------------------------------------------------------------------------- */

static const char *clock_text(double seconds, char text[32])
{
	int64_t s = seconds > 0 ? (int64_t)(seconds + 0.5) : 0;

	if (s >= 3600)
		snprintf(text, 32, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
			 (int)(s % 60));
	else
		snprintf(text, 32, "%d:%02d", (int)(s / 60), (int)(s % 60));
	return text;
}

/* The same letter so many times, at once: a terminal may be slow. */
static void put_letters(struct cli_frame_rows *f, const char *sgr, char letter, int count)
{
	char text[256];

	for (int part; count > 0; count -= part) {
		part = count < (int)sizeof text ? count : (int)sizeof text - 1;
		memset(text, letter, (size_t)part);
		text[part] = '\0';
		cli_frame_text(f, sgr, text);
	}
}

static void put_bar(struct cli_frame_rows *f, double share, int width)
{
	int full = (int)(share * width);

	cli_frame_text(f, NULL, "[");
	put_letters(f, "32", '=', full);
	cli_frame_text(f, NULL, full < width ? ">" : "");
	cli_frame_blanks(f, width - full - 1);
	cli_frame_text(f, NULL, "]");
}

static void put_progress(struct cli_frame_rows *f)
{
	const struct cli_frame_state *s = f->state;
	char text[160], rate[32], clock[32], left[32];
	int width = f->columns / 4;

	cli_frame_begin_row(f);
	snprintf(text, sizeof text, "epoch %d/%d ", s->epoch, s->epochs);
	cli_frame_text(f, "1", text);
	put_bar(f, cli_frame_share(s), width);
	snprintf(text, sizeof text, " %3.0f %%  %s samples/s  %s", 100 * cli_frame_share(s),
		 plait__grouped_text(s->samples_per_second, rate), clock_text(s->seconds, clock));
	cli_frame_text(f, NULL, text);
	snprintf(text, sizeof text, ", %s left", clock_text(s->seconds_left, left));
	cli_frame_text(f, NULL, text);
	cli_frame_end_row(f);
}

static void put_last(struct cli_frame_rows *f, const char *name, const struct cli_track *track)
{
	char text[64];

	if (track->count == 0)
		return;
	snprintf(text, sizeof text, "  %s %.4f", name, track->point[track->count - 1][1]);
	cli_frame_text(f, NULL, text);
}

static void put_figures(struct cli_frame_rows *f)
{
	const struct cli_frame_state *s = f->state;
	char text[96];

	cli_frame_begin_row(f);
	snprintf(text, sizeof text, "loss %.4f  lr %.4g", s->loss, s->lr);
	cli_frame_text(f, NULL, text);
	put_last(f, "accuracy", &s->train_accuracy);
	put_last(f, "val loss", &s->val);
	put_last(f, "val accuracy", &s->val_accuracy);
	snprintf(text, sizeof text, "  waited for loading %.0f %%", s->wait_percent);
	cli_frame_text(f, NULL, text);
	cli_frame_end_row(f);
}

/* -- workers ----------------------------------------------------------------------------------- */

/* Letters from column at on up to a share of the width.  Returns how many. */
static int put_share(struct cli_frame_rows *f, const char *sgr, char letter, double share, int at,
		     int width)
{
	int end = (int)lround(fmin(share, 1) * width), count = end > at ? end - at : 0;

	if (count > 0)
		put_letters(f, sgr, letter, count);
	return count;
}

static void put_worker(struct cli_frame_rows *f, const struct cli_worker_share *w)
{
	char text[64];
	int width = f->columns - NAME - 10, at = 0;
	double sum = 0;

	cli_frame_begin_row(f);
	snprintf(text, sizeof text, "%-*.*s [", NAME - 1, NAME - 1, w->name);
	cli_frame_text(f, NULL, text);
	for (int i = 0; i < PLAIT_WORKS; i++) {
		sum += w->work[i];
		at += put_share(f, works[i].colour, works[i].letter, sum, at, width);
	}
	/* Of a GPU only this is known. */
	at += put_share(f, "37", '#', w->busy, at, width);
	cli_frame_blanks(f, width - at);
	snprintf(text, sizeof text, "] %3.0f %%", 100 * w->busy);
	cli_frame_text(f, NULL, text);
	cli_frame_end_row(f);
}

static void put_rest(struct cli_frame_rows *f, int first)
{
	const struct cli_frame_state *s = f->state;
	char text[64];
	double busy = 0;

	for (int i = first; i < s->workers; i++)
		busy += s->worker[i].busy;
	snprintf(text, sizeof text, "and %d more, %.0f %% busy", s->workers - first,
		 100 * busy / (s->workers - first));
	cli_frame_row(f, NULL, text);
}

/* In so many rows. */
static void put_workers(struct cli_frame_rows *f, int rows)
{
	const struct cli_frame_state *s = f->state;
	int shown = s->workers <= rows ? s->workers : rows - 1;

	for (int i = 0; i < shown; i++)
		put_worker(f, &s->worker[i]);
	if (shown < s->workers)
		put_rest(f, shown);
}

static void put_legend(struct cli_frame_rows *f)
{
	cli_frame_begin_row(f);
	cli_frame_blanks(f, NAME);
	for (int i = 0; i < PLAIT_WORKS; i++) {
		char letter[2] = { works[i].letter, '\0' };

		cli_frame_text(f, works[i].colour, letter);
		cli_frame_text(f, NULL, " ");
		cli_frame_text(f, NULL, works[i].name);
		cli_frame_text(f, NULL, "  ");
	}
	cli_frame_end_row(f);
}

/* -- the frame --------------------------------------------------------------------------------- */

void cli_frame_put(const struct cli_frame_state *state, int columns, int rows, FILE *out)
{
	struct cli_frame_rows f = { .state = state, .out = out, .columns = columns, .rows = rows };
	int workers = state->workers < rows / 4 ? state->workers : rows / 4;

	fputs("\033[?2026h\033[H", out);
	cli_frame_row(&f, "1", state->title);
	put_progress(&f);
	put_figures(&f);
	cli_frame_row(&f, NULL, "");
	cli_frame_charts(&f, rows - HEAD - workers - 1 - FOOT);
	cli_frame_row(&f, NULL, "");
	put_workers(&f, workers);
	put_legend(&f);
	cli_frame_row(&f, NULL, state->last_line ? state->last_line : "");
	cli_frame_begin_row(&f);
	cli_frame_text(
		&f, "7",
		!state->keys ? " Ctrl-C: end after this step "
		: state->ends
			? " ends after this epoch (q: goes on)   Ctrl-C: ends after this step "
			: " q: end after this epoch   Ctrl-C: end after this step ");
	fputs("\033[K\033[J\033[?2026l", out);
}
