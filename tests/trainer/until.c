/* SPDX-License-Identifier: MIT
 * When training ends before its last epoch.  What is to happen is computed from the figures that a
 * run of all epochs has told; then a run that may end must end at that epoch, with the bits of one
 * that was asked for so many epochs, and must have kept the weights of the best one. */
#include "config.h"
#include "tests/trainer/until.h"

#include <math.h>

enum { EPOCHS = 16, PATIENCE = 3 };

static const char *const policies[] = { "eager", "lws", "prio" };

struct work {
	struct samples train, validation;
	struct told whole;             /* all epochs */
	struct told after[EPOCHS + 1]; /* so many epochs; made when it is first asked for */
	struct told told;
};

static const struct told *after(struct work *work, int epochs)
{
	struct told *t = &work->after[epochs];

	if (t->epochs == 0)
		told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1,
			 (struct plait_fit_options){ .epochs = epochs,
						     .validation = work->validation.set,
						     .loader.shuffle = true },
			 t);
	return t;
}

/* -- what is to happen ------------------------------------------------------------------------ */

/* Keras's EarlyStopping, from a series of figures: the epoch after which it stops, and the best. */
static int patience_ends(const double *figure, bool higher, int patience, int *best)
{
	int wait = 0;

	*best = 1;
	for (int e = 1; e < EPOCHS; e++) {
		double now = figure[e], before = figure[*best - 1];

		wait = (higher ? now > before : now < before) ? 0 : wait + 1;
		if (wait == 0)
			*best = e + 1;
		if (wait >= patience)
			return e + 1;
	}
	return EPOCHS;
}

static int target_ends(const double *figure, bool higher, double target)
{
	for (int e = 0; e < EPOCHS; e++)
		if (higher ? figure[e] >= target : figure[e] <= target)
			return e + 1;
	return EPOCHS;
}

/* -- patience, and the best epoch ----------------------------------------------------------------
 */

static void test_patience(struct work *work, const char *monitor, const double *figure, bool higher)
{
	struct plait_fit_options options = {
		.epochs = EPOCHS,
		.validation = work->validation.set,
		.loader.shuffle = true,
		.until = { .monitor = monitor, .patience = PATIENCE, .keep_best = true }
	};
	struct told *t = &work->told;
	int best, last = patience_ends(figure, higher, PATIENCE, &best), wrong = 0;

	if (last == EPOCHS || best == 1)
		tap_bail_out("%s must get better and then no more: %d, %d", monitor, best, last);
	t->saves = false;
	told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1, options, t);
	is_int(t->status, 0, "%s: the run ends well", monitor);
	is_int(t->epochs, last, "after the epoch that a long run says");
	is_int(t->end.reason, PLAIT_END_PATIENCE, "and says why");
	is_int(t->end.epochs, last, "it counts epochs");
	is_int(t->end.best_epoch, best, "and knows the best one");
	ok(memcmp(&t->end.best, &figure[best - 1], sizeof t->end.best) == 0, "its figure too");
	ok(t->hash == after(work, last)->hash, "the weights are those of so many epochs");
	ok(t->kept == after(work, best)->hash, "and those kept are of the best epoch");
	for (int e = 0; e < last; e++) {
		bool better = e == 0;
		int before;

		if (e > 0) {
			double least = figure[0];

			for (before = 1; before < e; before++)
				least = higher ? fmax(least, figure[before])
					       : fmin(least, figure[before]);
			better = higher ? figure[e] > least : figure[e] < least;
		}
		wrong += t->best[e] != better;
	}
	is_int(wrong, 0, "each epoch is told to be the best so far or not");
}

/* No step of a later epoch is computed, however the steps are run. */
static void test_ways(struct work *work, const char *policy, int cpus)
{
	int best, last = patience_ends(work->whole.val_loss, false, PATIENCE, &best);
	int differ = 0, runs = 0;

	for (int g = 0; g < grains_of(1); g++)
		for (int prefetch = 0; prefetch <= 9; prefetch += 3) {
			struct plait_fit_options options = {
				.epochs = EPOCHS,
				.validation = work->validation.set,
				.loader = { .shuffle = true,
					    .prefetch = prefetch == 3 ? 2 : prefetch },
				.until = { .patience = PATIENCE, .keep_best = true }
			};
			struct told *t = &work->told;

			if ((plait_cuda_workers() > 0 || cpus > 2) && (g + prefetch) % 2)
				continue;
			t->saves = (g + prefetch / 3) % 2;
			told_run(work->train.set, grains[g], 1, options, t);
			differ += t->status != 0 || t->epochs != last || t->failed ||
				  t->hash != after(work, last)->hash ||
				  t->kept != after(work, best)->hash;
			runs++;
		}
	is_int(differ, 0, "%s, %d CPU workers: %d runs end after epoch %d with the same bits",
	       policy, cpus, runs, last);
}

static void test_without_validation(struct work *work)
{
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader.shuffle = true,
					     .until = { .patience = 1, .keep_best = true } };
	struct told *t = &work->told;
	int best, last = patience_ends(work->whole.loss, false, 1, &best);

	t->saves = false;
	told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1, options, t);
	is_int(t->epochs, last, "without validation it is the loss of training");
	is_int(t->end.best_epoch, best, "that says which epoch is the best");
	ok(t->kept == after(work, best)->hash, "whose weights are kept");
}

/* -- a target ------------------------------------------------------------------------------------
 */

