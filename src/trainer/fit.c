/* SPDX-License-Identifier: MIT
 * Read this file first: a run binds the trainer's graph to data (bind.c), a loop says in which
 * order the steps of the bindings go, the executor submits them (src/executor/window.c), and a
 * reporter hands on what happens (reporter.c). */
#include "config.h"
#include "src/executor/executor.h"
#include "src/executor/binding/memory.h"
#include "src/runtime/runtime.h"
#include "src/trainer/fitting.h"

#include <inttypes.h>

int plait__trainer_check_fit(const struct plait_trainer *trainer,
			     const struct plait_dataset *dataset,
			     const struct plait_fit_options *options, const char *caller)
{
	int status = plait__trainer_check_training(trainer, caller);

	if (status == 0 && !dataset)
		status = plait__error(PLAIT_EINVAL, "%s: the data set is NULL", caller);
	if (status < 0 || !options)
		return status;
	if (options->epochs < 0)
		return plait__error(PLAIT_EINVAL, "%d epochs, must be at least 1", options->epochs);
	if (options->steps < 0)
		return plait__error(PLAIT_EINVAL, "%" PRId64 " steps, must be 0 (all) or more",
				    options->steps);
	if (options->step_seconds && options->steps == 0)
		return plait__error(PLAIT_EINVAL,
				    "step_seconds needs steps, to know how many it holds");
	if ((unsigned)options->overlap > PLAIT_OVERLAP_OFF)
		return plait__error(PLAIT_EINVAL, "overlap %d, must be one of PLAIT_OVERLAP_*",
				    (int)options->overlap);
	if (options->overlap_validation && !options->validation)
		return plait__error(PLAIT_EINVAL, "overlap_validation needs validation");
	if (options->overlap_validation && options->overlap != PLAIT_OVERLAP_FULL)
		return plait__error(PLAIT_EINVAL,
				    "overlap_validation needs overlap %s: with others no two steps "
				    "run at once",
				    plait_overlap_name(PLAIT_OVERLAP_FULL));
	if (options->log_every < 0)
		return plait__error(PLAIT_EINVAL, "log_every is %" PRId64 ", must not be negative",
				    options->log_every);
	if (options->schedule.kind == PLAIT_SCHEDULE_PLATEAU && options->overlap_validation)
		return plait__error(
			PLAIT_EINVAL,
			"schedule: a plateau waits for the loss of validation before the "
			"next epoch begins, and overlap_validation has it beside that");
	status = plait__until_check(options, trainer->graph);
	return status < 0 ? status
			  : plait__pace_check(&options->schedule, &trainer->options.optimizer);
}

static int64_t epochs(const struct plait_fit_options *options, int64_t batches)
{
	if (options->epochs == 0 && options->steps > 0)
		return (options->steps + batches - 1) / batches;
	return options->epochs ? options->epochs : 1;
}

/* Training steps of all of a loop. */
static int64_t steps_of(const struct plait__loop *loop)
{
	int64_t all = loop->epochs * loop->binding[0]->feed.batches;

	return loop->steps > 0 && loop->steps < all ? loop->steps : all;
}

static void set_pace(struct plait__fitting *f)
{
	struct plait_trainer *trainer = f->trainer;

	if (f->options->schedule.kind == PLAIT_SCHEDULE_PLATEAU ||
	    plait__until_waits(&f->options->until))
		f->loop.known = plait__pace_known;
	f->pace.optimizer = &trainer->options.optimizer;
	f->pace.schedule = &f->options->schedule;
	f->pace.run = (struct plait_schedule_run){
		.lr = trainer->options.optimizer.lr,
		.epoch_steps = f->train.feed.batches,
		.total_steps = trainer->updates + steps_of(&f->loop),
		.plateau = trainer->plateau,
	};
}

static int make_reporter(struct plait__fitting *f)
{
	int status = plait__reporter_create(&f->reporter, f->options, &f->loop);

	if (status < 0)
		return status;
	f->reporter->member = f->member;
	f->reporter->trainer = f->trainer;
	f->reporter->binding = &f->train;
	f->reporter->pace = &f->pace;
	f->observer = plait__reporter_observer(f->reporter);
	return 0;
}

