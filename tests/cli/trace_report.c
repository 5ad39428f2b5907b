/* SPDX-License-Identifier: MIT
 * The report on traces made by hand, whose answers are worked out beside them (trace.h).  The
 * program is asked as a user asks it: plait trace FOLDER --json.
 * With arguments it checks a file of a real run instead: `perfetto FILE`, `report FILE SOURCE
 * STEPS`. */
#include "config.h"
#include "tests/files.h"
#include "tests/tap.h"
#include "tests/cli/trace.h"
#include "tests/cli/trace_check.h"

#include <unistd.h>

/* Printed figures have three decimals, of microseconds or of percent. */
#define ROUNDED 0.0006

static json_t *report(const char *options)
{
	char all[4096];
	json_t *json;
	int status;

	snprintf(all, sizeof all, "--json '%s' %s", files_path("report.json"), options);
	status = trace_run(all);
	is_int(status, 0, "plait trace %s ends well", options);
	json = json_load_file(files_path("report.json"), 0, NULL);
	if (!json) {
		char *err = trace_text("err");

		tap_bail_out("no report: %s", err);
	}
	return json;
}

/* A number, or what is expected in its place: NAN is null. */
static void number(const json_t *object, const char *key, double expected, const char *what)
{
	const json_t *value = json_object_get(object, key);

	if (isnan(expected))
		ok(json_is_null(value), "%s: %s is not known", what, key);
	else
		is_near(value ? json_number_value(value) : NAN, expected, ROUNDED, "%s: %s", what,
			key);
}

static void text(const json_t *object, const char *key, const char *expected, const char *what)
{
	const json_t *value = json_object_get(object, key);

	if (expected)
		is_string(json_string_value(value), expected, "%s: %s", what, key);
	else
		ok(json_is_null(value), "%s: no %s", what, key);
}

/* -- what the report says of the trace of trace.h ------------------------------------------- */

static void test_head(const json_t *json)
{
	text(json, "source", "fxt", "head");
	text(json, "device", "CUDA 0", "head");
	number(json, "wall_us", 31000, "head");
	number(json, "steps", 2, "head");
	number(json, "step_us", 15500, "head");
	number(json, "tasks", 11, "head");
	number(json, "device_busy_percent", 100 * 17 / 31.0, "head");
	number(json, "loading_hidden_percent", 100 * 5 / 13.0, "head");
	number(json, "transfers_hidden_percent", 100 * 2 / 5.1, "head");
	number(json_object_get(json, "transfers"), "count", 3, "transfers");
	number(json_object_get(json, "transfers"), "bytes", 4500, "transfers");
	number(json_object_get(json, "transfers"), "us", 5100, "transfers");
	number(json, "accounted_percent", 100 * 91 / 93.0, "head");
	ok(json_is_null(json_object_get(json_object_get(json, "cost"), "ratio")),
	   "nobody has measured what tracing cost");
}

static void test_phases(const json_t *json)
{
	double sum = 0;

	for (size_t i = 0; i < sizeof gpu_phases / sizeof *gpu_phases; i++) {
		const struct phase *phase = &gpu_phases[i];
		const json_t *found =
			trace_find(json_object_get(json, "phases"), "name", phase->name);

		number(found, "tasks", phase->tasks, phase->name);
		number(found, "worker_us", phase->worker_us, phase->name);
		number(found, "wall_us", phase->wall_us, phase->name);
		sum += json_number_value(json_object_get(found, "wall_us"));
	}
	is_near(sum, 31000, 0.01, "the phases add up to the wall time");
}

static void test_workers(const json_t *json)
{
	for (size_t i = 0; i < sizeof gpu_workers / sizeof *gpu_workers; i++) {
		const struct worker *worker = &gpu_workers[i];
		const json_t *found =
			trace_find(json_object_get(json, "workers"), "name", worker->name);

		number(found, "tasks", worker->tasks, worker->name);
		number(found, "busy_us", worker->busy, worker->name);
		number(found, "transfer_us", worker->transfer, worker->name);
		number(found, "overhead_us", worker->overhead, worker->name);
		number(found, "idle_us", worker->idle, worker->name);
		number(found, "busy_percent", worker->busy / 310, worker->name);
	}
}

static void test_codelets(const json_t *json)
{
	const json_t *codelets = json_object_get(json, "codelets");
	const json_t *load = trace_find(codelets, "name", "load");

	is_int(json_array_size(codelets), 7, "seven codelets");
	ok(load == json_array_get(codelets, 0), "the longest sum comes first");
	number(load, "tasks", 3, "load");
	number(load, "us", 13000, "load");
	number(load, "mean_us", 13000 / 3.0, "load");
	number(load, "min_us", 3000, "load");
	number(load, "max_us", 6000, "load");
	number(load, "stddev_us", 1000 * sqrt(14.0 / 9), "load");
	number(load, "gflops", NAN, "load");
	/* The second one does not tell its flops, and so does not count. */
	number(trace_find(codelets, "name", "fwd/0.linear"), "gflops", 100, "forward");
	text(trace_find(codelets, "name", "augment"), "phase", "other", "a task of one's own");
	ok(!trace_find(codelets, "name", "execute_on_all_wrapper"),
	   "StarPU's own tasks are not counted");
}

