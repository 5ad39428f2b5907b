/* SPDX-License-Identifier: MIT
 * Random draws.  A test finds the window that was drawn from the pixels of the result, which are
 * ramps, and compares the result with a simple loop over that window.  Keys are fixed, so a bound
 * on a statistic always holds or never.  Bounds are five or six standard deviations: a good
 * generator is within them and a wrong range is not. */
#include "config.h"
#include "tests/transform/transform.h"

#include <pthread.h>

static struct ref ref;

static int from_ramp(float value)
{
	return (int)lrint(value * 255.0);
}

/* Offsets of crop:8,4 in 8x8 are 0 to 8 each, all of one probability. */
static void crops(void)
{
	enum { N = 24300, CELLS = 81 };
	struct plait_transform *transform = parse("crop:8,4");
	struct plait__image image = ramps(8, 8);
	int count[CELLS] = { 0 }, wrong = 0;
	double chi = 0;

	for (int i = 0; i < 64; i++) { /* 1 to 8: a border is told from a pixel */
		pixels[3 * i]++;
		pixels[3 * i + 1]++;
	}
	for (uint64_t key = 0; key < N; key++) {
		int64_t dim[3];
		int first = 0;

		apply_to(transform, &image, plait__key(5, key), dim);
		while (first < 63 && result[first] == 0)
			first++;
		int x = from_ramp(result[first]) - 1 - first % 8;
		int y = from_ramp(result[64 + first]) - 1 - first / 8;

		if (x < -4 || x > 4 || y < -4 || y > 4) {
			wrong++;
			continue;
		}
		count[(y + 4) * 9 + x + 4]++;
		ref_load(&ref, &image);
		ref_crop(&ref, y, x, 8, 8);
		wrong += distance(&ref) > 1e-7;
	}
	is_int(wrong, 0, "crop:8,4 is a window of the image with zeros around");
	for (int i = 0; i < CELLS; i++)
		chi += pow(count[i] - N / 81.0, 2) / (N / 81.0);
	/* 80 degrees of freedom: mean 80, deviation sqrt(160). */
	is_near(chi, 80, 6 * sqrt(160), "its offsets are uniform (chi square)");
	plait_transform_destroy(transform);
}

static void crop_without_padding(void)
{
	struct plait_transform *transform = parse("crop:3x4");
	struct plait__image image = ramps(5, 9);
	int seen[3][6] = { { 0 } }, wrong = 0, places = 0;

	for (uint64_t key = 0; key < 1000; key++) {
		int64_t dim[3];

		apply_to(transform, &image, plait__key(6, key), dim);
		int x = from_ramp(result[0]), y = from_ramp(result[12]);

		if (x > 5 || y > 2) {
			wrong++;
			continue;
		}
		seen[y][x] = 1;
		ref_load(&ref, &image);
		ref_crop(&ref, y, x, 3, 4);
		wrong += distance(&ref) > 1e-7;
	}
	for (int i = 0; i < 18; i++)
		places += seen[i / 6][i % 6];
	is_int(wrong, 0, "crop:3x4 of 5x9 is a window");
	is_int(places, 18, "in every place");
	plait_transform_destroy(transform);
}

static void flips(const char *words, double p)
{
	enum { N = 20000 };
	struct plait_transform *transform = parse(words);
	struct plait__image image = ramps(1, 5);
	int mirrored = 0;

	for (uint64_t key = 0; key < N; key++) {
		int64_t dim[3];

		apply_to(transform, &image, plait__key(8, key), dim);
		mirrored += from_ramp(result[0]) == 4;
	}
	is_near(mirrored, N * p, 5 * sqrt(N * p * (1 - p)), "%s: mirrors %g of %d", words, p, N);
	plait_transform_destroy(transform);
}

/* Finds the window of `size` values that was resized to n.  Inside it a resized ramp is a ramp, and
 * two of its values tell both ends. */
static void find(float a, float b, int pa, int pb, int n, int *from, int *size)
{
	double scale = (double)(b - a) * 255 / (pb - pa);

	*size = (int)lrint(scale * n);
	*from = (int)lrint(a * 255 - ((pa + 0.5) * scale - 0.5));
}

struct area {
	double area, aspect;
};

