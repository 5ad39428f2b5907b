/* SPDX-License-Identifier: MIT
 * Fusing actions into stages.  Cropping, resizing and flipping only change the windows of a stage.
 * An action that cannot be put into the last stage begins another. */
#include "config.h"
#include "src/base/random.h"
#include "src/transform/fuse.h"

static struct plait__stage *current(struct plait__fused *fused)
{
	PLAIT__ASSERT(fused->stages > 0, "a plan has a stage");
	return &fused->stage[fused->stages - 1];
}

/* Adds a stage, which copies its source until it is changed. */
static struct plait__stage *begin(struct plait__fused *fused, int width, int height)
{
	struct plait__stage *stage = &fused->stage[fused->stages++];

	PLAIT__ASSERT((size_t)fused->stages <= sizeof fused->stage / sizeof *fused->stage,
		      "no action begins more than one stage");
	PLAIT__ASSERT(width > 0 && height > 0, "an image has pixels");
	*stage = (struct plait__stage){ .width = width,
					.height = height,
					.out = { 0, 0, width, height } };
	return stage;
}

static struct plait__stage *next(struct plait__fused *fused)
{
	const struct plait__rect *view = plait__fused_view(fused);

	return begin(fused, view->width, view->height);
}

/* The last stage if its windows may change, because no action has changed its pixels; else a new
 * one. */
static struct plait__stage *geometry(struct plait__fused *fused)
{
	struct plait__stage *stage = current(fused);

	return stage->jitter || stage->cutouts || stage->call ? next(fused) : stage;
}

static bool inside(const struct plait__rect *rect, int width, int height)
{
	return rect->x >= 0 && rect->y >= 0 && rect->width <= width - rect->x &&
	       rect->height <= height - rect->y;
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

static int min(int a, int b)
{
	return a < b ? a : b;
}

struct plait__rect plait__rect_clip(const struct plait__rect *rect, int width, int height)
{
	int left = max(0, -rect->x), right = min(rect->width, width - rect->x);
	int top = max(0, -rect->y), bottom = min(rect->height, height - rect->y);

	return (struct plait__rect){ left, top, max(0, right - left), max(0, bottom - top) };
}

void plait__fuse_crop(struct plait__fused *fused, struct plait__rect rect)
{
	struct plait__stage *stage = geometry(fused);
	bool whole = stage->out.x == 0 && stage->out.y == 0 && stage->out.width == stage->width &&
		     stage->out.height == stage->height;

	/* Outside of a window that was cropped there are zeros, not the rest of the image. */
	if (!whole && !inside(&rect, stage->out.width, stage->out.height))
		stage = next(fused);
	if (stage->flip)
		rect.x = stage->out.width - (rect.x + rect.width);
	PLAIT__ASSERT(rect.width > 0 && rect.height > 0, "a window has pixels");
	rect.x += stage->out.x;
	rect.y += stage->out.y;
	stage->out = rect;
}

void plait__fuse_resize(struct plait__fused *fused, int width, int height)
{
	struct plait__stage *stage = geometry(fused);

	if (width == stage->out.width && height == stage->out.height)
		return;
	if (stage->resized || !inside(&stage->out, stage->width, stage->height))
		stage = next(fused);
	PLAIT__ASSERT(inside(&stage->out, stage->width, stage->height),
		      "what is resized lies within the source");
	stage->in = stage->out;
	stage->resized = true;
	stage->width = width;
	stage->height = height;
	stage->out = (struct plait__rect){ 0, 0, width, height };
}

/* Colours do not depend on the position, so a flip may come before them.  It may come before
 * cutouts if they are mirrored. */
void plait__fuse_flip(struct plait__fused *fused)
{
	struct plait__stage *stage = current(fused);

	if (stage->call)
		stage = next(fused);
	stage->flip = !stage->flip;
	for (int i = 0; i < stage->cutouts; i++)
		stage->cutout[i].x =
			stage->out.width - (stage->cutout[i].x + stage->cutout[i].width);
}

void plait__fuse_jitter(struct plait__fused *fused, const float factor[3])
{
	struct plait__stage *stage = geometry(fused);

	stage->jitter = true;
	for (int i = 0; i < 3; i++)
		stage->factor[i] = factor[i];
}

void plait__fuse_cutout(struct plait__fused *fused, struct plait__rect rect)
{
	struct plait__stage *stage = current(fused);
	struct plait__rect part;

	if (stage->call || stage->cutouts == PLAIT__MAX_CUTOUTS)
		stage = next(fused);
	part = plait__rect_clip(&rect, stage->out.width, stage->out.height);
	part.x += rect.x;
	part.y += rect.y;
	PLAIT__ASSERT(inside(&part, stage->out.width, stage->out.height),
		      "a cutout lies in its view");
	stage->cutout[stage->cutouts++] = part;
}

void plait__fuse_call(struct plait__fused *fused, const struct plait__action *action, uint64_t key)
{
	struct plait__stage *stage = current(fused);

	if (stage->call)
		stage = next(fused);
	stage->call = action;
	stage->call_key = key;
}

static int check_pixels(const struct plait__stage *stage, const struct plait__action *action)
{
	if ((int64_t)stage->out.width * stage->out.height <= PLAIT__MAX_PIXELS)
		return 0;
	return plait__error(
		PLAIT_ESHAPE, "transform: %s: gives an image of %dx%d, over %lld pixels",
		action->text, stage->out.height, stage->out.width, (long long)PLAIT__MAX_PIXELS);
}

/* Within a stage no image is made, so sizes are checked for the results of stages only: when the
 * next stage begins.  An action begins at most one. */
int plait__fuse(const struct plait_transform *transform, int width, int height, int channels,
		uint64_t key, struct plait__fused *fused)
{
	int actions = transform ? transform->actions : 0, status = 0;

	fused->channels = channels;
	fused->stages = 0;
	begin(fused, width, height);
	for (int i = 0; i < actions && status == 0; i++) {
		const struct plait__action *action = &transform->action[i];
		int stages = fused->stages;

		status = action->word->fuse(action, plait__key(key, (uint64_t)i), fused);
		if (status == 0 && fused->stages > stages && i > 0)
			status = check_pixels(&fused->stage[stages - 1], action - 1);
	}
	if (status == 0 && actions > 0)
		status = check_pixels(current(fused), &transform->action[actions - 1]);
	if (status == 0 && current(fused)->call)
		next(fused); /* the user's function changes bytes, and the last stage writes floats
			      */
	return status;
}
