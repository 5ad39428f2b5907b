/* SPDX-License-Identifier: MIT
 * Per-sample steps between data set and slot: pure functions of (sample, key). */
#ifndef PLAIT_TRANSFORM_H
#define PLAIT_TRANSFORM_H

#include <plait/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/** y = (x - mean[c]) / std[c], after uint8 became float32 in [0,1].  With one channel
 *  the pair holds for the whole sample; else dimension 0 of the sample is the channel
 *  and must be `channels` long.  channels = 0: no normalisation. */
struct plait_normalize {
	int channels;
	float mean[PLAIT_MAX_CHANNELS];
	float std[PLAIT_MAX_CHANNELS];
};

/** Checks a normalisation against a sample's shape.  normalize may be NULL: none.
 *  Errors: PLAIT_ESHAPE (channel count), PLAIT_EINVAL (a std that is not positive, a
 *  value that is not finite, more channels than PLAIT_MAX_CHANNELS; several and dim is NULL). */
PLAIT_API int plait_normalize_check(const struct plait_normalize *normalize, int ndim,
				    const int64_t *dim);

struct plait_transform;

/** What is left to do where a loader delivers bytes: value = byte / 255 * scale[c] + shift[c].
 *  That is transform's normalize, then `normalize`; each may be NULL.  Returns the channels, 1
 *  where a pair holds for the whole sample; without any normalisation that pair is 1 and 0.  scale
 *  and shift: PLAIT_MAX_CHANNELS long.
 *  Errors: as plait_normalize_check; PLAIT_ESHAPE (the two differ in channels); PLAIT_EINVAL
 *  (scale or shift is NULL). */
PLAIT_API int plait_transform_affine(const struct plait_transform *transform,
				     const struct plait_normalize *normalize, float *scale,
				     float *shift);

/** A transform from words, applied in their order, as torchvision.transforms names them:
 *    resize:S | resize:HxW           shorter side to S, or exactly; bilinear with antialias
 *    center-crop:S | :HxW            the middle; what is missing is zero
 *    crop:S[,PAD] | :HxW[,PAD]       a random window after padding with zeros
 *    random-resized-crop:S | :HxW    area 0.08 to 1, aspect 3/4 to 4/3, resized to S
 *    flip[:P]                        left-right with probability P (0.5)
 *    cutout:S                        a square of side S set to zero (below)
 *    color-jitter:B,C,S              brightness, contrast, saturation factors in 1 +- each
 *    normalize:M1,M2,..;S1,S2,..     last; see struct plait_normalize
 *  They are torchvision's except that resize does not round to bytes, color-jitter has one
 *  order (brightness, contrast, saturation), and normalize is a multiplication and an addition:
 *  off by at most 2^-22 of the larger of |x/std| and |mean/std|.  Bytes are rounded to only where a
 *  user's step reads them, between two resizes, and for cropping, resizing or jittering what
 *  was jittered or cut out.  cutout: the centre is any pixel, what lies outside is lost, and
 *  zero is black: the value before normalize.
 *  *transform_p is set on success and freed with plait_transform_destroy.
 *  Errors: PLAIT_EINVAL (the word, the valid ones; an argument; transform_p or words is NULL),
 *  PLAIT_ENOMEM. */
PLAIT_API int plait_transform_parse(struct plait_transform **transform_p, const char *words);

/** A user's step on an interleaved uint8 image [height,width,channels], in place: appended
 *  after the words and steps so far, but before normalize, which stays last.  Called from several
 *  workers at once; pure in (pixels, key).  user is passed through.
 *  Errors: PLAIT_EINVAL (transform or apply is NULL, or too many steps). */
typedef void (*plait_transform_fn)(void *user, uint64_t key, int height, int width, int channels,
				   uint8_t *pixels);
PLAIT_API int plait_transform_append(struct plait_transform *transform, plait_transform_fn apply,
				     void *user);

/** Shape [C,H,W] of the result for samples of shape dim ([C,H,W]); with varying sizes dim is
 *  any of them, and a transform that leaves sizes different is an error.  transform may be NULL.
 *  Errors: PLAIT_ESHAPE (names the word and both sizes), PLAIT_EINVAL (dim or result is NULL). */
PLAIT_API int plait_transform_shape(const struct plait_transform *transform, const int64_t dim[3],
				    bool varying, int64_t result[3]);

/** Whether results depend on the key, so that they differ from epoch to epoch.  transform may be
 *  NULL: no. */
PLAIT_API bool plait_transform_is_random(const struct plait_transform *transform);

/** How the words are used, as in "flip or flip:P", one text a word.  Writes at most max of them to
 *  usage, static strings, and returns how many there are.  usage may be NULL: they are only
 *  counted. */
PLAIT_API int plait_transform_words(const char **usage, int max);

/** Frees the transform; NULL is ignored. */
PLAIT_API void plait_transform_destroy(struct plait_transform *transform);

#ifdef __cplusplus
}
#endif
#endif
