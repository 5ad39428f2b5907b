/* SPDX-License-Identifier: MIT
 * A run whose steps a program drives: a binding, an executor that is told of one step at a time,
 * and what its callbacks note. */
#include "config.h"
#include "src/executor/binding/memory.h"
#include "src/gradient/optimizer.h"
#include "src/runtime/runtime.h"
#include "src/trainer/diagnose.h"
#include "src/trainer/reporter.h"
#include "src/trainer/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* -- what callbacks do ------------------------------------------------------------------ */

static unsigned step_done(void *user, const struct plait__step *step)
{
	struct plait_run *run = user;
	bool bad = plait__step_status(step) < 0;

	STARPU_PTHREAD_MUTEX_LOCK(&run->small_mutex);
	PLAIT__ASSERT(step->count == run->told || bad, "steps are told in order");
	if (!bad) {
		plait__metrics_add(&run->metrics, step, run->last_end);
		run->loss[step->count % PLAIT_RUN_LOSSES] = step->loss;
		run->told++;
	}
	run->last_end = step->end;
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->small_mutex);
	return run->options.stop && *run->options.stop ? PLAIT__STOP : 0;
}

/* The numbers that were right when the program submitted the step. */
static int scalars_of(const void *rule, int64_t update, struct plait_scalars *scalars)
{
	const struct plait_run *run = rule;
	int64_t step = update - run->trainer->updates - 1;

	*scalars = run->scalars[step % run->rooms];
	return 0;
}

static int submitted(void *user, const struct plait__step *step)
{
	const struct plait_run *run = user;

	return plait__trainer_submitted(step, run->options.on_submit, run->options.submit_user);
}

/* -- opening and closing ---------------------------------------------------------------- */

static int bind(struct plait_run *run, struct plait_dataset *dataset)
{
	const struct plait_trainer *trainer = run->trainer;
	struct plait_fit_options options = { .loader = run->options.loader,
					     .overlap = run->options.overlap,
					     .on_submit = run->options.on_submit };
	struct plait__binding *const only = &run->binding;
	bool *keeps =
		plait__calloc((size_t)trainer->graph->nodes, sizeof *keeps, "marks of values");
	int status = keeps ? plait__run_keep(run, keeps) : PLAIT_ENOMEM;

	if (status == 0)
		status = plait__trainer_bind(run->trainer, &run->binding, PLAIT__TRAIN, dataset,
					     &options, keeps, NULL);
	free(keeps);
	if (status == 0)
		status = plait__run_make_kept(run);
	if (status == 0 && run->options.print_plan)
		status = plait__bindings_print(&only, 1, run->options.print_plan);
	return status;
}

static int start(struct plait_run *run)
{
	struct plait__binding *const only = &run->binding;
	struct plait__loop loop = { .binding = &only,
				    .bindings = 1,
				    .scalars = scalars_of,
				    .rule = run,
				    .updates = run->trainer->updates,
				    .lent = run->described ? plait__run_lent : NULL };
	struct plait__observer observer = { .user = run,
					    .done = step_done,
					    .submitted = run->options.on_submit ? submitted : NULL,
					    .timeout = run->options.loader.timeout };

	run->rooms = run->binding.window + PLAIT__MOST_AHEAD;
	run->scalars =
		plait__calloc((size_t)run->rooms, sizeof *run->scalars, "the numbers of steps");
	if (run->described)
		run->lent = plait__calloc((size_t)run->rooms, sizeof *run->lent, "slots");
	if (!run->scalars || (run->described && !run->lent))
		return PLAIT_ENOMEM;
	run->metrics.has_accuracy = run->binding.plan->graph->accuracy != NULL;
	run->opened = run->last_end = starpu_timing_now();
	return plait__executor_open(&run->executor, &loop, &observer, NULL);
}

