/* SPDX-License-Identifier: MIT
 * Chrome's trace events, which ui.perfetto.dev opens.  Events are written one by one, so the
 * file is never in memory.  On one track slices must not overlap: those that do get lanes. */
#include "config.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/complain.h"
#include "src/cli/json.h"
#include "src/cli/output.h"
#include "src/cli/trace/analyse/steps.h"
#include "src/base/assert.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANES 64  /* of a track; more things at once share the last one */
#define PROCESS 1 /* workers; transfers are another one */
#define TRANSFERS 2
#define NODES 64 /* more memory nodes than StarPU has */

struct track {
	double end[LANES];
	int used;
};

struct out {
	FILE *file;
	bool started, failed;
	int *lane; /* of every task that is inside, in their order */
};

/* Writes and frees the event. */
static void write_event(struct out *out, json_t *event)
{
	if (!event || fputs(out->started ? ",\n" : "[\n", out->file) == EOF ||
	    json_dumpf(event, out->file, JSON_COMPACT | JSON_REAL_PRECISION(15)) < 0)
		out->failed = true;
	out->started = true;
	json_decref(event);
}

static json_t *make_event(const char *phase, const char *name, int process, int track)
{
	json_t *event = json_object();

	cli_json_put(&event, "ph", cli_json_text(phase));
	cli_json_put(&event, "name", cli_json_text(name));
	cli_json_put(&event, "pid", json_integer(process));
	cli_json_put(&event, "tid", json_integer(track));
	return event;
}

static void write_label(struct out *out, const char *what, int process, int track, const char *name)
{
	json_t *event = make_event("M", what, process, track), *args = json_object();

	cli_json_put(&args, "name", cli_json_text(name));
	cli_json_put(&event, "args", args);
	write_event(out, event);
}

/* The first lane that is free then. */
static int choose_lane(struct track *track, double start, double end)
{
	int lane = 0;

	while (lane < track->used && lane < LANES - 1 && track->end[lane] > start)
		lane++;
	if (lane == track->used)
		track->used++;
	PLAIT__ASSERT(lane < LANES && track->used <= LANES, "a track has no more lanes");
	track->end[lane] = fmax(end, lane < track->used - 1 ? track->end[lane] : end);
	return lane;
}

/* Names of a track's lanes; its numbers begin at first. */
static void write_lanes(struct out *out, int process, int first, const struct track *track,
			const char *name)
{
	char label[96];

	for (int lane = 0; lane < track->used || lane == 0; lane++) {
		if (lane == 0)
			snprintf(label, sizeof label, "%s", name);
		else
			snprintf(label, sizeof label, "%s (%d)", name, lane + 1);
		write_label(out, "thread_name", process, first + lane, label);
	}
}

/* -- tasks ------------------------------------------------------------------------------------ */

static int track_of(const struct out *out, const struct cli_timeline *tl, int64_t place)
{
	return 1 + tl->task[tl->order[place]].worker * LANES + out->lane[place];
}

static void write_task(struct out *out, const struct cli_timeline *tl, int64_t place)
{
	const struct cli_trace_task *task = tl->task + tl->order[place];
	json_t *event =
		make_event("X", tl->name[task->name].text, PROCESS, track_of(out, tl, place));
	json_t *args = json_object();

	cli_json_put(&args, "step", task->step ? json_integer(task->step) : json_null());
	cli_json_put(&args, "phase", cli_json_text(cli_phase_names[cli_task_phase(tl, task)]));
	cli_json_put(&args, "job", json_integer(task->job));
	cli_json_put(&args, "priority", json_integer(task->priority));
	cli_json_put(&event, "cat", cli_json_text(cli_phase_names[cli_task_phase(tl, task)]));
	cli_json_put(&event, "ts", cli_json_fixed(cli_task_start(task)));
	cli_json_put(&event, "dur", cli_json_fixed(cli_task_us(tl, task)));
	cli_json_put(&event, "args", args);
	write_event(out, event);
}

static int write_tasks(struct out *out, const struct cli_timeline *tl)
{
	struct track *track = calloc((size_t)tl->workers + 1, sizeof *track);

	if (!track)
		return cli_trace_no_memory();
	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		out->lane[i] = choose_lane(track + task->worker, cli_task_start(task),
					   cli_task_end(tl, task));
		write_task(out, tl, i);
	}
	for (int64_t w = 0; w < tl->workers; w++)
		write_lanes(out, PROCESS, 1 + (int)w * LANES, track + w, tl->worker[w].name);
	free(track);
	return CLI_DONE;
}

/* -- from a load to what computes with it ------------------------------------------------------ */

static void write_flow(struct out *out, const char *phase, int64_t id, int track, double time)
{
	json_t *event = make_event(phase, "loaded", PROCESS, track);

	cli_json_put(&event, "cat", cli_json_text("load"));
	cli_json_put(&event, "id", json_integer(id));
	cli_json_put(&event, "ts", cli_json_fixed(time));
	if (*phase == 'f')
		cli_json_put(&event, "bp", cli_json_text("e"));
	write_event(out, event);
}

