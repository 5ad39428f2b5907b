/* SPDX-License-Identifier: MIT
 * Loads do not count as part of a step, as they run several steps before it. */
#include "config.h"
#include "src/cli/trace/analyse/steps.h"
#include "src/cli/complain.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdlib.h>

/* Tasks are sorted by their begin, so steps come out sorted too. */
static bool add(struct cli_steps *steps, struct cli_trace_hash *index,
		const struct cli_trace_task *task, double end)
{
	int64_t at = cli_trace_hash_get(index, task->step);
	double start = cli_task_start(task);

	if (at < 0) {
		if (!cli_trace_grow(&steps->step, steps->count, &steps->room,
				    sizeof *steps->step) ||
		    !cli_trace_hash_put(index, task->step, steps->count))
			return false;
		PLAIT__ASSERT(steps->count == 0 || steps->step[steps->count - 1].start <= start,
			      "steps are found in the order of their begin");
		at = steps->count++;
		steps->step[at] = (struct cli_step){ task->step, task->steps, start, end, 0 };
	}
	steps->step[at].end = fmax(steps->step[at].end, end);
	steps->step[at].tasks++;
	return true;
}

int cli_steps_find(struct cli_steps *steps, const struct cli_timeline *tl)
{
	struct cli_trace_hash index = { 0 };
	bool room = true;

	*steps = (struct cli_steps){ 0 };
	for (int64_t i = 0; i < tl->inside && room; i++) {
		const struct cli_trace_task *task = tl->task + tl->order[i];

		if (task->step > 0 && cli_phase_computes(cli_task_phase(tl, task)))
			room = add(steps, &index, task, cli_task_end(tl, task));
	}
	cli_trace_hash_free(&index);
	if (!room)
		cli_steps_free(steps);
	return room ? CLI_DONE : CLI_FAILED;
}

void cli_steps_free(struct cli_steps *steps)
{
	free(steps->step);
	*steps = (struct cli_steps){ 0 };
}
