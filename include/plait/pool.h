/* SPDX-License-Identifier: MIT
 * A pool: independent trainers that work at once, in one runtime.
 *
 *     plait_pool_fit(trainers, 4, data, &options, losses);
 *
 * Each member has a bounded number of steps in flight, so all get a fair share of the workers; what
 * each computes has the bits that it has alone.  A member that fails leaves the others going.
 *
 * Members with the same data set and the same loader options (timeout excepted), whose networks
 * take the same input and answers, and whose tasks compute as many steps each, have their batches
 * loaded once: a slot is filled again when all of them have read it, so they go on in step, within
 * the slots.  With the same validation set, fixed_transform and bad, that is loaded once too.  It
 * needs PLAIT_OVERLAP_FULL.
 *
 * Loaders of members with the same memory_limit stay within it together: slots of the first come
 * first.  A member for which, with those before it, there is too little main memory fails before it
 * takes any. */
#ifndef PLAIT_POOL_H
#define PLAIT_POOL_H

#include <plait/trainer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a member's message. */
#define PLAIT_POOL_MESSAGE 512

/** What a member does. */
enum plait_pool_work {
	PLAIT_POOL_FIT = 0,  /* trains, as plait_fit */
	PLAIT_POOL_FORWARD,  /* computes outputs and losses, as plait_evaluate */
	PLAIT_POOL_BACKWARD, /* computes losses and gradients of all samples in one batch */
};

/** One of a pool.  The first six are the program's, a field left out is zero; plait_pool_run fills
 *  in the others. */
struct plait_pool_member {
	enum plait_pool_work work;
	struct plait_trainer *trainer; /* of this member alone */
	struct plait_dataset *dataset; /* may be that of others, too */
	/* As for plait_fit; NULL: defaults.  Several may have the same, but for what the call
	 * writes to (metrics, step_seconds, scores, end).  Events have the member's number and
	 * name. */
	const struct plait_fit_options *options;
	const char *name; /* in messages and events; NULL: "member 1", its place */
	/* FORWARD: [samples, ...], the program's, receives the network's output for each sample, as
	 * plait_predict gives it; or NULL. */
	float *outputs;

	int status; /* 0, or why it failed: an error of plait_fit */
	char message[PLAIT_POOL_MESSAGE];
	/* FIT: of the last epoch that ended; else of all samples.  Of load, batches that several
	 * members read count for each: load_seconds is what they took in all, wait_seconds what
	 * this member waited. */
	struct plait_metrics metrics;
	double seconds; /* from the first submission to the end of its last step */
};

/** All members work at once; waits until the last one is done.
 *
 *  FORWARD and BACKWARD change no parameter.  They use the options that plait_evaluate uses but
 * scores, and tell no event but PLAIT_EVENT_STALL.  With outputs a bad sample is always an error,
 * and pad_last is ignored.  BACKWARD takes all samples as one batch (loader.batch_size is 0, or not
 * less than they are), and leaves the gradients of its mean loss for plait_trainer_gradient.
 *
 *  A member that fails (an option, data that do not fit, a bad sample, a loss that is not finite,
 * no memory) ends by itself, with its trainer as plait_fit leaves it.  Event handlers of all
 * members are called by the calling thread, one at a time; a handler's nonzero ends its member
 * alone.
 *
 *  Returns 0, or the status of the first member, in their order, that failed; the message begins
 *  with its name.  Errors of the call, when nothing is run and nothing filled in: PLAIT_EINVAL
 *  (member is NULL, n is less than 1), PLAIT_ENOMEM. */
PLAIT_API int plait_pool_run(struct plait_pool_member *member, int n);

/** The same of n trainers on the same data with the same options, which may be NULL.  losses: [n],
 *  receives the mean training loss of each one's last epoch, NaN if none ended; or NULL.
 *  Errors: as plait_pool_run; PLAIT_EINVAL also: trainers is NULL, options has metrics,
 *  step_seconds, scores or end, which are for one trainer. */
PLAIT_API int plait_pool_fit(struct plait_trainer *const *trainers, int n,
			     struct plait_dataset *dataset, const struct plait_fit_options *options,
			     double *losses);

/** The outputs of n trainers for all samples, and their mean losses.  outputs: [n], each as in
 * struct plait_pool_member, or NULL; losses: [n], NaN where one failed; either may be NULL. Errors:
 * as plait_pool_run; PLAIT_EINVAL also: trainers is NULL. */
PLAIT_API int plait_pool_forward(struct plait_trainer *const *trainers, int n,
				 struct plait_dataset *dataset,
				 const struct plait_fit_options *options, float *const *outputs,
				 double *losses);

/** The mean losses of n trainers and their gradients, which stay in each (plait_trainer_gradient):
 *  nothing is updated, and layers compute as in evaluation.  losses: [n], NaN where one failed; or
 * NULL. Errors: as plait_pool_run; PLAIT_EINVAL also: trainers is NULL, a batch of fewer samples
 * than there are. */
PLAIT_API int plait_pool_backward(struct plait_trainer *const *trainers, int n,
				  struct plait_dataset *dataset,
				  const struct plait_fit_options *options, double *losses);

#ifdef __cplusplus
}
#endif
#endif
