/* SPDX-License-Identifier: MIT
 * Words that are wrong, shapes that do not fit, functions of users, hashes. */
#include "config.h"
#include "src/base/base.h"
#include "tests/transform/transform.h"

#include <locale.h>

static struct ref ref;

static void refused(const char *words, const char *part)
{
	struct plait_transform *transform = NULL;

	is_int(plait_transform_parse(&transform, words), PLAIT_EINVAL, "\"%s\" is refused", words);
	contains(plait_error_message(), part, "because of \"%s\"", part);
	ok(!transform, "and nothing is made");
}

static void junk(void)
{
	static const char *const sizes[] = {
		"",       ":",   ":0",   ":-3",   ":+3",    ":3.5",
		":x",     ":3x", ":x3",  ":3x0",  ":65536", ":3x70000",
		":3x4x5", ":3 ", ":3;4", ":3x4,", ":0x10",  ":99999999999999999999"
	};
	static const char *const sized[] = { "resize", "center-crop", "crop",
					     "random-resized-crop" };
	char words[64];

	for (size_t w = 0; w < 4; w++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			snprintf(words, sizeof words, "%s%s", sized[w], sizes[i]);
			if (strcmp(sizes[i], ":3 ") != 0) /* a blank ends a word */
				refused(words, sized[w]);
		}
	refused("crop:3,", "padding");
	refused("crop:3,-1", "padding");
	refused("crop:3,4,5", "padding");
	refused("resize:3,4", "resize:S or resize:HxW");
	refused("cutout", "cutout:S");
	refused("cutout:4x4", "cutout:S");
	refused("flip:", "nothing after the colon");
	refused("flip:2", "0 to 1");
	refused("flip:-0.5", "0 to 1");
	refused("flip:nan", "flip or flip:P");
	refused("flip:0.5,0.5", "flip:0.5,0.5");
	refused("color-jitter:0.1", "three numbers");
	refused("color-jitter:0.1,0.1,0.1,0.1", "three numbers");
	refused("color-jitter:0.1,,0.1", "three numbers");
	refused("color-jitter:0.1,-0.1,0.1", "negative");
	refused("normalize", "normalize:MEAN,..;STD,..");
	refused("normalize:0.5", "normalize:0.5");
	refused("normalize:0.5;", "normalize:0.5;");
	refused("normalize:;0.5", "normalize:;0.5");
	refused("normalize:0.5;0", "positive");
	refused("normalize:0.5;-1", "positive");
	refused("normalize:inf;1", "numbers");
	refused("normalize:1;1e-60", "1e-60: there must be numbers, 0 or from 1e-45 to 3e38");
	refused("normalize:1e-400;1", "1e-400;1: there must be numbers, 0 or from 1e-45 to 3e38");
	refused("normalize:-1e-60,0;1,1", "0 or from 1e-45 to 3e38");
	refused("normalize:1e50;1", "0 or from 1e-45 to 3e38");
	refused("normalize:0.5;0e-400", "positive"); /* which is 0 */
	refused("flip:1e-50", "the probability must be a number, 0 or from 1e-45 to 3e38");
	refused("color-jitter:0,1e-50,0", "three numbers, 0 or from 1e-45 to 3e38");
	refused("normalize:0.5,0.5;0.5", "as many deviations as means");
	refused("normalize:0.5;0.5,0.5", "as many deviations as means");
	refused("normalize:1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1;1", "at most 16");
	refused("normalize:0.5;0.5 flip", "flip after normalize");
	refused("normalize:0.5;0.5 normalize:0.5;0.5", "after normalize");
	refused("centre-crop:3", "did you mean \"center-crop\"");
	refused("resize:3 filp", "did you mean \"flip\"");
	refused("zzz",
		"resize, center-crop, crop, random-resized-crop, flip, cutout, color-jitter, "
		"normalize");
	refused(":3", "unknown word");
	refused("Flip", "unknown word");
}

