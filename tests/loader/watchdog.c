/* SPDX-License-Identifier: MIT
 * The watchdog, with a data set whose read hangs at one sample until the test releases it.  Times
 * are never compared: on a busy machine a worker may not run for longer than a timeout.  So a wait
 * that must time out is repeated until the right sample is named, and alarm() ends a test in which
 * that does not happen. */
#include "config.h"
#include "tests/nets.h"

#include <starpu.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES = 64, FEATURES = 6, CLASSES = 4, BATCH = 8 };

/* Reading sample `at` hangs until the test releases it; the first `skip` reads do not. */
struct source {
	int64_t at;
	int skip; /* atomic */
	long sleep_ns;
	int pipe[2];
};

static void sleep_ns(long ns)
{
	nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

static void hang(const struct source *source)
{
	char byte;

	if (read(source->pipe[0], &byte, 1) != 1)
		tap_bail_out("the pipe cannot be read");
}

static void let_go(const struct source *source)
{
	if (write(source->pipe[1], "x", 1) != 1)
		tap_bail_out("the pipe cannot be written");
}

static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	struct source *source = user;

	(void)key;
	(void)target;
	for (int i = 0; i < FEATURES; i++)
		((float *)x)[i] = (float)(index * FEATURES + i) / (SAMPLES * FEATURES);
	*label = (int32_t)(index % CLASSES);
	if (index == source->at && __atomic_fetch_sub(&source->skip, 1, __ATOMIC_RELAXED) == 0)
		hang(source);
	if (__atomic_load_n(&source->sleep_ns, __ATOMIC_RELAXED) > 0)
		sleep_ns(source->sleep_ns);
	return 0;
}

static struct plait_dataset *open_source(struct source *source, const char *name)
{
	struct plait_dataset_info info = { .spec = name,
					   .samples = SAMPLES,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { FEATURES },
					   .classes = CLASSES };
	struct plait_dataset *set = NULL;

	if (pipe(source->pipe) < 0 ||
	    plait_dataset_from_callback(&set, &info, read_sample, source) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

static void close_source(struct source *source, struct plait_dataset *set)
{
	plait_dataset_destroy(set);
	close(source->pipe[0]);
	close(source->pipe[1]);
}

/* Reads the next batch, and tries again as often as that times out. */
static int next_patiently(struct plait_loader *loader, struct plait_batch *batch)
{
	int status;

	do
		status = plait_loader_next(loader, batch);
	while (status == PLAIT_ETIMEOUT);
	return status;
}

/* Tries until reading times out with part in the message.  Returns the last status. */
static int next_until(struct plait_loader *loader, const char *part)
{
	struct plait_batch batch;
	int status;

	do
		status = plait_loader_next(loader, &batch);
	while (status == PLAIT_ETIMEOUT && !strstr(plait_error_message(), part));
	return status;
}

static void test_loader(int workers, int64_t chunk)
{
	struct source source = { .at = 20 };
	struct plait_dataset *set = open_source(&source, "stuck");
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = BATCH,
								.prefetch = 2,
								.workers = workers,
								.chunk = chunk,
								.timeout = 0.05 });
	struct plait_batch batch;
	int wrong = 0;

	for (int i = 0; i < 2; i++) {
		wrong += next_patiently(loader, &batch) != 0 || batch.index != i;
		plait_loader_release(loader);
	}
	is_int(wrong, 0, "%d workers, chunk %d: the batches before", workers, (int)chunk);
	is_int(next_until(loader, "sample 20 "), PLAIT_ETIMEOUT,
	       "a read that hangs: the wait ends");
	contains(plait_error_message(), "reading sample 20 of stuck for ",
		 "the message names stage, sample and data set");
	contains(plait_error_message(), "nothing moved for ", "and says what is wrong");
	is_int(plait_loader_next(loader, &batch), PLAIT_ETIMEOUT, "asked again, the same");
	let_go(&source);
	is_int(next_patiently(loader, &batch), 0, "let go, the batch comes");
	ok(batch.index == 2 && batch.x[0] == 16.0f / SAMPLES && batch.labels[4] == 20 % CLASSES,
	   "and is the right one");
	plait_loader_release(loader);
	for (int i = 3; i < SAMPLES / BATCH; i++) {
		wrong += next_patiently(loader, &batch) != 0 || batch.index != i;
		plait_loader_release(loader);
	}
	wrong += next_patiently(loader, &batch) != PLAIT_END;
	is_int(wrong, 0, "so do those after it, and the end");
	plait_loader_destroy(loader);
	close_source(&source, set);
}

/* A wait that times out at the start of an epoch does not tell the end of the one before again;
 * a loader that nobody asks any more can be destroyed. */
static void test_boundary(void)
{
	struct source source = { .at = 0, .skip = 1 };
	struct plait_dataset *set = open_source(&source, "stuck");
	struct plait_loader *loader = loader_open(
		set, (struct plait_loader_options){ .batch_size = SAMPLES,
						    .prefetch = 2,
						    .workers = 1, /* epoch after epoch */
						    .chunk = SAMPLES,
						    .timeout = 0.05 });
	struct plait_batch batch;

	is_int(next_patiently(loader, &batch), 0, "one batch is the epoch");
	plait_loader_release(loader);
	is_int(next_patiently(loader, &batch), PLAIT_END, "its end");
	is_int(next_until(loader, "sample 0 "), PLAIT_ETIMEOUT, "then a read that hangs");
	is_int(plait_loader_next(loader, &batch), PLAIT_ETIMEOUT, "asked again, not the end");
	let_go(&source);
	plait_loader_destroy(loader);
	close_source(&source, set);
}

