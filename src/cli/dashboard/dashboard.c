/* SPDX-License-Identifier: MIT
 * What events tell becomes the state of a frame.  How often it is drawn depends on the terminal:
 * one that takes long for a frame, as over a slow line, gets few. */
#include "config.h"
#include "src/cli/dashboard/dashboard.h"
#include "src/cli/dashboard/terminal.h"
#include "src/base/base.h"
#include "src/base/grow.h"

#include <math.h>
#include <starpu.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INTERVAL 0.1 /* seconds between frames, at least */
#define SLOWER 10    /* times as long as a frame takes */
#define KEPT 0.95    /* of the mean of losses, a frame */
#define MOST_POINTS 1000

struct cli_dashboard {
	struct cli_frame_state frame;
	struct plait_worker_use *used; /* by worker: at the last frame */
	double drawn, interval, mean;
	int64_t means, begun; /* begun: the step of the last frame */
	char **line;
	size_t room;
	int lines;
	bool entered, failed, ended;
};

/* -- tracks ------------------------------------------------------------------------------------ */

/* Where there are many points every other one goes. */
static void add(struct cli_dashboard *d, struct cli_track *track, double at, double value)
{
	if (!isfinite(value) || d->failed)
		return;
	if (track->count == MOST_POINTS) {
		for (int i = 0; i < MOST_POINTS / 2; i++)
			memcpy(track->point[i], track->point[2 * i + 1], sizeof track->point[i]);
		track->count = MOST_POINTS / 2;
	}
	if (plait__grow(&track->point, &track->room, (size_t)track->count + 1, sizeof *track->point,
			"a chart") < 0) {
		d->failed = true;
		return;
	}
	track->point[track->count][0] = at;
	track->point[track->count++][1] = value;
}

static void add_progress(struct cli_dashboard *d, const struct plait_event *event)
{
	double within =
		event->epoch_steps > 0 ? (double)event->epoch_step / (double)event->epoch_steps : 0;
	double at = event->epoch - 1 + within;

	if (!isfinite(event->loss) || event->step == d->begun)
		return;
	d->begun = event->step;
	d->mean = KEPT * d->mean + (1 - KEPT) * (double)event->loss;
	d->means++;
	add(d, &d->frame.smooth, at, d->mean / (1 - pow(KEPT, (double)d->means)));
	add(d, &d->frame.rate, at, event->lr);
}

static void add_epoch(struct cli_dashboard *d, const struct plait_event *event)
{
	const struct plait_metrics *train = event->train, *val = event->validation;

	if (train->has_accuracy)
		add(d, &d->frame.train_accuracy, event->epoch, plait_metrics_accuracy(train));
	if (val)
		add(d, &d->frame.val, event->epoch, plait_metrics_loss(val));
	if (val && val->has_accuracy)
		add(d, &d->frame.val_accuracy, event->epoch, plait_metrics_accuracy(val));
}

/* -- workers ----------------------------------------------------------------------------------- */

static int begin_workers(struct cli_dashboard *d)
{
	int count = (int)starpu_worker_get_count();

	d->used = plait__calloc((size_t)count + 1, sizeof *d->used, "a dashboard");
	d->frame.worker = plait__calloc((size_t)count + 1, sizeof *d->frame.worker, "a dashboard");
	if (!d->used || !d->frame.worker)
		return -1;
	d->frame.workers = count;
	for (int i = 0; i < count; i++) {
		char name[64];

		starpu_worker_get_name(i, name, sizeof name);
		snprintf(d->frame.worker[i].name, sizeof d->frame.worker[i].name, "%.*s",
			 (int)strcspn(name, "("), name);
		plait_worker_use_get(i, &d->used[i]);
	}
	return 0;
}

/* A task that began before the last frame counts when it is over, so a share may be above 1. */
static void take_workers(struct cli_dashboard *d, double seconds)
{
	for (int i = 0; i < d->frame.workers; i++) {
		struct cli_worker_share *share = &d->frame.worker[i];
		struct plait_worker_use use, *last = &d->used[i];
		double scale;

		plait_worker_use_get(i, &use);
		share->busy = (use.busy_seconds - last->busy_seconds) / seconds;
		scale = share->busy > 1 ? 1 / share->busy : 1;
		for (int w = 0; w < PLAIT_WORKS; w++)
			share->work[w] =
				scale * (use.work_seconds[w] - last->work_seconds[w]) / seconds;
		share->busy *= scale;
		*last = use;
	}
}

/* -- drawing ----------------------------------------------------------------------------------- */

