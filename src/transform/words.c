/* SPDX-License-Identifier: MIT
 * The words: what stands after each one's colon, and what it adds to a sample's plan.  A new
 * word is two functions and two lines of the tables at the end. */
#include "config.h"
#include "src/base/random.h"
#include "src/transform/fuse.h"

#include <math.h>
#include <string.h>

/* Uniform in [0,n); n is far below 2^32, so no value is favoured measurably. */
static int draw_below(uint64_t key, uint64_t i, int n)
{
	PLAIT__ASSERT(n > 0, "there is a value to draw");
	return (int)((plait__random(key, i) >> 32) * (uint64_t)n >> 32);
}

static double draw_between(uint64_t key, uint64_t i, double low, double high)
{
	return low + (high - low) * (double)plait__uniform(plait__random(key, i));
}

static int usage(const struct plait__action *action, const char *what)
{
	return plait__error(PLAIT_EINVAL, "transform: %s: %s; write %s", action->text, what,
			    action->word->usage);
}

static const char bad_size[] = "the size must be S or HxW, each 1 to 65535";

static int parse_size(struct plait_transform *transform, struct plait__action *action,
		      const char *text)
{
	const char *end = plait__read_size(text, action);

	(void)transform;
	if (!end || *end)
		return usage(action, bad_size);
	return 0;
}

/* S is SxS. */
static int parse_square(struct plait_transform *transform, struct plait__action *action,
			const char *text)
{
	int status = parse_size(transform, action, text);

	action->fixes = true;
	if (!action->width)
		action->width = action->height;
	return status;
}

static int parse_resize(struct plait_transform *transform, struct plait__action *action,
			const char *text)
{
	int status = parse_size(transform, action, text);

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
	/* Positions are computed in double and kept in int. */
	if (width > 1 << 24 || height > 1 << 24)
		return plait__error(
			PLAIT_ESHAPE,
			"transform: %s: makes %lldx%lld of an image of %dx%d: a side is over %d",
			action->text, (long long)height, (long long)width, view->height,
			view->width, 1 << 24);
	plait__fuse_resize(fused, (int)width, (int)height);
	return 0;
}

/* torchvision's rounding: what is missing is added more at the right, what is too much is
 * halved to the nearest even. */
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
		return usage(action, bad_size);
	if (*end == ',')
		end = plait__read_integer(end + 1, 0, PLAIT__MAX_SIDE, &action->pad);
	if (!end || *end)
		return usage(action, "the padding must be 0 to 65535");
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
		fused,
		(struct plait__rect){ draw_below(key, 1, width - action->width + 1) - action->pad,
				      draw_below(key, 0, height - action->height + 1) - action->pad,
				      action->width, action->height });
	return 0;
}

static int parse_random_resized_crop(struct plait_transform *transform,
				     struct plait__action *action, const char *text)
{
	action->random = true;
	return parse_square(transform, action, text);
}

/* The largest window in the middle whose aspect is allowed. */
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

/* Draws 0 to 19: ten tries at area and aspect; 20, 21: the place. */
static int plan_random_resized_crop(const struct plait__action *action, uint64_t key,
				    struct plait__fused *fused)
{
	int width = plait__fused_view(fused)->width, height = plait__fused_view(fused)->height;
	struct plait__rect rect = aspect_crop(width, height);

	for (uint64_t i = 0; i < 20; i += 2) {
		double area = (double)width * height * draw_between(key, i, 0.08, 1.0);
		double aspect = exp(draw_between(key, i + 1, log(3.0 / 4.0), log(4.0 / 3.0)));
		double w = rint(sqrt(area * aspect)), h = rint(sqrt(area / aspect));

		if (w < 1 || h < 1 || w > width || h > height)
			continue;
		rect.width = (int)w;
		rect.height = (int)h;
		rect.x = draw_below(key, 21, width - rect.width + 1);
		rect.y = draw_below(key, 20, height - rect.height + 1);
		break;
	}
	plait__fuse_crop(fused, rect);
	plait__fuse_resize(fused, action->width, action->height);
	return 0;
}

