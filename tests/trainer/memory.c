/* SPDX-License-Identifier: MIT
 * Memory is flat in the number of steps, and in the number of runs.
 *
 * Resident size is read in pages; workers' first allocations, the C library's arenas and StarPU's
 * pools are warm after the first thousand steps.  From there on 256 kB are allowed for what the
 * allocator does with the same blocks over and over; a leak of one 16-byte block a step would be
 * 300 kB, and the smallest known of StarPU's is 32 bytes a task. */
#include "config.h"
#include "tests/nets.h"
#include "tests/resident.h"

#include <unistd.h>

enum { FIRST = 1000, LAST = 20000, ALLOWED = 256 * 1024 };

struct growth {
	int64_t first, last;
};

static void report(const struct growth *g, const char *what)
{
	ok(g->first > 0 && g->last > 0 && g->last - g->first < ALLOWED,
	   "%s: %lld kB more after %d steps than after %d", what,
	   (long long)(g->last - g->first) / 1024, LAST, FIRST);
}

/* -- training -------------------------------------------------------------------------- */

static int watch_steps(void *user, const struct plait_event *event)
{
	struct growth *g = user;

	if (event->kind == PLAIT_EVENT_STEP && event->step == FIRST)
		g->first = resident();
	if (event->kind == PLAIT_EVENT_STEP && event->step == LAST)
		g->last = resident();
	return 0;
}

/* The seed model: 10-50-2 and batches of 32. */
static void test_fit(enum plait_granularity grain, int shards, int64_t validation, const char *what)
{
	struct samples s = samples_make(3200, 10, 2, 0, 1),
		       v = samples_make(validation, 10, 2, 0, 2);
	struct plait_graph *net = net_make(10, "linear:50 relu linear:2", false);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-3), grain, shards);
	struct growth growth = { 0 };
	struct plait_fit_options options = { .epochs = LAST / 100,
					     .loader.batch_size = 32,
					     .loader.shuffle = true,
					     .log_every = FIRST,
					     .validation = validation > 1 ? v.set : NULL,
					     .on_event = watch_steps,
					     .user = &growth };

	if (plait_fit(trainer, s.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	report(&growth, what);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
	samples_free(&v);
}

/* -- evaluating and predicting -------------------------------------------------------------- */

/* Sample i is read in step i: batches of one. */
static int read_watched(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			float *target)
{
	struct growth *g = user;

	(void)target;
	for (uint64_t i = 0; i < 10; i++)
		((float *)x)[i] = plait__uniform(plait__random(key, i));
	*label = (int32_t)(index % 2);
	if (index == FIRST)
		g->first = resident();
	if (index == LAST - 1)
		g->last = resident();
	return 0;
}

static void test_forward(enum plait_granularity grain, bool predict, const char *what)
{
	struct growth growth = { 0 };
	struct plait_dataset_info info = {
		.samples = LAST, .dtype = PLAIT_F32, .ndim = 1, .dim = { 10 }, .classes = 2
	};
	struct plait_graph *net = net_make(10, "linear:50 relu linear:2", false);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-3), grain, 0);
	struct plait_fit_options options = { .loader.batch_size = 1 };
	struct plait_metrics metrics;
	struct plait_dataset *set = NULL;
	float *out = malloc(LAST * 2 * sizeof *out);
	int status = plait_dataset_from_callback(&set, &info, read_watched, &growth);

	memset(out, 0, LAST * 2 * sizeof *out); /* its pages are resident before */
	if (status == 0)
		status = predict ? plait_predict(trainer, set, &options, out)
				 : plait_evaluate(trainer, set, &options, &metrics);
	if (status < 0)
		tap_bail_out("%s", plait_error_message());
	report(&growth, what);
	free(out);
	plait_dataset_destroy(set);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static void test_loader(void)
{
	struct growth growth = { 0 };
	struct samples s = samples_make(3200, 10, 2, 0, 1);
	struct plait_loader *loader =
		loader_open(s.set, (struct plait_loader_options){ .shuffle = true });
	struct plait_batch batch;

	for (int i = 0; i < LAST; i++) {
		if (plait_loader_next(loader, &batch) < 0)
			tap_bail_out("%s", plait_error_message());
		plait_loader_release(loader);
		if (i == FIRST)
			growth.first = resident();
	}
	growth.last = resident();
	report(&growth, "a loader read by hand");
	plait_loader_destroy(loader);
	samples_free(&s);
}

