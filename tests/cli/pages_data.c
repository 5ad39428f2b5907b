/* SPDX-License-Identifier: MIT
 * Task i of step k begins at 100 k + 11 i and takes 9.5 us, so that a test can count what a part of
 * the time shows. */
#include "config.h"
#include "tests/cli/pages_data.h"

#define TASKS 8
/* In a page this would be an element with the id evil, and a script. */
#define EVIL \
	"</script><script>document.documentElement.dataset.evil=1</script><b id=evil>&\"'\xc3\xa9"

static const char *const names[TASKS] = { "load",  "fwd/" EVIL, "fwd/2", "loss",
					  "bwd/2", "bwd/0",     "upd/0", "upd/2" };
static const char *const phases[TASKS] = { "load",     "forward",  "forward", "loss",
					   "backward", "backward", "update",  "update" };

static json_t *strings(const char *const *texts, int count)
{
	json_t *array = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(array, json_string(texts[i]));
	return array;
}

static json_t *worker(int id, const char *name, const char *kind, int tasks)
{
	return json_pack("{s:i, s:s, s:s, s:i, s:f, s:f, s:f, s:f}", "id", id, "name", name, "kind",
			 kind, "tasks", tasks, "busy_percent", 50.5, "transfer_percent", 5.0,
			 "overhead_percent", 10.0, "idle_percent", 34.5);
}

static json_t *codelets(int steps)
{
	json_t *array = json_array();

	for (int i = 0; i < TASKS; i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:i, s:f, s:f, s:f, s:f, s:f, s:o}",
						"name", names[i], "phase", phases[i], "tasks",
						steps, "us", 9.5 * steps, "mean_us", 9.5 + i,
						"min_us", 1.0, "max_us", 20.0, "stddev_us", 0.5,
						"gflops", i > 3 ? json_real(1.5) : json_null()));
	return array;
}

/* What a step adds to the arrays of the timeline. */
static void add_step(json_t *timeline, int k)
{
	json_t *tasks = json_object_get(timeline, "tasks");

	for (int i = 0; i < TASKS; i++)
		json_array_append_new(
			tasks, json_pack("[i, i, f, f, i]", i > 0, i, 100.0 * k + 11 * i, 9.5, k));
	json_array_append_new(json_object_get(timeline, "states"),
			      json_pack("[i, s, f, f]", k % 2, k % 2 ? "transfer" : "overhead",
					100.0 * k + 10, 1.0));
	json_array_append_new(json_object_get(timeline, "transfers"),
			      json_pack("[i, i, f, f, i]", 0, 1, 100.0 * k + 10, 20.0, 1000));
	json_array_append_new(json_object_get(timeline, "steps"),
			      json_pack("[i, f, f]", k, 100.0 * k, 100.0 * k + 97));
}

static json_t *make_timeline(int steps)
{
	static const char *const workers[] = { "CPU 0", "CUDA 0" };
	json_t *timeline = json_pack("{s:o, s:o, s:o, s:[], s:[], s:[], s:[], s:n}", "names",
				     strings(names, TASKS), "phase_of", strings(phases, TASKS),
				     "workers", strings(workers, 2), "tasks", "states", "transfers",
				     "steps", "truncated");

	for (int k = 0; k < steps; k++)
		add_step(timeline, k);
	return timeline;
}

static json_t *losses(int steps)
{
	json_t *array = json_array();

	for (int k = 0; k < steps; k++)
		json_array_append_new(array, json_pack("[i, f]", k, 1.0 / (1 + k)));
	return array;
}

/* Everything but the arrays that grow. */
static json_t *make_report(int steps)
{
	double wall = 100.0 * steps + 50;

	return json_pack("{s:s, s:s, s:n, s:s, s:f, s:i, s:f, s:i, s:n, s:f, s:s, s:f, s:f, s:f}",
			 "plait", "0", "source", "fxt", "source_reason", "command", "train " EVIL,
			 "wall_us", wall, "steps", steps, "step_us", 100.0, "tasks", steps * TASKS,
			 "cost", "accounted_percent", 99.9, "device", "CUDA 0",
			 "device_busy_percent", 70.0, "loading_hidden_percent", 90.0,
			 "transfers_hidden_percent", 80.0);
}

