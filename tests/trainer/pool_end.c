/* SPDX-License-Identifier: MIT
 * How members of a pool end: one that fails leaves the others what they are alone, and is named;
 * each may be stopped, and all. */
#include "config.h"
#include "tests/trainer/pool.h"

#define WORDS "linear:16 relu linear:4"

enum { SAMPLES = 120, BATCH = 10, MEMBERS = 5, EPOCHS = 2 };

struct work {
	struct samples good, wide;
	struct plait_dataset *failing; /* its sample FAILS cannot be read */
	struct kind kind;
	struct alone alone;
	struct entry entry[MEMBERS];
	struct plait_pool_member member[MEMBERS];
};

enum { FAILS = 77 };

static int read_failing(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			float *target)
{
	const struct samples *s = user;

	(void)key;
	(void)target;
	memcpy(x, s->x + index * POOL_FEATURES, POOL_FEATURES * sizeof *s->x);
	*label = s->labels[index];
	return index == FAILS ? 5 : 0;
}

static struct plait_dataset *open_failing(struct samples *s)
{
	struct plait_dataset_info info = { .spec = "failing",
					   .samples = SAMPLES,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { POOL_FEATURES },
					   .classes = POOL_CLASSES };
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_failing, s) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* All members are of the same kind. */
static void make(struct work *work)
{
	for (int m = 0; m < MEMBERS; m++) {
		entry_make(&work->entry[m], &work->kind);
		work->member[m] = entry_member(&work->entry[m], work->good.set);
	}
}

static void unmake(struct work *work)
{
	for (int m = 0; m < MEMBERS; m++)
		entry_free(&work->entry[m]);
}

/* The members that are not `failed` are as they are alone. */
static void check_others(const struct work *work, int failed, const char *what)
{
	int good = 0;

	for (int m = 0; m < MEMBERS; m++)
		good += m != failed && work->member[m].status == 0 &&
			as_alone(&work->entry[m], &work->alone);
	is_int(good, MEMBERS - 1, "%s: the others have the bits that they have alone", what);
}

/* Runs the pool, of which the third member must fail so. */
static void fails(struct work *work, int status, const char *part, const char *what)
{
	work->member[2].name = "the third";
	refused(plait_pool_run(work->member, MEMBERS), status, part, what);
	contains(plait_error_message(), "the third: ", "%s: the message names the member", what);
	is_int(work->member[2].status, status, "%s: so does its own status", what);
	contains(work->member[2].message, part, "%s: and its message", what);
	check_others(work, 2, what);
	unmake(work);
}

static void test_failures(struct work *work)
{
	uint64_t hash;

	make(work);
	entry_free(&work->entry[2]);
	work->kind.optimizer = plait_sgd(1e30);
	entry_make(&work->entry[2], &work->kind);
	work->kind.optimizer = plait_adam(1e-2);
	work->member[2] = entry_member(&work->entry[2], work->good.set);
	hash = hash_after(WORDS, &work->good, plait_sgd(1e30), PLAIT_GRANULARITY_AUTO, 1, 1);
	work->member[2].name = "the third";
	refused(plait_pool_run(work->member, MEMBERS), PLAIT_ENAN, "step 2", "a loss diverges");
	ok(parameters_hash(work->entry[2].trainer) == hash,
	   "its parameters are those of the last good step");
	is_int(work->entry[2].losses.count, 1, "and that step alone was told");
	check_others(work, 2, "a loss diverges");
	unmake(work);

	make(work);
	work->entry[2].options.loader.prefetch = 1;
	fails(work, PLAIT_EINVAL, "prefetch 1", "a wrong option");
	make(work);
	work->entry[2].options.epochs = -1;
	fails(work, PLAIT_EINVAL, "-1 epochs", "a wrong number of epochs");
	make(work);
	work->member[2].dataset = work->wide.set;
	fails(work, PLAIT_ESHAPE, "[7]", "data of another shape");
	make(work);
	work->member[2].dataset = work->failing;
	fails(work, PLAIT_EDATA, "sample 77", "a bad sample");
	make(work);
	work->entry[2].options.loader.memory_limit = 100;
	fails(work, PLAIT_ENOMEM, "memory limit", "no memory");
	make(work);
	work->member[2].trainer = NULL;
	fails(work, PLAIT_EINVAL, "trainer is NULL", "no trainer");
	make(work);
	work->member[2].dataset = NULL;
	fails(work, PLAIT_EINVAL, "data set is NULL", "no data");
	make(work);
	work->member[2].trainer = work->member[0].trainer;
	fails(work, PLAIT_ESTATE, "in a run", "one trainer twice");
}