/* torchvision's RandomResizedCrop.get_params, with another generator. */
static struct area expected_window(int height, int width, uint64_t *state)
{
	for (int i = 0; i < 10; i++) {
		double u = (double)(plait__mix(*state += 1) >> 11) * 0x1p-53;
		double v = (double)(plait__mix(*state += 1) >> 11) * 0x1p-53;
		double area = height * width * (0.08 + 0.92 * u);
		double aspect = exp(log(3 / 4.0) + v * (log(4 / 3.0) - log(3 / 4.0)));
		double w = rint(sqrt(area * aspect)), h = rint(sqrt(area / aspect));

		if (w >= 1 && w <= width && h >= 1 && h <= height)
			return (struct area){ w * h / (height * width), log(w / h) };
	}
	tap_bail_out("ten tries failed, which is most unlikely");
}

static void random_resized_crops(void)
{
	enum { N = 2000, H = 120, W = 160, T = 24 };
	struct plait_transform *transform = parse("random-resized-crop:24");
	struct plait__image image = ramps(H, W);
	struct area sum = { 0, 0 }, expected = { 0, 0 };
	int wrong = 0, left = 0, right = 0;
	uint64_t state = 0;
	double least = 1, most = 0;

	for (uint64_t key = 0; key < N; key++) {
		int64_t dim[3];
		int x, y, w, h;

		apply_to(transform, &image, plait__key(9, key), dim);
		find(result[T * 12 + 8], result[T * 12 + 16], 8, 16, T, &x, &w);
		find(result[T * T + T * 8], result[T * T + T * 16], 8, 16, T, &y, &h);
		if (x < 0 || y < 0 || w < 1 || h < 1 || x + w > W || y + h > H) {
			wrong++;
			continue;
		}
		left += x == 0;
		right += x + w == W;
		double area = (double)(w * h) / (H * W);

		least = fmin(least, area);
		most = fmax(most, area);
		sum.area += area;
		sum.aspect += log((double)w / h);
		struct area other = expected_window(H, W, &state);

		expected.area += other.area;
		expected.aspect += other.aspect;
		if (key % 20)
			continue;
		ref_load(&ref, &image);
		ref_crop(&ref, y, x, h, w);
		ref_resize(&ref, T, T);
		wrong += distance(&ref) > resize_error(H, W, T, T);
	}
	is_int(wrong, 0, "random-resized-crop is a window inside of the image, resized");
	/* Deviations of area and log of aspect are below 0.27 and 0.17; two means of N each. */
	is_near(sum.area / N, expected.area / N, 5 * 0.27 * sqrt(2.0 / N), "its mean area");
	is_near(sum.aspect / N, expected.aspect / N, 5 * 0.17 * sqrt(2.0 / N), "its mean aspect");
	/* Sides of at least 29 are rounded, so 0.08 may be 0.077; 2 in 100 areas are below 0.1. */
	ok(least > 0.077 && least < 0.09 && most > 0.9, "its areas are %.3f to %.3f", least, most);
	ok(left > 0 && right > 0, "it reaches both edges");
	plait_transform_destroy(transform);
}

/* None of the ten tries can succeed, so the largest window of a valid aspect in the middle is used.
 */
static void fallbacks(void)
{
	static const struct {
		int height, width, y, x, h, w;
	} cases[] = { { 2, 200, 0, 98, 2, 3 }, { 200, 2, 98, 0, 3, 2 }, { 1, 1, 0, 0, 1, 1 },
		      { 1, 100, 0, 49, 1, 1 }, { 100, 1, 49, 0, 1, 1 }, { 3, 150, 0, 73, 3, 4 } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plait__image image = noise(cases[i].height, cases[i].width, 3);

		ref_load(&ref, &image);
		ref_crop(&ref, cases[i].y, cases[i].x, cases[i].h, cases[i].w);
		ref_resize(&ref, 9, 9);
		apply("random-resized-crop:9", &image, 3);
		is_near(distance(&ref), 0, resize_error(4, 4, 9, 9),
			"random-resized-crop of %dx%d takes the middle %dx%d", cases[i].height,
			cases[i].width, cases[i].h, cases[i].w);
	}
}