/* All of them, as a report has; most of the time is of the first. */
static json_t *make_phases(int steps)
{
	static const char *const all[] = {
#define PLAIT__PHASE(constant, name, colour) name,
#include "src/base/phases.def"
#undef PLAIT__PHASE
	};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		json_array_append_new(list, json_pack("{s:s, s:i, s:f, s:f}", "name", all[i],
						      "tasks", i == 0 ? steps : 0, "worker_us", 1.0,
						      "wall_us", i == 0 ? 50.0 * steps : 50.0));
	return list;
}

json_t *pages_trace(int steps)
{
	json_t *report = make_report(steps);
	json_t *more = json_pack(
		"{s:[o, o], s:o, s:o,"
		" s:{s:i, s:i, s:f}, s:f, s:[{s:s, s:i, s:f}], s:f, s:f, s:f,"
		" s:{s:f, s:f, s:f, s:f}, s:[{s:f, s:f, s:s, s:s, s:i, s:i, s:n}], s:o, s:o}",
		"workers", worker(0, "CPU 0", "cpu", steps),
		worker(2, "CUDA 0", "cuda", steps * (TASKS - 1)), "phases", make_phases(steps),
		"codelets", codelets(steps), "transfers", "count", steps, "bytes", steps * 1000,
		"us", 20.0 * steps, "critical_path_us", 50.0, "critical_path", "name", names[1],
		"tasks", 5, "us", 50.0, "work_bound_us", 40.0, "lower_bound_us", 50.0, "distance",
		1.5, "device_idle", "load_us", 5.0, "dependency_us", 4.0, "transfer_us", 0.0,
		"scheduler_us", 6.0, "stalls", "start_us", 80.0, "us", 40.0, "cause", "load",
		"task", names[1], "step", 1, "worker", 2, "waits_for", "losses", losses(steps),
		"timeline", make_timeline(steps));

	json_object_update(report, more);
	json_decref(more);
	return report;
}

static json_t *configuration(int i, int failed)
{
	static const char *const policies[] = { "eager", "lws", "dm", "<b id=evil>" };
	/* One is so slow that it would leave the others no room in a picture. */
	double us = i == 9 ? 90000 : 100 + 5 * i;
	json_t *config =
		json_pack("{s:s, s:o, s:s, s:i, s:i, s:s, s:o}", "policy", policies[i % 4], "ncpu",
			  failed ? json_null() : json_integer(i / 4 % 2 + 1), "granularity",
			  i % 3 ? "phase" : "layer", "prefetch", 2, "batch_size", i % 5 ? 32 : 64,
			  "status", failed ? "failed" : "ok", "reason",
			  failed ? json_string("no policy " EVIL) : json_null());
	json_t *figures =
		failed ? json_pack("{s:n, s:n, s:n, s:n, s:n, s:n, s:[], s:n, s:[]}", "step_us",
				   "low_us", "high_us", "samples_per_second", "ratio",
				   "load_wait_percent", "idle_percent", "tasks_per_second", "runs")
		       : json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:[f, f], s:f,"
				   " s:[{s:i, s:f, s:s}, {s:i, s:n, s:s}]}",
				   "step_us", us, "low_us", us - 1, "high_us", us + 2,
				   "samples_per_second", 32e6 / us, "ratio", us / 100,
				   "load_wait_percent", 1.0, "idle_percent", 1.0, 2.0,
				   "tasks_per_second", 8e6 / us, "runs", "repeat", 0, "step_us", us,
				   "status", "ok", "repeat", 1, "step_us", "status", "failed");

	json_object_update(config, figures);
	json_decref(figures);
	return config;
}

json_t *pages_policies(int count)
{
	json_t *all = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(all, configuration(i, i >= count - count / 10));
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:f, s:[i, i], s:o}", "plait", "0",
			 "command", "train " EVIL, "machine", "two cores", "repeats", 2, "steps",
			 10, "warmup", 1, "noise_percent", 5.5, "group", 0, 1, "configurations",
			 all);
}