/* Nobody hangs when nobody can go on, and the first one's status is that of the call. */
static void test_all_fail(struct work *work)
{
	make(work);
	for (int m = 0; m < MEMBERS; m++)
		work->member[m].dataset = m == 1 ? NULL : work->failing;
	refused(plait_pool_run(work->member, MEMBERS), PLAIT_EDATA, "member 1: ", "all fail");
	is_int(work->member[1].status, PLAIT_EINVAL, "each has its own status");
	is_int(work->member[4].status, PLAIT_EDATA, "and so has the last one");
	unmake(work);
}

static void test_arguments(struct work *work)
{
	struct plait_metrics metrics;
	double losses[2];
	struct plait_trainer *trainers[2];

	make(work);
	for (int m = 0; m < 2; m++)
		trainers[m] = work->entry[m].trainer;
	refused(plait_pool_run(NULL, 1), PLAIT_EINVAL, "plait_pool_run", "no members");
	refused(plait_pool_run(work->member, 0), PLAIT_EINVAL, "there are 0", "0 members");
	refused(plait_pool_fit(NULL, 2, work->good.set, NULL, NULL), PLAIT_EINVAL, "plait_pool_fit",
		"no trainers");
	refused(plait_pool_fit(trainers, -1, work->good.set, NULL, NULL), PLAIT_EINVAL,
		"there are -1", "fewer than no trainers");
	refused(plait_pool_fit(trainers, 2, work->good.set,
			       &(struct plait_fit_options){ .metrics = &metrics }, NULL),
		PLAIT_EINVAL, "metrics", "metrics of several");
	refused(plait_pool_fit(trainers, 2, NULL, NULL, losses), PLAIT_EINVAL,
		"member 1: ", "no data for all");
	ok(isnan(losses[0]) && isnan(losses[1]), "then there are no losses");
	unmake(work);
}

/* The simple call is the same training. */
static void test_fit(struct work *work)
{
	struct plait_fit_options options = work->kind.options;
	struct plait_trainer *trainers[MEMBERS];
	double losses[MEMBERS];
	int same = 0;

	make(work);
	for (int m = 0; m < MEMBERS; m++)
		trainers[m] = work->entry[m].trainer;
	options.quiet = true;
	is_int(plait_pool_fit(trainers, MEMBERS, work->good.set, &options, losses), 0,
	       "plait_pool_fit trains");
	for (int m = 0; m < MEMBERS; m++)
		same += parameters_hash(trainers[m]) == work->alone.hash &&
			losses[m] == work->alone.losses.train_loss;
	is_int(same, MEMBERS, "with the bits of plait_fit");
	is_int(plait_pool_fit(trainers, MEMBERS, work->good.set, &options, NULL), 0,
	       "and once more, without losses");
	is_int(plait_trainer_steps(trainers[1]), 2 * EPOCHS * (SAMPLES / BATCH),
	       "a trainer counts its steps");
	unmake(work);
}

static void test_events(struct work *work)
{
	int right = 0;

	make(work);
	work->member[1].name = "my own";
	is_int(plait_pool_run(work->member, MEMBERS), 0, "a pool is trained");
	for (int m = 0; m < MEMBERS; m++)
		right += work->entry[m].member == m + 1;
	is_int(right, MEMBERS, "each member's events have its number");
	is_string(work->entry[0].name, "member 1", "and a name");
	is_string(work->entry[1].name, "my own", "or the one it was given");
	is_int(work->member[3].metrics.samples, SAMPLES, "a member has its last epoch's metrics");
	ok(plait_metrics_loss(&work->member[3].metrics) == work->alone.losses.train_loss,
	   "with the loss that it has alone");
	ok(work->member[3].seconds > 0, "and the time that it took");
	unmake(work);
}

/* -- stopped ----------------------------------------------------------------------------- */

