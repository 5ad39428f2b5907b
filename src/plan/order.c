/* SPDX-License-Identifier: MIT
 * The order StarPU will find in the handles, found beforehand: depths for priorities, sinks
 * for counting a step as done, and reads that need no ordering of their own. */
#include "config.h"
#include "src/plan/plan.h"

#include <stdlib.h>

struct order {
	struct plait__plan *plan;
	size_t words;    /* of a row of bits */
	uint64_t *reach; /* [segment]: the segments after it */
};

static bool reaches(const struct order *o, int from, int to)
{
	return from == to || (o->reach[(size_t)from * o->words + (size_t)to / 64] >> (to % 64) & 1);
}

/* from is before to, and before all that to is before.  Edges must be added for `from`
 * descending, so that to's row is complete. */
static void add_edge(struct order *o, int from, int to)
{
	uint64_t *row = o->reach + (size_t)from * o->words;

	row[to / 64] |= UINT64_C(1) << (to % 64);
	for (size_t i = 0; i < o->words; i++)
		row[i] |= o->reach[(size_t)to * o->words + i];
	if (o->plan->segment[from].depth < o->plan->segment[to].depth + 1)
		o->plan->segment[from].depth = o->plan->segment[to].depth + 1;
	o->plan->segment[from].sink = false;
}

static struct plait__use *use_of(struct plait__plan *plan, int segment, int arena)
{
	for (int i = 0; i < plan->segment[segment].uses; i++) {
		struct plait__use *use = &plan->use[plan->segment[segment].first_use + i];

		if (use->arena == arena)
			return use;
	}
	return NULL;
}

/* Edges from one segment to those after it that touch the same arena; the parameters that
 * backward reads are left out while it is open whether they need an edge. */
static void add_edges(struct order *o, int from, bool with_unordered)
{
	struct plait__plan *plan = o->plan;

	for (int i = 0; i < plan->segment[from].uses; i++) {
		const struct plait__use *mine = &plan->use[plan->segment[from].first_use + i];
		bool backward_read = plan->segment[from].phase == PLAIT__BACKWARD &&
				     mine->access == PLAIT__READ &&
				     plan->arena[mine->arena].kind == PLAIT__PARAMETERS;

		if (backward_read && !with_unordered)
			continue;
		for (int to = from + 1; to < plan->segments; to++) {
			const struct plait__use *other = use_of(plan, to, mine->arena);

			if (other && (mine->access | other->access) != PLAIT__READ)
				add_edge(o, from, to);
		}
	}
}

static void find_reach(struct order *o, bool with_unordered)
{
	for (int i = o->plan->segments - 1; i >= 0; i--) {
		o->plan->segment[i].sink = true;
		o->plan->segment[i].depth = 0;
		for (size_t w = 0; w < o->words; w++)
			o->reach[(size_t)i * o->words + w] = 0;
		add_edges(o, i, with_unordered);
	}
}

/* Backward's read of a parameter needs no edge of StarPU's if other handles already put it
 * after an ordered read (so after the last step's update) and before this step's update. */
static bool is_ordered_anyway(const struct order *o, int segment, int arena)
{
	bool after = false, before = true;

	for (int i = 0; i < o->plan->segments; i++) {
		const struct plait__use *use = i == segment ? NULL : use_of(o->plan, i, arena);

		if (!use)
			continue;
		if (use->access == PLAIT__READ)
			after |= o->plan->segment[i].phase != PLAIT__BACKWARD &&
				 reaches(o, i, segment);
		else
			before &= reaches(o, segment, i);
	}
	return after && before;
}

int plait__plan_order(struct plait__plan *plan)
{
	struct order o = { .plan = plan, .words = ((size_t)plan->segments + 63) / 64 };

	o.reach = plait__calloc((size_t)plan->segments * o.words, sizeof *o.reach,
				"the order of segments");
	if (!o.reach)
		return PLAIT_ENOMEM;
	find_reach(&o, false);
	for (int i = 0; i < plan->segments; i++)
		for (int j = 0; j < plan->segment[i].uses; j++) {
			struct plait__use *use = &plan->use[plan->segment[i].first_use + j];

			if (plan->segment[i].phase == PLAIT__BACKWARD &&
			    use->access == PLAIT__READ &&
			    plan->arena[use->arena].kind == PLAIT__PARAMETERS)
				use->unordered = is_ordered_anyway(&o, i, use->arena);
		}
	find_reach(&o, true);
	for (int i = 0; i < plan->segments; i++)
		plan->sinks += plan->segment[i].sink;
	free(o.reach);
	return 0;
}