static void test_target(struct work *work, const char *name, const double *figure, bool higher,
			double target, enum plait_end_reason reason)
{
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .validation = work->validation.set,
					     .loader.shuffle = true,
					     .until = { .target = name, .target_value = target } };
	struct told *t = &work->told;
	int last = target_ends(figure, higher, target);
	double best = figure[0];

	t->saves = false;
	told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1, options, t);
	is_int(t->status, 0, "target %s %g: the run ends well", name, target);
	is_int(t->epochs, last, "after the epoch that reaches it");
	is_int(t->end.reason, reason, "and says so");
	is_int(t->end.reached, reason == PLAIT_END_TARGET, "it is reached or not");
	ok(t->hash == after(work, last)->hash, "the weights are those of so many epochs");
	for (int e = 1; e < last; e++)
		best = higher ? fmax(best, figure[e]) : fmin(best, figure[e]);
	ok(memcmp(&t->end.target_best, &best, sizeof best) == 0, "the best value is told");
	is_int(t->kept != 0, 0, "no weights are kept that nobody has asked for");
}

static void test_targets(struct work *work)
{
	const double *loss = work->whole.val_loss, *accuracy = work->whole.val_accuracy;

	test_target(work, "val_loss", loss, false, (loss[2] + loss[3]) / 2, PLAIT_END_TARGET);
	test_target(work, "val_accuracy", accuracy, true, accuracy[4], PLAIT_END_TARGET);
	test_target(work, "loss", work->whole.loss, false, work->whole.loss[1], PLAIT_END_TARGET);
	test_target(work, "val_topk:2", work->whole.val_top, true, 1.5, PLAIT_END_DONE);
	test_target(work, "val_loss", loss, false, -1, PLAIT_END_DONE);
}

/* Of both the target is what is told; a last epoch is an end as it is. */
static void test_together(struct work *work)
{
	const double *loss = work->whole.val_loss;
	struct plait_fit_options options = {
		.epochs = 4,
		.validation = work->validation.set,
		.loader.shuffle = true,
		.until = { .patience = 1, .monitor = "val_loss", .better = PLAIT_BETTER_HIGHER }
	};
	struct told *t = &work->told;

	t->saves = false;
	told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1, options, t);
	is_int(t->epochs, loss[1] > loss[0] ? 3 : 2, "better says that higher is better");
	options.epochs = t->epochs;
	told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1, options, t);
	is_int(t->end.reason, PLAIT_END_DONE,
	       "patience that ends with the last epoch ends nothing");
	options.until.target = "val_loss";
	options.until.target_value = fmax(loss[t->epochs - 1], loss[0]);
	options.until.target_better = PLAIT_BETTER_LOWER;
	told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1, options, t);
	is_int(t->end.reason, PLAIT_END_TARGET, "a target is reached in any epoch");
}

/* -- what is refused -----------------------------------------------------------------------------
 */

static void test_refused(const struct work *work, struct plait_fit_options options, int status,
			 const char *part, const char *what)
{
	struct told told = { 0 };

	told_run(work->train.set, PLAIT_GRANULARITY_AUTO, 1, options, &told);
	is_int(told.status, status, "%s is refused", what);
	contains(told.message, part, "and the message names %s", part);
}

#define REFUSED(part, what, ...) \
	test_refused(work, (struct plait_fit_options){ __VA_ARGS__ }, PLAIT_EINVAL, part, what)

static void test_errors(const struct work *work)
{
	REFUSED("patience", "a negative patience", .until.patience = -1);
	REFUSED("max_seconds", "a negative time", .until.max_seconds = -1);
	REFUSED("max_seconds", "no time", .until.max_seconds = NAN);
	REFUSED("accuracy, topk:2", "an unknown figure", .until.monitor = "precision");
	REFUSED("there is none", "a figure of no validation", .until.monitor = "val_loss");
	REFUSED("val_topk:2", "an unknown target", .until.target = "val_topk:3",
		.validation = work->validation.set);
	REFUSED("finite", "an infinite target",
		.until = { .target = "loss", .target_value = INFINITY });
	REFUSED("better", "a better that is none", .until.better = (enum plait_better)7);
	REFUSED("overlap_validation", "patience with overlap", .until.patience = 1,
		.validation = work->validation.set, .overlap_validation = true);
	REFUSED("overlap_validation", "keep_best with overlap", .until.keep_best = true,
		.validation = work->validation.set, .overlap_validation = true);
}

static void test_nothing_kept(void)
{
	struct plait_graph *net = told_net();
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 1);

	is_int(plait_trainer_save_best(trainer, files_path("none")), PLAIT_ESTATE,
	       "before a run nothing is kept");
	contains(plait_error_message(), "keep_best", "and the message says what keeps it");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	is_string(plait_end_name(PLAIT_END_MAX_TIME), "max_time", "reasons have names");
	ok(!plait_end_name((enum plait_end_reason)99), "and what is none has none");
}

int main(void)
{
	static struct work work;

	work.train = samples_make(61, FEATURES, CLASSES, 0, 1);
	work.validation = samples_make(43, FEATURES, CLASSES, 0, 2);
	for (size_t p = 0; p < sizeof policies / sizeof *policies; p++)
		for (int cpus = 1; cpus <= 3; cpus += 2) {
			struct plait_start_options start = { .policy = policies[p],
							     .cpu_workers = cpus };

			if (plait_start(&start) < 0)
				tap_bail_out("%s", plait_error_message());
			if (work.whole.epochs == 0)
				work.whole = *after(&work, EPOCHS);
			test_ways(&work, policies[p], cpus);
			plait_stop();
		}
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_patience(&work, "val_loss", work.whole.val_loss, false);
	test_patience(&work, "val_accuracy", work.whole.val_accuracy, true);
	test_patience(&work, "val_topk:2", work.whole.val_top, true);
	test_without_validation(&work);
	test_targets(&work);
	test_together(&work);
	test_errors(&work);
	test_nothing_kept();
	plait_stop();
	samples_free(&work.train);
	samples_free(&work.validation);
	return tap_done();
}
