/* SPDX-License-Identifier: MIT
 * What a program is told of a step that was submitted, to submit tasks of its own beside it. */
#include "config.h"
#include "src/trainer/trainer.h"

int plait__trainer_submitted(const struct plait__step *step, plait_submit_fn on_submit, void *user)
{
	const struct plait__feed *feed = &step->binding->feed;
	struct plait_submitted submitted = {
		.step = step->count + 1,
		.epoch = step->epoch + 1,
		.samples = step->rows,
		.batch = plait__ring_handle(step->burst->load),
		.labels_offset = feed->has_labels ? feed->layout.labels_offset : 0,
		.targets_offset = feed->has_targets ? feed->layout.targets_offset : 0,
	};

	if (step->binding->plan->options.mode != PLAIT__TRAIN || on_submit(user, &submitted) == 0)
		return 0;
	return plait__error(PLAIT_ERUNTIME, "on_submit ended the run at step %lld",
			    (long long)submitted.step);
}
