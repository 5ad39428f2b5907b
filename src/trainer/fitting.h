/* SPDX-License-Identifier: MIT
 * One training in parts, so that several can go on at once (fit.c). */
#ifndef PLAIT__FITTING_H
#define PLAIT__FITTING_H

#include "src/gradient/schedule.h"
#include "src/trainer/reporter.h"
#include "src/trainer/trainer.h"

/* The first five are set by whoever opens it; it does not move while it is open. */
struct plait__fitting {
	struct plait_trainer *trainer;
	struct plait_dataset *dataset;
	const struct plait_fit_options *options;
	struct plait__member_name member;
	const struct plait__lenders *lenders; /* whose loads it may share; NULL: it shares none */

	struct plait__binding train, validation;
	struct plait__binding *both[2]; /* these two, as the loop has them */
	struct plait__loop loop;
	struct plait__pace pace; /* the loop's rule */
	struct plait__reporter *reporter;
	struct plait__observer observer; /* the reporter as such */
};

/* Makes all that the steps need; the arguments were checked (plait__trainer_check_fit).  Tells that
 * the run begins: *stops if an event handler asked to stop then.  plait__fitting_close in any case.
 * Errors: those of plait_fit before its first step. */
int plait__fitting_open(struct plait__fitting *fitting, bool *stops);

/* Its steps are over.  Where time has cut an epoch, *again is set if the epoch is to be validated:
 * the loop then is that of its validation, to be run with the same observer.  PLAIT_ERUNTIME. */
int plait__fitting_cut(struct plait__fitting *fitting, bool *again);

/* Its steps are over, with this status: tells what is left to be told, counts the updates, and
 * returns what plait_fit does. */
int plait__fitting_end(struct plait__fitting *fitting, int status);
void plait__fitting_close(struct plait__fitting *fitting);

#endif
