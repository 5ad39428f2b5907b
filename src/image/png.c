/* SPDX-License-Identifier: MIT
 * PNG by libpng.  Every colour type and depth becomes 8 bits a channel, and pixels with alpha are
 * drawn over white.  The library reports an error by calling fail(). */
#include "config.h"
#include "src/image/format.h"

#ifdef PLAIT_HAVE_PNG

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* The most pixels that a byte can hold: deflate makes at most 1032 bytes of one (src/base/file.c),
 * and a pixel has at least one bit. */
#define PIXELS_A_BYTE (1032 * 8)

/* Bytes of a chunk's length and name, which libpng reads at once. */
#define CHUNK_BEGIN 8

struct png_decoder {
	png_structp png;
	png_infop info;
	const unsigned char *bytes;
	size_t size, at;
	bool drawn; /* all pixels were read */
	bool cut;   /* then the file ended where the chunk IEND should begin */
	int status;
	jmp_buf failed;
};

static void fail(png_structp png, png_const_charp words)
{
	struct png_decoder *d = png_get_error_ptr(png);

	/* libpng has no code for a lack of memory, only words. */
	d->status = plait__error(strstr(words, "emory") ? PLAIT_ENOMEM : PLAIT_EFORMAT,
				 "offset %zu: PNG: %s", d->at, words);
	longjmp(d->failed, 1);
}

static void ignore(png_structp png, png_const_charp words)
{
	(void)png, (void)words;
}

static void take(png_structp png, png_bytep to, size_t count)
{
	struct png_decoder *d = png_get_io_ptr(png);

	PLAIT__ASSERT(d->at <= d->size, "what is read lies in the file");
	if (count > d->size - d->at) {
		d->cut = d->drawn && d->at == d->size && count == CHUNK_BEGIN;
		d->at = d->size;
		png_error(png, "the file ends early");
	}
	memcpy(to, d->bytes + d->at, count);
	d->at += count;
}

/* The pixels need the chunks IHDR, PLTE, tRNS and IDAT only.  Texts and profiles would take time
 * and memory. */
static void skip_the_rest(png_structp png)
{
	static const png_byte names[] = "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0"
					"pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";

	png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names, sizeof names / 5);
}

static int check_header(const struct png_decoder *d)
{
	int status = plait__image_check_size(png_get_image_width(d->png, d->info),
					     png_get_image_height(d->png, d->info),
					     (int64_t)d->size * PIXELS_A_BYTE);

	if (status < 0)
		return plait__error(status, "offset %zu: PNG: %s", d->at, plait_error_message());
	return 0;
}

/* Asks libpng for 1 to 4 channels of 8 bits, at least `channels`. */
static void set_transforms(const struct png_decoder *d, int channels)
{
	png_set_expand(d->png);
	png_set_strip_16(d->png);
	if (channels == 3)
		png_set_gray_to_rgb(d->png);
}

/* Draws value over white, rounded to nearest. */
static unsigned over_white(unsigned value, unsigned alpha)
{
	return (value * alpha + 255 * (255 - alpha) + 127) / 255;
}

/* Converts a row of `have` channels, 1 to 4, to `channels`.  If have is even, the last channel is
 * alpha.  to may overlap from, but must not be behind it. */
static void convert_row(const unsigned char *from, int have, unsigned char *to, int channels,
			int width)
{
	int colors = have > 2 ? 3 : 1;

	for (int x = 0; x < width; x++, from += have, to += channels) {
		unsigned value[3];

		for (int c = 0; c < colors; c++)
			value[c] = have % 2 ? from[c] : over_white(from[c], from[have - 1]);
		if (channels == 1 && colors == 3)
			value[0] = plait__luma(value[0], value[1], value[2]);
		for (int c = 0; c < channels; c++)
			to[c] = (unsigned char)value[c];
	}
}

/* Checks that the file is whole.  A last chunk that is not there at all is no fault, as for PIL: no
 * pixel is missing. */
static int read_end(struct png_decoder *d)
{
	d->drawn = true;
	if (setjmp(d->failed))
		return d->cut ? 0 : d->status;
	png_read_end(d->png, NULL);
	return 0;
}

static int decode(struct png_decoder *d, int channels, struct plait__buffer *memory,
		  struct plait__image *image)
{
	unsigned char *pixels;
	size_t row, stride;
	int width, height, have, passes, status;

	if (setjmp(d->failed))
		return d->status;
	d->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, fail, ignore);
	d->info = d->png ? png_create_info_struct(d->png) : NULL;
	if (!d->info)
		return plait__error(PLAIT_ENOMEM, "offset 0: PNG: libpng does not start");
	png_set_read_fn(d->png, d, take);
	skip_the_rest(d->png);
	png_read_info(d->png, d->info);
	status = check_header(d);
	if (status < 0)
		return status;
	set_transforms(d, channels);
	passes = png_set_interlace_handling(d->png);
	png_read_update_info(d->png, d->info);
	width = (int)png_get_image_width(d->png, d->info);
	height = (int)png_get_image_height(d->png, d->info);
	have = png_get_channels(d->png, d->info);
	row = png_get_rowbytes(d->png, d->info);
	PLAIT__ASSERT(have >= channels && have <= 4 && row == (size_t)width * (size_t)have,
		      "a converted row is not longer than the row it is made of");
	pixels = plait__buffer_reserve(memory, row * (size_t)height);
	if (!pixels)
		return PLAIT_ENOMEM;
	for (int pass = 0; pass < passes; pass++)
		for (int y = 0; y < height; y++)
			png_read_row(d->png, pixels + (size_t)y * row, NULL);
	status = read_end(d);
	if (status < 0)
		return status;
	stride = (size_t)width * (size_t)channels;
	for (int y = 0; have != channels && y < height; y++)
		convert_row(pixels + (size_t)y * row, have, pixels + (size_t)y * stride, channels,
			    width);
	*image = (struct plait__image){ .pixels = pixels,
					.width = width,
					.height = height,
					.channels = channels,
					.stride = stride };
	return 0;
}

int plait__png_decode(const unsigned char *bytes, size_t size, int channels,
		      struct plait__buffer *memory, struct plait__image *image)
{
	struct png_decoder d = { .bytes = bytes, .size = size };
	int status = decode(&d, channels, memory, image);

	png_destroy_read_struct(d.png ? &d.png : NULL, d.info ? &d.info : NULL, NULL);
	return status;
}

#else

int plait__png_decode(const unsigned char *bytes, size_t size, int channels,
		      struct plait__buffer *memory, struct plait__image *image)
{
	(void)bytes, (void)size, (void)channels, (void)memory, (void)image;
	return plait__error(PLAIT_EFORMAT,
			    "offset 0: PNG: this Plait was built without it: install libpng-dev, "
			    "then configure and build again");
}

#endif