int plait__fitting_open(struct plait__fitting *f, bool *stops)
{
	const struct plait_fit_options *options = f->options;
	struct plait_trainer *trainer = f->trainer;
	int status = plait__trainer_bind_fit(trainer, &f->train, &f->validation, f->dataset,
					     options, f->lenders);

	f->both[0] = &f->train;
	f->both[1] = &f->validation;
	f->loop = (struct plait__loop){ .binding = f->both,
					.bindings = options->validation ? 2 : 1,
					.overlaps = options->overlap_validation,
					.steps = options->steps,
					.scalars = plait__pace_scalars,
					.rule = &f->pace,
					.updates = trainer->updates };
	if (status < 0)
		return status;
	f->loop.epochs = epochs(options, f->train.feed.batches);
	set_pace(f);
	if (options->print_plan)
		status = plait__bindings_print(f->both, f->loop.bindings, options->print_plan);
	if (status == 0)
		status = plait__best_open(trainer, options->until.keep_best);
	if (status == 0)
		status = make_reporter(f);
	if (status == 0)
		*stops = plait__reporter_begin(f->reporter, &f->train) != 0;
	return status;
}

/* Whether all steps are done, and validated where they are to be. */
static bool is_whole(const struct plait__reporter *reporter)
{
	int64_t all = reporter->epochs * reporter->epoch_steps, steps = reporter->steps;

	return !reporter->waits && reporter->step == (steps > 0 && steps < all ? steps : all);
}

int plait__fitting_cut(struct plait__fitting *f, bool *again)
{
	struct plait__reporter *s = f->reporter;
	int status = 0;

	*again = s->over && !s->failed && !is_whole(s) && !plait__trainer_stopped(f->options) &&
		 plait__reporter_cut(s);
	if (!*again)
		return 0;
	if (f->loop.overlaps)
		status = plait__binding_take_snapshot(&f->validation);
	plait__ring_restart(f->validation.ring);
	f->loop = (struct plait__loop){ .binding = &f->both[1], .bindings = 1, .epochs = 1 };
	return status;
}

static enum plait_end_reason reason_of(const struct plait__reporter *s, bool whole, int status)
{
	enum plait_end_reason judged = s->until.end.reason;

	if (status < 0)
		return status == PLAIT_EINTERRUPTED ? PLAIT_END_INTERRUPTED : PLAIT_END_FAILED;
	if (whole && judged == PLAIT_END_PATIENCE)
		return PLAIT_END_DONE;
	if (whole || judged != PLAIT_END_DONE)
		return judged;
	return s->over ? PLAIT_END_MAX_TIME : PLAIT_END_HANDLER;
}

int plait__fitting_end(struct plait__fitting *f, int status)
{
	struct plait__reporter *reporter = f->reporter;
	bool whole = is_whole(reporter);

	plait__reporter_end(reporter);
	f->trainer->updates += reporter->step;
	f->trainer->plateau = f->pace.run.plateau;
	if (f->options->metrics)
		*f->options->metrics = reporter->last_train;
	if (status == 0 && reporter->all_skipped)
		status = plait__error(PLAIT_ENAN,
				      "no loss of the epoch is finite: all of its updates were "
				      "left out");
	if (status == 0 && reporter->empty)
		status = plait__trainer_empty(reporter->empty);
	if (status == 0 && reporter->unscored)
		status = plait__error(PLAIT_ENOMEM, "no memory for the scores of an epoch");
	if (status == 0 && !whole && plait__trainer_stopped(f->options))
		status = plait__error(PLAIT_EINTERRUPTED, "interrupted after %" PRId64 " steps",
				      f->trainer->updates);
	if (f->options->end) {
		*f->options->end = reporter->until.end;
		f->options->end->reason = reason_of(reporter, whole, status);
	}
	return status;
}

void plait__fitting_close(struct plait__fitting *f)
{
	if (f->reporter)
		plait__reporter_destroy(f->reporter);
	plait__binding_destroy(&f->validation); /* it borrows handles of train */
	plait__binding_destroy(&f->train);
}

static int fit(struct plait__fitting *f)
{
	bool stops = false, again = false;
	int status = plait__fitting_open(f, &stops);

	if (status == 0 && !stops)
		status = plait__trainer_run(f->trainer, &f->loop, &f->observer);
	if (status == 0 && !stops)
		status = plait__fitting_cut(f, &again);
	if (status == 0 && again)
		status = plait__trainer_run(f->trainer, &f->loop, &f->observer);
	if (f->reporter)
		status = plait__fitting_end(f, status);
	plait__fitting_close(f);
	return status;
}

int plait_fit(struct plait_trainer *trainer, struct plait_dataset *dataset,
	      const struct plait_fit_options *options)
{
	static const struct plait_fit_options defaults;
	struct plait__fitting fitting = { .trainer = trainer,
					  .dataset = dataset,
					  .options = options ? options : &defaults };
	int status = plait__trainer_check_fit(trainer, dataset, options, "plait_fit");

	if (status < 0)
		return status;
	PLAIT__ASSERT(!trainer->running, "a trainer is in one run at a time");
	trainer->running = true;
	status = fit(&fitting);
	trainer->running = false;
	return status;
}
