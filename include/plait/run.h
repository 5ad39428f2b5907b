/* SPDX-License-Identifier: MIT
 * A run whose steps a program drives: a training loop of one's own, without a barrier that it did
 * not ask for.
 *
 *     plait_run_open(&run, trainer, data, &options);
 *     while ((status = plait_run_step(run)) == 0)
 *             ...
 *     plait_run_close(run);
 *
 * A step is submitted, not waited for: loads run ahead, and a window of steps is in flight. */
#ifndef PLAIT_RUN_H
#define PLAIT_RUN_H

#include <plait/trainer.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_run;

/** How a run gets its batches and ends.  A field left out is zero, and zero is the good default. */
struct plait_run_options {
	/* How batches are made, as in plait_fit_options: a run has the batches of plait_fit.  With
	 * a timeout a call that waits gives up with PLAIT_ETIMEOUT when nothing moved for so long;
	 * it can be called again. */
	struct plait_loader_options loader;
	enum plait_overlap overlap;
	/* A call that waits returns PLAIT_EINTERRUPTED when this becomes nonzero (in a signal
	 * handler), within some 20 ms; or NULL. */
	const volatile int *stop;
	/* Names of values for plait_run_value, ended by NULL: of a layer's output ("0.linear"), a
	 * parameter ("0.weight"), or of their gradients ("0.linear.grad", "0.weight.grad").  The
	 * bits of a run do not depend on what is kept; memory does.  Or NULL. */
	const char *const *keep;
	FILE *print_plan;          /* the plan's table goes here when the run opens; or NULL */
	plait_submit_fn on_submit; /* as in plait_fit_options */
	void *submit_user;
};

/** Opens a run of trainer over dataset: makes plan, slots and handles.  Both must outlive it, and
 * so must what options, which may be NULL, point to.
 *
 *  dataset NULL: the program makes the batches (plait_run_slot); of the loader's options
 *  batch_size, prefetch, timeout and memory_limit count then.
 *
 *  Until the run is closed plait_fit and another run of the same trainer are refused.
 *  plait_evaluate, plait_predict, plait_trainer_save, plait_trainer_load and plait_predictor_of may
 *  be called between two steps: they wait for the steps and see the parameters after the last one.
 *  When the run has failed they return its error until it is closed.  No step may be submitted
 *  while plait_evaluate or plait_predict is at work.
 *
 *  Errors: as plait_fit; PLAIT_EINVAL (run_p or trainer is NULL; no value has a name of keep),
 *  PLAIT_ESTATE (the trainer is in a run).  *run_p is set only on success. */
PLAIT_API int plait_run_open(struct plait_run **run_p, struct plait_trainer *trainer,
			     struct plait_dataset *dataset,
			     const struct plait_run_options *options);

/** Submits the next step: the next batch in order, forward, backward, update.  Waits only while a
 *  window of steps is under way.  Returns 0; PLAIT_END in the place of a step after the last batch
 *  of each epoch (the next call begins the next epoch); or why an earlier step failed: the errors
 *  of plait_fit, with parameters as it leaves them.  Errors also: PLAIT_EINTERRUPTED,
 *  PLAIT_ETIMEOUT, PLAIT_ESTATE (the run has no data set), PLAIT_EINVAL (run is NULL). */
PLAIT_API int plait_run_step(struct plait_run *run);

/** A slot for a batch that the program makes itself: from a stream, a simulation, or play.  The
 *  memory is the run's, in main memory (pinned where there is a GPU), so that nothing is copied on
 *  the host.  labels, targets and weights are NULL where the graph has none. */
struct plait_slot {
	int64_t samples; /* for so many there is room: batch_size times accumulate */
	void *x;         /* [samples, ...], of the input's dtype */
	int32_t *labels; /* [samples] */
	float *targets;  /* [samples, M] */
	float *weights;  /* [samples]: 1 for each, until the program writes others */
};

/** Gives the slot of the next step to the program, in a run that was opened without a data set.
 *  Waits while all slots are read by steps in flight; there are as many as the loader's prefetch.
 *  The program fills it, at any time and in any thread, and plait_run_submit takes it back.
 *  Errors: why an earlier step failed; PLAIT_ESTATE (the last slot was not submitted; the run has
 *  a data set), PLAIT_EINTERRUPTED, PLAIT_ETIMEOUT, PLAIT_EINVAL (run or slot is NULL). */