static void test_bounds(const json_t *json)
{
	const json_t *path = json_object_get(json, "critical_path");

	number(json, "critical_path_us", 22000, "bounds");
	number(json, "work_bound_us", 17000, "bounds");
	number(json, "lower_bound_us", 22000, "bounds");
	number(json, "distance", 31 / 22.0, "bounds");
	is_int(json_array_size(path), 6, "the longest chain is of six codelets");
	number(trace_find(path, "name", "load"), "us", 4000, "the path's load");
	number(trace_find(path, "name", "fwd/0.linear"), "us", 9000, "the path's forward");
	number(trace_find(path, "name", "fwd/0.linear"), "tasks", 2, "the path's forward");
	number(trace_find(path, "name", "metrics"), "us", 1000, "the path's end");
}

static void test_stalls(const json_t *json)
{
	const json_t *idle = json_object_get(json, "device_idle");
	const json_t *stalls = json_object_get(json, "stalls");

	number(idle, "load_us", 4000, "idle");
	number(idle, "dependency_us", 3000, "idle");
	number(idle, "transfer_us", 3300, "idle");
	number(idle, "preempted_us", 300, "idle");
	number(idle, "scheduler_us", 3400, "idle");
	is_int(json_array_size(stalls), sizeof gpu_stalls / sizeof *gpu_stalls, "five stalls");
	for (size_t i = 0; i < sizeof gpu_stalls / sizeof *gpu_stalls; i++) {
		const json_t *stall = json_array_get(stalls, i);

		number(stall, "start_us", gpu_stalls[i].start, gpu_stalls[i].cause);
		number(stall, "us", gpu_stalls[i].us, gpu_stalls[i].cause);
		text(stall, "cause", gpu_stalls[i].cause, "stall");
		text(stall, "task", gpu_stalls[i].task, "stall");
		text(stall, "waits_for", gpu_stalls[i].waits_for, "stall");
	}
}

/* No line is wider than a terminal. */
static void test_text(void)
{
	char *out = trace_text("out");
	size_t widest = 0;

	for (const char *line = out; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strcspn(line, "\n") > widest)
			widest = strcspn(line, "\n");
	ok(widest <= 80, "the text has 80 columns at most (%zu)", widest);
	contains(out, "38.5 % hidden behind computing", "the text has what is hidden of loading");
	contains(out, "39.2 % hidden behind computing (3, 4.4 KiB", "and of transfers");
	contains(out, "1.41 times the lower bound, 22.00 ms", "and the distance to the bound");
	free(out);
}

static void test_whole(void)
{
	json_t *json;

	trace_write(gpu_tasks, gpu_states, gpu_paje, NULL, NULL);
	json = report("");
	text(json, "unsure",
	     "no run.json says how many steps its run had; its workers come to an end",
	     "no run.json");
	test_head(json);
	test_phases(json);
	test_workers(json);
	test_codelets(json);
	test_bounds(json);
	test_stalls(json);
	test_text();
	json_decref(json);
}

/* The second step alone: 31 to 40 ms, in which augment and metrics have no part. */
static void test_steps(void)
{
	json_t *json = report("--steps 2:3");

	number(json, "wall_us", 9000, "step 2");
	number(json, "tasks", 2, "step 2");
	number(json, "steps", 1, "step 2");
	number(json, "device_busy_percent", 100 * 6 / 9.0, "step 2");
	number(json, "transfers_hidden_percent", 0, "step 2");
	number(json, "loading_hidden_percent", NAN, "step 2");
	json_decref(json);
	is_int(trace_run("--steps 7:9"), 1, "steps that are not there are a failure");
	is_int(trace_run("--steps 0:2"), 2, "steps count from 1");
	is_int(trace_run("--steps 2:2"), 2, "an empty range is wrong usage");
}

/* Plait's own recording: what StarPU's profiling does not tell is unknown, not nought. */
static void test_profiling(void)
{
	json_t *json;
	const json_t *worker, *transfer;
	char *out;

	trace_write(gpu_tasks, NULL, NULL, own_workers, own_run);
	json = report("");
	text(json, "source", "profiling", "profiling");
	text(json, "unsure", NULL, "a run.json");
	text(json, "device", "CUDA 0", "profiling");
	number(json_object_get(json, "cost"), "ratio", 1.25, "profiling's cost");
	/* 40 ms of eleven tasks */
	number(json_object_get(json, "cost"), "task_ratio", 40 / 11.0 / 2, "profiling's cost");
	number(json, "transfers_hidden_percent", NAN, "profiling");
	transfer = trace_find(json_object_get(json, "phases"), "name", "transfer");
	number(transfer, "wall_us", NAN, "profiling's transfers");
	worker = trace_find(json_object_get(json, "workers"), "name", "CPU 0");
	number(worker, "busy_us", 11000, "profiling's CPU 0");
	number(worker, "idle_us", 20000, "profiling's CPU 0");
	number(worker, "overhead_us", NAN, "profiling's CPU 0");
	is_int(json_array_size(json_object_get(json, "losses")), 2, "its losses are there");
	json_decref(json);
	out = trace_text("out");
	contains(out, "tasks themselves took 1.82 times as long", "the machine's pace is told");
	contains(out, "transfers        unknown", "nor does the text say that there were none");
	free(out);
}

