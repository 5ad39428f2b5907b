/* SPDX-License-Identifier: MIT
 * Decoding JPEG and PNG: every kind of PNG, and the usual kinds of JPEG. */
#include "src/image/image.h"
#include "src/base/random.h"
#include "tests/pictures.h"
#include "tests/tap.h"

static struct plait__buffer memory;
static struct plait__image image;

/* Decodes a copy of exactly size bytes, so that a sanitizer sees any read beyond them. */
static int decode(const unsigned char *bytes, size_t size, int channels)
{
	unsigned char *copy = malloc(size ? size : 1);
	int status;

	if (!copy)
		tap_bail_out("no memory");
	memcpy(copy, bytes, size);
	status = plait__image_decode(copy, size, channels, &memory, &image);
	free(copy);
	return status;
}

/* -- PNG: what a random image must become, by the definition in src/image/image.h ------- */

#define WIDTH 13 /* neither a power of two nor a multiple of any pass's step */
#define HEIGHT 11

struct stored {
	uint16_t value[HEIGHT][WIDTH][4]; /* as stored, 0 to 2^depth - 1 */
	unsigned char rows[HEIGHT * WIDTH * 8];
	uint8_t palette[256][3], alpha[256];
};

static const int values_of[] = { 1, 0, 3, 1, 2, 0, 4 };

static void make(struct stored *s, const struct picture_png *how, uint64_t key)
{
	int values = values_of[how->type], bit = 0;
	uint64_t n = 0;

	memset(s->rows, 0, sizeof s->rows);
	for (int i = 0; i < 256; i++) {
		for (int c = 0; c < 3; c++)
			s->palette[i][c] = (uint8_t)plait__random(key, n++);
		s->alpha[i] = (uint8_t)plait__random(key, n++);
	}
	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++)
			for (int c = 0; c < values; c++) {
				uint16_t v = (uint16_t)(plait__random(key, n++) &
							((1u << how->depth) - 1));

				/* A quarter of the pixels have the value of a colour key. */
				if (plait__random(key, n++) % 4 == 0 && c < 3)
					v = (uint16_t)(how->depth == 1 ? 1 : c + 1);
				s->value[y][x][c] = v;
				for (int b = how->depth - 1; b >= 0; b--, bit++)
					s->rows[bit / 8] |=
						(unsigned char)((v >> b & 1) << (7 - bit % 8));
			}
		bit = (bit + 7) & ~7;
	}
}

/* The colour (0 to 255) and alpha (0 to 1) of a pixel. */
static double resolve(const struct stored *s, const struct picture_png *how, int x, int y,
		      double rgb[3])
{
	const uint16_t *v = s->value[y][x];
	int last = (1 << how->depth) - 1, colors = how->type & 2 ? 3 : 1;
	bool keyed = how->key != NULL;

	if (how->type == 3) {
		for (int c = 0; c < 3; c++)
			rgb[c] = s->palette[v[0]][c];
		return how->alpha && v[0] < how->alphas ? s->alpha[v[0]] / 255.0 : 1;
	}
	for (int c = 0; c < 3; c++) {
		int stored = v[colors == 3 ? c : 0];

		rgb[c] = how->depth == 16 ? stored >> 8 : stored * 255.0 / last;
		keyed = keyed && stored == how->key[colors == 3 ? c : 0];
	}
	if (how->type & 4)
		return (how->depth == 16 ? v[colors] >> 8 : v[colors]) / 255.0;
	return keyed ? 0 : 1;
}

