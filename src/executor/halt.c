/* SPDX-License-Identifier: MIT
 * Halting: from the first step whose loss is not finite, or whose batch could not be read, no
 * update changes anything.  Any worker may halt; the earliest step wins. */
#include "config.h"
#include "src/executor/step.h"

bool plait__step_halted(const struct plait__step *step)
{
	int64_t halted = __atomic_load_n(step->burst->halted, __ATOMIC_ACQUIRE);

	return halted >= 0 && step->number >= halted;
}

void plait__step_halt(const struct plait__step *step)
{
	int64_t *halted = step->burst->halted, earliest = __atomic_load_n(halted, __ATOMIC_ACQUIRE);

	while ((earliest < 0 || step->number < earliest) &&
	       !__atomic_compare_exchange_n(halted, &earliest, step->number, false,
					    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}
