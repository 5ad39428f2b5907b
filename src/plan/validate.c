/* SPDX-License-Identifier: MIT
 * What must hold of every plan.  A fault found here is ours, so the messages are for us. */
#include "config.h"
#include "src/plan/validate.h"

#include <stdlib.h>
#include <string.h>

/* Which blocks of PLAIT__ALIGN bytes have been written, in each arena and in scratch. */
struct written {
	unsigned char **arena; /* [plan->arenas] */
	unsigned char *scratch;
};

static int broken(const struct plait__segment *segment, const char *invariant)
{
	return plait__error(PLAIT_ESTATE, "plan: segment %s: %s",
			    segment ? segment->name : "(none)", invariant);
}

/* -- the store ------------------------------------------------------------------------- */

/* Ranges of one kind and replica follow each other in the order of the arenas, inside the store. */
static int check_store(const struct plait__plan *plan, enum plait__arena_kind kind, size_t bytes)
{
	size_t end = 0;
	int replica = 0;

	for (int i = 0; i < plan->arenas; i++) {
		const struct plait__arena *arena = &plan->arena[i];

		if (arena->kind != kind || arena->bytes == 0)
			continue;
		if (arena->replica != replica)
			end = 0;
		replica = arena->replica;
		if (arena->offset < end)
			return broken(NULL, "ranges of the store overlap");
		end = arena->offset + arena->bytes;
	}
	return end <= bytes ? 0 : broken(NULL, "a range ends behind the store");
}

/* -- segments and uses ------------------------------------------------------------------- */

static int check_segment(const struct plait__plan *plan, const struct plait__segment *segment,
			 int *user)
{
	int id = (int)(segment - plan->segment) + 1;

	if (segment->calls < 1 || segment->uses < 1)
		return broken(segment, "it has no call or no arena");
	if (segment->scratch_bytes > plan->scratch_bytes)
		return broken(segment, "it needs more scratch than the plan has");
	for (int i = 0; i < segment->uses; i++) {
		const struct plait__use *use = &plan->use[segment->first_use + i];

		if (use->arena < 0 || use->arena >= plan->arenas)
			return broken(segment, "it uses an arena that is none");
		if (user[use->arena] == id)
			return broken(segment, "it uses an arena twice");
		user[use->arena] = id;
		if (use->access < PLAIT__READ || use->access > PLAIT__READ_WRITE)
			return broken(segment, "a use neither reads nor writes");
		if (use->unordered && use->access != PLAIT__READ)
			return broken(segment, "an unordered use writes");
	}
	return 0;
}

static int check_segments(const struct plait__plan *plan)
{
	int *user = plait__calloc((size_t)plan->arenas, sizeof *user, "a check"), status = 0;
	int calls = 0, uses = 0, sinks = 0;

	if (!user)
		return PLAIT_ENOMEM;
	for (int i = 0; i < plan->segments && status == 0; i++) {
		const struct plait__segment *segment = &plan->segment[i];

		if (segment->first_call != calls || segment->first_use != uses)
			status = broken(segment, "calls and uses do not follow each other");
		calls += segment->calls;
		uses += segment->uses;
		sinks += segment->sink;
		if (status == 0)
			status = check_segment(plan, segment, user);
	}
	free(user);
	if (status == 0 && (calls != plan->calls || uses != plan->uses || sinks != plan->sinks))
		status = broken(NULL, "the plan's counts are not those of its segments");
	if (status == 0 && sinks == 0)
		status = broken(NULL, "no segment ends the step");
	return status;
}

/* -- values ------------------------------------------------------------------------------ */

/* The blocks of an operand, or NULL where they are always written: a slot, parameters, state. */
static unsigned char *blocks_of(const struct plait__plan *plan,
				const struct plait__segment *segment, const struct written *written,
				const struct plait__operand *operand, size_t *room)
{
	const struct plait__use *use;

	if (operand->buffer == PLAIT__IN_SCRATCH) {
		*room = segment->scratch_bytes;
		return written->scratch;
	}
	use = &plan->use[segment->first_use + operand->buffer];
	*room = plan->arena[use->arena].bytes;
	return written->arena[use->arena];
}

/* Bytes at an operand of call: of the whole part, or where only a chunk of it has memory, of that.
 */
