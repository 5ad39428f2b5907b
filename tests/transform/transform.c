/* SPDX-License-Identifier: MIT
 * Words whose result is known exactly, compared with simple loops, one word after another, and with
 * PIL.  Random words are in random.c, words that are refused in words.c. */
#include "config.h"
#include "tests/transform/transform.h"

static struct ref ref;

static void bytes_become_units(void)
{
	struct plait__image image;
	int wrong = 0;

	for (int i = 0; i < 256; i++)
		pixels[i] = (uint8_t)i;
	image = image_of(16, 16, 1);
	if (plait__transform_apply(NULL, &image, 1, &(struct plait__affine){ .channels = 0 },
				   &memory, result) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 256; i++)
		wrong += result[i] != (float)i / 255.0f;
	is_int(wrong, 0, "no transform: every byte is exactly x / 255");
	apply("", &image, 1);
	for (int i = 0; i < 256; i++)
		wrong += result[i] != (float)i / 255.0f;
	is_int(wrong, 0, "no words: likewise");
}

/* Widths of up to more than two vectors, so that rows end in every possible way. */
static void planes(int channels)
{
	int wrong = 0;

	for (int width = 1; width <= 35; width++) {
		struct plait__image image = noise(3, width, channels);

		image.width = width > 4 ? width - 2 : width; /* rows with a stride */
		ref_load(&ref, &image);
		apply("", &image, 1);
		wrong += distance(&ref) > 1e-7; /* exact but for the reference's own double */
		apply("flip:1", &image, 1);
		ref_flip(&ref);
		wrong += distance(&ref) > 1e-7;
	}
	is_int(wrong, 0, "%d channels: planes and flip, 1 to 35 pixels wide", channels);
}

static void normalized(void)
{
	static const float mean[3] = { 0.485f, 0.456f, 0.406f },
			   std[3] = { 0.229f, 0.224f, 0.225f };
	struct plait__image image = noise(7, 19, 3);
	double worst = 0;

	ref_load(&ref, &image);
	apply("normalize:0.485,0.456,0.406;0.229,0.224,0.225", &image, 1);
	for (int i = 0; i < 3 * 7 * 19; i++) {
		int c = i / (7 * 19);
		double expected = (ref.v[i] - mean[c]) / std[c];

		worst = fmax(worst, fabs(result[i] - expected) / fmax(ref.v[i], mean[c]) * std[c]);
	}
	is_near(worst, 0, 0x1p-22,
		"normalize: a pair for each channel, as near as the header says");
	apply("normalize:0.25;0.5", &image, 1);
	worst = 0;
	for (int i = 0; i < 3 * 7 * 19; i++)
		worst = fmax(worst, fabs(result[i] - (ref.v[i] - 0.25) / 0.5));
	is_near(worst, 0, 2 * 0x1p-22, "normalize: one pair for all channels");
	apply("center-crop:9x23 normalize:0.5;0.25", &image, 1);
	is_near(result[0], -2, 0, "normalize: a border is zero before it, so -mean/std after");
}

static void resize_case(int height, int width, int channels, int to_height, int to_width)
{
	struct plait__image image = noise(height, width, channels);
	char words[64];

	snprintf(words, sizeof words, "resize:%dx%d", to_height, to_width);
	ref_load(&ref, &image);
	ref_resize(&ref, to_height, to_width);
	apply(words, &image, 1);
	is_near(distance(&ref), 0, resize_error(height, width, to_height, to_width),
		"%s of %dx%d, %d channels", words, height, width, channels);
	snprintf(words, sizeof words, "flip:1 resize:%dx%d", to_height, to_width);
	ref_flip(&ref);
	apply(words, &image, 1);
	is_near(distance(&ref), 0, resize_error(height, width, to_height, to_width), "%s", words);
}

