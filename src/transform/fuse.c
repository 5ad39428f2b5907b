/* SPDX-License-Identifier: MIT
 * Steps to stages.  Cropping, resizing and flipping are only arithmetic on windows as long as
 * they compose; a step that does not fit into the stage so far begins another. */
#include "config.h"
#include "src/base/random.h"
#include "src/transform/fuse.h"

static struct plait__stage *current(struct plait__plan *plan)
{
	return &plan->stage[plan->stages - 1];
}

/* A stage that copies its source. */
static struct plait__stage *begin(struct plait__plan *plan, int width, int height)
{
	struct plait__stage *stage = &plan->stage[plan->stages++];

	*stage = (struct plait__stage){ .width = width,
					.height = height,
					.out = { 0, 0, width, height } };
	return stage;
}

static struct plait__stage *next(struct plait__plan *plan)
{
	const struct plait__window *view = plait__plan_view(plan);

	return begin(plan, view->width, view->height);
}

/* Where windows still compose: nothing has touched the pixels. */
static struct plait__stage *geometry(struct plait__plan *plan)
{
	struct plait__stage *stage = current(plan);

	return stage->jitter || stage->cutouts || stage->call ? next(plan) : stage;
}

static bool inside(const struct plait__window *window, int width, int height)
{
	return window->x >= 0 && window->y >= 0 && window->width <= width - window->x &&
	       window->height <= height - window->y;
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

static int min(int a, int b)
{
	return a < b ? a : b;
}

struct plait__window plait__window_clip(const struct plait__window *window, int width, int height)
{
	int left = max(0, -window->x), right = min(window->width, width - window->x);
	int top = max(0, -window->y), bottom = min(window->height, height - window->y);

	return (struct plait__window){ left, top, max(0, right - left), max(0, bottom - top) };
}

void plait__plan_crop(struct plait__plan *plan, struct plait__window window)
{
	struct plait__stage *stage = geometry(plan);
	bool whole = stage->out.x == 0 && stage->out.y == 0 && stage->out.width == stage->width &&
		     stage->out.height == stage->height;

	/* Over the edges of a part there are zeros, not the rest of the image. */
	if (!whole && !inside(&window, stage->out.width, stage->out.height))
		stage = next(plan);
	if (stage->flip)
		window.x = stage->out.width - (window.x + window.width);
	window.x += stage->out.x;
	window.y += stage->out.y;
	stage->out = window;
}

void plait__plan_resize(struct plait__plan *plan, int width, int height)
{
	struct plait__stage *stage = geometry(plan);

	if (width == stage->out.width && height == stage->out.height)
		return;
	if (stage->resized || !inside(&stage->out, stage->width, stage->height))
		stage = next(plan);
	stage->in = stage->out;
	stage->resized = true;
	stage->width = width;
	stage->height = height;
	stage->out = (struct plait__window){ 0, 0, width, height };
}

/* Mirroring commutes with the colours (which know no position) and, mirrored, with cutouts. */
void plait__plan_flip(struct plait__plan *plan)
{
	struct plait__stage *stage = current(plan);

	if (stage->call)
		stage = next(plan);
	stage->flip = !stage->flip;
	for (int i = 0; i < stage->cutouts; i++)
		stage->cutout[i].x =
			stage->out.width - (stage->cutout[i].x + stage->cutout[i].width);
}

void plait__plan_jitter(struct plait__plan *plan, const float factor[3])
{
	struct plait__stage *stage = geometry(plan);

	stage->jitter = true;
	for (int i = 0; i < 3; i++)
		stage->factor[i] = factor[i];
}

void plait__plan_cutout(struct plait__plan *plan, struct plait__window window)
{
	struct plait__stage *stage = current(plan);
	struct plait__window part;

	if (stage->call || stage->cutouts == PLAIT__MAX_CUTOUTS)
		stage = next(plan);
	part = plait__window_clip(&window, stage->out.width, stage->out.height);
	part.x += window.x;
	part.y += window.y;
	stage->cutout[stage->cutouts++] = part;
}

void plait__plan_call(struct plait__plan *plan, const struct plait__step *step, uint64_t key)
{
	struct plait__stage *stage = current(plan);

	if (stage->call)
		stage = next(plan);
	stage->call = step;
	stage->call_key = key;
}

static int check_pixels(const struct plait__stage *stage, const struct plait__step *step)
{
	if ((int64_t)stage->out.width * stage->out.height <= PLAIT__MAX_PIXELS)
		return 0;
	return plait__error(PLAIT_ESHAPE,
			    "transform: %s: gives an image of %dx%d, over %lld pixels", step->text,
			    stage->out.height, stage->out.width, (long long)PLAIT__MAX_PIXELS);
}

/* What is resized and cropped never exists whole, so a size is checked where a stage ends:
 * where the next begins, which each step does once at most. */
int plait__plan_make(const struct plait_transform *transform, int width, int height, int channels,
		     uint64_t key, struct plait__plan *plan)
{
	int steps = transform ? transform->steps : 0, status = 0;

	plan->channels = channels;
	plan->stages = 0;
	begin(plan, width, height);
	for (int i = 0; i < steps && status == 0; i++) {
		const struct plait__step *step = &transform->step[i];
		int stages = plan->stages;

		status = step->word->plan(step, plait__key(key, (uint64_t)i), plan);
		if (status == 0 && plan->stages > stages && i > 0)
			status = check_pixels(&plan->stage[stages - 1], step - 1);
	}
	if (status == 0 && steps > 0)
		status = check_pixels(current(plan), &transform->step[steps - 1]);
	if (status == 0 && current(plan)->call)
		next(plan); /* floats come last */
	return status;
}
