/* SPDX-License-Identifier: MIT
 * color-jitter against torchvision's formulas, and its order among other words. */
#include "config.h"
#include "tests/transform/transform.h"

static struct ref ref;

static double unit(double v)
{
	return fmin(1, fmax(0, v));
}

static double grey(const struct ref *r, int i)
{
	int n = r->height * r->width;

	return r->channels == 1 ? r->v[i]
				: 0.299 * r->v[i] + 0.587 * r->v[n + i] + 0.114 * r->v[2 * n + i];
}

/* torchvision's: blend(image, what, factor) = clamp(factor * image + (1 - factor) * what). */
static void ref_jitter(struct ref *r, double brightness, double contrast, double saturation)
{
	int n = r->height * r->width;
	double mean = 0;

	for (int i = 0; i < r->channels * n; i++)
		r->v[i] = unit(brightness * r->v[i]);
	for (int i = 0; i < n; i++)
		mean += grey(r, i) / n;
	for (int i = 0; i < r->channels * n; i++)
		r->v[i] = unit(contrast * r->v[i] + (1 - contrast) * mean);
	for (int i = 0; i < n; i++) {
		double base = (1 - saturation) * grey(r, i);

		for (int c = 0; c < r->channels; c++)
			r->v[c * n + i] = unit(saturation * r->v[c * n + i] + base);
	}
}

/* Finds each factor by applying it alone.  All three together, with the same key, must have the
 * reference's result for these factors. */
static void jitters(int channels, double amount)
{
	enum { H = 71, W = 67, N = H * W }; /* more than a block of the sum */
	struct plait__image image = noise(H, W, channels);
	double least = 9, most = 0, worst = 0;
	char words[96];

	/* Two pixels in the middle of the range, for no factor below 1.9 clamps these; reds of
	 * both differ, and red and green of the first. */
	for (int i = 0; i < 2 * channels; i++)
		pixels[i] = (uint8_t)(120 + 4 * i);
	for (uint64_t key = 0; key < 40; key++) {
		double b, c, s = 1;

		snprintf(words, sizeof words, "color-jitter:%g,0,0", amount);
		apply(words, &image, key);
		b = result[0] / (120 / 255.0);
		snprintf(words, sizeof words, "color-jitter:0,%g,0", amount);
		apply(words, &image, key);
		c = (result[1] - result[0]) / (4 * channels / 255.0);
		snprintf(words, sizeof words, "color-jitter:0,0,%g", amount);
		apply(words, &image, key);
		if (channels == 3)
			s = (result[N] - result[0]) / (4 / 255.0);
		least = fmin(least, fmin(b, fmin(c, s)));
		most = fmax(most, fmax(b, fmax(c, s)));
		ref_load(&ref, &image);
		ref_jitter(&ref, b, c, s);
		snprintf(words, sizeof words, "color-jitter:%g,%g,%g normalize:0.25;0.5", amount,
			 amount, amount);
		apply(words, &image, key);
		for (int i = 0; i < channels * N; i++)
			worst = fmax(worst, fabs(result[i] - (ref.v[i] - 0.25) / 0.5));
	}
	/* A factor is a difference of two floats below 1 over 4/255, so it is known to 64 * 2^-23;
	 * three factors act, and normalize doubles. */
	is_near(worst, 0, 3 * 2 * 64 * 0x1p-23, "color-jitter of %d channels, %g", channels,
		amount);
	ok(least < 1 - 0.8 * amount && least > 1 - amount - 1e-4, "factors down to 1 - %g", amount);
	ok(most > 1 + 0.8 * amount && most < 1 + amount + 1e-4, "and up to 1 + %g", amount);
}

/* The order of words matters: the zeros of a cutout count for contrast only if it comes first. */
static void jitter_orders(void)
{
	struct plait__image image = noise(16, 16, 3);
	int zeros = 0, wrong = 0;

	apply("color-jitter:0,0.9,0 cutout:9", &image, 4);
	for (int i = 0; i < 256; i++)
		zeros += result[i] == 0 && result[256 + i] == 0 && result[512 + i] == 0;
	ok(zeros >= 25, "cutout after color-jitter leaves zeros");
	zeros = 0;
	apply("cutout:9 color-jitter:0,0.9,0", &image, 2);
	for (int i = 0; i < 256; i++)
		zeros += result[i] == 0 && result[256 + i] == 0 && result[512 + i] == 0;
	ok(zeros < 25, "color-jitter after cutout fills them");
	apply("color-jitter:0,0.9,0", &image, 4);
	ref = (struct ref){ .channels = 3, .height = 16, .width = 16 };
	for (int i = 0; i < 768; i++)
		ref.v[i] = rint(result[i] * 255.0) / 255;
	ref_crop(&ref, 5, 5, 6, 6);
	apply("color-jitter:0,0.9,0 center-crop:6", &image, 4);
	is_near(distance(&ref), 0, 1e-7,
		"center-crop after color-jitter: the mean is of the whole");
	apply("color-jitter:0.5,0.5,0.5 flip:1", &image, 3);
	ref = (struct ref){ .channels = 3, .height = 16, .width = 16 };
	for (int i = 0; i < 768; i++)
		ref.v[i] = result[i];
	ref_flip(&ref);
	apply("color-jitter:0.5,0.5,0.5", &image, 3);
	/* Both sum 256 greys, in another order: 2^-24 of the mean each. */
	is_near(distance(&ref), 0, 16 * 0x1p-24, "flip after color-jitter mirrors it");
	apply("cutout:5", &image, 3);
	for (int i = 0; i < 768; i++)
		ref.v[i] = result[i];
	ref_flip(&ref);
	apply("cutout:5 flip:1", &image, 3);
	is_near(distance(&ref), 0, 0, "flip after cutout mirrors it");
	apply("cutout:3 cutout:3 cutout:3 cutout:3 cutout:3 cutout:3", &image, 3);
	ref_load(&ref, &image);
	for (int i = 0; i < 768; i++)
		wrong += result[i] != 0 && fabs(result[i] - ref.v[i]) > 1e-7;
	is_int(wrong, 0, "six cutouts leave the rest as it is");
}

int main(void)
{
	jitters(3, 0.4);
	jitters(3, 0.9);
	jitters(1, 0.4);
	jitter_orders();
	plait__buffer_free(&memory);
	return tap_done();
}