static void many(void)
{
	struct plait_transform *transform;
	char words[33 * 5 + 1] = "";

	for (int i = 0; i < 33; i++)
		strcat(words, "flip ");
	refused(words, "at most 32");
	words[32 * 5] = '\0';
	transform = parse(words);
	is_int(plait_transform_append(transform, NULL, NULL), PLAIT_EINVAL,
	       "no function is refused");
	plait_transform_destroy(transform);
	plait_transform_destroy(NULL);
	is_int(plait_transform_parse(&transform, NULL), PLAIT_EINVAL, "no words are refused");
}

static void shape_refused(const char *words, int64_t c, int64_t h, int64_t w, bool varying,
			  const char *part, const char *other)
{
	struct plait_transform *transform = parse(words);
	int64_t dim[3] = { c, h, w }, to[3] = { -1, -1, -1 };

	is_int(plait_transform_shape(transform, dim, varying, to), PLAIT_ESHAPE,
	       "%s does not fit [%d,%d,%d]", words, (int)c, (int)h, (int)w);
	contains(plait_error_message(), part, "the message says %s", part);
	contains(plait_error_message(), other, "and %s", other);
	is_int(to[0] + to[1] + to[2], -3, "and nothing is written");
	plait_transform_destroy(transform);
}

static void shapes(void)
{
	static const char *const fixing[] = { "resize:4x5", "center-crop:4x5", "crop:4x5",
					      "random-resized-crop:4x5", "resize:9 crop:4x5 flip" };
	int64_t dim[3] = { 3, 20, 30 }, to[3];
	struct plait__image image = noise(5, 40, 3);
	struct plait_transform *transform;

	shape_refused("crop:32", 3, 31, 40, false, "31x40", "crop:32");
	shape_refused("crop:32,4", 3, 40, 23, false, "40x23 with 4", "32x32");
	shape_refused("resize:8 crop:9", 3, 20, 30, false, "8x12", "crop:9");
	shape_refused("flip", 3, 20, 30, true, "differ in size", "random-resized-crop");
	shape_refused("resize:8", 3, 20, 30, true, "differ in size", "resize:HxW");
	shape_refused("normalize:1,1;1,1", 3, 20, 30, false, "2 channels", "[3,20,30]");
	shape_refused("color-jitter:1,1,1", 2, 20, 30, false, "2 channels", "1 or 3");
	shape_refused("resize:60000x60000", 3, 20, 30, false, "60000x60000", "pixels");
	shape_refused("resize:60000x60000 cutout:3 resize:3x3", 3, 20, 30, false, "60000x60000",
		      "cutout:3");
	shape_refused("resize:60000", 3, 1, 100000, false, "1x100000", "resize:60000");
	shape_refused("", 0, 20, 30, false, "[0,20,30]", "[C,H,W]");
	for (size_t i = 0; i < sizeof fixing / sizeof *fixing; i++) {
		transform = parse(fixing[i]);
		is_int(plait_transform_shape(transform, dim, true, to), 0, "%s fixes sizes",
		       fixing[i]);
		ok(to[0] == 3 && to[1] == 4 && to[2] == 5, "to [3,4,5]");
		plait_transform_destroy(transform);
	}
	is_int(plait_transform_shape(NULL, dim, true, to), PLAIT_ESHAPE, "no transform fixes none");
	is_int(plait_transform_shape(NULL, dim, false, to), 0, "and keeps one");
	ok(memcmp(dim, to, sizeof dim) == 0, "as it is");
	transform = parse("crop:6");
	is_int(plait__transform_apply(transform, &image, 1,
				      &(struct plait__affine){ .channels = 0 }, &memory, result),
	       PLAIT_ESHAPE, "an image that is too small is refused when it comes");
	contains(plait_error_message(), "5x40", "by its size");
	plait_transform_destroy(transform);
}

/* Inverts pixels, and keeps its arguments. */
struct seen {
	int height, width, channels, calls;
	uint64_t key;
	uint8_t first;
};

static void invert(void *user, uint64_t key, int height, int width, int channels, uint8_t *bytes)
{
	struct seen *seen = user;

	*seen = (struct seen){ height, width, channels, seen->calls + 1, key, bytes[0] };
	for (int i = 0; i < height * width * channels; i++)
		bytes[i] = (uint8_t)(255 - bytes[i]);
}

