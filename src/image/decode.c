/* SPDX-License-Identifier: MIT
 * An image of either format: which one it is, its header, its pixels. */
#include "config.h"
#include "src/image/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_jpeg(const unsigned char *bytes, size_t size)
{
	return size >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

static bool is_png(const unsigned char *bytes, size_t size)
{
	return size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0;
}

static int neither(const unsigned char *bytes, size_t size)
{
	char found[16] = "an empty file";
	int length = 0;

	for (size_t i = 0; i < size && i < 4; i++) {
		static const char digit[] = "0123456789abcdef";

		found[length++] = digit[bytes[i] >> 4];
		found[length++] = digit[bytes[i] & 15];
		found[length++] = ' ';
		found[length - (i == 3 || i + 1 == size)] = '\0';
	}
	return plait__error(PLAIT_EFORMAT, "offset 0: expected a JPEG or PNG image, found %s",
			    found);
}

static unsigned be16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

struct image_header {
	uint32_t width, height;
	int channels;
};

static bool is_frame(unsigned marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
	       marker != 0xcc;
}

/* Walks over the segments to the frame header.  Accepts what the decoder accepts: bytes between
 * segments are skipped, and a length below 2, which does not count its own bytes, is taken for 2.
 */
static int jpeg_header(const unsigned char *bytes, size_t size, struct image_header *header)
{
	size_t at = 2;

	while (at + 4 <= size) {
		unsigned marker = bytes[at + 1], length = be16(bytes + at + 2);

		if (bytes[at] != 0xff || marker == 0xff || marker == 0) {
			at++;
		} else if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
			at += 2; /* a marker without a segment */
		} else if (is_frame(marker) && at + 10 <= size) {
			*header = (struct image_header){ .width = be16(bytes + at + 7),
							 .height = be16(bytes + at + 5),
							 .channels = bytes[at + 9] };
			return 0;
		} else if (marker == 0xda || marker == 0xd9) {
			break;
		} else {
			at += 2 + (size_t)(length < 2 ? 2 : length);
		}
	}
	return plait__error(PLAIT_EFORMAT, "offset %zu: JPEG: expected a frame header, found %s",
			    at < size ? at : size,
			    at + 4 <= size ? "other data" : "the end of the file");
}

static int png_header(const unsigned char *bytes, size_t size, struct image_header *header)
{
	static const unsigned char channels[] = { 1, 0, 3, 3, 1, 0, 3 };

	if (size < 33 || memcmp(bytes + 12, "IHDR", 4) != 0 || bytes[25] > 6 ||
	    channels[bytes[25]] == 0)
		return plait__error(PLAIT_EFORMAT,
				    "offset 8: PNG: expected an IHDR chunk, found %s",
				    size < 33 ? "the end of the file" : "other data");
	*header = (struct image_header){ .width = be32(bytes + 16),
					 .height = be32(bytes + 20),
					 .channels = channels[bytes[25]] };
	return 0;
}

int plait__image_size(const unsigned char *bytes, size_t size, int *width, int *height,
		      int *channels)
{
	struct image_header header = { 0 };
	int status;

	if (is_jpeg(bytes, size))
		status = jpeg_header(bytes, size, &header);
	else if (is_png(bytes, size))
		status = png_header(bytes, size, &header);
	else
		status = neither(bytes, size);
	if (status < 0)
		return status;
	status = plait__image_check_size(header.width, header.height, INT64_MAX);
	if (status < 0)
		return plait__error(status, "offset 0: %s", plait_error_message());
	*width = (int)header.width;
	*height = (int)header.height;
	*channels = header.channels;
	return 0;
}

/* Whatever the file says, a decoder must return an image of the asked kind that lies in memory. */
static void check_decoded(const struct plait__image *image, int channels,
			  const struct plait__buffer *memory)
{
	size_t bytes = image->stride * (size_t)image->height;

	PLAIT__ASSERT(image->channels == channels, "an image has the channels that were asked for");
	PLAIT__ASSERT((int64_t)image->width * image->height <= PLAIT__MAX_PIXELS,
		      "an image has at most PLAIT__MAX_PIXELS pixels");
	PLAIT__ASSERT(image->stride >= (size_t)image->width * (size_t)image->channels,
		      "a row has room for its pixels");
	PLAIT__ASSERT(image->pixels >= memory->bytes &&
			      image->pixels + bytes <= memory->bytes + memory->capacity,
		      "the rows of an image lie in its memory");
}

int plait__image_decode(const unsigned char *bytes, size_t size, int channels,
			struct plait__buffer *memory, struct plait__image *image)
{
	struct image_header header;
	int status;

	if (channels != 1 && channels != 3)
		return plait__error(PLAIT_EINVAL, "an image has 1 or 3 channels, not %d", channels);
	if (is_jpeg(bytes, size))
		status = plait__jpeg_decode(bytes, size, channels, memory, image);
	else if (!is_png(bytes, size))
		status = neither(bytes, size);
	else if ((status = png_header(bytes, size, &header)) == 0)
		/* libpng would take an IHDR chunk behind others. */
		status = plait__png_decode(bytes, size, channels, memory, image);
	if (status == 0)
		check_decoded(image, channels, memory);
	return status;
}
