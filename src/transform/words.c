/* SPDX-License-Identifier: MIT
 * The words of a transform.  A word is a record: a function that reads what follows the colon, and
 * one that adds the action to the plan of a sample. */
#include "config.h"
#include "src/transform/draw.h"
#include "src/base/number.h"
#include "src/transform/fuse.h"

#include <math.h>
#include <string.h>

static int parse_resize(struct plait_transform *transform, struct plait__action *action,
			const char *text)
{
	int status = plait__parse_size(transform, action, text);

	action->fixes = action->width != 0;
	return status;
}

static int plan_resize(const struct plait__action *action, uint64_t key, struct plait__fused *fused)
{
	const struct plait__rect *view = plait__fused_view(fused);
	int64_t width = action->width, height = action->height;

	(void)key;
	if (!width && view->width <= view->height) {
		width = action->height;
		height = width * view->height / view->width;
	} else if (!width) {
		width = height * view->width / view->height;
	}
	/* Positions are int, so sides are limited. */
	if (width > 1 << 24 || height > 1 << 24)
		return plait__error(
			PLAIT_ESHAPE,
			"transform: %s: makes %lldx%lld of an image of %dx%d: a side is over %d",
			action->text, (long long)height, (long long)width, view->height,
			view->width, 1 << 24);
	plait__fuse_resize(fused, (int)width, (int)height);
	return 0;
}

static const struct plait__word resize = { .name = "resize",
					   .usage = "resize:S or resize:HxW",
					   .parse = parse_resize,
					   .fuse = plan_resize };

static int parse_flip(struct plait_transform *transform, struct plait__action *action,
		      const char *text)
{
	int count;

	(void)transform;
	action->amount[0] = 0.5f;
	if (*text && !plait__read_numbers(text, '\0', 1, action->amount, &count))
		return plait__word_misused(action,
					   "the probability must be a number, " PLAIT__NUMBER_FITS);
	if (action->amount[0] < 0 || action->amount[0] > 1)
		return plait__word_misused(action, "the probability must be 0 to 1");
	action->random = action->amount[0] > 0 && action->amount[0] < 1;
	return 0;
}

static int plan_flip(const struct plait__action *action, uint64_t key, struct plait__fused *fused)
{
	if (plait__uniform(plait__random(key, 0)) < action->amount[0])
		plait__fuse_flip(fused);
	return 0;
}

static const struct plait__word flip = {
	.name = "flip", .usage = "flip or flip:P", .parse = parse_flip, .fuse = plan_flip
};

static int parse_cutout(struct plait_transform *transform, struct plait__action *action,
			const char *text)
{
	const char *end = plait__read_integer(text, 1, PLAIT__MAX_SIDE, &action->height);

	(void)transform;
	action->random = true;
	return end && !*end ? 0 : plait__word_misused(action, "the side must be 1 to 65535");
}

static int plan_cutout(const struct plait__action *action, uint64_t key, struct plait__fused *fused)
{
	const struct plait__rect *view = plait__fused_view(fused);
	int side = action->height;

	plait__fuse_cutout(fused,
			   (struct plait__rect){ plait__draw_below(key, 1, view->width) - side / 2,
						 plait__draw_below(key, 0, view->height) - side / 2,
						 side, side });
	return 0;
}

static const struct plait__word cutout = {
	.name = "cutout", .usage = "cutout:S", .parse = parse_cutout, .fuse = plan_cutout
};

static int parse_color_jitter(struct plait_transform *transform, struct plait__action *action,
			      const char *text)
{
	int count;

	(void)transform;
	if (!plait__read_numbers(text, '\0', 3, action->amount, &count) || count != 3)
		return plait__word_misused(action,
					   "there must be three numbers, " PLAIT__NUMBER_FITS);
	for (int i = 0; i < 3; i++) {
		if (action->amount[i] < 0)
			return plait__word_misused(action, "an amount must not be negative");
		action->random = action->random || action->amount[i] > 0;
	}
	return 0;
}

static int plan_color_jitter(const struct plait__action *action, uint64_t key,
			     struct plait__fused *fused)
{
	float factor[3];

	if (fused->channels != 1 && fused->channels != 3)
		return plait__error(PLAIT_ESHAPE,
				    "transform: %s: an image of %d channels, must be 1 or 3",
				    action->text, fused->channels);
	if (!action->random)
		return 0;
	for (int i = 0; i < 3; i++)
		factor[i] = (float)plait__draw_between(key, (uint64_t)i,
						       fmax(0, 1 - (double)action->amount[i]),
						       1 + (double)action->amount[i]);
	plait__fuse_jitter(fused, factor);
	return 0;
}

static const struct plait__word color_jitter = {
	.name = "color-jitter",
	.usage = "color-jitter:BRIGHTNESS,CONTRAST,SATURATION",
	.parse = parse_color_jitter,
	.fuse = plan_color_jitter
};

/* It is always last, so it is no action but a field of the transform. */
static int parse_normalize(struct plait_transform *transform, struct plait__action *action,
			   const char *text)
{
	struct plait_normalize *normalize = &transform->normalize;
	int stds;

	text = plait__read_numbers(text, ';', PLAIT_MAX_CHANNELS, normalize->mean,
				   &normalize->channels);
	if (!text || !plait__read_numbers(text, '\0', PLAIT_MAX_CHANNELS, normalize->std, &stds))
		return plait__word_misused(action, "there must be numbers, " PLAIT__NUMBER_FITS
						   ", at most 16 means and as many deviations");
	if (stds != normalize->channels)
		return plait__word_misused(action, "there must be as many deviations as means");
	for (int c = 0; c < stds; c++)
		if (!(normalize->std[c] > 0))
			return plait__word_misused(action, "a deviation must be positive");
	return 0;
}

static const struct plait__word normalize = { .name = "normalize",
					      .usage = "normalize:MEAN,..;STD,..",
					      .parse = parse_normalize,
					      .fuse = NULL };

static int plan_call(const struct plait__action *action, uint64_t key, struct plait__fused *fused)
{
	plait__fuse_call(fused, action, key);
	return 0;
}

const struct plait__word plait__word_callback = { .name = "callback", .fuse = plan_call };

const struct plait__word *const plait__words[PLAIT__WORDS + 1] = {
	&resize,
	&plait__word_center_crop,
	&plait__word_crop,
	&plait__word_random_resized_crop,
	&flip,
	&cutout,
	&color_jitter,
	&normalize,
};

const struct plait__word *plait__word_find(const char *name)
{
	for (int i = 0; plait__words[i]; i++)
		if (strcmp(plait__words[i]->name, name) == 0)
			return plait__words[i];
	return NULL;
}
