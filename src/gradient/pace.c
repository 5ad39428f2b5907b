/* SPDX-License-Identifier: MIT
 * The numbers of updates where a schedule changes the optimizer's.  Each is a function of the
 * update's number, and of what a plateau has been told: so they are the same however far ahead
 * steps are submitted. */
#include "config.h"
#include "src/gradient/optimizer.h"
#include "src/gradient/schedule.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <math.h>

int plait__pace_check(const struct plait_schedule *schedule,
		      const struct plait_optimizer *optimizer)
{
	struct plait_optimizer changed = *optimizer;
	int status = plait_schedule_check(schedule);

	if (status == 0 && plait__schedule_cycles(schedule) && !plait__optimizer_momentum(&changed))
		return plait__error(PLAIT_EINVAL,
				    "schedule: one cycle changes the momentum, and the optimizer "
				    "has none: give it one, or have cycle_momentum false");
	return status;
}

int plait__pace_scalars(const void *user, int64_t t, struct plait_scalars *scalars)
{
	const struct plait__pace *pace = user;
	struct plait_optimizer now = *pace->optimizer;

	if (plait__schedule_moves(pace->schedule))
		now.lr = plait__schedule_lr(pace->schedule, &pace->run, t - 1);
	if (!(now.lr >= 0) || isinf(now.lr))
		return plait__error(PLAIT_EINVAL,
				    "schedule: the learning rate of step %" PRId64
				    " is %g, must be finite and not negative",
				    t, now.lr);
	if (plait__schedule_cycles(pace->schedule))
		*plait__optimizer_momentum(&now) =
			plait__schedule_momentum(pace->schedule, &pace->run, t - 1);
	plait__optimizer_scalars(&now, t, scalars);
	return 0;
}

bool plait__pace_known(const void *user, int64_t epoch)
{
	const struct plait__pace *pace = user;

	return epoch <= pace->epochs;
}

void plait__pace_epoch(struct plait__pace *pace, double loss)
{
	plait_schedule_epoch(pace->schedule, &pace->run, loss);
	pace->epochs++;
}
