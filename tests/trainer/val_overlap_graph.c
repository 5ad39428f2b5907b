/* SPDX-License-Identifier: MIT
 * The task graph of validation beside training, read from a recording: what waits for a snapshot
 * and what a snapshot waits for, that steps stand among each other, and who has priority. */
#include "config.h"
#include "tests/trainer/val_overlap.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEPS = 12, VALIDATION = 4, EPOCHS = 3, MOST_TASKS = 4096, MOST_DEPS = 64 };

struct task {
	char name[64];
	int64_t job, step, priority;
	int deps;
	int64_t dep[MOST_DEPS]; /* jobs */
	bool validates;
};

static struct task task[MOST_TASKS];
static int tasks;

static void read_deps(struct task *t, const char *text)
{
	char *end;

	for (int64_t job = strtoll(text, &end, 10); end != text && t->deps < MOST_DEPS;
	     job = strtoll(text, &end, 10)) {
		t->dep[t->deps++] = job;
		text = end;
	}
}

/* An empty line ends a task. */
static void read_tasks(const char *path)
{
	static const struct task none = { .step = -1 };
	FILE *file = fopen(path, "r");
	char line[4096];
	struct task t = none;

	tasks = 0;
	while (file && fgets(line, sizeof line, file)) {
		sscanf(line, "Name: %63s", t.name);
		sscanf(line, "JobId: %" SCNd64, &t.job);
		sscanf(line, "Iteration: %" SCNd64, &t.step);
		sscanf(line, "Priority: %" SCNd64, &t.priority);
		if (strncmp(line, "DependsOn:", 10) == 0)
			read_deps(&t, line + 10);
		if (line[0] != '\n' || tasks == MOST_TASKS)
			continue;
		if (t.name[0])
			task[tasks++] = t;
		t = none;
	}
	if (file)
		fclose(file);
}

static bool is(const struct task *t, const char *begin)
{
	return strncmp(t->name, begin, strlen(begin)) == 0;
}

static const struct task *find(int64_t job)
{
	for (int i = 0; i < tasks; i++)
		if (task[i].job == job)
			return &task[i];
	return NULL;
}

/* How many of its dependencies have such a name, of validation or not. */
static int waits_for(const struct task *t, const char *begin, bool validates)
{
	int count = 0;

	for (int i = 0; i < t->deps; i++) {
		const struct task *other = find(t->dep[i]);

		count += other && is(other, begin) && other->validates == validates;
	}
	return count;
}

/* Steps with a backward task train. */
static void mark_validation(void)
{
	static bool trains[EPOCHS * (STEPS + VALIDATION)];

	for (int i = 0; i < tasks; i++)
		if (is(&task[i], "bwd"))
			trains[task[i].step] = true;
	for (int i = 0; i < tasks; i++)
		task[i].validates = task[i].step >= 0 && !trains[task[i].step];
}

static void record(const char *policy)
{
	static struct told told;
	struct samples train = samples_make(STEPS * BATCH, FEATURES, CLASSES, 0, 1);
	struct samples validation = samples_make(VALIDATION * BATCH, FEATURES, CLASSES, 0, 2);

	mkdir("val_overlap.tmp", 0777);
	setenv("PLAIT_RECORD", "val_overlap.tmp", 1);
	if (plait_start(&(struct plait_start_options){ .policy = policy }) < 0)
		tap_bail_out("%s", plait_error_message());
	run_told(train.set, plait_adam(1e-2), PLAIT_GRANULARITY_LAYER, 1,
		 (struct plait_fit_options){ .epochs = EPOCHS,
					     .validation = validation.set,
					     .overlap_validation = true },
		 &told);
	plait_stop();
	unsetenv("PLAIT_RECORD");
	samples_free(&train);
	samples_free(&validation);
	read_tasks("val_overlap.tmp/tasks.rec");
	unlink("val_overlap.tmp/tasks.rec");
	unlink("val_overlap.tmp/trace.rec");
	unlink("val_overlap.tmp/workers.rec");
	rmdir("val_overlap.tmp");
	mark_validation();
	ok(told.status == 0 && tasks > 0, "a run under %s is recorded: %d tasks", policy, tasks);
}

/* Of the first training step after a snapshot was taken. */
static bool begins_epoch(const struct task *t)
{
	int64_t first = STEPS; /* in front of it is the validation's first step */

	return !t->validates && t->step >= first && (t->step - first) % (STEPS + VALIDATION) == 1;
}

/* The network has a layer that nobody reads: nothing updates it, and validation leaves it out, the
 * snapshot too. */
enum { LAYERS = 5, READ = LAYERS - 1 };

static void test_dependencies(void)
{
	int snapshots = 0, after_update = 0, after_validation = 0, read = 0, on_store = 0, held = 0;

	for (int i = 0; i < tasks; i++) {
		const struct task *t = &task[i];

		if (is(t, "snapshot")) {
			snapshots++;
			after_update += waits_for(t, "upd", false) > 0;
			after_validation += waits_for(t, "fwd", true) > 0;
		}
		if (t->validates && is(t, "fwd")) {
			read += waits_for(t, "snapshot", false) > 0;
			on_store += waits_for(t, "upd", false);
		}
		held += begins_epoch(t) && is(t, "upd") && waits_for(t, "snapshot", false) > 0;
	}
	is_int(snapshots, EPOCHS * READ, "each epoch has its snapshots, one a layer that is read");
	is_int(after_update, EPOCHS * READ, "they wait for updates");
	is_int(after_validation, (EPOCHS - 1) * READ, "and for the validation before");
	is_int(read, EPOCHS * VALIDATION * READ, "validation waits for them");
	is_int(on_store, 0, "and for no update");
	is_int(held, (EPOCHS - 1) * READ, "the first updates of an epoch wait for them, too");
}

/* In the order of their numbers, which is that of their submission. */
static void test_order(void)
{
	int among = 0, alone = 0;
	int64_t last = 0;

	for (int i = 0; i < tasks; i++)
		if (!task[i].validates && is(&task[i], "bwd") && task[i].step > last)
			last = task[i].step;
	for (int64_t step = 0; step < EPOCHS * (STEPS + VALIDATION); step++) {
		bool validates = false;

		for (int i = 0; i < tasks && !validates; i++)
			validates = task[i].validates && task[i].step == step;
		among += validates && step > STEPS - 1 && step < last;
		alone += validates && step > last;
	}
	is_int(among, (EPOCHS - 1) * VALIDATION,
	       "steps of validation stand among those of training");
	is_int(alone, VALIDATION, "and behind the last epoch alone");
}

static void test_priorities(const char *policy)
{
	int64_t most = INT64_MIN, least = INT64_MAX;

	for (int i = 0; i < tasks; i++) {
		/* No worker runs what brings a GPU's results to the host. */
		if (is(&task[i], "metrics"))
			continue;
		if (task[i].validates && task[i].priority > most)
			most = task[i].priority;
		if (!task[i].validates && !is(&task[i], "snapshot") && task[i].priority < least)
			least = task[i].priority;
	}
	ok(most < least,
	   "%s: all of validation, at most %" PRId64 ", is below training, at least %" PRId64,
	   policy, most, least);
}

int main(void)
{
	static const char *const policies[] = { "prio", "dmdas", "plait", "lws" };

	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
		record(policies[i]);
		test_dependencies();
		test_order();
		test_priorities(policies[i]);
	}
	return tap_done();
}
