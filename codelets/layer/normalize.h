/* SPDX-License-Identifier: MIT
 * What normalize's room and its kernel for CUDA share. The formula itself is the loader's too:
 * src/base/scalar.h. */
#ifndef PLAIT__NORMALIZE_H
#define PLAIT__NORMALIZE_H

#include "src/base/scalar.h"

#include <plait/tensor.h>

struct plait_call;

/* A sample is `channels` planes of `part` bytes. Each plane has its own scale and shift. */
struct plait__normalize_rule {
	int64_t part;
	int channels;
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
};

/* The rule in the node's attributes; defined in the room. */
struct plait__normalize_rule plait__normalize_rule_of(const struct plait_call *call);

#endif
