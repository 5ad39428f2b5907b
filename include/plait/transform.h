/* SPDX-License-Identifier: MIT
 * Per-sample steps between data set and slot: pure functions of (sample, key). */
#ifndef PLAIT_TRANSFORM_H
#define PLAIT_TRANSFORM_H

#include <plait/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PLAIT_MAX_CHANNELS 16

/** y = (x - mean[c]) / std[c], after uint8 became float32 in [0,1].  With one channel
 *  the pair holds for the whole sample; else dimension 0 of the sample is the channel
 *  and must be `channels` long.  channels = 0: no normalisation. */
struct plait_normalize {
	int channels;
	float mean[PLAIT_MAX_CHANNELS];
	float std[PLAIT_MAX_CHANNELS];
};

/** Checks a normalisation against a sample's shape.
 *  Errors: PLAIT_ESHAPE (channel count), PLAIT_EINVAL (a std that is not positive, a
 *  value that is not finite). */
PLAIT_API int plait_normalize_check(const struct plait_normalize *normalize, int ndim,
				    const int64_t *dim);

#ifdef __cplusplus
}
#endif
#endif
