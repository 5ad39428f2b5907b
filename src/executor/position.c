/* SPDX-License-Identifier: MIT
 * Which batch of which binding a step is: a function of its number alone, so that StarPU sees the
 * same sequence of accesses in every run. */
#include "config.h"
#include "src/executor/window.h"

/* -- one binding after the other ------------------------------------------------------------ */

static void find_in_turn(const struct plait__executor *ex, struct plait__step *step, int64_t number)
{
	const struct plait__loop *loop = &ex->loop;
	int64_t rest = number % ex->per_epoch;
	int which = 0;

	while (which < loop->bindings && rest >= loop->binding[which]->feed.batches)
		rest -= loop->binding[which++]->feed.batches;
	PLAIT__ASSERT(which < loop->bindings, "a step belongs to one of the loop's bindings");
	step->binding = loop->binding[which];
	step->epoch = number / ex->per_epoch;
	step->batch = rest;
}

/* -- two bindings side by side -------------------------------------------------------------- */

/* An epoch of the first binding, with what it has of the second: of the epoch before. */
struct stretch {
	int64_t steps[2]; /* by binding */
	int64_t size[2];  /* of a burst */
	int64_t bursts[2];
};

static int64_t bursts_of(int64_t steps, int64_t size)
{
	return (steps + size - 1) / size;
}

/* Steps of the first binding in an epoch, of which the limit may leave some or none. */
static int64_t steps_in(const struct plait__loop *loop, int64_t epoch)
{
	int64_t batches = loop->binding[0]->feed.batches, left = loop->steps - epoch * batches;

	if (epoch >= loop->epochs)
		return 0;
	if (loop->steps == 0 || left > batches)
		return batches;
	return left > 0 ? left : 0;
}

static struct stretch stretch_of(const struct plait__loop *loop, int64_t epoch)
{
	struct stretch s = { .steps = { steps_in(loop, epoch),
					epoch > 0 ? loop->binding[1]->feed.batches : 0 },
			     .size = { loop->binding[0]->steps, loop->binding[1]->steps } };

	for (int i = 0; i < 2; i++)
		s.bursts[i] = bursts_of(s.steps[i], s.size[i]);
	return s;
}

/* Burst k of the second binding stands in front of burst k n / m of the first, if these have m and
 * n.  So the last one has time left until the epoch is over, and bursts are not cut.  How many
 * steps of the second stand in front of burst i of the first, those at once before it left out? */
static int64_t second_before(const struct stretch *s, int64_t i)
{
	int64_t steps = bursts_of(i * s->bursts[1], s->bursts[0]) * s->size[1];

	return steps < s->steps[1] ? steps : s->steps[1];
}

/* The burst of the first binding that step `rest` of the stretch belongs to or stands at once in
 * front of. */
static int64_t burst_at(const struct stretch *s, int64_t rest)
{
	int64_t low = 0, high = s->bursts[0] - 1;

	while (low < high) {
		int64_t middle = (low + high + 1) / 2;

		if (middle * s->size[0] + second_before(s, middle) <= rest)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static void find_side_by_side(const struct plait__executor *ex, struct plait__step *step,
			      int64_t number)
{
	int64_t first = ex->loop.binding[0]->feed.batches; /* alone, in the first epoch */
	int64_t epoch = number < first ? 0 : 1 + (number - first) / ex->per_epoch;
	int64_t rest = number < first ? number : (number - first) % ex->per_epoch, burst = 0;
	struct stretch s = stretch_of(&ex->loop, epoch);

	if (s.bursts[0] > 0) {
		int64_t before, at_once;

		burst = burst_at(&s, rest);
		before = second_before(&s, burst);
		at_once = second_before(&s, burst + 1) - before;
		rest -= burst * s.size[0] + before;
		if (rest >= at_once) {
			step->binding = ex->loop.binding[0];
			step->epoch = epoch;
			step->batch = burst * s.size[0] + rest - at_once;
			return;
		}
		rest += before;
	}
	PLAIT__ASSERT(epoch > 0 && rest < s.steps[1], "what is of no epoch follows the last one");
	step->binding = ex->loop.binding[1];
	step->epoch = epoch - 1;
	step->batch = rest;
}

void plait__window_position(const struct plait__executor *ex, struct plait__step *step,
			    int64_t number)
{
	if (ex->loop.overlaps)
		find_side_by_side(ex, step, number);
	else
		find_in_turn(ex, step, number);
	step->number = number;
	step->rows = plait__feed_rows(&step->binding->feed, step->batch);
	step->count = step->epoch * step->binding->feed.batches + step->batch;
}

bool plait__window_known(const struct plait__executor *ex)
{
	struct plait__step next;

	if (!ex->loop.known)
		return true;
	plait__window_position(ex, &next, ex->submitted);
	return next.binding->plan->options.mode != PLAIT__TRAIN ||
	       ex->loop.known(ex->loop.rule, next.epoch);
}
