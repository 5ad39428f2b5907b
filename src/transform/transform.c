/* SPDX-License-Identifier: MIT
 * The properties of a transform: the shape of its result, whether it is random, its hash. */
#include "config.h"
#include "src/base/random.h"
#include "src/transform/transform.h"
#include "src/transform/fuse.h"

#include <math.h>
#include <string.h>

int plait_normalize_check(const struct plait_normalize *normalize, int ndim, const int64_t *dim)
{
	char shape[128];
	int channels = normalize ? normalize->channels : 0;

	if (channels < 0 || channels > PLAIT_MAX_CHANNELS)
		return plait__error(PLAIT_EINVAL, "normalize: %d channels, must be 0 to %d",
				    channels, PLAIT_MAX_CHANNELS);
	for (int c = 0; c < channels; c++) {
		float mean = normalize->mean[c], std = normalize->std[c];

		if (!isfinite(mean))
			return plait__error(
				PLAIT_EINVAL,
				"normalize: the mean of channel %d is %g, must be finite", c, mean);
		if (!isfinite(std) || std <= 0)
			return plait__error(
				PLAIT_EINVAL,
				"normalize: the std of channel %d is %g, must be positive", c, std);
	}
	if (channels > 1 && !dim)
		return plait__error(PLAIT_EINVAL, "normalize: the shape of a sample is NULL");
	if (channels > 1 && (ndim < 1 || dim[0] != channels))
		return plait__error(PLAIT_ESHAPE,
				    "normalize: %d channels for a sample of shape %s, must be 1 or "
				    "its first dimension",
				    channels, plait_shape_text(ndim, dim, shape, sizeof shape));
	return 0;
}

void plait__affine_join(const struct plait_transform *transform,
			const struct plait_normalize *normalize, struct plait__affine *affine)
{
	static const struct plait_normalize none = { .channels = 0 };
	const struct plait_normalize *first = transform ? &transform->normalize : &none;

	if (!normalize)
		normalize = &none;
	affine->channels =
		first->channels > normalize->channels ? first->channels : normalize->channels;
	PLAIT__ASSERT(affine->channels >= 0 && affine->channels <= PLAIT_MAX_CHANNELS,
		      "there is room for the scale of every channel");
	for (int c = 0; c < affine->channels; c++) {
		int a = first->channels > 1 ? c : 0, b = normalize->channels > 1 ? c : 0;
		double scale = 1, shift = 0;

		if (first->channels > 0) {
			scale = 1 / (double)first->std[a];
			shift = -(double)first->mean[a] * scale;
		}
		if (normalize->channels > 0) {
			scale /= (double)normalize->std[b];
			shift = (shift - (double)normalize->mean[b]) / (double)normalize->std[b];
		}
		affine->scale[c] = (float)scale;
		affine->shift[c] = (float)shift;
	}
}

int plait_transform_affine(const struct plait_transform *transform,
			   const struct plait_normalize *normalize, float *scale, float *shift)
{
	int own = transform ? transform->normalize.channels : 0;
	int64_t channels = normalize ? normalize->channels : 0;
	struct plait__affine affine;
	int status = plait_normalize_check(normalize, 1, &channels);

	if (status == 0 && (!scale || !shift))
		status = plait__error(PLAIT_EINVAL, "plait_transform_affine: the %s is NULL",
				      scale ? "shift" : "scale");
	if (status < 0)
		return status;
	if (own > 1 && channels > 1 && own != channels)
		return plait__error(PLAIT_ESHAPE,
				    "normalize: %d channels after a transform that normalizes %d",
				    (int)channels, own);
	plait__affine_join(transform, normalize, &affine);
	for (int c = 0; c < affine.channels || c == 0; c++) {
		scale[c] = affine.channels > 0 ? affine.scale[c] : 1;
		shift[c] = affine.channels > 0 ? affine.shift[c] : 0;
	}
	return affine.channels > 0 ? affine.channels : 1;
}

int plait_transform_shape(const struct plait_transform *transform, const int64_t dim[3],
			  bool varying, int64_t result[3])
{
	struct plait__fused fused;
	const struct plait__rect *view;
	char shape[128];
	int status;

	if (!dim || !result)
		return plait__error(PLAIT_EINVAL, "plait_transform_shape: the %s is NULL",
				    dim ? "result" : "shape");
	for (int i = 0; i < 3; i++)
		if (dim[i] < 1 || dim[i] > INT32_MAX / 4)
			return plait__error(PLAIT_ESHAPE,
					    "transform: an image of shape %s, must be [C,H,W]",
					    plait_shape_text(3, dim, shape, sizeof shape));
	for (int i = 0; transform && i < transform->actions; i++)
		varying = varying && !transform->action[i].fixes;
	if (varying)
		return plait__error(
			PLAIT_ESHAPE,
			"transform: images differ in size and no word makes them equal: "
			"add resize:HxW, center-crop, crop or random-resized-crop");
	status = plait__fuse(transform, (int)dim[2], (int)dim[1], (int)dim[0], 0, &fused);
	if (status == 0 && transform)
		status = plait_normalize_check(&transform->normalize, 3, dim);
	if (status < 0)
		return status;
	view = plait__fused_view(&fused);
	result[0] = dim[0];
	result[1] = view->height;
	result[2] = view->width;
	return 0;
}

bool plait__transform_is_random(const struct plait_transform *transform)
{
	bool random = false;

	for (int i = 0; transform && i < transform->actions; i++)
		random = random || transform->action[i].random;
	return random;
}

bool plait_transform_is_random(const struct plait_transform *transform)
{
	return plait__transform_is_random(transform);
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++)
		hash = plait__key(hash, byte[i]);
	return hash;
}

/* Hashes the meaning of the actions: "flip" has the hash of "flip:0.5".  For a user's function only
 * its position is hashed, because its address differs from run to run. */
uint64_t plait__transform_hash(const struct plait_transform *transform)
{
	uint64_t hash = 0;

	for (int i = 0; transform && i < transform->actions; i++) {
		const struct plait__action *action = &transform->action[i];
		int32_t size[3] = { action->height, action->width, action->pad };

		hash = hash_bytes(hash, action->word->name, strlen(action->word->name) + 1);
		hash = hash_bytes(hash, size, sizeof size);
		hash = hash_bytes(hash, action->amount, sizeof action->amount);
	}
	if (transform && transform->normalize.channels) {
		size_t size = (size_t)transform->normalize.channels * sizeof(float);

		hash = hash_bytes(hash, "normalize", sizeof "normalize");
		hash = hash_bytes(hash, transform->normalize.mean, size);
		hash = hash_bytes(hash, transform->normalize.std, size);
	}
	return hash;
}
