/* SPDX-License-Identifier: MIT
 * JPEG and PNG; the sizes that the header and the decoder say must be the same. */
#include "src/image/image.h"
#include "tests/fuzz/fuzz.h"

static volatile unsigned sum; /* so that what is read is used */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct plait__buffer memory;
	struct plait__image image;
	int width, height, channels;
	int known = plait__image_size(bytes, size, &width, &height, &channels);

	for (int c = 1; c <= 3; c += 2) {
		if (plait__image_decode(bytes, size, c, &memory, &image) != 0)
			continue;
		if (known != 0 || image.width != width || image.height != height ||
		    image.channels != c)
			abort();
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width * c; x++)
				sum = sum + image.pixels[(size_t)y * image.stride + (size_t)x];
	}
	return 0;
}
