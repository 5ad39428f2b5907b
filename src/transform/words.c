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
	return (int)((plait__random(key, i) >> 32) * (uint64_t)n >> 32);
}

static double draw_between(uint64_t key, uint64_t i, double low, double high)
{
	return low + (high - low) * (double)plait__uniform(plait__random(key, i));
}

static int usage(const struct plait__step *step, const char *what)
{
	return plait__error(PLAIT_EINVAL, "transform: %s: %s; write %s", step->text, what,
			    step->word->usage);
}

static const char bad_size[] = "the size must be S or HxW, each 1 to 65535";

static int parse_size(struct plait_transform *transform, struct plait__step *step, const char *text)
{
	const char *end = plait__read_size(text, step);

	(void)transform;
	if (!end || *end)
		return usage(step, bad_size);
	return 0;
}

/* S is SxS. */
static int parse_square(struct plait_transform *transform, struct plait__step *step,
			const char *text)
{
	int status = parse_size(transform, step, text);

	step->fixes = true;
	if (!step->width)
		step->width = step->height;
	return status;
}

static int parse_resize(struct plait_transform *transform, struct plait__step *step,
			const char *text)
{
	int status = parse_size(transform, step, text);

	step->fixes = step->width != 0;
	return status;
}

static int plan_resize(const struct plait__step *step, uint64_t key, struct plait__plan *plan)
{
	const struct plait__window *view = plait__plan_view(plan);
	int64_t width = step->width, height = step->height;

	(void)key;
	if (!width && view->width <= view->height) {
		width = step->height;
		height = width * view->height / view->width;
	} else if (!width) {
		width = height * view->width / view->height;
	}
	/* Positions are computed in double and kept in int. */
	if (width > 1 << 24 || height > 1 << 24)
		return plait__error(
			PLAIT_ESHAPE,
			"transform: %s: makes %lldx%lld of an image of %dx%d: a side is over %d",
			step->text, (long long)height, (long long)width, view->height, view->width,
			1 << 24);
	plait__plan_resize(plan, (int)width, (int)height);
	return 0;
}

/* torchvision's rounding: what is missing is added more at the right, what is too much is
 * halved to the nearest even. */
static int middle(int size, int wanted)
{
	return size < wanted ? -((wanted - size) / 2) : (int)rint((size - wanted) / 2.0);
}

static int plan_center_crop(const struct plait__step *step, uint64_t key, struct plait__plan *plan)
{
	const struct plait__window *view = plait__plan_view(plan);

	(void)key;
	plait__plan_crop(plan, (struct plait__window){ middle(view->width, step->width),
						       middle(view->height, step->height),
						       step->width, step->height });
	return 0;
}

static int parse_crop(struct plait_transform *transform, struct plait__step *step, const char *text)
{
	const char *end = plait__read_size(text, step);

	(void)transform;
	step->random = step->fixes = true;
	if (end && !step->width)
		step->width = step->height;
	if (!end || (*end && *end != ','))
		return usage(step, bad_size);
	if (*end == ',')
		end = plait__read_integer(end + 1, 0, PLAIT__MAX_SIDE, &step->pad);
	if (!end || *end)
		return usage(step, "the padding must be 0 to 65535");
	return 0;
}

static int plan_crop(const struct plait__step *step, uint64_t key, struct plait__plan *plan)
{
	const struct plait__window *view = plait__plan_view(plan);
	int width = view->width + 2 * step->pad, height = view->height + 2 * step->pad;

	if (width < step->width || height < step->height)
		return plait__error(PLAIT_ESHAPE,
				    "transform: %s: an image of %dx%d with %d of padding is "
				    "smaller than %dx%d",
				    step->text, view->height, view->width, step->pad, step->height,
				    step->width);
	plait__plan_crop(plan, (struct plait__window){
				       draw_below(key, 1, width - step->width + 1) - step->pad,
				       draw_below(key, 0, height - step->height + 1) - step->pad,
				       step->width, step->height });
	return 0;
}

static int parse_random_resized_crop(struct plait_transform *transform, struct plait__step *step,
				     const char *text)
{
	step->random = true;
	return parse_square(transform, step, text);
}

/* The largest window in the middle whose aspect is allowed. */
static struct plait__window aspect_crop(int width, int height)
{
	double aspect = (double)width / height;
	struct plait__window window = { 0, 0, width, height };

	if (aspect < 3.0 / 4.0)
		window.height = (int)rint(width / (3.0 / 4.0));
	else if (aspect > 4.0 / 3.0)
		window.width = (int)rint(height * (4.0 / 3.0));
	window.x = (width - window.width) / 2;
	window.y = (height - window.height) / 2;
	return window;
}