static void callbacks(void)
{
	struct plait__image image = noise(11, 13, 3);
	struct plait_transform *transform = parse("center-crop:5x6 flip:1 normalize:0.5;0.5");
	struct seen once = { 0 }, twice = { 0 };
	uint8_t before = pixels[0];
	int64_t dim[3];

	ref_load(&ref, &image);
	ref_crop(&ref, 3, 4, 5, 6);
	ref_flip(&ref);
	plait_transform_append(transform, invert, &once);
	apply_to(transform, &image, 1, dim);
	for (int i = 0; i < 3 * 5 * 6; i++)
		ref.v[i] = (1 - ref.v[i] - 0.5) / 0.5;
	is_near(distance(&ref), 0, 0x1p-21,
		"a user's step comes after the words, before normalize");
	ok(once.height == 5 && once.width == 6 && once.channels == 3, "and is told the size");
	plait_transform_append(transform, invert, &twice);
	apply_to(transform, &image, 1, dim);
	for (int i = 0; i < 3 * 5 * 6; i++)
		ref.v[i] = -ref.v[i];
	is_near(distance(&ref), 0, 0x1p-21, "two of them come in their order");
	is_int(twice.first, 255 - once.first, "the second reads what the first made");
	ok(twice.key != once.key, "each with its own key");
	uint64_t key = once.key;

	apply_to(transform, &image, 2, dim);
	ok(once.key != key, "which is the sample's");
	is_int(once.calls, 3, "called once a sample");
	is_int(pixels[0], before, "the image itself is not changed");
	ok(plait__transform_is_random(transform), "a user's step may be random");
	plait_transform_destroy(transform);
}

static uint64_t hash(const char *words)
{
	struct plait_transform *transform = parse(words);
	uint64_t value = plait__transform_hash(transform);

	plait_transform_destroy(transform);
	return value;
}

static bool is_random(const char *words)
{
	struct plait_transform *transform = parse(words);
	bool random = plait__transform_is_random(transform);

	plait_transform_destroy(transform);
	return random;
}

static void hashes(void)
{
	static const char *const words[] = { "",
					     "flip",
					     "flip:0.25",
					     "flip flip",
					     "crop:8",
					     "crop:8,1",
					     "crop:8x9",
					     "resize:8",
					     "resize:8x8",
					     "center-crop:8",
					     "resize:9",
					     "cutout:8",
					     "crop:8 flip",
					     "flip crop:8",
					     "random-resized-crop:8",
					     "color-jitter:0.1,0.2,0.3",
					     "color-jitter:0.3,0.2,0.1",
					     "normalize:0.5;0.25",
					     "normalize:0.25;0.5",
					     "normalize:0.5,0.5;0.25,0.25",
					     "flip normalize:0.5;0.25" };
	int same = 0;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		for (size_t j = 0; j < i; j++)
			same += hash(words[i]) == hash(words[j]);
	is_int(same, 0, "words that differ have hashes that differ");
	ok(hash("flip:0.5") == hash("  flip\t\n"), "words that mean the same have one hash");
	ok(hash("crop:8x8,0") == hash("crop:8"), "so have sizes");
	ok(plait__transform_hash(NULL) == hash(""), "no transform is no words");
	ok(!is_random("") && !is_random("resize:8 center-crop:7 flip:1 flip:0 normalize:1;1") &&
		   !is_random("color-jitter:0,0,0") && !plait__transform_is_random(NULL),
	   "what is not random");
	ok(is_random("flip") && is_random("crop:8") && is_random("random-resized-crop:8") &&
		   is_random("cutout:3") && is_random("resize:9 color-jitter:0,0.1,0 resize:3"),
	   "what is");
}

int main(void)
{
	junk();
	many();
	shapes();
	callbacks();
	hashes();
	if (setlocale(LC_NUMERIC, "de_DE.UTF-8"))
		ok(hash("flip:2.5e-1") == hash("flip:0.25"), "a point is a point in any locale");
	else
		tap_skip("no locale with a decimal comma");
	plait__buffer_free(&memory);
	return tap_done();
}
