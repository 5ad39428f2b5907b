/* SPDX-License-Identifier: MIT
 * A pass of a member over its data without updates, in parts like a fitting (../fitting.h):
 * forward, with outputs and loss, or backward, too, which leaves gradients in the trainer. */
#ifndef PLAIT__PASS_H
#define PLAIT__PASS_H

#include "src/trainer/trainer.h"

/* The seven after the first are set by whoever opens it; it does not move while it is open. */
struct plait__pass {
	struct plait__collector collector; /* first: it is the observer's user */
	struct plait_trainer *trainer;
	struct plait_dataset *dataset;
	const struct plait_fit_options *options;
	struct plait__member_name member;
	const struct plait__lenders *lenders;
	bool backward;
	float *outputs; /* [samples, ...], or NULL */

	struct plait_fit_options used; /* options, but for what a pass has no use for */
	struct plait_metrics metrics;
	struct plait__binding binding;
	struct plait__binding *only; /* this one, as the loop has it */
	struct plait__loop loop;
	struct plait__observer observer;
	struct starpu_codelet *take; /* of tasks that copy outputs, or NULL */
};

/* Whether caller may do it: PLAIT_EINVAL, PLAIT_ESTATE. */
int plait__pass_check(const struct plait__pass *pass, const char *caller);

/* Makes all that the steps need.  plait__pass_close in any case. */
int plait__pass_open(struct plait__pass *pass);

/* Its steps are over, with this status: brings the gradients to the trainer, and returns what the
 * member's status is. */
int plait__pass_end(struct plait__pass *pass, int status);
void plait__pass_close(struct plait__pass *pass);

#endif