static void test_stop_one(struct work *work)
{
	make(work);
	work->entry[2].stop_after = 3;
	work->entry[2].options.epochs = 1000000; /* it would take minutes */
	is_int(plait_pool_run(work->member, MEMBERS), 0, "a handler stops its member");
	ok(work->entry[2].losses.epochs < 1000000, "which ends early");
	check_others(work, 2, "stopped");
	unmake(work);
}

struct stopper {
	volatile int flag;
	int told;
};

static int stop_event(void *user, const struct plait_event *event)
{
	struct stopper *stopper = user;

	stopper->told += event->kind == PLAIT_EVENT_STEP;
	if (stopper->told == 40)
		stopper->flag = 1;
	return 0;
}

static void test_stop_all(struct work *work)
{
	struct stopper stopper = { 0 };
	int interrupted = 0;

	make(work);
	for (int m = 0; m < MEMBERS; m++) {
		struct plait_fit_options *o = &work->entry[m].options;

		o->epochs = 1000000;
		o->stop = &stopper.flag;
		o->on_event = stop_event;
		o->user = &stopper;
	}
	refused(plait_pool_run(work->member, MEMBERS), PLAIT_EINTERRUPTED, "member 1: interrupted",
		"a flag stops all");
	for (int m = 0; m < MEMBERS; m++)
		interrupted += work->member[m].status == PLAIT_EINTERRUPTED;
	is_int(interrupted, MEMBERS, "and each says so");
	unmake(work);
}

/* Raises the flag when its member is done. */
static int stop_when_done(void *user, const struct plait_event *event)
{
	struct stopper *stopper = user;

	if (event->kind == PLAIT_EVENT_EPOCH && event->epoch == EPOCHS)
		stopper->flag = 1;
	return 0;
}

/* The third member is done, and so is a pass of one batch, whose tasks were there before any that
 * an eager worker has taken since. */
static void test_stop_after(struct work *work)
{
	struct stopper stopper = { 0 };
	struct plait_fit_options *o;
	int interrupted = 0;

	make(work);
	for (int m = 0; m < MEMBERS; m++) {
		o = &work->entry[m].options;
		o->epochs = m == 2 ? EPOCHS : 1000000;
		o->validation = m == 2 ? work->good.set : NULL;
		o->stop = &stopper.flag;
		o->on_event = m == 2 ? stop_when_done : NULL;
		o->user = &stopper;
		o->quiet = true;
	}
	work->member[4].work = PLAIT_POOL_FORWARD;
	work->entry[4].options.loader.batch_size = SAMPLES;
	refused(plait_pool_run(work->member, MEMBERS), PLAIT_EINTERRUPTED, "member 1: interrupted",
		"a flag when a member is done");
	is_int(work->member[2].status, 0, "that member is done");
	is_int(work->member[4].status, 0, "and so is a pass");
	ok(parameters_hash(work->entry[2].trainer) == work->alone.hash, "it has all its steps");
	for (int m = 0; m < MEMBERS; m++)
		interrupted += work->member[m].status == PLAIT_EINTERRUPTED;
	is_int(interrupted, MEMBERS - 2, "the others are not");
	unmake(work);
	make(work);
	o = &work->entry[0].options;
	stopper.flag = 0;
	o->stop = &stopper.flag;
	o->on_event = stop_when_done;
	o->user = &stopper;
	is_int(plait_fit(work->entry[0].trainer, work->good.set, o), 0,
	       "a flag behind the last step of plait_fit is too late");
	is_int(stopper.flag, 1, "there was one");
	unmake(work);
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	work->good = samples_make(SAMPLES, POOL_FEATURES, POOL_CLASSES, 0, 1);
	work->wide = samples_make(SAMPLES, POOL_FEATURES + 1, POOL_CLASSES, 0, 1);
	work->failing = open_failing(&work->good);
	work->kind = (struct kind){
		.words = WORDS,
		.optimizer = plait_adam(1e-2),
		.shards = 1,
		.seed = 7,
		.options = { .epochs = EPOCHS, .loader.batch_size = BATCH },
	};
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	train_alone(&work->alone, &work->kind, work->good.set);
	test_failures(work);
	test_all_fail(work);
	test_arguments(work);
	test_fit(work);
	test_events(work);
	test_stop_one(work);
	test_stop_all(work);
	test_stop_after(work);
	plait_stop();
	plait_dataset_destroy(work->failing);
	samples_free(&work->good);
	samples_free(&work->wide);
	free(work);
	return tap_done();
}