PLAIT_API int plait_run_slot(struct plait_run *run, struct plait_slot *slot);

/** Submits the step of the slot, whose first so many samples are there; waits for no step.  Labels
 *  must be classes of the network, else the loss is not finite.
 *  Errors: as plait_run_step; PLAIT_ESTATE (there is no slot), PLAIT_EINVAL (samples is not 1 to
 *  those of the slot, which is kept then; run is NULL). */
PLAIT_API int plait_run_submit(struct plait_run *run, int64_t samples);

/** Steps submitted so far, and steps that are done.  Neither waits.  0 for NULL. */
PLAIT_API int64_t plait_run_submitted(struct plait_run *run);
PLAIT_API int64_t plait_run_done(struct plait_run *run);

/** The losses of so many last steps are kept. */
#define PLAIT_RUN_LOSSES 4096

/** The mean loss of the batch of a step, from 1 to plait_run_submitted.  Waits until the step is
 *  done; later ones go on.  plait_run_loss(run, plait_run_done(run), &loss) does not wait.
 *  Errors: why this step or one before it failed; PLAIT_EINVAL (no such step, or its loss is no
 *  longer kept; run or loss is NULL), PLAIT_EINTERRUPTED, PLAIT_ETIMEOUT. */
PLAIT_API int plait_run_loss(struct plait_run *run, int64_t step, float *loss);

/** Sums over the steps that are done since the last call, or since the run was opened.  Does not
 *  wait.  Errors: PLAIT_EINVAL (run or metrics is NULL). */
PLAIT_API int plait_run_metrics(struct plait_run *run, struct plait_metrics *metrics);

/** The learning rate from the next step on, until the run is closed.  Steps that were submitted
 *  keep theirs.  Does not wait.  Errors: PLAIT_EINVAL (lr is negative or not finite; run is
 *  NULL). */
PLAIT_API int plait_run_set_lr(struct plait_run *run, double lr);

/** The same of all numbers of the optimizer: weight decay, momentum, betas, eps too.  Its kind,
 * what is no double and whether SGD or RMSprop have a momentum must be as in the trainer's. Errors:
 * PLAIT_EINVAL (they are not, or a number is out of range; run or optimizer is NULL). */
PLAIT_API int plait_run_set_optimizer(struct plait_run *run,
				      const struct plait_optimizer *optimizer);

/** Waits until all submitted steps are done.  The memory of plait_trainer_parameter then holds the
 *  parameters after them, and may be read and written until the next step.
 *  Errors: why a step failed; PLAIT_EINTERRUPTED, PLAIT_ETIMEOUT, PLAIT_EINVAL (run is NULL). */
PLAIT_API int plait_run_wait(struct plait_run *run);

/** A value or a gradient of the last submitted step, for which it waits; parameters are those after
 *  it.  name: one of options.keep.  Fills in *tensor: [samples, ...] for a value of each sample,
 * its own shape for a parameter and its gradient.  A gradient is that of the mean loss of the
 * batch, before it is clipped. The memory is the run's, in main memory, valid until the value is
 * read again or the run closed. Errors: those of plait_run_wait; PLAIT_EINVAL (the name was not
 * kept; run, name or tensor is NULL), PLAIT_ESTATE (no step was submitted). */
PLAIT_API int plait_run_value(struct plait_run *run, const char *name, struct plait_tensor *tensor);

/** Ends a run early: steps that are not in flight yet are dropped, and calls that wait for them
 *  return PLAIT_EINTERRUPTED.  Does not wait; for any thread, but for no signal handler (that is
 *  what options.stop is for).  Does nothing for NULL. */
PLAIT_API void plait_run_stop(struct plait_run *run);

/** Waits for the submitted steps, whatever the loader's timeout (after plait_run_stop or
 *  options.stop: for those in flight), and frees the run.  The trainer, whose plait_trainer_steps
 *  then counts the steps, can be used as before.  NULL is ignored.  Returns 0, why a step failed,
 * or PLAIT_EINTERRUPTED where steps were dropped. */
PLAIT_API int plait_run_close(struct plait_run *run);

#ifdef __cplusplus
}
#endif
#endif
