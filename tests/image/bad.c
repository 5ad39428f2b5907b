/* SPDX-License-Identifier: MIT
 * Images that are truncated, changed, or have a wrong size in their header; and their memory. */
#include "src/image/image.h"
#include "src/base/random.h"
#include "tests/files.h"
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

static void refuses(const unsigned char *bytes, size_t size, const char *part)
{
	int status = decode(bytes, size, 3);

	is_int(status, PLAIT_EFORMAT, "refuses: %s", part);
	contains(plait_error_message(), part, "says why");
	contains(plait_error_message(), "offset ", "and where");
}

/* A PNG with a chunk of one byte in front of IHDR, which libpng takes. */
static void test_late_header(void)
{
	static const unsigned char bytes[] = {
		0x89, 'P', 'N', 'G',  0x0d, 0x0a, 0x1a, 0x0a, 0,   0,   0,   1,   't',
		'R',  'N', 'N', 'G',  0x0d, 0x0a, 0x1a, 0x0a, 0,   0,   0,   13,  'I',
		'H',  'D', 'R', 0,    0,    0,    9,    0,    0,   0,   7,   1,   0,
		0,    0,   0,   0xf2, 0xe0, 0x5a, 0xcd, 0,    0,   0,   15,  'I', 'D',
		'A',  'T', 8,   0x99, 'c',  '`',  'd',  'b',  '`', 'f', '@', 3,   0,
		0,    130, 0,   7,    0xe0, ')',  'K',  0x8c, 0,   0,   0,   0,   'I',
		'E',  'N', 'D', 0xae, 'B',  '`',  0x82
	};

	refuses(bytes, sizeof bytes, "expected an IHDR chunk");
}

static void test_jpeg_refused(void)
{
	unsigned char pixels[16 * 16 * 4] = { 0 };
	struct picture_jpeg how = { .width = 16, .height = 16, .components = 3, .quality = 90 };
	struct picture p;
	size_t scan;

	how.separate = true;
	p = pictures_jpeg(&how, pixels);
	for (scan = p.size - 2; memcmp(p.bytes + scan, "\xff\xda", 2) != 0; scan--)
		;
	/* Repeats the last scan. */
	size_t length = p.size - 2 - scan;
	unsigned char *many = malloc(p.size + 600 * length);

	if (!many)
		tap_bail_out("no memory");
	memcpy(many, p.bytes, p.size);
	for (int i = 0; i < 600; i++)
		memcpy(many + p.size - 2 + (size_t)i * length, p.bytes + scan, length);
	memcpy(many + p.size - 2 + 600 * length, "\xff\xd9", 2);
	refuses(many, p.size + 600 * length, "more than 500 scans");
	free(many);
	free(p.bytes);
}

/* Bytes between segments, which some cameras write, are accepted; lost data are an error. */
static void test_jpeg_warnings(void)
{
	struct picture p = pictures_small(1, 40, 30, 1);
	unsigned char *changed = malloc(p.size + 3);
	size_t frame = 0, scan;

	if (!changed)
		tap_bail_out("no memory");
	while (memcmp(p.bytes + frame, "\xff\xc0", 2) != 0)
		frame++;
	memcpy(changed, p.bytes, frame);
	memcpy(changed + frame, "xyz", 3);
	memcpy(changed + frame + 3, p.bytes + frame, p.size - frame);
	is_int(decode(changed, p.size + 3, 3), 0, "extra bytes before a marker are no fault");
	for (scan = frame; memcmp(p.bytes + scan, "\xff\xda", 2) != 0; scan++)
		;
	scan += (p.size - scan) / 2;
	memcpy(changed, p.bytes, scan);
	memcpy(changed + scan, "\xff\xd9", 2);
	refuses(changed, scan + 2, "premature end of data segment");
	free(changed);
	free(p.bytes);
}

