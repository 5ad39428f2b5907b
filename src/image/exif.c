/* SPDX-License-Identifier: MIT
 * The orientation that EXIF tells, for who wants it applied.  Cameras store pixels as the sensor
 * has them and say how to turn them.  A file whose EXIF cannot be read is upright. */
#include "config.h"
#include "src/image/image.h"

#include <string.h>

#define ORIENTATION 0x0112
#define ENTRY 12 /* bytes of an entry of TIFF */

/* A number of 2 or 4 bytes in TIFF's order. */
static uint32_t number(const unsigned char *p, int bytes, bool big)
{
	uint32_t value = 0;

	for (int i = 0; i < bytes; i++)
		value |= (uint32_t)p[big ? bytes - 1 - i : i] << 8 * i;
	return value;
}

/* The orientation in the first folder of a TIFF header, or 1. */
static int read_tiff(const unsigned char *tiff, size_t size)
{
	bool big = size >= 8 && memcmp(tiff, "MM\0*", 4) == 0;
	size_t at, count;

	if (!big && (size < 8 || memcmp(tiff, "II*\0", 4) != 0))
		return 1;
	at = number(tiff + 4, 4, big);
	if (at > size - 2)
		return 1;
	count = number(tiff + at, 2, big);
	for (at += 2; count > 0 && at <= size && size - at >= ENTRY; count--, at += ENTRY) {
		uint32_t value = number(tiff + at + 8, 2, big);

		if (number(tiff + at, 2, big) == ORIENTATION)
			return value >= 1 && value <= 8 ? (int)value : 1;
	}
	return 1;
}

/* Markers of a JPEG up to the first scan: FF, a code, a length that counts itself. */
static int read_jpeg(const unsigned char *bytes, size_t size)
{
	size_t at = 2;

	while (size - at >= 4 && bytes[at] == 0xff) {
		size_t length = number(bytes + at + 2, 2, true);
		const unsigned char *data = bytes + at + 4;

		if (bytes[at + 1] == 0xff) { /* a filling byte */
			at++;
			continue;
		}
		if (bytes[at + 1] == 0xda || length < 2 || length > size - at - 2)
			return 1;
		if (bytes[at + 1] == 0xe1 && length >= 8 && memcmp(data, "Exif\0\0", 6) == 0)
			return read_tiff(data + 6, length - 8);
		at += 2 + length;
	}
	return 1;
}

/* Chunks of a PNG: a length, a name, data, a checksum. */
static int read_png(const unsigned char *bytes, size_t size)
{
	size_t at = 8;

	while (size - at >= 12) {
		size_t length = number(bytes + at, 4, true);

		if (length > size - at - 12)
			return 1;
		if (memcmp(bytes + at + 4, "eXIf", 4) == 0)
			return read_tiff(bytes + at + 8, length);
		at += 12 + length;
	}
	return 1;
}

int plait__image_orientation(const unsigned char *bytes, size_t size)
{
	if (size > 4 && bytes[0] == 0xff && bytes[1] == 0xd8)
		return read_jpeg(bytes, size);
	if (size > 8 && memcmp(bytes, "\x89PNG", 4) == 0)
		return read_png(bytes, size);
	return 1;
}

int plait__image_turn(struct plait__image *image, int orientation, struct plait__buffer *memory)
{
	bool swapped = orientation >= 5; /* rows become columns */
	/* Of the stored image: whether it is read from its right, and from its bottom. */
	bool right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
	bool bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
	int width = swapped ? image->height : image->width;
	int height = swapped ? image->width : image->height;
	size_t channels = (size_t)image->channels, stride = (size_t)width * channels;
	unsigned char *pixels;

	PLAIT__ASSERT(!image->planar && orientation >= 1 && orientation <= 8,
		      "interleaved pixels are turned, in one of eight ways");
	if (orientation == 1)
		return 0;
	pixels = plait__buffer_reserve(memory, stride * (size_t)height);
	if (!pixels)
		return PLAIT_ENOMEM;
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			int u = swapped ? y : x, v = swapped ? x : y;
			const unsigned char *from;

			u = right ? image->width - 1 - u : u;
			v = bottom ? image->height - 1 - v : v;
			from = image->pixels + (size_t)v * image->stride + (size_t)u * channels;
			memcpy(pixels + (size_t)y * stride + (size_t)x * channels, from, channels);
		}
	image->pixels = pixels;
	image->width = width;
	image->height = height;
	image->stride = stride;
	return 0;
}
