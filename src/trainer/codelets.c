/* SPDX-License-Identifier: MIT
 * The codelets of a run that does not take place.  Bindings make codelets, so those of training and
 * of validation are made and freed. */
#include "config.h"
#include "src/trainer/trainer.h"
#include "src/runtime/runtime.h"

int plait_trainer_codelets(struct plait_trainer *trainer, struct plait_dataset *dataset,
			   const struct plait_fit_options *options,
			   void (*visit)(void *user, const char *symbol, const char *name),
			   void *user)
{
	static const struct plait_fit_options defaults;
	struct plait__binding train = { 0 }, validation = { 0 };
	int status = plait__trainer_check_fit(trainer, dataset, options, "plait_trainer_codelets");

	if (status == 0 && !visit)
		status = plait__error(PLAIT_EINVAL, "plait_trainer_codelets: visit is NULL");
	if (status < 0)
		return status;
	status = plait__trainer_bind_fit(trainer, &train, &validation, dataset,
					 options ? options : &defaults, NULL);
	if (status == 0)
		plait__runtime_codelets(visit, user);
	plait__binding_destroy(&validation); /* it borrows handles of train */
	plait__binding_destroy(&train);
	return status;
}