static void destroy(struct plait_run *run)
{
	plait__binding_destroy(&run->binding);
	STARPU_PTHREAD_MUTEX_DESTROY(&run->mutex);
	STARPU_PTHREAD_MUTEX_DESTROY(&run->small_mutex);
	plait_dataset_destroy(run->described);
	plait__run_free_kept(run);
	free(run->lent);
	free(run->scalars);
	free(run);
}

int plait_run_open(struct plait_run **run_p, struct plait_trainer *trainer,
		   struct plait_dataset *dataset, const struct plait_run_options *options)
{
	struct plait_run *run;
	int status = plait__trainer_check_training(trainer, "plait_run_open");

	if (status == 0 && !run_p)
		status = plait__error(PLAIT_EINVAL, "plait_run_open: run_p is NULL");
	if (status < 0)
		return status;
	if (options && (unsigned)options->overlap > PLAIT_OVERLAP_OFF)
		return plait__error(PLAIT_EINVAL, "overlap %d, must be one of PLAIT_OVERLAP_*",
				    (int)options->overlap);
	run = plait__calloc(1, sizeof *run, "a run");
	if (!run)
		return PLAIT_ENOMEM;
	if (options)
		run->options = *options;
	run->trainer = trainer;
	run->optimizer = trainer->options.optimizer;
	STARPU_PTHREAD_MUTEX_INIT(&run->mutex, NULL);
	STARPU_PTHREAD_MUTEX_INIT(&run->small_mutex, NULL);
	status = dataset ? 0 : plait__run_describe(run, &run->described);
	if (status == 0)
		status = bind(run, dataset ? dataset : run->described);
	if (status == 0)
		status = start(run);
	if (status < 0) {
		destroy(run);
		return status;
	}
	trainer->run = run;
	*run_p = run;
	return 0;
}

static int diagnose(struct plait_run *run, struct plait__step *halted)
{
	const unsigned char *slot = plait__run_halted_slot(run, halted);

	if (run->lent && !slot)
		return plait__error(PLAIT_ENAN, "the loss is not finite in step %" PRId64,
				    halted->count + 1);
	return plait__diagnose(&run->trainer->store, halted, slot);
}

/* Once; from then on the same is told. */
static int find_halted(struct plait_run *run)
{
	struct plait__step halted;
	int status = plait__executor_drain(run->executor, &halted);

	if (status < 0)
		return status;
	PLAIT__ASSERT(halted.number >= 0, "a step has halted the run");
	plait__binding_sync(&run->binding);
	run->status = diagnose(run, &halted);
	snprintf(run->message, sizeof run->message, "%s", plait_error_message());
	return run->status;
}

int plait__run_explain(struct plait_run *run, int status)
{
	if (status != PLAIT_ENAN)
		return status;
	return run->status < 0 ? plait__error(run->status, "%s", run->message) : find_halted(run);
}

int plait_run_close(struct plait_run *run)
{
	int status;

	if (!run)
		return 0;
	plait__run_give_back(run, 0);
	do
		status = plait__executor_await(run->executor, run->submitted, run->options.stop);
	while (status == PLAIT_ETIMEOUT); /* there is no other call that could wait on */
	status = plait__run_explain(run, status);
	plait__executor_close(run->executor);
	run->trainer->updates += run->told;
	run->trainer->run = NULL;
	destroy(run);
	return status;
}

const struct plait__binding *plait__run_binding(const struct plait_run *run)
{
	return &run->binding;
}

int plait__trainer_hold(struct plait_trainer *trainer)
{
	int status;

	if (!trainer->run)
		return 0;
	STARPU_PTHREAD_MUTEX_LOCK(&trainer->run->mutex);
	status = plait__run_settle(trainer->run);
	if (status < 0)
		STARPU_PTHREAD_MUTEX_UNLOCK(&trainer->run->mutex);
	return status;
}

void plait__trainer_let_go(struct plait_trainer *trainer)
{
	if (trainer->run)
		STARPU_PTHREAD_MUTEX_UNLOCK(&trainer->run->mutex);
}
