/* SPDX-License-Identifier: MIT */
#include "tests/cli/trace_check.h"
#include "tests/files.h"
#include "tests/tap.h"

#include <sys/wait.h>
#include <unistd.h>

/* -- plait trace ----------------------------------------------------------------------------- */

void trace_put(const char *name, const char *text)
{
	if (text)
		files_write(name, text, strlen(text));
	else
		unlink(files_path(name));
}

void trace_write(const char *tasks, const char *states, const char *paje, const char *workers,
		 const char *run)
{
	trace_put("tasks.rec", tasks);
	trace_put("trace.rec", states);
	trace_put("paje.trace", paje);
	trace_put("workers.rec", workers);
	trace_put("run.json", run);
}

int trace_run(const char *options)
{
	const char *build = getenv("BUILD");
	char command[8192];
	int status;

	snprintf(command, sizeof command, "'%s/src/cli/plait' trace %s '%s' >'%s' 2>'%s'",
		 build ? build : ".", options, files_path("."), files_path("out"),
		 files_path("err"));
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

char *trace_text(const char *name)
{
	char *text = calloc(1, 1 << 16);
	FILE *file = fopen(files_path(name), "r");

	if (!text || !file)
		tap_bail_out("%s cannot be read", name);
	if (fread(text, 1, (1 << 16) - 1, file) == 0)
		*text = '\0';
	fclose(file);
	return text;
}

/* -- trace events --------------------------------------------------------------------------- */

struct track {
	json_int_t process, thread;
	double end;
};

/* Slices of a track come one after another. */
static int overlaps(struct track *track, int *tracks, const json_t *event)
{
	json_int_t process = json_integer_value(json_object_get(event, "pid"));
	json_int_t thread = json_integer_value(json_object_get(event, "tid"));
	double start = json_number_value(json_object_get(event, "ts"));
	int t = 0, late;

	while (t < *tracks && (track[t].process != process || track[t].thread != thread))
		t++;
	if (t == *tracks)
		track[(*tracks)++] = (struct track){ process, thread, 0 };
	/* Both are rounded to nanoseconds. */
	late = start < track[t].end - 0.0021;
	track[t].end = start + json_number_value(json_object_get(event, "dur"));
	return late;
}

/* How many of what begins with one letter ends with the other, per id, at or after it; the number
 * of those that are left over. */
static int unbalanced(const json_t *events, const char *begin, const char *end, int *pairs)
{
	json_t *open = json_object();
	const json_t *event;
	int wrong = 0;
	size_t i;

	json_array_foreach(events, i, event)
	{
		const char *phase = json_string_value(json_object_get(event, "ph"));
		double time = json_number_value(json_object_get(event, "ts"));
		char id[32];

		snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(event, "id")));
		if (strcmp(phase, begin) == 0) {
			wrong += json_object_get(open, id) != NULL;
			json_object_set_new(open, id, json_real(time));
		} else if (strcmp(phase, end) == 0) {
			const json_t *since = json_object_get(open, id);

			wrong += !since || json_number_value(since) > time + 0.0021;
			json_object_del(open, id);
			(*pairs)++;
		}
	}
	wrong += (int)json_object_size(open);
	json_decref(open);
	return wrong;
}

static struct trace_events check_events(const json_t *events)
{
	static struct track track[4096];
	struct trace_events found = { 0 };
	int tracks = 0;
	const json_t *event;
	size_t i;

	found.wrong += !json_is_array(events);
	json_array_foreach(events, i, event)
	{
		const char *phase = json_string_value(json_object_get(event, "ph"));

		if (!phase || !json_object_get(event, "pid") || !json_object_get(event, "tid") ||
		    (strcmp(phase, "M") && !json_is_number(json_object_get(event, "ts")))) {
			found.wrong++;
			return found;
		}
		found.labels += strcmp(phase, "M") == 0;
		if (strcmp(phase, "X") == 0) {
			const char *category = json_string_value(json_object_get(event, "cat"));

			found.wrong += tracks == 4096 || overlaps(track, &tracks, event) ||
				       json_number_value(json_object_get(event, "dur")) < 0;
			if (category && strcmp(category, "transfer") == 0)
				found.transfers++;
			else
				found.tasks++;
		}
	}
	found.wrong += unbalanced(events, "b", "e", &found.steps);
	found.wrong += unbalanced(events, "s", "f", &found.flows);
	return found;
}

struct trace_events trace_events_read(const char *path)
{
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error);
	struct trace_events found = { .wrong = 1 };

	if (json)
		found = check_events(json_object_get(json, "traceEvents"));
	else
		printf("# %s:%d: %s\n", path, error.line, error.text);
	json_decref(json);
	return found;
}

/* -- reports -------------------------------------------------------------------------------- */

const json_t *trace_find(const json_t *array, const char *key, const char *text)
{
	size_t i;
	const json_t *object;

	json_array_foreach(array, i, object)
	{
		const char *value = json_string_value(json_object_get(object, key));

		if (value && strcmp(value, text) == 0)
			return object;
	}
	return NULL;
}

int trace_report_check(const char *path, const char *source, int steps)
{
	json_t *json = json_load_file(path, 0, NULL);
	double wall = json_number_value(json_object_get(json, "wall_us")), sum = 0;
	const char *found = json_string_value(json_object_get(json, "source"));
	const json_t *item;
	int wrong = 0;
	size_t i;

#define HOLDS(cond) \
	((cond) ? (void)0 : (void)(wrong++, printf("%s: does not hold: %s\n", path, #cond)))
	json_array_foreach(json_object_get(json, "phases"), i, item)
	{
		sum += json_number_value(json_object_get(item, "wall_us"));
	}
	/* The share that the project promises. */
	HOLDS(wall > 0 && fabs(sum - wall) <= 0.02 * wall);
	HOLDS(found && strcmp(found, source) == 0);
	HOLDS(json_integer_value(json_object_get(json, "steps")) == steps);
	if (!json_is_null(json_object_get(json, "command"))) { /* it was run by plait trace */
		HOLDS((int)json_array_size(json_object_get(json, "losses")) == steps);
		HOLDS(json_is_number(json_object_get(json_object_get(json, "cost"), "ratio")));
	}
	HOLDS(json_number_value(json_object_get(json, "lower_bound_us")) <= wall * 1.0001);
	HOLDS(json_number_value(json_object_get(json, "device_busy_percent")) <= 100.0001);
	HOLDS(json_number_value(json_object_get(json, "accounted_percent")) <= 100.1);
	HOLDS(json_array_size(json_object_get(json, "stalls")) == 10);
	item = trace_find(json_object_get(json, "codelets"), "name", "upd/0.linear");
	HOLDS(json_integer_value(json_object_get(item, "tasks")) == steps);
#undef HOLDS
	json_decref(json);
	return wrong;
}