static void resizes(void)
{
	static const int sizes[][4] = { { 13, 17, 7, 5 },   { 7, 5, 13, 17 },   { 31, 33, 31, 8 },
					{ 31, 33, 8, 33 },  { 1, 1, 5, 6 },     { 1, 9, 4, 2 },
					{ 9, 1, 1, 3 },     { 40, 50, 1, 1 },   { 97, 101, 3, 40 },
					{ 23, 29, 22, 28 }, { 12, 300, 12, 31 } };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		resize_case(sizes[i][0], sizes[i][1], 3, sizes[i][2], sizes[i][3]);
	resize_case(13, 17, 1, 6, 29);
	resize_case(13, 17, 2, 6, 29);
	resize_case(11, 14, 5, 12, 3);
	resize_case(8, 7, 17, 3, 9);
}

/* Image.resize(size, BILINEAR) of PIL 9.4 for mode F, pixel (x*37 + y*101 + x*y*13) % 256. */
static void pil(void)
{
	static const float smaller[] = { 65.58504f, 131.8343f, 131.1714f, 166.7007f,
					 110.3862f, 118,       123.5555f, 98.66138f,
					 141.449f,  130.4971f, 146.4971f, 166.2653f };
	static const float cropped[] = { 93.40816f, 110.8095f, 112.5374f, 155.9771f,
					 125.8267f, 163.9429f, 140.4686f, 118.3244f,
					 137.3029f, 128.2925f, 137.7302f, 147.7483f };
	struct plait__image image;
	double worst = 0;

	for (int i = 0; i < 35; i++)
		pixels[i] = (uint8_t)(i % 7 * 37 + i / 7 * 101 + i % 7 * (i / 7) * 13);
	image = image_of(5, 7, 1);
	apply("resize:3x4", &image, 1);
	/* They are printed with seven digits. */
	for (int i = 0; i < 12; i++)
		worst = fmax(worst, fabs(result[i] * 255.0f - smaller[i]));
	is_near(worst, 0, 1e-4, "resize:3x4 of 5x7 is PIL's");
	for (int i = 0; i < 72; i++)
		pixels[i] = (uint8_t)(i % 8 * 37 + i / 8 * 101 + i % 8 * (i / 8) * 13);
	image = image_of(9, 8, 1);
	image.pixels += 2 * 8 + 1;
	image.height = 7;
	image.width = 5;
	apply("resize:4x3", &image, 1);
	worst = 0;
	for (int i = 0; i < 12; i++)
		worst = fmax(worst, fabs(result[i] * 255.0f - cropped[i]));
	is_near(worst, 0, 1e-4, "resize:4x3 of columns 1 to 5 and rows 2 to 8 of 9x8 is PIL's");
}

static void shorter_side(void)
{
	static const struct {
		int height, width, to_height, to_width;
	} sizes[] = { { 375, 500, 10, 13 },
		      { 500, 375, 13, 10 },
		      { 20, 20, 10, 10 },
		      { 10, 31, 10, 31 },
		      { 1, 7, 10, 70 } };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct plait_transform *transform = parse("resize:10");
		int64_t dim[3] = { 3, sizes[i].height, sizes[i].width }, to[3] = { 0 };

		is_int(plait_transform_shape(transform, dim, false, to), 0, "resize:10");
		ok(to[0] == 3 && to[1] == sizes[i].to_height && to[2] == sizes[i].to_width,
		   "resize:10 of %dx%d is %dx%d", sizes[i].height, sizes[i].width, (int)to[1],
		   (int)to[2]);
		plait_transform_destroy(transform);
	}
}

/* torchvision puts the larger half of the padding on the right, and rounds halves to even. */
static void center_crops(void)
{
	static const struct {
		int height, width, to_height, to_width, y, x;
	} cases[] = { { 10, 10, 4, 4, 3, 3 }, { 9, 11, 4, 4, 2, 4 },   { 11, 9, 4, 4, 4, 2 },
		      { 5, 5, 8, 8, -1, -1 }, { 4, 9, 7, 4, -1, 2 },   { 1, 1, 3, 3, -1, -1 },
		      { 6, 20, 6, 20, 0, 0 }, { 3, 40, 20, 7, -8, 16 } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plait__image image = noise(cases[i].height, cases[i].width, 3);
		char words[64];

		snprintf(words, sizeof words, "center-crop:%dx%d", cases[i].to_height,
			 cases[i].to_width);
		ref_load(&ref, &image);
		ref_crop(&ref, cases[i].y, cases[i].x, cases[i].to_height, cases[i].to_width);
		apply(words, &image, 1);
		is_near(distance(&ref), 0, 1e-7, "%s of %dx%d", words, cases[i].height,
			cases[i].width);
	}
}

