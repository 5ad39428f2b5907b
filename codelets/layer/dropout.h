/* SPDX-License-Identifier: MIT
 * What dropout's room and its kernel for CUDA share. */
#ifndef PLAIT__DROPOUT_H
#define PLAIT__DROPOUT_H

#include "src/base/random.h"

struct plait_call;

/* Of a call: an element whose random number is below `least` is dropped, any other multiplied by
 * scale. */
struct plait__dropout_rule {
	uint64_t key; /* of the trainer's seed and the layer */
	int64_t first;
	uint32_t least;
	float scale;
};

/* Defined in the room. */
struct plait__dropout_rule plait__dropout_rule_of(const struct plait_call *call);

/* The key of a sample's elements; words: the batch's key. */
PLAIT_FORMULA uint64_t plait__dropout_key(const struct plait__dropout_rule *rule,
					  const int32_t *words, int64_t row)
{
	uint64_t batch = (uint64_t)(uint32_t)words[1] << 32 | (uint32_t)words[0];

	return plait__random(plait__key(rule->key, batch), (uint64_t)(rule->first + row));
}

/* Element i of a sample.  A NaN that is dropped stays one, as in torch. */
PLAIT_FORMULA float plait__dropout(float x, uint64_t key, int64_t i, uint32_t least, float scale)
{
	return x * (plait__random_32(key, (uint32_t)i) >= least ? scale : 0.0f);
}

#endif
