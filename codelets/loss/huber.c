/* SPDX-License-Identifier: MIT
 * huber: loss = mean over all elements of the batch of w h(x - t), where with d = |x - t|
 *        h = d^2 / 2 for d < delta, else delta (d - delta / 2).
 *        x: [N,...], targets t: [N,M] of as many elements, w: [N] or 1, loss: scalar.
 *        dx = w dy (x - t, but from -delta to delta) / (batch M), dy is 1 if this is the graph's
 *        loss. */
#include "config.h"
#include "codelets/shared/terms.h"

PLAIT_FORMULA float plait__huber(float d, float delta)
{
	float a = fabsf(d);

	return a < delta ? 0.5f * a * a : delta * (a - 0.5f * delta);
}

PLAIT__TERMS(huber, 1.0, plait__huber(x - t, c), plait__at_most(plait__at_least(x - t, -c), c), 7,
	     4)

#ifndef __cplusplus
static struct plait_node *huber(struct plait_node *x, struct plait_node *targets,
				struct plait_node *weights, float delta)
{
	if (x && !(delta > 0.0f && delta < INFINITY))
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"huber: delta is %g, must be above 0 and finite",
					(double)delta);
	return build(x, targets, weights, delta);
}

struct plait_node *plait_huber(struct plait_node *x, struct plait_node *targets, float delta)
{
	return huber(x, targets, NULL, delta);
}

struct plait_node *plait_huber_weighted(struct plait_node *x, struct plait_node *targets,
					struct plait_node *weights, float delta)
{
	return weights ? huber(x, targets, weights, delta) : NULL;
}
#endif