#define STEP(job, before, step, worker, start, end) \
	"Name: step\nJobId: " job "\nDependsOn: " before "\nIteration: " step \
	"\n" RAN(worker, start, end) "\n"

/* Steps that two workers take in turn, by so many ms, of a run that was so. */
static void chain_of(const char *tasks, const char *run, const char *advice, const char *what)
{
	json_t *json;

	trace_write(tasks, NULL, NULL, NULL, run);
	json = report("");
	text(json, "advice", advice, what);
	json_decref(json);
}

static void chain(const char *tasks, const char *advice, const char *what)
{
	chain_of(tasks, "{\"steps\": 1, \"divided\": false}", advice, what);
}

static void test_chain(void)
{
	chain(STEP("1", "", "0", "0", "1", "2") STEP("2", "1", "1", "1", "2", "3")
		      STEP("3", "2", "2", "0", "3", "4"),
	      "the steps are one chain of tasks: --shards 2 cuts it", "a chain of long steps");
	chain(STEP("1", "", "0", "0", "1", "1.1") STEP("2", "1", "1", "1", "1.1", "1.2"),
	      "the steps are one chain of tasks, too short to be cut into shards",
	      "a chain of short steps");
	chain(STEP("1", "", "0", "0", "1", "2") STEP("2", "1", "1", "1", "1.5", "2.5"), NULL,
	      "steps side by side");
	chain(STEP("1", "", "0", "0", "1", "2") STEP("2", "1", "1", "0", "2", "3"), NULL,
	      "one worker");
	chain(STEP("1", "", "0", "0", "1", "2") STEP("2", "1", "1", "1", "9", "10"), NULL,
	      "a device that is idle most of the time");
	chain_of(STEP("1", "", "0", "0", "1", "2") STEP("2", "1", "1", "1", "2", "3"),
		 "{\"steps\": 1, \"divided\": true}", NULL, "one that is placed, or in shards");
}

/* Tasks of parallel modes, of 1, 2, 4, 8, 16 and 32 ms, are phases of training. */
static void test_names(void)
{
	json_t *json;
	const json_t *phases;

	trace_write(TASK("fwd/stage0", "1", "0", RAN("0", "0", "1")) TASK("step/stage1", "2", "0",
									  RAN("1", "1", "3"))
			    TASK("bwd/stage0", "3", "0", RAN("0", "3", "7"))
				    TASK("sum/stage0", "4", "0", RAN("0", "7", "15"))
					    TASK("upd/stage1", "5", "0", RAN("1", "15", "31"))
						    TASK("steps", "6", "0", RAN("1", "31", "63")),
		    NULL, NULL, NULL, "{\"steps\": 1}");
	json = report("");
	phases = json_object_get(json, "phases");
	number(trace_find(phases, "name", "forward"), "wall_us", 1000, "stage 0's forward");
	number(trace_find(phases, "name", "step"), "wall_us", 2000, "the last stage's");
	number(trace_find(phases, "name", "backward"), "wall_us", 4000, "stage 0's backward");
	number(trace_find(phases, "name", "update"), "wall_us", 24000, "updates and their sums");
	number(trace_find(phases, "name", "other"), "wall_us", 32000, "a task of one's own");
	number(json, "device_busy_percent", 100 * 31 / 63.0, "all but that are computing");
	json_decref(json);
}

/* -- trace events ------------------------------------------------------------------------- */

static void test_perfetto(void)
{
	char options[2400];
	struct trace_events found;

	trace_write(gpu_tasks, gpu_states, gpu_paje, NULL, NULL);
	snprintf(options, sizeof options, "--perfetto '%s' --svg '%s'", files_path("p.json"),
		 files_path("p.svg"));
	is_int(trace_run(options), 0, "plait trace --perfetto --svg");
	found = trace_events_read(files_path("p.json"));
	is_int(found.wrong, 0, "trace events are balanced, and on a track one after another");
	is_int(found.tasks, 11, "all tasks are there");
	is_int(found.transfers, 3, "and transfers");
	is_int(found.steps, 2, "and steps");
	/* To forward, loss, backward and update of step 1 from its load; of step 2 from its own. */
	ok(found.flows >= 2, "arrows lead from loads to what computes with them");
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "report") == 0)
		return trace_report_check(argv[2], argv[3], atoi(argv[4])) != 0;
	if (argc == 3 && strcmp(argv[1], "perfetto") == 0) {
		struct trace_events found = trace_events_read(argv[2]);

		printf("%d tasks, %d transfers, %d steps, %d arrows, %d wrong\n", found.tasks,
		       found.transfers, found.steps, found.flows, found.wrong);
		return found.wrong != 0;
	}
	test_whole();
	test_steps();
	test_profiling();
	test_chain();
	test_names();
	test_perfetto();
	return tap_done();
}
