/* SPDX-License-Identifier: MIT
 * Read this file first: a run binds the trainer's graph to data (bind.c), a loop says in which
 * order the steps of the bindings go, the executor submits them (src/executor/window.c), and a
 * reporter hands on what happens (reporter.c). */
#include "config.h"
#include "src/executor/executor.h"
#include "src/executor/memory.h"
#include "src/gradient/optimizer.h"
#include "src/runtime/runtime.h"
#include "src/trainer/reporter.h"
#include "src/trainer/trainer.h"

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
	return 0;
}

static int fit(struct plait_trainer *trainer, const struct plait__loop *loop,
	       const struct plait_fit_options *options)
{
	struct plait__reporter *reporter = plait__reporter_create(options, loop);
	struct plait__observer observer;
	int status = 0;

	if (!reporter)
		return PLAIT_ENOMEM;
	observer = plait__reporter_observer(reporter);
	if (plait__reporter_begin(reporter, loop->binding[0]) == 0)
		status = plait__trainer_run(trainer, loop, &observer);
	plait__reporter_end(reporter);
	trainer->updates += reporter->step;
	if (options->metrics)
		*options->metrics = reporter->last_train;
	if (status == 0 && reporter->empty)
		status = plait__trainer_empty(reporter->empty);
	plait__reporter_destroy(reporter);
	if (status == 0 && plait__trainer_stopped(options))
		status = plait__error(PLAIT_EINTERRUPTED, "interrupted after %" PRId64 " steps",
				      trainer->updates);
	return status;
}

static int64_t epochs(const struct plait_fit_options *options, int64_t batches)
{
	if (options->epochs == 0 && options->steps > 0)
		return (options->steps + batches - 1) / batches;
	return options->epochs ? options->epochs : 1;
}

static int bind_and_fit(struct plait_trainer *trainer, struct plait_dataset *dataset,
			const struct plait_fit_options *options)
{
	struct plait__binding train = { 0 }, validation = { 0 };
	struct plait__binding *const both[] = { &train, &validation };
	struct plait__loop loop = { .binding = both,
				    .bindings = options->validation ? 2 : 1,
				    .overlaps = options->overlap_validation,
				    .steps = options->steps,
				    .scalars = plait__optimizer_scalars,
				    .rule = &trainer->options.optimizer,
				    .updates = trainer->updates };
	int status = plait__trainer_bind_fit(trainer, &train, &validation, dataset, options);

	if (status == 0)
		loop.epochs = epochs(options, train.feed.batches);
	if (status == 0 && options->print_plan)
		plait__bindings_print(both, loop.bindings, options->print_plan);
	if (status == 0)
		status = fit(trainer, &loop, options);
	plait__binding_destroy(&validation); /* it borrows handles of train */
	plait__binding_destroy(&train);
	return status;
}

int plait_fit(struct plait_trainer *trainer, struct plait_dataset *dataset,
	      const struct plait_fit_options *options)
{
	static const struct plait_fit_options defaults;
	int status = plait__trainer_check_fit(trainer, dataset, options, "plait_fit");

	if (status < 0)
		return status;
	if (!options)
		options = &defaults;
	PLAIT__ASSERT(!trainer->running, "a trainer is in one run at a time");
	trainer->running = true;
	status = bind_and_fit(trainer, dataset, options);
	trainer->running = false;
	return status;
}
