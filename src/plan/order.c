/* SPDX-License-Identifier: MIT
 * The order StarPU will find in the handles, found beforehand: depths for priorities, sinks
 * for counting a step as done, and reads that need no ordering of their own.
 *
 * Segments that use one arena form a chain: a writer comes before the reads that follow it,
 * and all of these before the next writer.  So a sweep over the segments keeps what the chain
 * of each arena hands on, and never compares two segments. */
#include "config.h"
#include "src/plan/sections.h"

#include <stdlib.h>

static bool is_backward_read(const struct plait__plan *plan, const struct plait__segment *segment,
			     const struct plait__use *use)
{
	return segment->phase == PLAIT_BACKWARD && use->access == PLAIT__READ &&
	       plan->arena[use->arena].kind == PLAIT__PARAMETERS;
}

/* -- depths and sinks ---------------------------------------------------------------- */

/* An arena, seen from a segment: how far from the end of the step the next writer is, and the
 * furthest of the reads before it.  -1: there is none. */
struct ahead {
	int writer, reads;
};

static void find_depth(struct plait__plan *plan, int segment, struct ahead *ahead)
{
	struct plait__segment *s = &plan->segment[segment];
	const struct plait__use *use = &plan->use[s->first_use];
	int furthest = -1;

	for (int i = 0; i < s->uses; i++) {
		const struct ahead *a = &ahead[use[i].arena];

		PLAIT__ASSERT(a->reads < 0 || a->reads > a->writer,
			      "a read before the next writer is further from the end than that");
		if (a->writer > furthest)
			furthest = a->writer;
		if (use[i].access != PLAIT__READ && a->reads > furthest)
			furthest = a->reads;
	}
	s->depth = furthest + 1;
	s->sink = furthest < 0;
	plan->sinks += s->sink;
	for (int i = 0; i < s->uses; i++) {
		struct ahead *a = &ahead[use[i].arena];

		if (use[i].access != PLAIT__READ)
			*a = (struct ahead){ .writer = s->depth, .reads = -1 };
		else if (s->depth > a->reads)
			a->reads = s->depth;
	}
}

static int find_depths(struct plait__plan *plan)
{
	struct ahead *ahead = plait__calloc((size_t)plan->arenas, sizeof *ahead, "depths");

	if (!ahead)
		return PLAIT_ENOMEM;
	for (int i = 0; i < plan->arenas; i++)
		ahead[i] = (struct ahead){ -1, -1 };
	for (int i = plan->segments - 1; i >= 0; i--)
		find_depth(plan, i, ahead);
	PLAIT__ASSERT(plan->segments == 0 || plan->segment[plan->segments - 1].sink,
		      "nothing waits for the last segment");
	free(ahead);
	return 0;
}

/* -- reads that need no order -------------------------------------------------------- */

/* Backward's read of a parameter needs no edge of StarPU's if other handles already put it
 * after an ordered read (so after the last step's update) and before this step's update.  While
 * that is open, such a read counts as after the writer before it, but not as before the next.
 *
 * One sweep answers for as many parameter arenas as a word has bits. */
enum { BITS = 64 };

/* The arenas of which something was found on the way to an arena's last writer, and to the
 * reads since. */
struct found {
	uint64_t writer, reads;
};

struct order {
	struct plait__plan *plan;
	int *number;         /* by arena: place among those that backward reads, or -1 */
	int *writer;         /* by arena: the first segment that writes it, or -1 */
	struct found *found; /* by arena */
	int numbers;
	int first; /* number of the arena that bit 0 stands for */
};

static uint64_t bit_of(const struct order *o, int arena)
{
	int bit = o->number[arena] - o->first;

	return bit >= 0 && bit < BITS ? UINT64_C(1) << bit : 0;
}

static void hand_on(struct found *found, const struct plait__use *use, uint64_t bits)
{
	if (use->access == PLAIT__READ)
		found->reads |= bits;
	else
		*found = (struct found){ .writer = bits };
}

