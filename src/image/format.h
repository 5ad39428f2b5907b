/* SPDX-License-Identifier: MIT
 * What decode.c and the decoders share.  A message starts with the offset in the image where
 * its decoder stopped. */
#ifndef PLAIT__IMAGE_FORMAT_H
#define PLAIT__IMAGE_FORMAT_H

#include "src/image/image.h"

/* As plait__image_decode, for bytes that start as the format does. */
int plait__jpeg_decode(const unsigned char *bytes, size_t size, int channels,
		       struct plait__buffer *memory, struct plait__image *image);
int plait__png_decode(const unsigned char *bytes, size_t size, int channels,
		      struct plait__buffer *memory, struct plait__image *image);

/* Checks the size that a header says, before memory is allocated for it.  most: the most pixels
 * that the bytes of the image can hold in its format.  PLAIT_EFORMAT if there are no pixels, more
 * than PLAIT__MAX_PIXELS, or more than most. */
int plait__image_check_size(int64_t width, int64_t height, int64_t most);

/* BT.601 luma in 16 bits, with the weights of libjpeg, which sum to 65536. */
static inline unsigned plait__luma(unsigned r, unsigned g, unsigned b)
{
	return (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
}

#endif
