/* SPDX-License-Identifier: MIT
 * What a run shows while it goes on, on stderr: a bar on a terminal, a line an epoch. */
#ifndef PLAIT__PROGRESS_H
#define PLAIT__PROGRESS_H

#include <plait/trainer.h>

/* Bytes for a line: of an epoch, with all metrics of training and of validation, and its verdict.
 */
#define PLAIT__PROGRESS_LINE (512 + 2 * PLAIT_MAX_METRICS * (PLAIT_METRIC_NAME + 24))

/* Zero it before the first event. */
struct plait__progress {
	bool drawn;      /* a bar stands on the terminal's last line */
	double drawn_at; /* starpu_timing_now() then */
};

/* The default callback of plait_fit; state is a struct plait__progress.  Returns 0. */
int plait__progress(void *state, const struct plait_event *event);

/* Draws the bar if stderr is a terminal and a tenth of a second has passed. */
void plait__progress_draw(struct plait__progress *progress, const struct plait_event *event);

/* Takes the bar away, so that something else can be printed, and at the end of a run. */
void plait__progress_clear(struct plait__progress *progress);

/* The bar's line for a terminal of this many columns, at most columns - 1 wide; returns
 * text. */
char *plait__progress_bar(const struct plait_event *event, int columns, char *text, size_t size);

/* The line of a finished epoch (PLAIT_EVENT_EPOCH), without a newline; more: what stands behind the
 * metrics, "" if nothing.  Returns text. */
char *plait__progress_epoch(const struct plait_event *event, const char *more, char *text,
			    size_t size);

#endif
