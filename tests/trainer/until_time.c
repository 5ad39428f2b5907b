/* SPDX-License-Identifier: MIT
 * Training ends when its time is over: in the middle of an epoch, which is told and validated; in a
 * pool too, whose members share their loads.  Each run here is over with its first step, and an
 * epoch has many times the steps that may be under way then. */
#include "config.h"
#include "tests/trainer/until.h"

#include <plait/pool.h>

enum { TRAIN = 403, VALIDATION = 43, MEMBERS = 3 };

static const enum plait_granularity tried[] = { PLAIT_GRANULARITY_LAYER, PLAIT_GRANULARITY_STEP };

struct work {
	struct samples train, validation;
};

/* Trains so many steps, then evaluates: what a run that ends there has to tell. */
static void expect(const struct work *work, enum plait_granularity grain, int64_t steps,
		   struct told *expected)
{
	struct plait_graph *net = told_net();
	struct plait_trainer *trainer = trainer_make(net, plait_adam(5e-2), grain, 1);
	struct plait_fit_options options = { .steps = steps,
					     .quiet = true,
					     .loader = { .batch_size = BATCH, .shuffle = true } };
	struct plait_metrics train, validation;

	options.metrics = &train;
	if (plait_fit(trainer, work->train.set, &options) < 0 ||
	    plait_evaluate(trainer, work->validation.set, &options, &validation) < 0)
		tap_bail_out("%s", plait_error_message());
	expected->hash = parameters_hash(trainer);
	expected->loss[0] = plait_metrics_loss(&train);
	expected->val_loss[0] = plait_metrics_loss(&validation);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static bool same(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static void check_cut(const struct work *work, enum plait_granularity grain, const struct told *t,
		      const char *what)
{
	struct told expected = { 0 };

	is_int(t->epochs, 1, "%s: the epoch that is cut is told", what);
	is_int(t->end.reason, PLAIT_END_MAX_TIME, "and that the time was over");
	ok(t->samples[0] > 0 && t->samples[0] < TRAIN && t->samples[0] == t->step * BATCH,
	   "it has %d steps", (int)t->step);
	if (t->step <= 0)
		return;
	expect(work, grain, t->step, &expected);
	ok(t->hash == expected.hash, "the weights are those of so many steps");
	ok(same(t->loss[0], expected.loss[0]), "its loss is that of these steps");
	ok(t->validated[0] && same(t->val_loss[0], expected.val_loss[0]),
	   "and it is validated with the weights at the end");
}

static void test_cut(const struct work *work, enum plait_granularity grain, bool overlap,
		     const char *what)
{
	struct plait_fit_options options = { .epochs = 3,
					     .validation = work->validation.set,
					     .overlap_validation = overlap,
					     .loader = { .shuffle = true, .prefetch = 2 },
					     .until = { .max_seconds = 1e-9,
							.keep_best = !overlap } };
	struct told t = { 0 };

	told_run(work->train.set, grain, 1, options, &t);
	is_int(t.status, 0, "%s: the run ends well", what);
	check_cut(work, grain, &t, what);
	if (!overlap)
		ok(t.kept == t.hash && t.end.best_epoch == 1, "its weights are the best so far");
	options.validation = NULL;
	options.overlap_validation = false;
	told_run(work->train.set, grain, 1, options, &t);
	ok(t.epochs == 1 && !t.validated[0] && t.end.reason == PLAIT_END_MAX_TIME,
	   "%s: without a validation, too", what);
}

/* With one epoch beside which the validation of the one before goes on when the time is over. */
static void test_second_epoch(const struct work *work)
{
	struct samples few = samples_make(16, FEATURES, CLASSES, 0, 1);
	struct plait_fit_options options = { .epochs = 100,
					     .validation = work->validation.set,
					     .overlap_validation = true,
					     .loader = { .prefetch = 2 },
					     .until.max_seconds = 1e-9 };
	struct told t = { 0 };

	told_run(few.set, PLAIT_GRANULARITY_LAYER, 1, options, &t);
	is_int(t.status, 0, "beside the next epoch: the run ends well");
	ok(t.epochs >= 1 && t.epochs < 100 && t.end.reason == PLAIT_END_MAX_TIME,
	   "%d epochs are told", t.epochs);
	ok(t.epochs >= 1 && t.validated[t.epochs - 1], "the last one with a validation");
	samples_free(&few);
}

static void test_enough(const struct work *work)
{
	struct plait_fit_options options = { .epochs = 2,
					     .validation = work->validation.set,
					     .until.max_seconds = 1e6 };
	struct told t = { 0 };

	told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1, options, &t);
	is_int(t.epochs, 2, "who has time enough has all epochs");
	is_int(t.end.reason, PLAIT_END_DONE, "and is done");
}

/* An epoch whose training is done when the time is over is validated, and is the last one. */
static void test_between(const struct work *work)
{
	struct plait_graph *net = told_net();
	struct told t = { 0 };
	struct plait_fit_options options = { .epochs = 1000,
					     .loader.batch_size = TRAIN,
					     .validation = work->validation.set,
					     .on_event = told_take,
					     .user = &t,
					     .end = &t.end,
					     .until = { .max_seconds = 1e-9, .patience = 900 } };

	t.trainer = trainer_make(net, plait_adam(5e-2), PLAIT_GRANULARITY_STEP, 1);
	is_int(plait_fit(t.trainer, work->train.set, &options), 0, "an epoch of one step");
	is_int(t.epochs, 1, "is one epoch");
	ok(t.validated[0] && t.end.reason == PLAIT_END_MAX_TIME, "which is validated");
	is_int(plait_trainer_steps(t.trainer), 1, "and no step follows");
	plait_trainer_destroy(t.trainer);
	plait_graph_destroy(net);
}

/* -- a pool --------------------------------------------------------------------------------------
 */

static void test_pool(const struct work *work)
{
	struct told told[MEMBERS] = { 0 };
	struct plait_graph *net[MEMBERS];
	struct plait_fit_options options[MEMBERS];
	struct plait_pool_member member[MEMBERS] = { 0 };

	for (int i = 0; i < MEMBERS; i++) {
		options[i] = (struct plait_fit_options){
			.epochs = 3,
			.validation = work->validation.set,
			.loader = { .batch_size = BATCH, .shuffle = true, .prefetch = 2 },
			.until = { .max_seconds = 1e-9, .keep_best = i == 1 },
			.on_event = told_take,
			.user = &told[i],
			.end = &told[i].end
		};
		net[i] = told_net();
		told[i].trainer = trainer_make(net[i], plait_adam(5e-2), tried[0], 1);
		member[i] = (struct plait_pool_member){ .trainer = told[i].trainer,
							.dataset = work->train.set,
							.options = &options[i] };
	}
	is_int(plait_pool_run(member, MEMBERS), 0, "a pool whose time is over ends well");
	is_int(plait_pool_fit(&told[0].trainer, 1, work->train.set, &options[0], NULL),
	       PLAIT_EINVAL, "trainers that do the same have no end of one");
	for (int i = 0; i < MEMBERS; i++) {
		told[i].hash = parameters_hash(told[i].trainer);
		check_cut(work, tried[0], &told[i], "a member");
		plait_trainer_destroy(told[i].trainer);
		plait_graph_destroy(net[i]);
	}
}

int main(void)
{
	struct work work = { .train = samples_make(TRAIN, FEATURES, CLASSES, 0, 1),
			     .validation = samples_make(VALIDATION, FEATURES, CLASSES, 0, 2) };

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
		test_cut(&work, tried[i], false, i ? "step" : "layer");
		test_cut(&work, tried[i], true, i ? "step, overlap" : "layer, overlap");
	}
	test_second_epoch(&work);
	test_between(&work);
	test_enough(&work);
	test_pool(&work);
	plait_stop();
	samples_free(&work.train);
	samples_free(&work.validation);
	return tap_done();
}