/* -- runs ------------------------------------------------------------------------------------ */

/* Programs are made and destroyed: 200 of each after the first 50 may not cost more than 1 kB
 * each; one forgotten handle is 3 kB and one slot more. */
static void test_runs(void)
{
	struct samples s = samples_make(64, 10, 2, 0, 1);
	struct plait_graph *net = net_make(10, "linear:50 relu linear:2", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-3), PLAIT_GRANULARITY_LAYER, 2);
	struct plait_fit_options options = { .loader.batch_size = 32,
					     .quiet = true,
					     .validation = s.set };
	struct plait_metrics metrics;
	float out[64 * 2];
	int64_t before = 0, after;

	for (int i = 0; i < 250; i++) {
		if (plait_fit(trainer, s.set, &options) < 0 ||
		    plait_evaluate(trainer, s.set, &options, &metrics) < 0 ||
		    plait_predict(trainer, s.set, &options, out) < 0)
			tap_bail_out("%s", plait_error_message());
		if (i == 49)
			before = resident();
	}
	after = resident();
	ok(after - before < 200 * 1024, "200 rounds of fit, evaluate and predict: %lld kB more",
	   (long long)(after - before) / 1024);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* How often the process has called read, or -1. */
static long long reads(void)
{
	FILE *file = fopen("/proc/self/io", "r");
	char line[128];
	long long count = -1;

	while (file && fgets(line, sizeof line, file))
		sscanf(line, "syscr: %lld", &count);
	if (file)
		fclose(file);
	return count;
}

/* The kernel's files on memory are read once: it takes longer than to predict a sample. */
static void test_predict_reads_no_files(void)
{
	struct samples s = samples_make(1, 6, 4, 0, 3);
	struct plait_graph *net = net_make(6, "linear:4", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 0);
	float out[4];
	int status = plait_predict(trainer, s.set, NULL, out);
	long long before = reads();

	for (int i = 0; i < 100 && status == 0; i++)
		status = plait_predict(trainer, s.set, NULL, out);
	is_int(status, 0, "a hundred predictions");
	if (before < 0)
		tap_skip("no /proc/self/io");
	else
		ok(reads() - before < 100, "read no files");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

int main(int argc, char **argv)
{
	(void)argc;
	/* Freed blocks that the C library keeps for each thread come to 150 to 300 kB, more in
	 * newer ones, and never go on growing: without them it shows what is kept here. */
	if (!getenv("GLIBC_TUNABLES")) {
		setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
		execv("/proc/self/exe", argv);
	}
	if (resident() < 0)
		tap_skip_all("no /proc/self/statm");
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
	tap_skip_all("a sanitizer keeps freed memory");
#endif
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_fit(PLAIT_GRANULARITY_STEP, 1, 1, "fit, granularity step");
	test_fit(PLAIT_GRANULARITY_LAYER, 1, 1, "fit, granularity layer");
	test_fit(PLAIT_GRANULARITY_STEP, 2, 1, "fit, step, two shards");
	test_fit(PLAIT_GRANULARITY_LAYER, 1, 3200, "fit with as many validation steps, layer");
	test_forward(PLAIT_GRANULARITY_STEP, false, "evaluate, step");
	test_forward(PLAIT_GRANULARITY_LAYER, false, "evaluate, layer");
	test_forward(PLAIT_GRANULARITY_STEP, true, "predict, step");
	test_loader();
	test_runs();
	test_predict_reads_no_files();
	plait_stop();
	return tap_done();
}
