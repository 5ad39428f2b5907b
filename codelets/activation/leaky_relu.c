/* SPDX-License-Identifier: MIT
 * leaky_relu: y = x where x > 0, else slope x.  x, y: [N,...]. The slope is its attribute.
 *             dx = dy where x > 0, else slope dy. */
#include "config.h"
#include "codelets/shared/elementwise.h"

#ifndef __cplusplus
struct plait_node *plait_leaky_relu(struct plait_node *x, float slope)
{
	if (!plait_op_accepts(&plait__op_leaky_relu, x))
		return NULL;
	return plait__op_elementwise(&plait__op_leaky_relu, 1, &x, 1, &(double){ (double)slope });
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	float slope = 0.01f;

	if (*arguments && !plait__op_number(x, "leaky-relu", arguments,
					    "its slope below 0, as in leaky-relu:0.2", &slope))
		return NULL;
	return plait_leaky_relu(x, slope);
}
#endif

PLAIT_FORMULA float plait__leaky_relu(float x, float slope)
{
	return x > 0.0f ? x : slope * x; /* NaN stays NaN */
}

PLAIT_FORMULA float plait__leaky_relu_bwd(float x, float dy, float slope)
{
	return x > 0.0f ? dy : slope * dy;
}

PLAIT__ELEMENTWISE_BY(leaky_relu, PLAIT__BWD_READS_X, 2, 2)
