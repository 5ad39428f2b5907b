/* SPDX-License-Identifier: MIT
 * One sample through its plan.  Every stage but the last leaves whole bytes for the next. */
#include "config.h"
#include "src/transform.h"
#include "src/transform_pixels.h"

static const struct plait__affine keep = { .channels = 0 };

/* A stage to planes of floats. */
static void render(const struct plait__stage *stage, const struct plait__image *image,
		   const struct plait__affine *affine, unsigned char *work, float *y)
{
	const struct plait__window *out = &stage->out;
	const struct plait__affine *first = stage->jitter ? &keep : affine;

	if (stage->resized)
		plait__resize(image, stage, first, work, y);
	else
		plait__unpack(image, out, stage->flip, first, work, y);
	if (stage->jitter)
		plait__jitter(stage->factor, affine, image->channels,
			      (int64_t)out->width * out->height, y);
	for (int i = 0; i < stage->cutouts; i++)
		plait__fill(&stage->cutout[i], affine, image->channels, out->height, out->width, y);
}

/* A stage to interleaved bytes, which the user's step may change. */
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

/* The most that any stage needs: what a stage works in, and the values between two of them. */
static void measure(const struct plait__plan *plan, size_t *work, size_t *values)
{
	*work = *values = 0;
	for (int i = 0; i < plan->stages; i++) {
		const struct plait__stage *stage = &plan->stage[i];
		size_t needed = stage->resized ? plait__resize_work(stage, plan->channels)
					       : plait__unpack_work(&stage->out, plan->channels);
		size_t result = (size_t)stage->out.width * (size_t)stage->out.height *
				(size_t)plan->channels;

		if (needed > *work)
			*work = needed;
		if (i + 1 < plan->stages && result > *values)
			*values = result;
	}
	*work = (*work + 63) & ~(size_t)63;
}

int plait__transform_apply(const struct plait_transform *transform,
			   const struct plait__image *image, uint64_t key,
			   const struct plait__affine *affine, struct plait__buffer *memory,
			   float *out)
{
	struct plait__image source = *image;
	struct plait__plan plan;
	size_t work, values;
	unsigned char *base;
	int status = plait__plan_make(transform, image->width, image->height, image->channels, key,
				      &plan);

	if (status == 0 && affine->channels > 1 && affine->channels != image->channels)
		status = plait__error(PLAIT_ESHAPE, "normalize: %d channels for an image with %d",
				      affine->channels, image->channels);
	if (status < 0)
		return status;
	measure(&plan, &work, &values);
	base = plait__buffer_reserve(memory, work + values * (sizeof(float) + 1));
	if (!base)
		return PLAIT_ENOMEM;
	for (int i = 0; i < plan.stages - 1; i++)
		source = render_bytes(&plan.stage[i], &source, base, (float *)(base + work),
				      base + work + values * sizeof(float));
	render(&plan.stage[plan.stages - 1], &source, affine, base, out);
	return 0;
}
