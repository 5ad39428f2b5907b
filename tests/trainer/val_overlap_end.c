/* SPDX-License-Identifier: MIT
 * How a run ends while an epoch is validated beside the next one: an event handler, a stop flag, a
 * loss that is not finite, a bad sample.  An epoch whose validation is cut is told without it. */
#include "config.h"
#include "tests/trainer/val_overlap.h"

/* Samples that may change: sample `at` is wrong from its read number `from` on, from 1. */
struct source {
	const struct samples *samples;
	int64_t at, reads;
	int from;
	bool fails; /* else it is not a number */
};

static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	struct source *s = user;
	bool wrong =
		index == s->at && __atomic_add_fetch(&s->reads, 1, __ATOMIC_RELAXED) >= s->from;

	(void)key;
	(void)target;
	memcpy(x, s->samples->x + index * FEATURES, FEATURES * sizeof(float));
	*label = s->samples->labels[index];
	if (wrong && !s->fails)
		((float *)x)[0] = NAN;
	return wrong && s->fails;
}

static struct plait_dataset *open_source(struct source *source, int64_t samples)
{
	struct plait_dataset *set;
	struct plait_dataset_info info = { .samples = samples,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { FEATURES },
					   .classes = CLASSES,
					   .spec = "numbers" };

	if (plait_dataset_from_callback(&set, &info, read_sample, source) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* Steps in an epoch, and of a validation that outlasts any window. */
enum { STEPS = 10, LONG = 60 };

struct work {
	struct samples train, validation;
	struct told apart, told, part;
	struct plait_fit_options options;
};

static void run(struct work *work, struct plait_dataset *train, enum plait_granularity grain,
		bool overlaps, struct told *told)
{
	struct plait_fit_options options = work->options;

	options.overlap_validation = overlaps;
	run_told(train, plait_adam(1e-2), grain, 1, options, told);
}

/* Whether the first epoch was told, as ever but without its validation, and no other. */
static bool is_cut(const struct work *work)
{
	const struct told *told = &work->told;

	return told->epochs == 1 && !told->has[0] && told->step[0] == STEPS &&
	       metrics_equal(&told->train[0], &work->apart.train[0]);
}

/* Whether the parameters are those of as many steps as were told. */
static bool is_whole(struct work *work, enum plait_granularity grain)
{
	struct plait_fit_options options = work->options;

	options.validation = NULL;
	options.stop = NULL;
	options.on_submit = NULL;
	options.steps = work->told.losses.count;
	run_told(work->train.set, plait_adam(1e-2), grain, 1, options, &work->part);
	return work->part.status == 0 && work->part.hash == work->told.hash;
}

/* -- stopped ------------------------------------------------------------------------------- */

static int stop(void *flag, const struct plait_submitted *step)
{
	if (step->step == STEPS + 2)
		__atomic_store_n((int *)flag, 1, __ATOMIC_RELAXED);
	return 0;
}

/* The flag is up when the second step of the second epoch is submitted. */
static void test_stop(struct work *work, enum plait_granularity grain, const char *name)
{
	int flag = 0;

	work->options.stop = &flag;
	work->options.on_submit = stop;
	work->options.submit_user = &flag;
	run(work, work->train.set, grain, true, &work->told);
	work->options.stop = NULL;
	work->options.on_submit = NULL;
	is_int(work->told.status, PLAIT_EINTERRUPTED, "%s: stopped in the second epoch", name);
	ok(is_cut(work), "the first one is told without its validation");
	ok(is_whole(work, grain) && work->told.losses.count < 2 * STEPS,
	   "the parameters are those of the %d steps told", work->told.losses.count);
}

/* -- not finite ---------------------------------------------------------------------------- */

/* A sample of the third batch is wrong from the second epoch on. */
static void test_nan(struct work *work, enum plait_granularity grain, const char *name)
{
	struct source source = { .samples = &work->train, .at = 20, .from = 2 };
	struct plait_dataset *train = open_source(&source, STEPS * BATCH);
	struct samples one = samples_make(BATCH, FEATURES, CLASSES, 0, 2);

	run(work, train, grain, true, &work->told);
	is_int(work->told.status, PLAIT_ENAN, "%s: not finite in the second epoch", name);
	contains(work->told.message, "step 13", "in its third step");
	ok(is_cut(work), "the first epoch is told without its validation");
	is_int(work->told.losses.count, STEPS + 2, "and the steps before");
	ok(is_whole(work, grain), "whose parameters are left");

	/* A validation of one step stands in front of the second epoch. */
	work->options.validation = one.set;
	source.reads = 0;
	run(work, train, grain, false, &work->part);
	source.reads = 0;
	run(work, train, grain, true, &work->told);
	work->options.validation = work->validation.set;
	ok(work->told.status == PLAIT_ENAN && work->told.validated == 1 &&
		   told_equal(&work->told, &work->part),
	   "what was validated before is told as after an epoch");
	plait_dataset_destroy(train);
	samples_free(&one);
}

/* What is wrong with validation data alone does not stop the run. */
static void test_nan_validation(struct work *work, enum plait_granularity grain, const char *name)
{
	struct source source = { .samples = &work->validation, .at = 20, .from = 1 };
	struct plait_dataset *set = open_source(&source, LONG * BATCH);

	work->options.validation = set;
	run(work, work->train.set, grain, false, &work->part);
	run(work, work->train.set, grain, true, &work->told);
	work->options.validation = work->validation.set;
	ok(work->told.status == 0 && work->told.validated == 2 &&
		   isnan(work->told.validation[1].loss_sum) && work->told.hash == work->part.hash &&
		   metrics_equal(&work->told.train[1], &work->part.train[1]),
	   "%s: a validation that is not finite is told as such", name);
	plait_dataset_destroy(set);
}

/* -- bad samples --------------------------------------------------------------------------- */

static void test_bad(struct work *work, enum plait_granularity grain, const char *name)
{
	struct source source = { .samples = &work->validation, .at = 20, .from = 1, .fails = true };
	struct plait_dataset *set = open_source(&source, LONG * BATCH);

	work->options.validation = set;
	run(work, work->train.set, grain, false, &work->part);
	run(work, work->train.set, grain, true, &work->told);
	is_int(work->told.status, PLAIT_EDATA, "%s: a bad sample in validation", name);
	ok(work->part.status == PLAIT_EDATA && strcmp(work->part.message, work->told.message) == 0,
	   "the error is as after an epoch: %s", work->told.message);
	ok(is_cut(work), "the first epoch is told without its validation");

	work->options.loader.bad.policy = PLAIT_BAD_REPLACE;
	run(work, work->train.set, grain, false, &work->part);
	run(work, work->train.set, grain, true, &work->told);
	work->options.loader.bad.policy = PLAIT_BAD_FAIL;
	work->options.validation = work->validation.set;
	ok(work->told.status == 0 && told_equal(&work->told, &work->part),
	   "where it is replaced the numbers are the same");
	plait_dataset_destroy(set);
}

int main(void)
{
	static struct work work;

	work.train = samples_make(STEPS * BATCH, FEATURES, CLASSES, 0, 1);
	work.validation = samples_make(LONG * BATCH, FEATURES, CLASSES, 0, 2);
	/* With chunks given no sample is read to be timed. */
	work.options = (struct plait_fit_options){ .epochs = 2,
						   .validation = work.validation.set,
						   .loader.chunk = 4,
						   .loader.prefetch = 2 };
	if (plait_start(&(struct plait_start_options){ .policy = "prio" }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int g = 0; g < grains_of(1); g++) {
		run(&work, work.train.set, grains[g], false, &work.apart);
		test_stop(&work, grains[g], grain_name[g]);
		test_nan(&work, grains[g], grain_name[g]);
		test_nan_validation(&work, grains[g], grain_name[g]);
		test_bad(&work, grains[g], grain_name[g]);
	}
	plait_stop();
	samples_free(&work.train);
	samples_free(&work.validation);
	return tap_done();
}
