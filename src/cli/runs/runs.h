/* SPDX-License-Identifier: MIT
 * Trainings as their logs tell them: a table, and curves as a picture or as a page. */
#ifndef PLAIT_CLI_RUNS_H
#define PLAIT_CLI_RUNS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A figure over the epochs: of an epoch at its end, of a step within it. */
struct cli_series {
	char *key; /* as the log calls it: "loss", "val_loss", "lr", "val_topk:5" */
	bool steps;
	int count;
	size_t room;
	double (*point)[2]; /* epoch, value */
};

struct cli_run {
	char *name;        /* of the log; of a pool, with the member's */
	char *member_name; /* what the pool calls it; NULL: it is of none */
	int64_t member;    /* of a pool, from 1; else 0 */
	json_t *config;    /* its first line; NULL: it has none */
	json_t *last;      /* the line of the last epoch; NULL: none has ended */
	double seconds;    /* of all epochs */
	char *differs;     /* the options that set it apart; NULL: not compared */
	int64_t *end;      /* by epoch: the number of its last step */
	int epochs;        /* that have ended */
	size_t end_room;
	struct cli_series *series;
	size_t series_room;
	int series_count;
};

/* Zeroed at first. */
struct cli_runs {
	int count;
	size_t room;
	struct cli_run *run;
};

/* Adds what a log tells, whose name is kept: of a pool, each member.  Lines that are cut, as the
 * last one while a run goes on, are left out.  Returns CLI_DONE, or CLI_FAILED after saying why. */
int cli_runs_read(struct cli_runs *runs, const char *path);
int cli_runs_read_from(struct cli_runs *runs, FILE *log, const char *name);
void cli_runs_free(struct cli_runs *runs);

/* Whether a number in the line of a step or an epoch is a figure of training. */
bool cli_runs_is_figure(const char *key);

/* NULL: the run has no such series. */
const struct cli_series *cli_run_series(const struct cli_run *run, const char *key, bool steps);

/* The epoch where a series is best, as an index of its points: least of losses and errors, else
 * greatest. */
int cli_series_best(const struct cli_series *series);

/* Finds what sets runs apart: their options that are not the same.  Returns as cli_runs_read. */
int cli_runs_compare(struct cli_runs *runs);

void cli_runs_print(const struct cli_runs *runs);

/* Draws all curves into a file that ends in .svg or .png, or writes a page.  Return as
 * cli_runs_read. */
int cli_runs_draw(const struct cli_runs *runs, const char *path);
int cli_runs_page(const struct cli_runs *runs, const char *path);

/* Whether the picture that --plot names has a form: its name ends in .svg or .png.  Says what is
 * wrong. */
struct cli_options;
bool cli_plot_has_form(const struct cli_options *options, const char *command);

/* Both, where a path is given. */
int cli_runs_write(const struct cli_runs *runs, const char *plot, const char *html);

/* The panels of a picture or page: figures by the name that they have in training, in the order in
 * which logs have them.  Returns how many there are, at most max. */
int cli_runs_panels(const struct cli_runs *runs, const char **key, int max);

#endif