/* The zeros of cutout:S in an image that has none are a square, cut off at the edges. */
static void cutouts(int side)
{
	enum { N = 2000, H = 9, W = 11 };
	struct plait_transform *transform;
	struct plait__image image = noise(H, W, 3);
	int wrong = 0, full = 0, centre[H + W] = { 0 }, missing = 0;
	char words[32];

	snprintf(words, sizeof words, "cutout:%d", side);
	transform = parse(words);
	for (int i = 0; i < 3 * H * W; i++)
		pixels[i] |= 1;
	for (uint64_t key = 0; key < N; key++) {
		int top = H, bottom = -1, left = W, right = -1, zeros = 0;
		int64_t dim[3];

		apply_to(transform, &image, plait__key(11, key), dim);
		ref_load(&ref, &image);
		for (int y = 0; y < H; y++)
			for (int x = 0; x < W; x++) {
				if (result[y * W + x] != 0)
					continue;
				top = y < top ? y : top;
				bottom = y > bottom ? y : bottom;
				left = x < left ? x : left;
				right = x > right ? x : right;
				for (int c = 0; c < 3; c++)
					*ref_at(&ref, c, y, x) = 0;
				zeros++;
			}
		wrong += zeros < 1 || zeros != (bottom - top + 1) * (right - left + 1);
		wrong += (bottom - top + 1 != side && top > 0 && bottom < H - 1) ||
			 (right - left + 1 != side && left > 0 && right < W - 1);
		wrong += distance(&ref) > 1e-7;
		full += zeros == side * side;
		/* Whole squares tell their centre; so do those at the lower edge. */
		if (bottom - top + 1 == side || bottom == H - 1)
			centre[top + side / 2]++;
		if (right - left + 1 == side || right == W - 1)
			centre[H + left + side / 2]++;
	}
	is_int(wrong, 0, "%s: a square of zeros, all else as it was", words);
	/* With the centre anywhere, the chance of a whole square is known. */
	double p = (double)((H - side + 1) * (W - side + 1)) / (H * W);

	is_near(full, N * p, 5 * sqrt(N * p * (1 - p)), "%s: whole with probability %.2f", words,
		p);
	for (int i = side / 2; i < H; i++)
		missing += !centre[i];
	for (int i = side / 2; i < W; i++)
		missing += !centre[H + i];
	is_int(missing, 0, "%s: the centre is anywhere", words);
	plait_transform_destroy(transform);
}

enum { SAMPLES = 300, THREADS = 4 };

static const struct plait_transform *shared;
static const struct plait__image *shared_image;
static uint64_t hashes[THREADS + 1][SAMPLES];

/* Thread t begins at another sample, so that no two do the same at the same time. */
static void *work(void *argument)
{
	uint64_t *hash = argument;
	struct plait__buffer own = { NULL, 0 };
	float *out = malloc(3 * 32 * 32 * sizeof *out);
	size_t shift = (size_t)(hash - hashes[0]) / SAMPLES * 71;
	struct plait__affine affine;

	plait__affine_join(shared, NULL, &affine);
	for (size_t n = 0; out && n < SAMPLES; n++) {
		size_t i = (n + shift) % SAMPLES;
		const struct plait__image *image = &shared_image[i % 2];
		const unsigned char *byte = (const unsigned char *)out;

		if (plait__transform_apply(shared, image, i, &affine, &own, out) < 0)
			tap_bail_out("%s", plait_error_message());
		hash[i] = 0;
		for (size_t k = 0; k < 3 * 32 * 32 * sizeof *out; k++)
			hash[i] = plait__key(hash[i], byte[k]);
	}
	plait__buffer_free(&own);
	free(out);
	return NULL;
}

static void threads(const char *words)
{
	struct plait__image image[2] = { noise(60, 80, 3), noise(60, 80, 3) };
	struct plait_transform *transform = parse(words);
	pthread_t thread[THREADS];
	int different = 0, same = 0;

	image[1].width = 47; /* sizes in turn: memory holds what another image left there */
	image[1].height = 51;
	shared = transform;
	shared_image = image;
	work(hashes[0]);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, work, hashes[i + 1]))
			tap_bail_out("no thread");
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < SAMPLES; i++) {
		for (int t = 1; t <= THREADS; t++)
			different += hashes[t][i] != hashes[0][i];
		for (int j = 0; j < i; j++)
			same += hashes[0][i] == hashes[0][j];
	}
	is_int(different, 0, "%s: the same bytes in any thread and order", words);
	is_int(same, 0, "and others for each key");
	plait_transform_destroy(transform);
}

int main(void)
{
	crops();
	crop_without_padding();
	flips("flip", 0.5);
	flips("flip:0.1", 0.1);
	flips("flip:0", 0);
	flips("flip:1", 1);
	random_resized_crops();
	fallbacks();
	cutouts(4);
	cutouts(5);
	threads("random-resized-crop:32 flip color-jitter:0.4,0.4,0.4 cutout:8 normalize:0.5;0.2");
	threads("resize:40 crop:32,4 color-jitter:0.4,0.4,0.4 random-resized-crop:32 flip");
	plait__buffer_free(&memory);
	return tap_done();
}