/* Forward: the arenas that an ordered read before the segment reads. */
static void find_after(struct order *o, const struct plait__segment *segment)
{
	struct plait__use *use = &o->plan->use[segment->first_use];
	uint64_t bits = 0;

	for (int i = 0; i < segment->uses; i++) {
		const struct found *found = &o->found[use[i].arena];

		bits |= found->writer;
		if (use[i].access != PLAIT__READ)
			bits |= found->reads;
		else if (segment->phase != PLAIT_BACKWARD)
			bits |= bit_of(o, use[i].arena);
	}
	for (int i = 0; i < segment->uses; i++)
		if (is_backward_read(o->plan, segment, &use[i]))
			use[i].unordered |= (bits & bit_of(o, use[i].arena)) != 0;
		else
			hand_on(&o->found[use[i].arena], &use[i], bits);
}

/* Backward: the arenas whose first writer comes after the segment; the other writers come after
 * the first. */
static void find_before(struct order *o, int position)
{
	const struct plait__segment *segment = &o->plan->segment[position];
	struct plait__use *use = &o->plan->use[segment->first_use];
	uint64_t bits = 0;

	for (int i = 0; i < segment->uses; i++) {
		const struct found *found = &o->found[use[i].arena];

		if (is_backward_read(o->plan, segment, &use[i]))
			continue;
		bits |= found->writer;
		if (use[i].access != PLAIT__READ)
			bits |= found->reads;
		if (o->writer[use[i].arena] == position)
			bits |= bit_of(o, use[i].arena);
	}
	for (int i = 0; i < segment->uses; i++) {
		uint64_t bit = bit_of(o, use[i].arena);

		if (bit && is_backward_read(o->plan, segment, &use[i]))
			use[i].unordered &= o->writer[use[i].arena] < 0 || (bits & bit);
		hand_on(&o->found[use[i].arena], &use[i], bits);
	}
}

static void forget(struct order *o)
{
	for (int i = 0; i < o->plan->arenas; i++)
		o->found[i] = (struct found){ 0 };
}

static void find_unordered(struct order *o)
{
	for (o->first = 0; o->first < o->numbers; o->first += BITS) {
		forget(o);
		for (int i = 0; i < o->plan->segments; i++)
			find_after(o, &o->plan->segment[i]);
		forget(o);
		for (int i = o->plan->segments - 1; i >= 0; i--)
			find_before(o, i);
	}
}

static void number_arenas(struct order *o)
{
	const struct plait__plan *plan = o->plan;

	for (int i = 0; i < plan->arenas; i++)
		o->number[i] = o->writer[i] = -1;
	for (int i = 0; i < plan->segments; i++)
		for (int j = 0; j < plan->segment[i].uses; j++) {
			const struct plait__use *use = &plan->use[plan->segment[i].first_use + j];

			if (use->access != PLAIT__READ && o->writer[use->arena] < 0)
				o->writer[use->arena] = i;
			if (o->number[use->arena] < 0 &&
			    is_backward_read(plan, &plan->segment[i], use))
				o->number[use->arena] = o->numbers++;
		}
}

/* The order of submission is that of the schedule, and as tasks of several microbatches may be
 * ready at once, so are the priorities.  (With depths a stage begins a forward pass where 1F1B has
 * it finish a backward pass: of 4 stages and 8 microbatches the bubble is 29 % and not 27 %.)  What
 * fills comes last. */
static void follow_schedule(struct plait__plan *plan)
{
	int depth = 0;

	for (int fills = 1; fills >= 0; fills--)
		for (int i = plan->segments - 1; i >= 0; i--)
			if (plan->segment[i].fills == (fills == 1))
				plan->segment[i].depth = depth++;
}

int plait__plan_order(struct plait__plan *plan)
{
	size_t arenas = (size_t)plan->arenas;
	struct order o = { .plan = plan };
	int status = find_depths(plan);

	if (plan->stages > 1 && plait__split_microbatches(&plan->options.split) > 1)
		follow_schedule(plan);

	o.number = plait__calloc(arenas, sizeof *o.number, "the order of segments");
	o.writer = plait__calloc(arenas, sizeof *o.writer, "the order of segments");
	o.found = plait__calloc(arenas, sizeof *o.found, "the order of segments");
	if (!o.number || !o.writer || !o.found)
		status = PLAIT_ENOMEM;
	if (status == 0) {
		number_arenas(&o);
		find_unordered(&o);
	}
	free(o.number);
	free(o.writer);
	free(o.found);
	return status;
}
