/* SPDX-License-Identifier: MIT
 * Applying a transform. */
#ifndef PLAIT__TRANSFORM_H
#define PLAIT__TRANSFORM_H

#include "src/image/image.h"
#include <plait/transform.h>

/* y = x * scale[c] + shift[c] for channel c; with one channel scale[0] and shift[0] are for all;
 * with 0 channels y = x. */
struct plait__affine {
	int channels;
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
};

/* Joins the normalize of the transform and another one that follows it; either pointer may be NULL.
 */
void plait__affine_join(const struct plait_transform *transform,
			const struct plait_normalize *normalize, struct plait__affine *affine);

/* Makes a sample of an image: float32 planes [C,H,W], whose size plait_transform_shape tells.  A
 * value is affine of the pixel in [0,1]; affine is the result of plait__affine_join.  key is that
 * of the sample: each draw depends on it, the number of the action and the number of the draw, and
 * on nothing else.  memory is the calling worker's.  transform may be NULL. PLAIT_ESHAPE if the
 * image is smaller than a crop; PLAIT_ENOMEM. */
int plait__transform_apply(const struct plait_transform *transform,
			   const struct plait__image *image, uint64_t key,
			   const struct plait__affine *affine, struct plait__buffer *memory,
			   float *out);

/* The same with the same draws, to uint8 planes [C,H,W] without normalize.  A value that is
 * computed is rounded to the nearest byte. */
int plait__transform_apply_bytes(const struct plait_transform *transform,
				 const struct plait__image *image, uint64_t key,
				 struct plait__buffer *memory, uint8_t *out);

/* Whether results differ from epoch to epoch; and a hash of the actions and normalize. */
bool plait__transform_is_random(const struct plait_transform *transform);
uint64_t plait__transform_hash(const struct plait_transform *transform);

#endif