/* Fused words have the result of the words one by one.  Bytes between two words may be rounded the
 * other way, so the difference may be a unit. */
static void orders(void)
{
	struct plait__image image = noise(37, 45, 3);
	const double none = resize_error(37, 45, 9, 9), unit = 1 / 255.0 + none;

	ref_load(&ref, &image);
	ref_resize(&ref, 20, 24);
	ref_crop(&ref, 4, 6, 13, 13); /* (20-13)/2 is 3.5 and (24-13)/2 5.5: to even */
	apply("resize:20 center-crop:13", &image, 1);
	is_near(distance(&ref), 0, none, "resize, center-crop");
	ref_flip(&ref);
	apply("resize:20 center-crop:13 flip:1", &image, 1);
	is_near(distance(&ref), 0, none, "resize, center-crop, flip");
	ref_load(&ref, &image);
	ref_flip(&ref);
	ref_resize(&ref, 20, 24);
	ref_crop(&ref, 4, 6, 13, 13);
	apply("flip:1 resize:20 center-crop:13", &image, 1);
	is_near(distance(&ref), 0, none, "flip, resize, center-crop: another window of the mirror");

	ref_load(&ref, &image);
	ref_crop(&ref, 14, 12, 10, 21); /* (37-10)/2 is 13.5, to even */
	ref_resize(&ref, 17, 9);
	apply("center-crop:10x21 resize:17x9", &image, 1);
	is_near(distance(&ref), 0, none, "center-crop, resize: edges of the window, not beyond");

	ref_load(&ref, &image);
	ref_resize(&ref, 9, 11);
	ref_crop(&ref, -2, -3, 14, 17);
	apply("resize:9x11 center-crop:14x17", &image, 1);
	is_near(distance(&ref), 0, none, "resize, center-crop that is larger: borders");
	ref_flip(&ref);
	apply("resize:9x11 center-crop:14x17 flip:1", &image, 1);
	is_near(distance(&ref), 0, none, "the same, mirrored");

	ref_load(&ref, &image);
	ref_crop(&ref, -6, -7, 49, 60);
	ref_resize(&ref, 15, 14);
	apply("center-crop:49x60 resize:15x14", &image, 1);
	is_near(distance(&ref), 0, none, "center-crop that is larger, resize: borders are resized");

	ref_load(&ref, &image);
	ref_crop(&ref, 14, 12, 9, 21);
	ref_crop(&ref, -3, 8, 15, 5);
	apply("center-crop:9x21 center-crop:15x5", &image, 1);
	is_near(distance(&ref), 0, 1e-7,
		"a smaller and a larger center-crop: zeros, not the image");

	ref_load(&ref, &image);
	ref_resize(&ref, 20, 30);
	ref_resize(&ref, 31, 12);
	apply("resize:20x30 resize:31x12", &image, 1);
	is_near(distance(&ref), 0, unit, "resize, resize");
	/* A rounding error has deviation 0.29 units, the mean of 1,116 of them 0.009. */
	is_near(bias(&ref), 0, 0.1 / 255, "and on average nothing is lost");
	ok(distance(&ref) > none, "but between them it is rounded to bytes");
}

int main(void)
{
	bytes_become_units();
	planes(1);
	planes(2);
	planes(3);
	planes(4);
	planes(19);
	normalized();
	resizes();
	pil();
	shorter_side();
	center_crops();
	orders();
	plait__buffer_free(&memory);
	return tap_done();
}