/* 60 samples of 25 ms each, one after another: the batch takes one and a half times the timeout,
 * a sample a fortieth. */
static void test_slow(void)
{
	struct source source = { .at = -1, .sleep_ns = 25000000 };
	struct plait_dataset *set = open_source(&source, "slow");
	struct plait_loader *loader = loader_open(
		set,
		(struct plait_loader_options){
			.batch_size = 60, .prefetch = 2, .chunk = 60, .workers = 1, .timeout = 1 });
	struct plait_batch batch;

	is_int(plait_loader_next(loader, &batch), 0, "a slow load that moves is waited for");
	__atomic_store_n(&source.sleep_ns, 0, __ATOMIC_RELAXED);
	plait_loader_destroy(loader);
	close_source(&source, set);
}

static void hang_cpu(void *buffers[], void *arg)
{
	(void)buffers;
	hang(arg);
}

/* All workers have other things to do. */
static void test_idle(void)
{
	static struct starpu_codelet cl = { .cpu_funcs = { hang_cpu }, .name = "other" };
	struct source source = { .at = -1 };
	struct plait_dataset *set = open_source(&source, "waiting");
	struct plait_loader *loader = loader_open(
		set, (struct plait_loader_options){ .batch_size = BATCH, .timeout = 0.05 });
	struct plait_batch batch;

	for (int i = 0; i < plait_cpu_workers(); i++)
		if (starpu_task_insert(&cl, STARPU_CL_ARGS_NFREE, &source, sizeof source,
				       STARPU_PRIORITY, STARPU_MAX_PRIO, 0) != 0)
			tap_bail_out("no task");
	is_int(plait_loader_next(loader, &batch), PLAIT_ETIMEOUT, "workers that do other things");
	contains(plait_error_message(), "no load is running", "the message says so");
	contains(plait_error_message(), "batch 0 ", "and which batch is waited for");
	for (int i = 0; i < plait_cpu_workers(); i++)
		let_go(&source);
	is_int(next_patiently(loader, &batch), 0, "when they are done the batch comes");
	plait_loader_destroy(loader);
	close_source(&source, set);
}

static void test_options(void)
{
	struct source source = { .at = -1 };
	struct plait_dataset *set = open_source(&source, "any");
	struct plait_loader *loader = NULL;

	refused(plait_loader_create(&loader, set, &(struct plait_loader_options){ .timeout = -1 }),
		PLAIT_EINVAL, "timeout -1 s, must be 0", "a negative timeout");
	refused(plait_loader_create(&loader, set, &(struct plait_loader_options){ .timeout = NAN }),
		PLAIT_EINVAL, "timeout", "a timeout that is no number");
	close_source(&source, set);
}

/* -- runs ---------------------------------------------------------------------------------- */

struct listener {
	struct source *source;
	const char *part; /* lets go when it is told so */
	int stalls, others, right;
};

static int listen_to(void *user, const struct plait_event *event)
{
	struct listener *l = user;

	if (event->kind != PLAIT_EVENT_STALL) {
		l->others++;
		return event->text != NULL;
	}
	l->stalls++;
	/* The watchdog reports twice before the read is released. */
	if (strstr(event->text, l->part) && ++l->right == 2)
		let_go(l->source);
	return 0;
}

static void report(const struct listener *l, int status, const char *what)
{
	is_int(status, 0, "%s ends well", what);
	ok(l->right >= 2, "after it was told of the sample again and again (%d of %d)", l->right,
	   l->stalls);
}

static void test_runs(void)
{
	static float out[SAMPLES * CLASSES], expected[SAMPLES * CLASSES];
	struct source source = { .at = 20 };
	struct listener l = { .source = &source, .part = "reading sample 20 of stuck for " };
	struct samples s = samples_make(SAMPLES, FEATURES, CLASSES, 0, 1);
	struct plait_dataset *set = open_source(&source, "stuck");
	struct plait_graph *net = net_make(FEATURES, "linear:8 relu linear:4", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 0);
	struct plait_fit_options o = { .loader.batch_size = BATCH,
				       .on_event = listen_to,
				       .user = &l,
				       .loader.timeout = 0.05 };
	struct plait_metrics metrics;

	report(&l, plait_fit(trainer, set, &o), "training");
	ok(l.others > 0 && parameters_finite(trainer), "other events come too");
	source.skip = 0;
	l = (struct listener){ .source = &source, .part = l.part };
	o.validation = set;
	report(&l, plait_fit(trainer, s.set, &o), "training, stuck in validation,");
	source.skip = 0;
	l = (struct listener){ .source = &source, .part = l.part };
	report(&l, plait_evaluate(trainer, set, &o, &metrics), "evaluating");
	is_int(l.others, 0, "nothing else is told");
	is_int(metrics.samples, SAMPLES, "all samples count");
	plait_predict(trainer, set, &o, expected);
	source.skip = 0;
	l = (struct listener){ .source = &source, .part = l.part };
	report(&l, plait_predict(trainer, set, &o, out), "predicting");
	ok(memcmp(out, expected, sizeof out) == 0, "the outputs are the same");
	o.loader.timeout = -1;
	refused(plait_fit(trainer, set, &o), PLAIT_EINVAL, "timeout -1 s", "a negative timeout");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	close_source(&source, set);
	samples_free(&s);
}

int main(void)
{
	alarm(200);
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_options();
	test_loader(2, 0);
	test_loader(1, BATCH);
	test_loader(2, 3);
	test_boundary();
	test_slow();
	test_idle();
	test_runs();
	plait_stop();
	return tap_done();
}
