/* SPDX-License-Identifier: MIT
 * The formulas of what clips gradients and leaves out updates, for the rooms and their kernels for
 * CUDA. */
#ifndef PLAIT__CLIP_H
#define PLAIT__CLIP_H

#include "codelets/clip/update.h"

/* Attributes of a clip node; 0: it does not do that. */
enum {
	PLAIT__CLIP_MAX_NORM,
	PLAIT__CLIP_MAX_VALUE,
	PLAIT__CLIP_DEVIATIONS,
	PLAIT__CLIP_ATTRIBUTES
};

struct plait__clip_rule {
	float max_norm, max_value, deviations;
};

static inline struct plait__clip_rule plait__clip_rule_of(const struct plait_node *clip)
{
	return (struct plait__clip_rule){ (float)clip->attr[PLAIT__CLIP_MAX_NORM],
					  (float)clip->attr[PLAIT__CLIP_MAX_VALUE],
					  (float)clip->attr[PLAIT__CLIP_DEVIATIONS] };
}

/* Inputs of a clip node: the norms of all gradients, and where outliers are left out the loss of
 * the batch and the running values, behind each other. */
static inline int plait__clip_norms(const struct plait_node *clip)
{
	return clip->ninputs - (clip->attr[PLAIT__CLIP_DEVIATIONS] > 0 ? 2 : 0);
}

static inline const float *plait__clip_extra(const struct plait_call *call, int extra)
{
	int i = plait__clip_norms(call->node) + extra;

	return i < call->node->ninputs ? plait__call_floats(call, i) : NULL;
}

/* -- outliers ------------------------------------------------------------------------------ */

/* Running values: how many steps have counted, then mean and variance of the loss, and of the norm.
 */
enum {
	PLAIT__OUTLIER_COUNT,
	PLAIT__OUTLIER_LOSS,
	PLAIT__OUTLIER_NORM = 3,
	PLAIT__OUTLIER_STATE = 5
};

#define PLAIT__OUTLIER_WARMUP 25.0f /* steps before any finite number is an outlier */
#define PLAIT__OUTLIER_WEIGHT 0.03f /* of the newest number in mean and variance */
/* A deviation is at least so much of the mean.  A loss that has settled would make outliers of its
 * roundings. */
#define PLAIT__OUTLIER_LEAST 1e-3f
#define PLAIT__OUTLIER_MOST 1e18f /* larger numbers count as this one, whose square is a float */

PLAIT_FORMULA int plait__is_finite(float x)
{
	return fabsf(x) < INFINITY;
}

/* Above which a number is an outlier; running: mean and variance. */
PLAIT_FORMULA float plait__outlier_limit(const float *running, float deviations)
{
	float deviation = sqrtf(running[1]);

	return running[0] +
	       deviations * plait__at_least(deviation, PLAIT__OUTLIER_LEAST * fabsf(running[0]));
}

PLAIT_FORMULA int plait__is_outlier(const float *running, float count, float deviations, float x)
{
	return !plait__is_finite(x) ||
	       (count >= PLAIT__OUTLIER_WARMUP && x > plait__outlier_limit(running, deviations));
}

/* Takes x, the number `count` from 1.  An outlier counts as what is just none, so that it does not
 * hide the next one, and what stays high is one no longer after some steps.  With a weight of
 * 1 / count mean and variance are those of all numbers so far. */
PLAIT_FORMULA void plait__outlier_take(float *running, float count, float deviations, float x)
{
	float weight = plait__at_least(1.0f / count, PLAIT__OUTLIER_WEIGHT), off, step;

	if (count > PLAIT__OUTLIER_WARMUP)
		x = plait__at_most(x, plait__outlier_limit(running, deviations));
	off = plait__at_most(x, PLAIT__OUTLIER_MOST) - running[0];
	step = weight * off;
	running[0] = running[0] + step;
	running[1] = (1.0f - weight) * (running[1] + off * step);
}

/* -- the figures --------------------------------------------------------------------------- */

/* squares: the sum of the norms' squares.  loss and state: NULL where no update is left out. */
PLAIT_FORMULA void plait__clip_figures(struct plait__clip_rule rule, double squares,
				       const float *loss, const float *state, float *out)
{
	float norm = (float)sqrt(squares), factor = 1.0f;
	int skipped = 0;

	if (rule.max_norm > 0.0f)
		factor = plait__at_most(rule.max_norm / (norm + 1e-6f), 1.0f);
	if (state)
		skipped = plait__is_outlier(state + PLAIT__OUTLIER_LOSS,
					    state[PLAIT__OUTLIER_COUNT], rule.deviations, *loss) ||
			  plait__is_outlier(state + PLAIT__OUTLIER_NORM,
					    state[PLAIT__OUTLIER_COUNT], rule.deviations, norm);
	out[PLAIT__CLIP_FACTOR] = factor;
	out[PLAIT__CLIP_LIMIT] = rule.max_value > 0.0f ? rule.max_value : INFINITY;
	out[PLAIT__CLIP_SKIPPED] = skipped ? 1.0f : 0.0f;
	out[PLAIT__CLIP_NORM] = norm;
	out[PLAIT__CLIP_LOSS] = loss ? *loss : 0.0f;
}

/* The running values after a step with these figures. */
PLAIT_FORMULA void plait__outliers_update(struct plait__clip_rule rule, const float *figures,
					  float *state)
{
	float loss = figures[PLAIT__CLIP_LOSS], norm = figures[PLAIT__CLIP_NORM];

	if (!plait__is_finite(loss) || !plait__is_finite(norm))
		return;
	state[PLAIT__OUTLIER_COUNT] = state[PLAIT__OUTLIER_COUNT] + 1.0f;
	plait__outlier_take(state + PLAIT__OUTLIER_LOSS, state[PLAIT__OUTLIER_COUNT],
			    rule.deviations, loss);
	plait__outlier_take(state + PLAIT__OUTLIER_NORM, state[PLAIT__OUTLIER_COUNT],
			    rule.deviations, norm);
}

#endif
