/* SPDX-License-Identifier: MIT
 * Applying the plan of a sample.  The result of each stage but the last is an image of bytes, which
 * is the source of the next. */
#include "config.h"
#include "src/transform/transform.h"
#include "src/transform/pixels.h"

static const struct plait__affine keep = { .channels = 0 };

/* An image in planes is rendered as several images of one channel: how many, and one of them. */
static int parts(const struct plait__image *image)
{
	return image->planar ? image->channels : 1;
}

static struct plait__image part(const struct plait__image *image, int i)
{
	struct plait__image result = *image;

	if (!image->planar)
		return result;
	result.channels = 1;
	result.pixels += (size_t)i * (size_t)image->height * image->stride;
	return result;
}

static size_t plane_size(const struct plait__stage *stage)
{
	return (size_t)stage->out.width * (size_t)stage->out.height;
}

/* Crops, resizes and flips the source, to planes of floats. */
static void fetch(const struct plait__stage *stage, const struct plait__image *image,
		  const struct plait__affine *affine, unsigned char *work, float *y)
{
	for (int i = 0; i < parts(image); i++, y += plane_size(stage)) {
		struct plait__image source = part(image, i);
		struct plait__affine own = { .channels = 1,
					     .scale = { plait__affine_scale(affine, i) },
					     .shift = { plait__affine_shift(affine, i) } };
		const struct plait__affine *pair = image->planar ? &own : affine;

		if (stage->resized)
			plait__resize(&source, stage, pair, work, y);
		else
			plait__unpack(&source, &stage->out, stage->flip, pair, work, y);
	}
}

/* Renders a stage to planes of floats. */
static void render(const struct plait__stage *stage, const struct plait__image *image,
		   const struct plait__affine *affine, unsigned char *work, float *y)
{
	const struct plait__rect *out = &stage->out;

	fetch(stage, image, stage->jitter ? &keep : affine, work, y);
	if (stage->jitter)
		plait__jitter(stage->factor, affine, image->channels,
			      (int64_t)out->width * out->height, y);
	for (int i = 0; i < stage->cutouts; i++)
		plait__fill(&stage->cutout[i], affine, image->channels, out->height, out->width, y);
}

/* Renders a stage to planes of bytes. */
static void render_planes(const struct plait__stage *stage, const struct plait__image *image,
			  unsigned char *work, float *values, uint8_t *y)
{
	size_t size = plane_size(stage);

	if (stage->resized || stage->jitter) {
		render(stage, image, &keep, work, values);
		plait__pack((int64_t)size * image->channels, 1, values, y);
		return;
	}
	for (int i = 0; i < parts(image); i++) {
		struct plait__image source = part(image, i);

		plait__move(&source, &stage->out, stage->flip, y + (size_t)i * size);
	}
	for (int i = 0; i < stage->cutouts; i++)
		plait__blank(&stage->cutout[i], image->channels, stage->out.height,
			     stage->out.width, y);
}

/* Renders a stage to interleaved bytes, which the user's function may change. */
static struct plait__image render_bytes(const struct plait__stage *stage,
					const struct plait__image *image, unsigned char *work,
					float *planes, uint8_t *pixels)
{
	int width = stage->out.width, height = stage->out.height, channels = image->channels;

	render(stage, image, &keep, work, planes);
	plait__pack((int64_t)width * height, channels, planes, pixels);
	if (stage->call)
		stage->call->apply(stage->call->user, stage->call_key, height, width, channels,
				   pixels);
	return (struct plait__image){ .pixels = pixels,
				      .width = width,
				      .height = height,
				      .channels = channels,
				      .stride = (size_t)width * (size_t)channels };
}

/* Finds what the largest stage needs: bytes to work in, and values of a result that is for another
 * stage or becomes bytes. */
static void measure(const struct plait__fused *fused, bool bytes, size_t *work, size_t *values)
{
	*work = *values = 0;
	for (int i = 0; i < fused->stages; i++) {
		const struct plait__stage *stage = &fused->stage[i];
		size_t needed = stage->resized ? plait__resize_work(stage, fused->channels)
					       : plait__unpack_work(&stage->out, fused->channels);
		size_t result = plane_size(stage) * (size_t)fused->channels;
		bool last = i + 1 == fused->stages;

		if (needed > *work)
			*work = needed;
		if ((!last || (bytes && (stage->resized || stage->jitter))) && result > *values)
			*values = result;
	}
	*work = (*work + 63) & ~(size_t)63;
}

/* Writes to floats, or to bytes if floats is NULL. */
static int apply(const struct plait_transform *transform, const struct plait__image *image,
		 uint64_t key, const struct plait__affine *affine, struct plait__buffer *memory,
		 float *floats, uint8_t *bytes)
{
	struct plait__image source = *image;
	const struct plait__stage *last;
	struct plait__fused fused;
	size_t work, values;
	unsigned char *base;
	float *between;
	int status =
		plait__fuse(transform, image->width, image->height, image->channels, key, &fused);

	if (status == 0 && affine->channels > 1 && affine->channels != image->channels)
		status = plait__error(PLAIT_ESHAPE, "normalize: %d channels for an image with %d",
				      affine->channels, image->channels);
	if (status < 0)
		return status;
	PLAIT__ASSERT(image->stride >=
			      (size_t)image->width * (size_t)(image->planar ? 1 : image->channels),
		      "a row of the image has room for its pixels");
	measure(&fused, bytes != NULL, &work, &values);
	base = plait__buffer_reserve(memory, work + values * (sizeof(float) + 1));
	if (!base)
		return PLAIT_ENOMEM;
	between = (float *)(base + work);
	last = &fused.stage[fused.stages - 1];
	PLAIT__ASSERT(!last->call, "no user's function is called in the last stage");
	PLAIT__ASSERT(work % sizeof(float) == 0, "floats begin at a multiple of their size");
	for (const struct plait__stage *stage = fused.stage; stage < last; stage++)
		source = render_bytes(stage, &source, base, between, (uint8_t *)(between + values));
	if (floats)
		render(last, &source, affine, base, floats);
	else
		render_planes(last, &source, base, between, bytes);
	return 0;
}

int plait__transform_apply(const struct plait_transform *transform,
			   const struct plait__image *image, uint64_t key,
			   const struct plait__affine *affine, struct plait__buffer *memory,
			   float *out)
{
	return apply(transform, image, key, affine, memory, out, NULL);
}

int plait__transform_apply_bytes(const struct plait_transform *transform,
				 const struct plait__image *image, uint64_t key,
				 struct plait__buffer *memory, uint8_t *out)
{
	return apply(transform, image, key, &keep, memory, NULL, out);
}
