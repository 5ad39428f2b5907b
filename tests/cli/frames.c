/* SPDX-License-Identifier: MIT
 * Frames of --dashboard in terminals of many sizes: no row is longer than the terminal is wide, no
 * frame is higher, and nothing but text and known sequences is in it, whatever the title holds. */
#include "config.h"
#include "src/cli/dashboard/dashboard.h"
#include "src/base/text.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 700
#define WORKERS 130

static double loss[POINTS][2], accuracy[POINTS][2];
static struct cli_worker_share worker[WORKERS];

/* What is seen of a frame. */
struct seen {
	int rows, widest, colours;
	bool odd; /* it has what is neither text nor a sequence that frames may have */
};

/* Moves behind a sequence, ESC [ parameters letter.  Returns its letter. */
static char skip_sequence(const char **text)
{
	*text += 2;
	*text += strspn(*text, "?0123456789;");
	return *(*text)++;
}

static struct seen look(const char *text)
{
	struct seen seen = { .rows = 1 };
	int column = 0;

	while (*text) {
		int length = plait__utf8_length(text);

		if (strncmp(text, "\033[", 2) == 0) {
			char letter = skip_sequence(&text);

			seen.colours += letter == 'm';
			seen.odd |= !strchr("mKJHhl", letter);
			continue;
		}
		if (strncmp(text, "\r\n", 2) == 0) {
			seen.rows++;
			column = 0;
			text += 2;
			continue;
		}
		seen.odd |= length == 0 || (unsigned char)*text < ' ' || *text == 127;
		column++;
		seen.widest = column > seen.widest ? column : seen.widest;
		text += length > 0 ? length : 1;
	}
	return seen;
}

static struct cli_frame_state state_of(int points, int workers, bool utf8, bool colours)
{
	struct cli_track track = { points, 0, loss }, other = { points / 2, 0, accuracy };
	struct cli_frame_state state = {
		.title =
			"conv:32,3 \xc3\xa9\xff\033[2J\x01 relu relu relu relu relu relu relu relu "
			"relu relu relu relu relu relu relu relu relu relu relu relu relu "
			"linear:10",
		.epoch = 123456,
		.epochs = 1000000,
		.epoch_step = 99999,
		.epoch_steps = 100000,
		.loss = 1e30,
		.lr = 1.23456e-12,
		.samples_per_second = 123456789,
		.seconds = 1e6,
		.seconds_left = 1e7,
		.wait_percent = 100,
		.smooth = track,
		.val = other,
		.train_accuracy = other,
		.worker = worker,
		.workers = workers,
		.keys = true,
		.utf8 = utf8,
		.colours = colours,
		.last_line = "Epoch 1/3  loss 0.1\n  a second line, which has no room",
	};

	return state;
}

static void check(int columns, int rows, int points, int workers, bool utf8, bool colours)
{
	struct cli_frame_state state = state_of(points, workers, utf8, colours);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct seen seen;

	if (!out)
		tap_bail_out("no memory");
	cli_frame_put(&state, columns, rows, out);
	fclose(out);
	seen = look(text);
	ok(seen.rows <= rows && seen.widest <= columns && !seen.odd &&
		   !strstr(text, "second line") && (colours ? seen.colours > 4 : seen.colours == 0),
	   "%d x %d, %d points, %d workers%s%s: %d rows, %d columns", columns, rows, points,
	   workers, utf8 ? ", UTF-8" : "", colours ? ", colours" : "", seen.rows, seen.widest);
	free(text);
}

int main(void)
{
	static const int sizes[][2] = {
		{ CLI_DASHBOARD_COLUMNS, CLI_DASHBOARD_ROWS },
		{ 80, 24 },
		{ 120, 40 },
		{ 61, 100 },
		{ 500, 17 },
		{ 400, 150 },
	};
	static const int points[] = { 0, 1, 2, POINTS }, workers[] = { 0, 1, 2, WORKERS };

	for (int i = 0; i < POINTS; i++) {
		loss[i][0] = 123456.0 * i / POINTS;
		loss[i][1] = i % 7 == 0 ? 1e30 : sin(i);
		accuracy[i][0] = loss[i][0];
		accuracy[i][1] = 0.5;
	}
	for (int i = 0; i < WORKERS; i++) {
		snprintf(worker[i].name, sizeof worker[i].name, "CPU %d on socket 1", i);
		worker[i].busy = i % 2 ? 1 : 0.37;
		for (int w = 0; w < PLAIT_WORKS && i % 2; w++)
			worker[i].work[w] = 1.0 / PLAIT_WORKS;
	}
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (size_t p = 0; p < 4; p++)
			for (size_t w = 0; w < 4; w++)
				check(sizes[s][0], sizes[s][1], points[p], workers[w],
				      (s + p) % 2 == 0, (s + w) % 2 == 0);
	return tap_done();
}
