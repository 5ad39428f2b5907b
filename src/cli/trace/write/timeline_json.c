/* SPDX-License-Identifier: MIT
 * The timeline as JSON, which the page draws: a task is an array of numbers, to save space. */
#include "config.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/complain.h"
#include "src/cli/json.h"
#include "src/cli/trace/analyse/steps.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* With more the page would be too slow. */
#define MOST_TASKS 200000
#define SHORTEST_STATE 1 /* us */

static json_t *tasks_json(const struct cli_timeline *tl, int64_t count)
{
	json_t *tasks = json_array();

	for (int64_t i = 0; i < count; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];
		json_t *row = json_array();

		cli_json_add(&row, json_integer(task->worker));
		cli_json_add(&row, json_integer(task->name));
		cli_json_add(&row, cli_json_fixed(cli_task_start(task)));
		cli_json_add(&row, cli_json_fixed(cli_task_us(tl, task)));
		cli_json_add(&row, task->step ? json_integer(task->step) : json_null());
		cli_json_add(&tasks, row);
	}
	return tasks;
}

static json_t *states_json(const struct cli_timeline *tl, double end)
{
	json_t *states = json_array();

	for (int64_t i = 0; i < tl->states; i++) {
		const struct cli_trace_state *state = tl->state + i;
		double start = fmax(state->start, 0), us = fmin(state->end, end) - start;
		json_t *row;

		if (state->phase == CLI_PHASE_IDLE || us < SHORTEST_STATE)
			continue;
		row = json_array();
		cli_json_add(&row, json_integer(state->worker));
		cli_json_add(&row, cli_json_text(cli_phase_names[state->phase]));
		cli_json_add(&row, cli_json_fixed(start));
		cli_json_add(&row, cli_json_fixed(us));
		cli_json_add(&states, row);
	}
	return states;
}

static json_t *transfers_json(const struct cli_timeline *tl, double end)
{
	json_t *transfers = json_array();

	for (int64_t i = 0; i < tl->transfers; i++) {
		const struct cli_trace_transfer *transfer = tl->transfer + i;
		double start = fmax(transfer->start, 0), us = fmin(transfer->end, end) - start;
		json_t *row;

		if (us <= 0)
			continue;
		row = json_array();
		cli_json_add(&row, json_integer(transfer->from));
		cli_json_add(&row, json_integer(transfer->to));
		cli_json_add(&row, cli_json_fixed(start));
		cli_json_add(&row, cli_json_fixed(us));
		cli_json_add(&row, json_integer(transfer->bytes));
		cli_json_add(&transfers, row);
	}
	return transfers;
}

static json_t *steps_json(const struct cli_steps *list, double end)
{
	json_t *steps = json_array();

	for (int64_t i = 0; i < list->count && list->step[i].start < end; i++) {
		json_t *row = json_array();

		cli_json_add(&row, json_integer(list->step[i].step));
		cli_json_add(&row, cli_json_fixed(list->step[i].start));
		cli_json_add(&row, cli_json_fixed(fmin(list->step[i].end, end)));
		cli_json_add(&row, json_integer(list->step[i].steps));
		cli_json_add(&steps, row);
	}
	return steps;
}

static void put_names(json_t **json, const struct cli_timeline *tl)
{
	json_t *names = json_array(), *phases = json_array(), *workers = json_array();

	for (int64_t i = 0; i < tl->names; i++) {
		enum cli_phase phase = tl->name[i].phase;

		cli_json_add(&names, cli_json_text(tl->name[i].text));
		cli_json_add(&phases,
			     cli_json_text(phase < CLI_PHASES ? cli_phase_names[phase] : "other"));
	}
	for (int64_t w = 0; w < tl->workers; w++)
		cli_json_add(&workers, cli_json_text(tl->worker[w].name));
	cli_json_put(json, "names", names);
	cli_json_put(json, "phase_of", phases);
	cli_json_put(json, "workers", workers);
}

json_t *cli_timeline_json(const struct cli_timeline *tl)
{
	int64_t count = tl->inside < MOST_TASKS ? tl->inside : MOST_TASKS;
	double end = count < tl->inside ? tl->task[tl->order[count]].start : tl->wall;
	struct cli_steps steps;
	json_t *json = json_object();
	char note[96];

	if (cli_steps_find(&steps, tl) != CLI_DONE) {
		json_decref(json);
		return NULL;
	}
	snprintf(note, sizeof note, "only the first %" PRId64 " of %" PRId64 " tasks are drawn",
		 count, tl->inside);
	put_names(&json, tl);
	cli_json_put(&json, "tasks", tasks_json(tl, count));
	cli_json_put(&json, "states", states_json(tl, end));
	cli_json_put(&json, "transfers", transfers_json(tl, end));
	cli_json_put(&json, "steps", steps_json(&steps, end));
	cli_json_put(&json, "truncated", cli_json_text(count < tl->inside ? note : NULL));
	cli_steps_free(&steps);
	if (!json)
		cli_trace_no_memory();
	return json;
}
