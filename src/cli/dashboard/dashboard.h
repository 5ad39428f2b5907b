/* SPDX-License-Identifier: MIT
 * --dashboard: a training on the whole of a terminal, drawn anew in place some times a second. */
#ifndef PLAIT_CLI_DASHBOARD_H
#define PLAIT_CLI_DASHBOARD_H

#include <plait/runtime.h>
#include <plait/trainer.h>
#include <stdbool.h>
#include <stdio.h>

struct cli_dashboard;

/* NULL: stderr is no terminal of enough size, or there is no memory: then a run prints lines. */
struct cli_dashboard *cli_dashboard_create(const char *title);

/* Gives the terminal back and prints the lines that were kept for standard output.  NULL is
 * ignored. */
void cli_dashboard_destroy(struct cli_dashboard *dashboard);

/* Takes what an event tells, and draws if it is time.  Returns nonzero where the run is to end: it
 * was asked for by a key, and an epoch has ended. */
int cli_dashboard_event(struct cli_dashboard *dashboard, const struct plait_event *event);

/* A line of an epoch: on a terminal it is kept until the end, else it is printed. */
void cli_dashboard_line(struct cli_dashboard *dashboard, const char *text);

/* -- what is drawn (frame.c) ------------------------------------------------------------------- */

#define CLI_DASHBOARD_COLUMNS 60 /* the least */
#define CLI_DASHBOARD_ROWS 16

/* A figure over the epochs. */
struct cli_track {
	int count;
	size_t room;
	double (*point)[2]; /* epochs, value */
};

/* What a worker did since the last frame, in shares of that time. */
struct cli_worker_share {
	char name[32];
	double work[PLAIT_WORKS], busy;
};

struct cli_frame_state {
	const char *title;
	int epoch, epochs;
	int64_t step, epoch_step, epoch_steps;
	double loss, lr, samples_per_second, seconds, seconds_left; /* left: of the run */
	double wait_percent;                                        /* for loading, in this epoch */
	struct cli_track smooth, val, train_accuracy, val_accuracy, rate;
	struct cli_worker_share *worker;
	int workers;
	bool ends; /* after this epoch */
	bool keys; /* are read */
	bool utf8, colours;
	const char *last_line; /* of the last epoch, or NULL */
};

/* Writes the frame for a terminal of this size: control sequences and lines, none longer than it.
 */
void cli_frame_put(const struct cli_frame_state *state, int columns, int rows, FILE *out);

#endif
