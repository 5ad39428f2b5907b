/* SPDX-License-Identifier: MIT
 * JPEG by the libjpeg interface of libjpeg-turbo.  Unlike TurboJPEG it tells where it stopped, and
 * lets its user decide about each warning.  The library reports an error by calling fail(). */
#include "config.h"
#include "src/image/format.h"

#ifdef PLAIT_HAVE_JPEG

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h wants it */
#include <jpeglib.h>
#include <jerror.h>

/* A file of many empty scans over a large image would keep a worker busy for minutes. */
#define MOST_SCANS 500

/* The most pixels that a byte can hold: in Huffman's code each block takes at least a bit, and no
 * block covers more than 32 x 32 pixels.  Arithmetic code has no such bound. */
#define PIXELS_A_BYTE (8 * 32 * 32)

/* The library's vector code bypasses the caches when it writes a row that begins at a multiple of
 * 32, and the transform would wait for main memory.  No row begins there if the first one begins 16
 * bytes behind a multiple of 32 and the distance between rows is one. */
#define VECTOR_BYTES 32
#define OFF_BYTES 16

/* Rows that are asked for at once; the library gives as many as it has ready. */
#define ROWS 16

struct jpeg_decoder {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_source_mgr source;
	struct jpeg_progress_mgr progress;
	const unsigned char *bytes;
	size_t size;
	int status;
	jmp_buf failed;
};

static size_t offset_of(const struct jpeg_decoder *d)
{
	PLAIT__ASSERT(d->source.bytes_in_buffer <= d->size, "what is read lies in the file");
	return d->size - d->source.bytes_in_buffer;
}

static void fail(j_common_ptr jpeg)
{
	struct jpeg_decoder *d = jpeg->client_data;
	char words[JMSG_LENGTH_MAX];
	bool memory = jpeg->err->msg_code == JERR_OUT_OF_MEMORY;

	jpeg->err->format_message(jpeg, words);
	d->status = plait__error(memory ? PLAIT_ENOMEM : PLAIT_EFORMAT, "offset %zu: JPEG: %s",
				 offset_of(d), words);
	longjmp(d->failed, 1);
}

/* Warnings after which all pixels are right; other warnings mean that data are lost. */
static bool is_harmless(int code)
{
	return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM ||
	       code == JWRN_JFIF_MAJOR || code == JWRN_NOT_SEQUENTIAL || code == JWRN_BOGUS_ICC;
}

static void note(j_common_ptr jpeg, int level)
{
	if (level < 0 && !is_harmless(jpeg->err->msg_code))
		fail(jpeg);
}

