/* SPDX-License-Identifier: MIT
 * Every number in the line of an epoch or a step that is a figure becomes a point. */
#include "config.h"
#include "src/cli/runs/runs.h"
#include "src/cli/complain.h"
#include "src/base/base.h"
#include "src/base/grow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Numbers in the lines of a log that are no figures of training. */
static const char *const others[] = {
	"epoch",  "step", "steps", "samples", "seconds", "samples_per_second", "load_wait_percent",
	"member", NULL
};

/* -- points ------------------------------------------------------------------------------------ */

static struct cli_series *find_series(const struct cli_run *run, const char *key, bool steps)
{
	for (int i = 0; i < run->series_count; i++)
		if (run->series[i].steps == steps && strcmp(run->series[i].key, key) == 0)
			return &run->series[i];
	return NULL;
}

const struct cli_series *cli_run_series(const struct cli_run *run, const char *key, bool steps)
{
	return find_series(run, key, steps);
}

static struct cli_series *add_series(struct cli_run *run, const char *key, bool steps)
{
	struct cli_series *series;

	if (plait__grow(&run->series, &run->series_room, (size_t)run->series_count + 1,
			sizeof *run->series, "the figures of a log") < 0)
		return NULL;
	series = &run->series[run->series_count];
	*series = (struct cli_series){ .key = plait__strdup(key), .steps = steps };
	run->series_count += series->key != NULL;
	return series->key ? series : NULL;
}

static int add_point(struct cli_run *run, const char *key, bool steps, double at, double value)
{
	struct cli_series *series = find_series(run, key, steps);

	if (!series)
		series = add_series(run, key, steps);
	if (!series || plait__grow(&series->point, &series->room, (size_t)series->count + 1,
				   sizeof *series->point, "the figures of a log") < 0)
		return PLAIT_ENOMEM;
	series->point[series->count][0] = at;
	series->point[series->count++][1] = value;
	return 0;
}

bool cli_runs_is_figure(const char *key)
{
	int i = 0;

	while (others[i] && strcmp(others[i], key) != 0)
		i++;
	return !others[i];
}

/* The figures of an object; those of val_metrics have val_ before their names. */
static int add_points(struct cli_run *run, json_t *object, const char *before, bool steps,
		      double at)
{
	const char *key;
	json_t *value;
	int status = 0;

	json_object_foreach(object, key, value)
	{
		char name[128];

		snprintf(name, sizeof name, "%s%s", before, key);
		if (status == 0 && json_is_number(value) && cli_runs_is_figure(key))
			status = add_point(run, name, steps, at, json_number_value(value));
		else if (status == 0 && json_is_object(value))
			status = add_points(run, value,
					    strncmp(key, "val_", 4) == 0 ? "val_" : before, steps,
					    at);
	}
	return status;
}

/* -- lines ------------------------------------------------------------------------------------- */

static struct cli_run *find_run(struct cli_runs *runs, int first, int64_t member)
{
	for (int i = first; i < runs->count; i++)
		if (runs->run[i].member == member)
			return &runs->run[i];
	return NULL;
}

static struct cli_run *add_run(struct cli_runs *runs, const char *file, const json_t *line,
			       json_t *config)
{
	const char *name = json_string_value(json_object_get(line, "name"));
	struct cli_run *run;

	if (plait__grow(&runs->run, &runs->room, (size_t)runs->count + 1, sizeof *runs->run,
			"the runs of logs") < 0)
		return NULL;
	run = &runs->run[runs->count];
	*run = (struct cli_run){
		.name = name ? plait__format("%s [%s]", file, name) : plait__strdup(file),
		.member_name = name ? plait__strdup(name) : NULL,
		.member = json_integer_value(json_object_get(line, "member")),
		.config = json_incref(config),
	};
	runs->count++;
	return run->name && (run->member_name || !name) ? run : NULL;
}

/* The epoch that a step is in, and how far. */
static double place_of(const struct cli_run *run, double step, double last)
{
	int e = 0;
	double before, end;

	while (e < run->epochs && step > (double)run->end[e])
		e++;
	before = e > 0 ? (double)run->end[e - 1] : 0;
	/* An epoch that has not ended is taken to be as long as the one before. */
	end = e < run->epochs ? (double)run->end[e]
	      : e > 1         ? before + (double)(run->end[e - 1] - run->end[e - 2])
	      : e > 0         ? 2 * before
			      : last;
	return e + (step - before) / (end > before ? end - before : 1);
}