static double now(void)
{
	return starpu_timing_now() * 1e-6;
}

static void take_keys(struct cli_dashboard *d)
{
	int key;

	while ((key = cli_terminal_key()) >= 0)
		if (key == 'q' || key == 'Q')
			d->frame.ends = !d->frame.ends;
}

static void draw(struct cli_dashboard *d)
{
	int columns, rows;
	char *text = NULL;
	size_t size = 0;
	FILE *out;
	double begin = now();

	take_keys(d);
	if (!cli_terminal_size(&columns, &rows))
		return;
	take_workers(d, begin - d->drawn);
	d->drawn = begin;
	out = open_memstream(&text, &size);
	if (!out)
		return;
	if (columns < CLI_DASHBOARD_COLUMNS || rows < CLI_DASHBOARD_ROWS)
		fprintf(out, "\033[H%.*s\033[K\033[J", columns - 1, "the terminal is too small");
	else
		cli_frame_put(&d->frame, columns, rows, out);
	fclose(out);
	d->interval = fmax(INTERVAL, SLOWER * cli_terminal_write(text, size));
	free(text);
}

static void take_progress(struct cli_dashboard *d, const struct plait_event *event)
{
	struct cli_frame_state *f = &d->frame;
	double all = (double)event->epochs * (double)event->epoch_steps, done = (double)event->step;

	f->epoch = event->epoch;
	f->epochs = event->epochs;
	f->step = event->step;
	f->epoch_step = event->epoch_step;
	f->epoch_steps = event->epoch_steps;
	f->loss = (double)event->loss;
	f->lr = event->lr;
	f->samples_per_second = event->samples_per_second;
	f->seconds = event->seconds;
	f->seconds_left = done > 0 ? fmax(0, all - done) / done * event->seconds : 0;
	if (event->train)
		f->wait_percent = plait_metrics_load_wait_percent(event->train);
}

int cli_dashboard_event(struct cli_dashboard *d, const struct plait_event *event)
{
	switch (event->kind) {
	case PLAIT_EVENT_BEGIN:
		plait_worker_use_reset();
		d->failed = begin_workers(d) < 0;
		d->drawn = now();
		cli_terminal_enter();
		d->entered = true;
		return 0;
	case PLAIT_EVENT_PROGRESS:
	case PLAIT_EVENT_EPOCH:
		break;
	default:
		return 0;
	}
	take_progress(d, event);
	if (event->kind == PLAIT_EVENT_EPOCH)
		add_epoch(d, event);
	else
		add_progress(d, event);
	if (d->entered && (now() - d->drawn >= d->interval || cli_terminal_went_on()))
		draw(d);
	d->ended |= event->kind == PLAIT_EVENT_EPOCH && d->frame.ends;
	return d->ended;
}

void cli_dashboard_line(struct cli_dashboard *d, const char *text)
{
	char *line = plait__strdup(text);

	if (!line || plait__grow(&d->line, &d->room, (size_t)d->lines + 1, sizeof *d->line,
				 "lines of epochs") < 0) {
		free(line);
		return;
	}
	d->line[d->lines++] = line;
	d->frame.last_line = line;
	if (isatty(STDOUT_FILENO))
		return;
	puts(line);
}

/* -- beginning and end ------------------------------------------------------------------------- */

struct cli_dashboard *cli_dashboard_create(const char *title)
{
	struct cli_dashboard *d;
	int columns, rows;

	if (!cli_terminal_size(&columns, &rows) || columns < CLI_DASHBOARD_COLUMNS ||
	    rows < CLI_DASHBOARD_ROWS)
		return NULL;
	d = plait__calloc(1, sizeof *d, "a dashboard");
	if (!d)
		return NULL;
	d->frame.title = title;
	d->frame.utf8 = cli_terminal_has_utf8();
	d->frame.keys = cli_terminal_has_keys();
	d->frame.colours = cli_terminal_has_colours();
	d->interval = INTERVAL;
	return d;
}

void cli_dashboard_destroy(struct cli_dashboard *d)
{
	if (!d)
		return;
	cli_terminal_leave();
	for (int i = 0; i < d->lines; i++) {
		if (isatty(STDOUT_FILENO))
			puts(d->line[i]);
		free(d->line[i]);
	}
	if (d->ended)
		puts("Ended here, as the key q asked for");
	free(d->frame.smooth.point);
	free(d->frame.val.point);
	free(d->frame.train_accuracy.point);
	free(d->frame.val_accuracy.point);
	free(d->frame.rate.point);
	free(d->line);
	free(d->used);
	free(d->frame.worker);
	free(d);
}
