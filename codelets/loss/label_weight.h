/* SPDX-License-Identifier: MIT
 * What the room of label_weight and its kernels for CUDA share. */
#ifndef PLAIT__LABEL_WEIGHT_H
#define PLAIT__LABEL_WEIGHT_H

#include "src/base/scalar.h"

#include <stdbool.h>
#include <stddef.h>

/* Attributes of both ops. */
enum { PLAIT__IGNORES, PLAIT__IGNORED, PLAIT__LABEL_ATTRIBUTES };

/* By what samples weigh. */
struct plait__label_rule {
	bool ignores; /* a label */
	int32_t ignored;
	int32_t classes;            /* that have weights */
	const float *class_weights; /* [classes] */
	const float *weights;       /* of samples, or NULL: each is 1 */
};

struct plait_call;
struct plait__label_rule plait__label_rule_of(const struct plait_call *call);

PLAIT_FORMULA float plait__sample_weight(const struct plait__label_rule *rule, int64_t i)
{
	return rule->weights ? rule->weights[i] : 1.0f;
}

/* A label outside of the classes counts as 1: the loss is to show it. */
PLAIT_FORMULA float plait__class_weight(const struct plait__label_rule *rule, int32_t label)
{
	if (rule->ignores && label == rule->ignored)
		return 0.0f;
	return label >= 0 && label < rule->classes ? rule->class_weights[label] : 1.0f;
}

/* NaN stays NaN. */
PLAIT_FORMULA float plait__label_scale(double all, double counted)
{
	return counted == 0.0 ? 0.0f : (float)(all / counted);
}

#endif
