/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "codelets/clip/update.h"

PLAIT__CLONES static void clip_all(int64_t n, float factor, float limit, const float *restrict g,
				   float *restrict clipped)
{
	for (int64_t i = 0; i < n; i++)
		clipped[i] = plait__clipped(factor, limit, g[i]);
}

static bool clips(const float *figures)
{
	return figures &&
	       !(figures[PLAIT__CLIP_FACTOR] == 1.0f && figures[PLAIT__CLIP_LIMIT] == INFINITY);
}

const float *plait__clipped_piece(const float *clip, int64_t n, const float *g, float *piece)
{
	PLAIT__ASSERT(n <= PLAIT__BLOCK, "a piece of a gradient fits in its buffer");
	if (!clips(clip))
		return g;
	clip_all(n, clip[PLAIT__CLIP_FACTOR], clip[PLAIT__CLIP_LIMIT], g, piece);
	return piece;
}

void plait__update_parts(const struct plait_call *call, const void *user, plait__update_part part)
{
	int64_t n = plait__call_elements(call, call->node->input[0]), some;
	const float *g = plait__call_floats(call, 1), *clip = plait__update_clip(call);
	float piece[PLAIT__BLOCK];

	if (plait__update_skipped(call))
		return;
	if (!clips(clip)) {
		part(call, user, 0, n, g);
		return;
	}
	for (int64_t first = 0; first < n; first += some) {
		some = n - first < PLAIT__BLOCK ? n - first : PLAIT__BLOCK;
		part(call, user, first, some, plait__clipped_piece(clip, some, g + first, piece));
	}
}