/* Counts wrong pixels. */
static int compare(const struct stored *s, const struct picture_png *how, int channels)
{
	int wrong = 0;

	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			const uint8_t *got =
				image.pixels + (size_t)y * image.stride + (size_t)(x * channels);
			double rgb[3], alpha = resolve(s, how, x, y, rgb);

			for (int c = 0; c < 3; c++)
				rgb[c] = floor(rgb[c] * alpha + 255 * (1 - alpha) + 0.5);
			/* 0.5 for rounding to an integer; the 16-bit constants of luma are wrong
			 * by at most 2^-17 each, times 3 x 255: less than 0.01. */
			if (channels == 1)
				wrong += fabs(got[0] - (0.299 * rgb[0] + 0.587 * rgb[1] +
							0.114 * rgb[2])) > 0.51;
			else
				for (int c = 0; c < 3; c++)
					wrong += got[c] != rgb[c];
		}
	return wrong;
}

static void check_png(const struct picture_png *how, const char *extra)
{
	static struct stored s;
	struct picture_png full = *how;
	struct picture p;
	int width = 0, height = 0, stored = 0;

	full.width = WIDTH;
	full.height = HEIGHT;
	full.palette = s.palette;
	full.alpha = how->alphas ? s.alpha : NULL;
	make(&s, &full, plait__key((uint64_t)how->type, (uint64_t)how->depth));
	p = pictures_png(&full, s.rows);
	is_int(plait__image_size(p.bytes, p.size, &width, &height, &stored), 0, "size of a PNG");
	ok(width == WIDTH && height == HEIGHT && stored == (how->type & 2 ? 3 : 1),
	   "its %d x %d x %d", width, height, stored);
	for (int channels = 1; channels <= 3; channels += 2) {
		int status = decode(p.bytes, p.size, channels);

		if (status < 0)
			printf("# %s\n", plait_error_message());
		ok(status == 0 && image.width == WIDTH && image.height == HEIGHT &&
			   image.channels == channels && compare(&s, &full, channels) == 0,
		   "PNG type %d, %d bits%s%s to %d channels", how->type, how->depth,
		   how->interlaced ? ", interlaced" : "", extra, channels);
	}
	free(p.bytes);
}

static void test_png(void)
{
	static const int kinds[][2] = { { 0, 1 }, { 0, 2 },  { 0, 4 },  { 0, 8 }, { 0, 16 },
					{ 2, 8 }, { 2, 16 }, { 3, 1 },  { 3, 2 }, { 3, 4 },
					{ 3, 8 }, { 4, 8 },  { 4, 16 }, { 6, 8 }, { 6, 16 } };
	static const uint16_t key[] = { 1, 2, 3 };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (int interlaced = 0; interlaced < 2; interlaced++) {
			struct picture_png how = { .type = kinds[i][0],
						   .depth = kinds[i][1],
						   .interlaced = interlaced };

			check_png(&how, "");
			if (how.type == 3)
				how.alphas = 1 << how.depth >> 1;
			if (how.type == 0 || how.type == 2)
				how.key = key;
			if (how.alphas || how.key)
				check_png(&how, ", transparent parts");
		}
}

/* -- JPEG --------------------------------------------------------------------------- */

#define SIDE 37 /* blocks at the edges are not whole */

/* A smooth image, which JPEG changes little. */
static void paint(unsigned char *pixels, int channels)
{
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++)
			for (int c = 0; c < channels; c++)
				*pixels++ = (unsigned char)(128 + 100 * sin(0.07 * x + c) *
									  cos(0.05 * y - c));
}

/* The largest difference of the image from rgb (channels 3), or from its luma. */
static double difference(const unsigned char *rgb, int stored, int channels)
{
	double worst = 0;

	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++, rgb += stored) {
			const uint8_t *got =
				image.pixels + (size_t)y * image.stride + (size_t)(x * channels);
			double v[3] = { rgb[0], rgb[stored > 1], rgb[stored > 1 ? 2 : 0] };

			if (channels == 1)
				v[0] = 0.299 * v[0] + 0.587 * v[1] + 0.114 * v[2];
			for (int c = 0; c < channels; c++)
				worst = fmax(worst, fabs(got[c] - v[c]));
		}
	return worst;
}