/* Draws 0 to 19: ten tries at area and aspect; 20, 21: the place. */
static int plan_random_resized_crop(const struct plait__step *step, uint64_t key,
				    struct plait__plan *plan)
{
	int width = plait__plan_view(plan)->width, height = plait__plan_view(plan)->height;
	struct plait__window window = aspect_crop(width, height);

	for (uint64_t i = 0; i < 20; i += 2) {
		double area = (double)width * height * draw_between(key, i, 0.08, 1.0);
		double aspect = exp(draw_between(key, i + 1, log(3.0 / 4.0), log(4.0 / 3.0)));
		double w = rint(sqrt(area * aspect)), h = rint(sqrt(area / aspect));

		if (w < 1 || h < 1 || w > width || h > height)
			continue;
		window.width = (int)w;
		window.height = (int)h;
		window.x = draw_below(key, 21, width - window.width + 1);
		window.y = draw_below(key, 20, height - window.height + 1);
		break;
	}
	plait__plan_crop(plan, window);
	plait__plan_resize(plan, step->width, step->height);
	return 0;
}

static int parse_flip(struct plait_transform *transform, struct plait__step *step, const char *text)
{
	int count;

	(void)transform;
	step->amount[0] = 0.5f;
	if (*text && !plait__read_numbers(text, '\0', 1, step->amount, &count))
		return usage(step, "the probability must be a number");
	if (step->amount[0] < 0 || step->amount[0] > 1)
		return usage(step, "the probability must be 0 to 1");
	step->random = step->amount[0] > 0 && step->amount[0] < 1;
	return 0;
}

static int plan_flip(const struct plait__step *step, uint64_t key, struct plait__plan *plan)
{
	if (plait__uniform(plait__random(key, 0)) < step->amount[0])
		plait__plan_flip(plan);
	return 0;
}

static int parse_cutout(struct plait_transform *transform, struct plait__step *step,
			const char *text)
{
	const char *end = plait__read_integer(text, 1, PLAIT__MAX_SIDE, &step->height);

	(void)transform;
	step->random = true;
	return end && !*end ? 0 : usage(step, "the side must be 1 to 65535");
}

static int plan_cutout(const struct plait__step *step, uint64_t key, struct plait__plan *plan)
{
	const struct plait__window *view = plait__plan_view(plan);
	int side = step->height;

	plait__plan_cutout(plan, (struct plait__window){
					 draw_below(key, 1, view->width) - side / 2,
					 draw_below(key, 0, view->height) - side / 2, side, side });
	return 0;
}

static int parse_color_jitter(struct plait_transform *transform, struct plait__step *step,
			      const char *text)
{
	int count;

	(void)transform;
	if (!plait__read_numbers(text, '\0', 3, step->amount, &count) || count != 3)
		return usage(step, "there must be three numbers");
	for (int i = 0; i < 3; i++) {
		if (step->amount[i] < 0)
			return usage(step, "an amount must not be negative");
		step->random = step->random || step->amount[i] > 0;
	}
	return 0;
}

static int plan_color_jitter(const struct plait__step *step, uint64_t key, struct plait__plan *plan)
{
	float factor[3];

	if (plan->channels != 1 && plan->channels != 3)
		return plait__error(PLAIT_ESHAPE,
				    "transform: %s: an image of %d channels, must be 1 or 3",
				    step->text, plan->channels);
	if (!step->random)
		return 0;
	for (int i = 0; i < 3; i++)
		factor[i] =
			(float)draw_between(key, (uint64_t)i, fmax(0, 1 - (double)step->amount[i]),
					    1 + (double)step->amount[i]);
	plait__plan_jitter(plan, factor);
	return 0;
}

/* It is kept beside the steps, as it is always last. */
static int parse_normalize(struct plait_transform *transform, struct plait__step *step,
			   const char *text)
{
	struct plait_normalize *normalize = &transform->normalize;
	int stds;

	text = plait__read_numbers(text, ';', PLAIT_MAX_CHANNELS, normalize->mean,
				   &normalize->channels);
	if (!text || !plait__read_numbers(text, '\0', PLAIT_MAX_CHANNELS, normalize->std, &stds))
		return usage(step,
			     "there must be numbers, at most 16 means and as many deviations");
	if (stds != normalize->channels)
		return usage(step, "there must be as many deviations as means");
	for (int c = 0; c < stds; c++)
		if (!(normalize->std[c] > 0))
			return usage(step, "a deviation must be positive");
	return 0;
}

static int plan_call(const struct plait__step *step, uint64_t key, struct plait__plan *plan)
{
	plait__plan_call(plan, step, key);
	return 0;
}

const struct plait__word plait__word_callback = { .name = "callback", .plan = plan_call };

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
