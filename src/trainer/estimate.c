/* SPDX-License-Identifier: MIT
 * How long a step of a run would be that does not take place. */
#include "config.h"
#include "src/executor/binding/predict.h"
#include "src/trainer/trainer.h"

int plait_trainer_estimate(struct plait_trainer *trainer, struct plait_dataset *dataset,
			   const struct plait_fit_options *options, double *seconds)
{
	static const struct plait_fit_options defaults;
	struct plait__binding train = { 0 }, validation = { 0 };
	struct plait__prediction prediction;
	int status = plait__trainer_check_fit(trainer, dataset, options, "plait_trainer_estimate");

	if (status == 0 && !seconds)
		status = plait__error(PLAIT_EINVAL, "plait_trainer_estimate: seconds is NULL");
	if (status < 0)
		return status;
	status = plait__trainer_bind_fit(trainer, &train, &validation, dataset,
					 options ? options : &defaults, NULL);
	if (status == 0)
		status = plait__binding_predict(&train, &prediction);
	if (status == 0)
		*seconds = prediction.step_seconds;
	plait__binding_destroy(&validation); /* it borrows handles of train */
	plait__binding_destroy(&train);
	return status;
}