static void place_steps(struct cli_run *run)
{
	for (int i = 0; i < run->series_count; i++) {
		struct cli_series *s = &run->series[i];

		for (int j = 0; s->steps && j < s->count; j++)
			s->point[j][0] = place_of(run, s->point[j][0], s->point[s->count - 1][0]);
	}
}

static int end_epoch(struct cli_run *run, json_t *line)
{
	int64_t steps = json_integer_value(json_object_get(line, "steps"));

	if (plait__grow(&run->end, &run->end_room, (size_t)run->epochs + 1, sizeof *run->end,
			"the epochs of a log") < 0)
		return PLAIT_ENOMEM;
	run->end[run->epochs] = steps + (run->epochs > 0 ? run->end[run->epochs - 1] : 0);
	run->epochs++;
	run->seconds += json_number_value(json_object_get(line, "seconds"));
	json_decref(run->last);
	run->last = json_incref(line);
	return add_points(run, line, "", false, run->epochs);
}

/* A log while it is read. */
struct reader {
	struct cli_runs *runs;
	const char *name;
	int first; /* run of it */
	json_t *config;
};

static int read_line(struct reader *r, json_t *line)
{
	const char *event = json_string_value(json_object_get(line, "event"));
	int64_t member = json_integer_value(json_object_get(line, "member"));
	bool epoch = event && strcmp(event, "epoch") == 0;
	struct cli_run *run;

	if (event && strcmp(event, "config") == 0 && !r->config)
		r->config = json_incref(line);
	if (!epoch && !(event && strcmp(event, "step") == 0))
		return 0;
	run = find_run(r->runs, r->first, member);
	if (!run)
		run = add_run(r->runs, r->name, line, r->config);
	if (!run)
		return PLAIT_ENOMEM;
	return epoch ? end_epoch(run, line)
		     : add_points(run, line, "", true,
				  json_number_value(json_object_get(line, "step")));
}

static int compare_members(const void *a, const void *b)
{
	const struct cli_run *x = a, *y = b;

	return (x->member > y->member) - (x->member < y->member);
}

/* -- files ------------------------------------------------------------------------------------- */

int cli_runs_read_from(struct cli_runs *runs, FILE *log, const char *name)
{
	struct reader r = { .runs = runs, .name = name, .first = runs->count };
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	int status = 0;

	while (status == 0 && (length = getline(&text, &size, log)) > 0) {
		json_t *line = json_loadb(text, (size_t)length, 0, NULL);

		status = read_line(&r, line);
		json_decref(line);
	}
	free(text);
	json_decref(r.config);
	if (runs->count > r.first)
		qsort(runs->run + r.first, (size_t)(runs->count - r.first), sizeof *runs->run,
		      compare_members);
	for (int i = r.first; i < runs->count; i++)
		place_steps(&runs->run[i]);
	if (status < 0)
		return cli_failed(status);
	if (ferror(log)) {
		cli_complain("%s: cannot be read: %s", name, strerror(errno));
		return CLI_FAILED;
	}
	if (runs->count > r.first)
		return CLI_DONE;
	cli_complain("%s: no step and no epoch is in it: is it what plait train --log writes?",
		     name);
	return CLI_FAILED;
}

int cli_runs_read(struct cli_runs *runs, const char *path)
{
	FILE *log = fopen(path, "re");
	int status;

	if (!log) {
		cli_complain("%s: cannot be read: %s", path, strerror(errno));
		return CLI_FAILED;
	}
	status = cli_runs_read_from(runs, log, path);
	fclose(log);
	return status;
}

static void free_run(struct cli_run *run)
{
	for (int i = 0; i < run->series_count; i++) {
		free(run->series[i].key);
		free(run->series[i].point);
	}
	free(run->series);
	free(run->end);
	free(run->differs);
	free(run->name);
	free(run->member_name);
	json_decref(run->config);
	json_decref(run->last);
}

void cli_runs_free(struct cli_runs *runs)
{
	for (int i = 0; i < runs->count; i++)
		free_run(&runs->run[i]);
	free(runs->run);
	*runs = (struct cli_runs){ 0 };
}
