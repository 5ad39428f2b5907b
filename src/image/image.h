/* SPDX-License-Identifier: MIT
 * Images in memory and how they come from JPEG and PNG. */
#ifndef PLAIT__IMAGE_H
#define PLAIT__IMAGE_H

#include "src/base/base.h"

/* Memory that grows to the largest sample a worker meets and then stays. */
struct plait__buffer {
	unsigned char *bytes;
	size_t capacity;
};

/* At least size bytes, 64-byte aligned; old contents are lost.  NULL with the message kept. */
unsigned char *plait__buffer_reserve(struct plait__buffer *buffer, size_t size);
void plait__buffer_free(struct plait__buffer *buffer);

/* uint8 pixels, interleaved: row y, column x, channel c at y * stride + x * channels + c; or in
 * planes, one below the other: at (c * height + y) * stride + x. */
struct plait__image {
	const uint8_t *pixels;
	int width, height, channels; /* 1 or 3; of planes any number */
	size_t stride;
	bool planar;
};

/* Larger images are refused before anything is allocated for them. */
#define PLAIT__MAX_PIXELS (INT64_C(64) << 20)

/* Size of a JPEG or PNG from its header alone.  PLAIT_EFORMAT. */
int plait__image_size(const unsigned char *bytes, size_t size, int *width, int *height,
		      int *channels);

/* Decodes a JPEG or PNG (told apart by content) to `channels` (1: grey, 3: RGB) channels.
 * Grey and palette become RGB and back by ITU-R BT.601 luma; 16 bits keep the upper 8; alpha
 * is laid over white.  image points into memory.  Thread-safe: everything a decoder keeps is
 * the calling thread's.  Errors: PLAIT_EFORMAT with the decoder's words and the byte offset
 * where it stopped; PLAIT_ENOMEM; too large (PLAIT__MAX_PIXELS).  A truncated file is an
 * error, not a grey lower half. */
int plait__image_decode(const unsigned char *bytes, size_t size, int channels,
			struct plait__buffer *memory, struct plait__image *image);

#endif
