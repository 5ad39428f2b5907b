/* SPDX-License-Identifier: MIT
 * Images in memory and how they come from JPEG and PNG. */
#ifndef PLAIT__IMAGE_H
#define PLAIT__IMAGE_H

#include "src/base/base.h"
#include "src/image/buffer.h"

/* Pixels of uint8.  Row y, column x, channel c is at y * stride + x * channels + c where the
 * channels are interleaved, and at (c * height + y) * stride + x where each is a plane. */
struct plait__image {
	const uint8_t *pixels;
	int width, height;
	int channels; /* 1 or 3; any number in planes */
	size_t stride;
	bool planar;
};

/* Larger images are refused before anything is allocated for them. */
#define PLAIT__MAX_PIXELS (INT64_C(64) << 20)

/* Reads the size of a JPEG or PNG from its header alone.  PLAIT_EFORMAT. */
int plait__image_size(const unsigned char *bytes, size_t size, int *width, int *height,
		      int *channels);

/* Decodes a JPEG or PNG, which its first bytes tell, to 1 channel (grey) or 3 (RGB).  Colours
 * become grey by ITU-R BT.601 luma; of 16 bits the upper 8 are kept; pixels with alpha are drawn
 * over white; CMYK becomes RGB as in PIL.  image->pixels points into memory.  Thread-safe.
 * PLAIT_EFORMAT, with the decoder's words and the byte offset where it stopped, for a damaged file,
 * a truncated one and one of more than PLAIT__MAX_PIXELS pixels; PLAIT_ENOMEM. */
int plait__image_decode(const unsigned char *bytes, size_t size, int channels,
			struct plait__buffer *memory, struct plait__image *image);

/* The orientation that the EXIF data of a JPEG or PNG tell, 1 to 8; 1, upright, without any. */
int plait__image_orientation(const unsigned char *bytes, size_t size);

/* Turns an image of interleaved pixels upright, into memory, which must not be the image's.
 * PLAIT_ENOMEM. */
int plait__image_turn(struct plait__image *image, int orientation, struct plait__buffer *memory);

#endif
