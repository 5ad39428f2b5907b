/* SPDX-License-Identifier: MIT
 * Inside a transform: applying it. */
#ifndef PLAIT__TRANSFORM_H
#define PLAIT__TRANSFORM_H

#include "src/image/image.h"
#include <plait/transform.h>

/* y = x * scale[c] + shift[c]; with one channel the pair holds for all. */
struct plait__affine {
	int channels;
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
};

/* What the transform's normalize and another one after it make of a value in [0,1]; either may be
 * NULL. */
void plait__affine_join(const struct plait_transform *transform,
			const struct plait_normalize *normalize, struct plait__affine *affine);

/* Turns an image into the final sample: float32 planes [C,H,W] of affine(value in [0,1]),
 * written once; affine is the transform's own or more (plait__affine_join).  key is the sample's
 * (seed, epoch, index): every draw is plait__random of it and of the step's and the draw's
 * number, so results depend on nothing else.  memory: scratch of the calling worker.  transform
 * NULL: only to float.  out: as plait_transform_shape says.
 * Errors: PLAIT_ESHAPE (this image is smaller than a crop: sizes named), PLAIT_ENOMEM. */
int plait__transform_apply(const struct plait_transform *transform,
			   const struct plait__image *image, uint64_t key,
			   const struct plait__affine *affine, struct plait__buffer *memory,
			   float *out);

/* The same, and the same draws, in bytes: uint8 planes [C,H,W], without normalize.  What is only
 * moved stays as it is, what is computed is rounded to the nearest. */
int plait__transform_apply_bytes(const struct plait_transform *transform,
				 const struct plait__image *image, uint64_t key,
				 struct plait__buffer *memory, uint8_t *out);

/* Whether results differ from epoch to epoch (then they must not be cached), and a hash of
 * words and arguments (for the configuration's). */
bool plait__transform_is_random(const struct plait_transform *transform);
uint64_t plait__transform_hash(const struct plait_transform *transform);

#endif