static int parse_flip(struct plait_transform *transform, struct plait__action *action,
		      const char *text)
{
	int count;

	(void)transform;
	action->amount[0] = 0.5f;
	if (*text && !plait__read_numbers(text, '\0', 1, action->amount, &count))
		return usage(action, "the probability must be a number");
	if (action->amount[0] < 0 || action->amount[0] > 1)
		return usage(action, "the probability must be 0 to 1");
	action->random = action->amount[0] > 0 && action->amount[0] < 1;
	return 0;
}

static int plan_flip(const struct plait__action *action, uint64_t key, struct plait__fused *fused)
{
	if (plait__uniform(plait__random(key, 0)) < action->amount[0])
		plait__fuse_flip(fused);
	return 0;
}

static int parse_cutout(struct plait_transform *transform, struct plait__action *action,
			const char *text)
{
	const char *end = plait__read_integer(text, 1, PLAIT__MAX_SIDE, &action->height);

	(void)transform;
	action->random = true;
	return end && !*end ? 0 : usage(action, "the side must be 1 to 65535");
}

static int plan_cutout(const struct plait__action *action, uint64_t key, struct plait__fused *fused)
{
	const struct plait__rect *view = plait__fused_view(fused);
	int side = action->height;

	plait__fuse_cutout(fused, (struct plait__rect){ draw_below(key, 1, view->width) - side / 2,
							draw_below(key, 0, view->height) - side / 2,
							side, side });
	return 0;
}

static int parse_color_jitter(struct plait_transform *transform, struct plait__action *action,
			      const char *text)
{
	int count;

	(void)transform;
	if (!plait__read_numbers(text, '\0', 3, action->amount, &count) || count != 3)
		return usage(action, "there must be three numbers");
	for (int i = 0; i < 3; i++) {
		if (action->amount[i] < 0)
			return usage(action, "an amount must not be negative");
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
		factor[i] = (float)draw_between(key, (uint64_t)i,
						fmax(0, 1 - (double)action->amount[i]),
						1 + (double)action->amount[i]);
	plait__fuse_jitter(fused, factor);
	return 0;
}

/* It is kept beside the steps, as it is always last. */
static int parse_normalize(struct plait_transform *transform, struct plait__action *action,
			   const char *text)
{
	struct plait_normalize *normalize = &transform->normalize;
	int stds;

	text = plait__read_numbers(text, ';', PLAIT_MAX_CHANNELS, normalize->mean,
				   &normalize->channels);
	if (!text || !plait__read_numbers(text, '\0', PLAIT_MAX_CHANNELS, normalize->std, &stds))
		return usage(action,
			     "there must be numbers, at most 16 means and as many deviations");
	if (stds != normalize->channels)
		return usage(action, "there must be as many deviations as means");
	for (int c = 0; c < stds; c++)
		if (!(normalize->std[c] > 0))
			return usage(action, "a deviation must be positive");
	return 0;
}

static int plan_call(const struct plait__action *action, uint64_t key, struct plait__fused *fused)
{
	plait__fuse_call(fused, action, key);
	return 0;
}

const struct plait__word plait__word_callback = { .name = "callback", .fuse = plan_call };

static const struct plait__word words[] = {
	{ "resize", "resize:S or resize:HxW", parse_resize, plan_resize },
	{ "center-crop", "center-crop:S or center-crop:HxW", parse_square, plan_center_crop },
	{ "crop", "crop:S, crop:S,PAD, crop:HxW or crop:HxW,PAD", parse_crop, plan_crop },
	{ "random-resized-crop", "random-resized-crop:S or random-resized-crop:HxW",
	  parse_random_resized_crop, plan_random_resized_crop },
	{ "flip", "flip or flip:P", parse_flip, plan_flip },
	{ "cutout", "cutout:S", parse_cutout, plan_cutout },
	{ "color-jitter", "color-jitter:BRIGHTNESS,CONTRAST,SATURATION", parse_color_jitter,
	  plan_color_jitter },
	{ "normalize", "normalize:MEAN,..;STD,..", parse_normalize, NULL },
};
#define WORDS (sizeof words / sizeof *words)

const char *const plait__word_names[WORDS + 1] = {
	"resize",       "center-crop", "crop", "random-resized-crop", "flip", "cutout",
	"color-jitter", "normalize",   NULL
};

const struct plait__word *plait__word_find(const char *name)
{
	for (size_t i = 0; i < WORDS; i++)
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	return NULL;
}
