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

/* The guard of both: refuses more than PLAIT__MAX_PIXELS pixels, and more than `most`, what
 * so few bytes can hold in this format: a lie of the header is found before it costs memory. */
int plait__image_check_size(int64_t width, int64_t height, int64_t most);

#endif
