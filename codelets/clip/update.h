/* SPDX-License-Identifier: MIT
 * How an update's kernel for CPUs reads its gradient.  Where the trainer clips gradients, or leaves
 * updates out, the last input of each update is what the clip node has made of all gradients:
 * plait__op_update() adds it. */
#ifndef PLAIT__CLIP_UPDATE_H
#define PLAIT__CLIP_UPDATE_H

#include "codelets/ops.h"
#include "codelets/shared/formula.h"
#include "codelets/shared/rows.h"

/* What the clip node gives.  An element g of a gradient becomes factor g, at least -limit and at
 * most limit. */
enum plait__clip_figure {
	PLAIT__CLIP_FACTOR,
	PLAIT__CLIP_LIMIT,
	PLAIT__CLIP_SKIPPED, /* 1: the update is left out, else 0 */
	PLAIT__CLIP_NORM,    /* of all gradients together, before they are clipped */
	PLAIT__CLIP_LOSS,    /* of the whole batch; only where outliers are left out */
	PLAIT__CLIP_FIGURES
};

/* Inputs of an update besides the figures: parameter, gradient, state. */
static inline int plait__update_inputs(const struct plait_node *update)
{
	const struct plait_node *last = update->input[update->ninputs - 1];

	return update->ninputs - (last->op == &plait__op_clip);
}

/* The figures by which an update clips; NULL: it does not. */
static inline const float *plait__update_clip(const struct plait_call *call)
{
	int inputs = plait__update_inputs(call->node);

	return inputs < call->node->ninputs ? plait__call_floats(call, inputs) : NULL;
}

/* Whether it is to change nothing. */
static inline bool plait__update_skipped(const struct plait_call *call)
{
	const float *clip = plait__update_clip(call);

	return clip && clip[PLAIT__CLIP_SKIPPED] != 0.0f;
}

PLAIT_FORMULA float plait__clipped(float factor, float limit, float g)
{
	return plait__at_most(plait__at_least(factor * g, -limit), limit);
}

/* So many elements of a gradient, at most PLAIT__BLOCK, clipped by the figures that there may be:
 * in piece, or where they stay as they are, in the gradient itself. */
const float *plait__clipped_piece(const float *clip, int64_t n, const float *g, float *piece);

/* Part of an update: of n elements from the first on, by their gradients g; user: its own. */
typedef void (*plait__update_part)(const struct plait_call *call, const void *user, int64_t first,
				   int64_t n, const float *g);

/* Has an update done in parts of PLAIT__BLOCK elements, whose gradients are clipped and still in
 * the first cache.  It is one part where nothing clips, and none where the update is left out. */
void plait__update_parts(const struct plait_call *call, const void *user, plait__update_part part);

#endif
