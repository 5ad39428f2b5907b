/* SPDX-License-Identifier: MIT
 * The words that cut a window out of an image: its middle, or a random part. */
#include "config.h"
#include "src/transform/draw.h"
#include "src/transform/fuse.h"

#include <math.h>

/* Where a window in the middle begins, with torchvision's rounding: the smaller half of the padding
 * is on the left, and half of a surplus is rounded to the nearest even number. */
static int middle(int size, int wanted)
{
	return size < wanted ? -((wanted - size) / 2) : (int)rint((size - wanted) / 2.0);
}

static int plan_center_crop(const struct plait__action *action, uint64_t key,
			    struct plait__fused *fused)
{
	const struct plait__rect *view = plait__fused_view(fused);

	(void)key;
	plait__fuse_crop(fused, (struct plait__rect){ middle(view->width, action->width),
						      middle(view->height, action->height),
						      action->width, action->height });
	return 0;
}

static int parse_crop(struct plait_transform *transform, struct plait__action *action,
		      const char *text)
{
	const char *end = plait__read_size(text, action);

	(void)transform;
	action->random = action->fixes = true;
	if (end && !action->width)
		action->width = action->height;
	if (!end || (*end && *end != ','))
		return plait__word_misused(action, plait__bad_size);
	if (*end == ',')
		end = plait__read_integer(end + 1, 0, PLAIT__MAX_SIDE, &action->pad);
	if (!end || *end)
		return plait__word_misused(action, "the padding must be 0 to 65535");
	return 0;
}

static int plan_crop(const struct plait__action *action, uint64_t key, struct plait__fused *fused)
{
	const struct plait__rect *view = plait__fused_view(fused);
	int width = view->width + 2 * action->pad, height = view->height + 2 * action->pad;

	if (width < action->width || height < action->height)
		return plait__error(PLAIT_ESHAPE,
				    "transform: %s: an image of %dx%d with %d of padding is "
				    "smaller than %dx%d",
				    action->text, view->height, view->width, action->pad,
				    action->height, action->width);
	plait__fuse_crop(
		fused, (struct plait__rect){
			       plait__draw_below(key, 1, width - action->width + 1) - action->pad,
			       plait__draw_below(key, 0, height - action->height + 1) - action->pad,
			       action->width, action->height });
	return 0;
}

static int parse_random_resized_crop(struct plait_transform *transform,
				     struct plait__action *action, const char *text)
{
	action->random = true;
	return plait__parse_square(transform, action, text);
}

/* The largest window in the middle whose aspect is 3/4 to 4/3. */
static struct plait__rect aspect_crop(int width, int height)
{
	double aspect = (double)width / height;
	struct plait__rect rect = { 0, 0, width, height };

	if (aspect < 3.0 / 4.0)
		rect.height = (int)rint(width / (3.0 / 4.0));
	else if (aspect > 4.0 / 3.0)
		rect.width = (int)rint(height * (4.0 / 3.0));
	rect.x = (width - rect.width) / 2;
	rect.y = (height - rect.height) / 2;
	return rect;
}

/* Draws 0 to 19 are ten tries of area and aspect; 20 and 21 are the position. */
static int plan_random_resized_crop(const struct plait__action *action, uint64_t key,
				    struct plait__fused *fused)
{
	int width = plait__fused_view(fused)->width, height = plait__fused_view(fused)->height;
	struct plait__rect rect = aspect_crop(width, height);

	for (uint64_t i = 0; i < 20; i += 2) {
		double area = (double)width * height * plait__draw_between(key, i, 0.08, 1.0);
		double aspect =
			exp(plait__draw_between(key, i + 1, log(3.0 / 4.0), log(4.0 / 3.0)));
		double w = rint(sqrt(area * aspect)), h = rint(sqrt(area / aspect));

		if (w < 1 || h < 1 || w > width || h > height)
			continue;
		rect.width = (int)w;
		rect.height = (int)h;
		rect.x = plait__draw_below(key, 21, width - rect.width + 1);
		rect.y = plait__draw_below(key, 20, height - rect.height + 1);
		break;
	}
	plait__fuse_crop(fused, rect);
	plait__fuse_resize(fused, action->width, action->height);
	return 0;
}

const struct plait__word plait__word_center_crop = { .name = "center-crop",
						     .usage = "center-crop:S or center-crop:HxW",
						     .parse = plait__parse_square,
						     .fuse = plan_center_crop };

const struct plait__word plait__word_crop = {
	.name = "crop",
	.usage = "crop:S, crop:S,PAD, crop:HxW or crop:HxW,PAD",
	.parse = parse_crop,
	.fuse = plan_crop
};

const struct plait__word plait__word_random_resized_crop = {
	.name = "random-resized-crop",
	.usage = "random-resized-crop:S or random-resized-crop:HxW",
	.parse = parse_random_resized_crop,
	.fuse = plan_random_resized_crop
};