static void check_jpeg(const struct picture_jpeg *how, double tolerance, const char *what)
{
	unsigned char pixels[SIDE * SIDE * 3];
	struct picture_jpeg full = *how;
	struct picture p;
	int width = 0, height = 0, stored = 0;

	full.width = full.height = SIDE;
	full.quality = 100;
	paint(pixels, how->components);
	p = pictures_jpeg(&full, pixels);
	is_int(plait__image_size(p.bytes, p.size, &width, &height, &stored), 0, "size of a JPEG");
	ok(width == SIDE && height == SIDE && stored == how->components, "its %d x %d x %d", width,
	   height, stored);
	for (int channels = 1; channels <= 3; channels += 2) {
		int status = decode(p.bytes, p.size, channels);

		is_int(status, 0, "JPEG, %s, decodes", what);
		is_near(difference(pixels, how->components, channels), 0, tolerance,
			"JPEG, %s, to %d channels", what, channels);
	}
	free(p.bytes);
}

static void test_jpeg(void)
{
	/* Quality 100 quantises by 1: half a unit in each of 64 coefficients, of which a smooth
	 * block has few, and as much again for YCbCr and back.  At half resolution the colours
	 * themselves change by what they differ between neighbours, up to 7 here. */
	check_jpeg(&(struct picture_jpeg){ .components = 1 }, 2, "grey");
	check_jpeg(&(struct picture_jpeg){ .components = 3 }, 3, "colour");
	check_jpeg(&(struct picture_jpeg){ .components = 3, .progressive = true }, 3,
		   "progressive");
	check_jpeg(&(struct picture_jpeg){ .components = 3, .halved = true }, 10, "4:2:0");
	check_jpeg(&(struct picture_jpeg){ .components = 3, .separate = true }, 3,
		   "a scan for each component");
	check_jpeg(&(struct picture_jpeg){ .components = 3, .restart = 1 }, 3, "restart markers");
}

/* Flat colours of ink, as Adobe stores them (255: none), and what PIL's convert("RGB") and
 * convert("L") make of them. */
static void test_cmyk(void)
{
	static const struct {
		unsigned char ink[4], rgb[3], grey;
	} cases[] = {
		{ { 255, 255, 255, 255 }, { 255, 255, 255 }, 255 },
		{ { 0, 0, 0, 255 }, { 0, 0, 0 }, 0 },
		{ { 255, 255, 255, 0 }, { 0, 0, 0 }, 0 },
		{ { 255, 0, 0, 255 }, { 255, 0, 0 }, 76 },
		{ { 10, 100, 200, 240 }, { 9, 94, 188 }, 79 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct picture_jpeg how = {
			.width = 24, .height = 17, .components = 4, .quality = 100
		};
		unsigned char pixels[24 * 17 * 4];
		struct picture p;
		int wrong = 0;

		for (int k = 0; k < 24 * 17; k++)
			memcpy(pixels + 4 * k, cases[i].ink, 4);
		p = pictures_jpeg(&how, pixels);
		is_int(decode(p.bytes, p.size, 3), 0, "CMYK %zu as RGB", i);
		for (int y = 0; y < 17; y++)
			for (int k = 0; k < 72; k++)
				wrong += abs(image.pixels[(size_t)y * image.stride + (size_t)k] -
					     cases[i].rgb[k % 3]) > 1;
		is_int(wrong, 0, "its values");
		is_int(decode(p.bytes, p.size, 1), 0, "and as grey");
		for (int y = 0; y < 17; y++)
			for (int x = 0; x < 24; x++)
				wrong += abs(image.pixels[(size_t)y * image.stride + (size_t)x] -
					     cases[i].grey) > 2;
		is_int(wrong, 0, "its values");
		free(p.bytes);
	}
}

int main(void)
{
	if (pictures_have_png())
		test_png();
	else
		tap_skip("built without PNG");
	if (pictures_have_jpeg()) {
		test_jpeg();
		test_cmyk();
	} else {
		tap_skip("built without JPEG");
	}
	plait__buffer_free(&memory);
	return tap_done();
}