static void print_nothing(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void count_scans(j_common_ptr jpeg)
{
	struct jpeg_decoder *d = jpeg->client_data;

	if (d->jpeg.input_scan_number <= MOST_SCANS)
		return;
	d->status = plait__error(PLAIT_EFORMAT, "offset %zu: JPEG: more than %d scans",
				 offset_of(d), MOST_SCANS);
	longjmp(d->failed, 1);
}

/* All bytes of the file are in memory, so starting and ending do nothing. */
static void start_source(j_decompress_ptr jpeg)
{
	(void)jpeg;
}

static boolean source_is_empty(j_decompress_ptr jpeg)
{
	ERREXIT(jpeg, JERR_INPUT_EOF);
	return FALSE;
}

static void skip_source(j_decompress_ptr jpeg, long count)
{
	struct jpeg_source_mgr *source = jpeg->src;
	size_t skipped = count > 0 ? (size_t)count : 0;

	if (skipped > source->bytes_in_buffer)
		skipped = source->bytes_in_buffer;
	source->next_input_byte += skipped;
	source->bytes_in_buffer -= skipped;
}

static void start(struct jpeg_decoder *d)
{
	d->jpeg.err = jpeg_std_error(&d->errors);
	d->errors.error_exit = fail;
	d->errors.emit_message = note;
	d->errors.output_message = print_nothing;
	d->jpeg.client_data = d;
	d->source = (struct jpeg_source_mgr){ .next_input_byte = d->bytes,
					      .bytes_in_buffer = d->size,
					      .init_source = start_source,
					      .fill_input_buffer = source_is_empty,
					      .skip_input_data = skip_source,
					      .resync_to_restart = jpeg_resync_to_restart,
					      .term_source = start_source };
	d->progress.progress_monitor = count_scans;
}

/* What the library accepts and Plait does not. */
static int check_header(const struct jpeg_decoder *d)
{
	const struct jpeg_decompress_struct *jpeg = &d->jpeg;
	int64_t most = jpeg->arith_code ? INT64_MAX : (int64_t)d->size * PIXELS_A_BYTE;
	int status = plait__image_check_size(jpeg->image_width, jpeg->image_height, most);

	if (status == 0 && jpeg->num_components != 1 && jpeg->num_components != 3 &&
	    jpeg->num_components != 4)
		status = plait__error(PLAIT_EFORMAT,
				      "expected grey, colour or CMYK, found %d components",
				      jpeg->num_components);
	if (status < 0)
		return plait__error(status, "offset %zu: JPEG: %s", offset_of(d),
				    plait_error_message());
	return 0;
}

/* a * b / 255, rounded to nearest. */
static unsigned scale(unsigned a, unsigned b)
{
	unsigned product = a * b + 128;

	return (product + (product >> 8)) >> 8;
}

/* Ink to light, as PIL does it.  Every CMYK file is taken for one of Adobe's, which has the inks
 * inverted: 255 is no ink. */
static void convert_inks(const unsigned char *from, int width, int channels, unsigned char *to)
{
	for (int x = 0; x < width; x++, from += 4, to += channels) {
		unsigned light = from[3], value[3];

		for (int c = 0; c < 3; c++)
			value[c] = light - scale(255u - from[c], light);
		if (channels == 1)
			value[0] = plait__luma(value[0], value[1], value[2]);
		for (int c = 0; c < channels; c++)
			to[c] = (unsigned char)value[c];
	}
}

/* Reads all rows.  inks: memory for a row of CMYK, or NULL for an image that has none. */
static void read_rows(struct jpeg_decompress_struct *jpeg, int channels, unsigned char *pixels,
		      size_t stride, unsigned char *inks)
{
	while (jpeg->output_scanline < jpeg->output_height) {
		JSAMPROW row[ROWS] = { inks };
		JDIMENSION left = jpeg->output_height - jpeg->output_scanline;
		size_t y = jpeg->output_scanline;

		for (int i = 0; i < ROWS && !inks; i++)
			row[i] = pixels + (y + (size_t)i) * stride;
		if (jpeg_read_scanlines(jpeg, row,
					inks          ? 1
					: left < ROWS ? left
						      : ROWS) > 0 &&
		    inks)
			convert_inks(inks, (int)jpeg->output_width, channels, pixels + y * stride);
	}
}

static int decode(struct jpeg_decoder *d, int channels, struct plait__buffer *memory,
		  struct plait__image *image)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;
	unsigned char *pixels;
	size_t stride, inks_bytes;
	int status;

	if (setjmp(d->failed))
		return d->status;
	jpeg_create_decompress(jpeg);
	jpeg->src = &d->source;
	jpeg->progress = &d->progress;
	jpeg_read_header(jpeg, TRUE);
	status = check_header(d);
	if (status < 0)
		return status;
	stride = (size_t)jpeg->image_width * (size_t)channels;
	stride = (stride + VECTOR_BYTES - 1) / VECTOR_BYTES * VECTOR_BYTES;
	inks_bytes = jpeg->num_components == 4 ? 4 * (size_t)jpeg->image_width : 0;
	pixels =
		plait__buffer_reserve(memory, OFF_BYTES + stride * jpeg->image_height + inks_bytes);
	if (!pixels)
		return PLAIT_ENOMEM;
	pixels += OFF_BYTES;
	PLAIT__ASSERT((uintptr_t)pixels % VECTOR_BYTES == OFF_BYTES && stride % VECTOR_BYTES == 0,
		      "no row begins where the vector code bypasses the caches");
	unsigned char *inks = inks_bytes ? pixels + stride * jpeg->image_height : NULL;

	jpeg->out_color_space = inks ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_start_decompress(jpeg);
	PLAIT__ASSERT(jpeg->output_width == jpeg->image_width &&
			      jpeg->output_height == jpeg->image_height &&
			      jpeg->output_components == (inks ? 4 : channels),
		      "rows are of the size that they have room for");
	read_rows(jpeg, channels, pixels, stride, inks);
	jpeg_finish_decompress(jpeg); /* reads on to the end marker */
	*image = (struct plait__image){ .pixels = pixels,
					.width = (int)jpeg->image_width,
					.height = (int)jpeg->image_height,
					.channels = channels,
					.stride = stride };
	return 0;
}

int plait__jpeg_decode(const unsigned char *bytes, size_t size, int channels,
		       struct plait__buffer *memory, struct plait__image *image)
{
	struct jpeg_decoder d;
	int status;

	d.jpeg.mem = NULL; /* jpeg_destroy reads it, even if jpeg_create has failed early */
	d.bytes = bytes;
	d.size = size;
	start(&d);
	status = decode(&d, channels, memory, image);
	jpeg_destroy_decompress(&d.jpeg);
	return status;
}

#else

int plait__jpeg_decode(const unsigned char *bytes, size_t size, int channels,
		       struct plait__buffer *memory, struct plait__image *image)
{
	(void)bytes, (void)size, (void)channels, (void)memory, (void)image;
	return plait__error(PLAIT_EFORMAT,
			    "offset 0: JPEG: this Plait was built without it: install libjpeg-dev, "
			    "then configure and build again");
}

#endif