static int write_flows(struct out *out, const struct cli_report *report)
{
	const struct cli_timeline *tl = report->tl;
	int64_t *place = malloc(((size_t)tl->tasks + 1) * sizeof *place);

	if (!place)
		return cli_trace_no_memory();
	for (int64_t i = 0; i < tl->inside; i++)
		place[tl->order[i]] = i;
	for (int64_t i = 0; i < tl->inside; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i], *load;
		int64_t from = report->chain[tl->order[i]].load;

		if (from < 0 || !tl->task[from].inside ||
		    !cli_phase_computes(cli_task_phase(tl, task)))
			continue;
		load = tl->task + from;
		/* An arrow must begin within its slice, and the end does not belong to the slice.
		 */
		write_flow(out, "s", task->job, track_of(out, tl, place[from]),
			   fmax(cli_task_start(load), cli_task_end(tl, load) - 0.001));
		write_flow(out, "f", task->job, track_of(out, tl, i), cli_task_start(task));
	}
	free(place);
	return CLI_DONE;
}

/* -- the rest --------------------------------------------------------------------------------- */

static int write_steps(struct out *out, const struct cli_timeline *tl)
{
	struct cli_steps steps;
	int status = cli_steps_find(&steps, tl);

	for (int64_t i = 0; i < steps.count; i++) {
		for (int end = 0; end < 2; end++) {
			const struct cli_step *step = &steps.step[i];
			char name[48];
			json_t *event;

			snprintf(name, sizeof name,
				 step->steps > 1 ? "steps %" PRId64 " to %" PRId64
						 : "step %" PRId64,
				 step->step, step->step + step->steps - 1);
			event = make_event(end ? "e" : "b", name, PROCESS, 0);
			cli_json_put(&event, "cat", cli_json_text("step"));
			cli_json_put(&event, "id", json_integer(steps.step[i].step));
			cli_json_put(&event, "ts",
				     cli_json_fixed(end ? steps.step[i].end : steps.step[i].start));
			write_event(out, event);
		}
	}
	cli_steps_free(&steps);
	return status;
}

static void write_transfer(struct out *out, const struct cli_trace_transfer *transfer, int track,
			   double start, double end)
{
	json_t *event = make_event("X", "transfer", TRANSFERS, track), *args = json_object();

	cli_json_put(&args, "bytes", json_integer(transfer->bytes));
	cli_json_put(&event, "cat", cli_json_text("transfer"));
	cli_json_put(&event, "ts", cli_json_fixed(start));
	cli_json_put(&event, "dur", cli_json_fixed(end - start));
	cli_json_put(&event, "args", args);
	write_event(out, event);
}

static int write_transfers(struct out *out, const struct cli_timeline *tl)
{
	struct track *track = calloc(NODES * NODES, sizeof *track);

	if (!track)
		return cli_trace_no_memory();
	write_label(out, "process_name", TRANSFERS, 0, "transfers");
	for (int64_t i = 0; i < tl->transfers; i++) {
		const struct cli_trace_transfer *transfer = tl->transfer + i;
		double start = fmax(transfer->start, 0), end = fmin(transfer->end, tl->wall);
		int pair = (int)(transfer->from % NODES * NODES + transfer->to % NODES);

		if (end > start)
			write_transfer(out, transfer,
				       1 + pair * LANES + choose_lane(track + pair, start, end),
				       start, end);
	}
	for (int pair = 0; pair < NODES * NODES; pair++) {
		char name[32];

		snprintf(name, sizeof name, "node %d to %d", pair / NODES, pair % NODES);
		if (track[pair].used)
			write_lanes(out, TRANSFERS, 1 + pair * LANES, track + pair, name);
	}
	free(track);
	return CLI_DONE;
}

static int write_all(struct out *out, const struct cli_report *report)
{
	int status;

	fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":", out->file);
	write_label(out, "process_name", PROCESS, 0, "plait");
	status = write_tasks(out, report->tl);
	if (status == CLI_DONE)
		status = write_flows(out, report);
	if (status == CLI_DONE)
		status = write_steps(out, report->tl);
	if (status == CLI_DONE && report->transfers > 0)
		status = write_transfers(out, report->tl);
	fputs("\n]}\n", out->file);
	if (status == CLI_DONE && out->failed && !ferror(out->file))
		return cli_trace_no_memory();
	return status;
}

int cli_trace_write_perfetto(const struct cli_report *report, const char *path)
{
	struct out out = { .lane = calloc((size_t)report->tl->inside + 1, sizeof *out.lane) };
	struct cli_output output;
	int status;

	if (!out.lane)
		return cli_trace_no_memory();
	status = cli_output_begin(&output, path);
	out.file = output.file;
	if (status == CLI_DONE)
		status = cli_output_end(&output, write_all(&out, report));
	free(out.lane);
	return status;
}