static size_t operand_bytes(const struct plait__plan *plan, const struct plait__planned_call *call,
			    const struct plait__operand *operand, const struct plait_node *node)
{
	size_t bytes = plait__plan_value_bytes(plan, node), chunk;

	if (call->chunk == 0 || !node->batched || operand->chunk_bytes > 0)
		return bytes;
	chunk = plait__node_bytes(node, call->chunk);
	return chunk < bytes ? chunk : bytes;
}

static int check_operand(const struct plait__plan *plan, const struct plait__segment *segment,
			 const struct written *written, const struct plait__planned_call *call,
			 const struct plait__operand *operand, const struct plait_node *node,
			 bool writes)
{
	size_t room, bytes = operand_bytes(plan, call, operand, node),
		     at = operand->offset / PLAIT__ALIGN;
	unsigned char *block;

	if (operand->buffer != PLAIT__IN_SCRATCH &&
	    (operand->buffer < 0 || operand->buffer >= segment->uses))
		return broken(segment, "an operand is in no arena of the segment");
	block = blocks_of(plan, segment, written, operand, &room);
	if (operand->offset % PLAIT__ALIGN != 0 || operand->offset + bytes > room)
		return broken(segment, "an operand is not aligned or ends behind its arena");
	if (writes && operand->buffer != PLAIT__IN_SCRATCH &&
	    !(plan->use[segment->first_use + operand->buffer].access & PLAIT__WRITE))
		return broken(segment, "it writes an arena that it only reads");
	for (size_t i = 0; block && i < (bytes + PLAIT__ALIGN - 1) / PLAIT__ALIGN; i++) {
		if (!writes && !block[at + i])
			return broken(segment, "it reads a value before that is written");
		block[at + i] |= writes;
	}
	return 0;
}

static int check_call(const struct plait__plan *plan, const struct plait__segment *segment,
		      const struct written *written, const struct plait__planned_call *call)
{
	bool sum = call->op != call->node->op; /* of shards: both inputs are parts of the node */
	int status = 0;

	for (int i = 0; i < call->inputs && status == 0; i++) {
		const struct plait_node *input =
			sum ? call->node : plait__resolve(call->node->input[i], plan->options.mode);

		status = check_operand(plan, segment, written, call, &call->in[i], input, false);
		if (status == 0 && call->op->updates >> i & 1)
			status = check_operand(plan, segment, written, call, &call->in[i], input,
					       true);
	}
	if (status == 0 && call->has_out)
		status = check_operand(plan, segment, written, call, &call->out, call->node, true);
	return status;
}

static int check_values(const struct plait__plan *plan, const struct written *written)
{
	int status = 0;

	for (int i = 0; i < plan->segments && status == 0; i++) {
		const struct plait__segment *segment = &plan->segment[i];

		memset(written->scratch, 0, plan->scratch_bytes / PLAIT__ALIGN + 1);
		for (int j = 0; j < segment->calls && status == 0; j++)
			status = check_call(plan, segment, written,
					    &plan->call[segment->first_call + j]);
	}
	return status;
}

static bool is_made_by_the_step(const struct plait__arena *arena)
{
	return arena->kind == PLAIT__VALUES || arena->kind == PLAIT__GRADIENTS ||
	       arena->kind == PLAIT__RESULT;
}

static int check_memory(const struct plait__plan *plan)
{
	struct written written = {
		.arena = plait__calloc((size_t)plan->arenas, sizeof *written.arena, "a check"),
		.scratch = plait__calloc(plan->scratch_bytes / PLAIT__ALIGN + 1, 1, "a check")
	};
	int status = written.arena && written.scratch ? 0 : PLAIT_ENOMEM;

	for (int i = 0; i < plan->arenas && status == 0; i++) {
		if (!is_made_by_the_step(&plan->arena[i]))
			continue;
		written.arena[i] =
			plait__calloc(plan->arena[i].bytes / PLAIT__ALIGN + 1, 1, "a check");
		status = written.arena[i] ? 0 : PLAIT_ENOMEM;
	}
	if (status == 0)
		status = check_values(plan, &written);
	for (int i = 0; i < plan->arenas && written.arena; i++)
		free(written.arena[i]);
	free(written.arena);
	free(written.scratch);
	return status;
}

int plait__plan_validate(const struct plait__plan *plan)
{
	int status = check_store(plan, PLAIT__PARAMETERS, plan->store->values_bytes);

	if (status == 0)
		status = check_store(plan, PLAIT__STATE, plan->store->state_bytes);
	if (status == 0)
		status = check_segments(plan);
	return status == 0 ? check_memory(plan) : status;
}