/* A PNG's signature and IHDR chunk, its checksum right, and nothing else. */
static size_t lying_png(unsigned char *to, uint32_t width, uint32_t height)
{
	uint32_t crc = 0xffffffff;

	memcpy(to, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
	for (int i = 0; i < 4; i++) {
		to[16 + i] = (unsigned char)(width >> (24 - 8 * i));
		to[20 + i] = (unsigned char)(height >> (24 - 8 * i));
	}
	memcpy(to + 24, "\x08\x06\0\0\0", 5);
	for (int i = 12; i < 29; i++) {
		crc ^= to[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	for (int i = 0; i < 4; i++)
		to[29 + i] = (unsigned char)(~crc >> (24 - 8 * i));
	memcpy(to + 33, "\0\0\0\0IDAT\x35\xaf\x06\x1e", 12);
	return 45;
}

static void test_lies(void)
{
	unsigned char bytes[64];
	size_t size;
	int w, h, c;

	plait__buffer_free(&memory);
	files_hold_memory();
	if (pictures_have_png()) {
		size = lying_png(bytes, 25000, 24000);
		refuses(bytes, size, "25000 x 24000 pixels, more than the limit");
		is_int(plait__image_size(bytes, size, &w, &h, &c), PLAIT_EFORMAT,
		       "nor gives its size");
		size = lying_png(bytes, 8000, 8000);
		refuses(bytes, size, "8000 x 8000 pixels, so few bytes hold at most");
		size = lying_png(bytes, 0, 8000);
		refuses(bytes, size, "offset ");
	}
	if (pictures_have_jpeg()) {
		unsigned char pixel[3] = { 0 };
		struct picture_jpeg how = {
			.width = 1, .height = 1, .components = 3, .quality = 90
		};
		struct picture p = pictures_jpeg(&how, pixel);
		size_t frame = 0;

		while (memcmp(p.bytes + frame, "\xff\xc0", 2) != 0)
			frame++;
		memcpy(p.bytes + frame + 5, "\xff\xdc\x23\xc8", 4); /* height, width */
		refuses(p.bytes, p.size, "9160 x 65500 pixels, more than the limit");
		memcpy(p.bytes + frame + 5, "\x1f\x40\x1f\x40", 4);
		refuses(p.bytes, p.size, "8000 x 8000 pixels, so few bytes hold at most");
		free(p.bytes);
	}
	ok(!memory.bytes, "nothing was allocated for them");
	files_release_memory();
	refuses((const unsigned char *)"", 0, "an empty file");
	refuses((const unsigned char *)"GIF89a", 6, "47 49 46 38");
	if (!pictures_have_png())
		refuses((const unsigned char *)"\x89PNG\r\n\x1a\n", 8, "libpng-dev");
	if (!pictures_have_jpeg())
		refuses((const unsigned char *)"\xff\xd8\xff\xe0", 4, "libjpeg-dev");
	is_int(decode(bytes, 1, 2), PLAIT_EINVAL, "two channels are none of ours");
}

#define SIDE 37

/* A smooth image, which JPEG changes little. */
static void paint(unsigned char *pixels, int channels)
{
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++)
			for (int c = 0; c < channels; c++)
				*pixels++ = (unsigned char)(128 + 100 * sin(0.07 * x + c) *
									  cos(0.05 * y - c));
}

static int truncate_all(const struct picture *p)
{
	int wrong = 0;

	bool png = p->bytes[0] == 0x89;

	/* A PNG may end before its last chunk, IEND, of 12 bytes. */
	for (size_t size = 0; size < p->size; size++)
		if (!png || size != p->size - 12)
			wrong += decode(p->bytes, size, 3) != PLAIT_EFORMAT ||
				 !strstr(plait_error_message(), "offset ");
	return wrong;
}

static int mutate_all(const struct picture *p, int runs)
{
	unsigned char *copy = malloc(p->size);
	int wrong = 0, accepted = 0;

	if (!copy)
		tap_bail_out("no memory");
	files_hold_memory();
	for (int run = 0; run < runs; run++) {
		uint64_t key = plait__key(7, (uint64_t)run);
		int changes = 1 + (int)(plait__random(key, 0) % 4), status;

		memcpy(copy, p->bytes, p->size);
		for (int i = 1; i <= changes; i++) {
			uint64_t draw = plait__random(key, (uint64_t)i);

			copy[(draw >> 16) % p->size] = (unsigned char)draw;
		}
		status = decode(copy, p->size, plait__random(key, 9) & 1 ? 3 : 1);
		accepted += status == 0;
		if (status != 0 && status != PLAIT_EFORMAT) {
			printf("# mutation %d: %s\n", run, plait_error_message());
			wrong++;
		}
	}
	files_release_memory();
	free(copy);
	printf("# %d of %d were accepted\n", accepted, runs);
	return wrong;
}

static void attack(struct picture p, const char *what)
{
	is_int(decode(p.bytes, p.size, 3), 0, "%s is whole", what);
	is_int(truncate_all(&p), 0, "%s of every length", what);
	is_int(mutate_all(&p, 2000), 0, "%s changed 2000 times", what);
	free(p.bytes);
}

static void test_attacks(void)
{
	unsigned char pixels[SIDE * SIDE * 3];
	struct picture_png png = { .width = SIDE, .height = SIDE, .type = 2, .depth = 8 };
	struct picture_jpeg jpeg = {
		.width = SIDE, .height = SIDE, .components = 3, .quality = 80
	};

	paint(pixels, 3);
	if (pictures_have_png()) {
		attack(pictures_png(&png, pixels), "a PNG");
		png.interlaced = true;
		png.type = 0;
		attack(pictures_png(&png, pixels), "an interlaced PNG");
	}
	if (pictures_have_jpeg()) {
		attack(pictures_jpeg(&jpeg, pixels), "a JPEG");
		jpeg.progressive = jpeg.halved = true;
		attack(pictures_jpeg(&jpeg, pixels), "a progressive JPEG");
		jpeg.progressive = false;
		jpeg.restart = 1;
		attack(pictures_jpeg(&jpeg, pixels), "a JPEG with restart markers");
	}
}

/* After the largest image a worker allocates no more. */
static void test_memory(void)
{
	int kind = pictures_have_png() ? 0 : 1;
	struct picture large = pictures_small(kind, 200, 100, 0), small;
	const unsigned char *bytes;

	is_int(decode(large.bytes, large.size, 3), 0, "a large image");
	bytes = memory.bytes;
	ok((uintptr_t)bytes % 64 == 0, "pixels are aligned");
	for (int i = 1; i < 100; i++) {
		small = pictures_small(kind, 2 * i, i, i);
		if (decode(small.bytes, small.size, 3) != 0)
			tap_bail_out("%s", plait_error_message());
		free(small.bytes);
	}
	ok(memory.bytes == bytes, "smaller ones take no memory of their own");
	free(large.bytes);
	plait__buffer_free(&memory);
	ok(!memory.bytes && memory.capacity == 0, "freed");
}

int main(void)
{
	if (pictures_have_jpeg()) {
		test_late_header();
		test_jpeg_refused();
		test_jpeg_warnings();
	} else {
		tap_skip("built without JPEG");
	}
	test_lies();
	test_attacks();
	if (pictures_have_png() || pictures_have_jpeg())
		test_memory();
	return tap_done();
}
