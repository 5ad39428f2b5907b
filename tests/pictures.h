/* SPDX-License-Identifier: MIT
 * Images for tests and fuzzing, written by the reference libraries. */
#ifndef PLAIT_TESTS_PICTURES_H
#define PLAIT_TESTS_PICTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A file in memory; free() bytes. */
struct picture {
	unsigned char *bytes;
	size_t size;
};

/** Whether this build can write (and read) them. */
bool pictures_have_png(void);
bool pictures_have_jpeg(void);

/** How a PNG is stored: its color type and depth, as the format numbers them.  key: the gray
 *  value or colour that is transparent (types 0 and 2), or NULL; a palette (type 3) has 2^depth
 *  colours, of which the first has alpha[0] and so on, or NULL. */
struct picture_png {
	int width, height, type, depth;
	bool interlaced;
	const uint16_t *key;
	const uint8_t (*palette)[3];
	const uint8_t *alpha;
	int alphas;
};

/** rows: as PNG packs them, one behind the other. */
struct picture pictures_png(const struct picture_png *how, const unsigned char *rows);

/** How a JPEG is stored; components: 1 grey, 3 RGB (as YCbCr), 4 CMYK. */
struct picture_jpeg {
	int width, height, components, quality;
	bool progressive, arithmetic;
	bool halved;   /* colours at half the resolution: 4:2:0 */
	bool separate; /* a scan for each component */
	int restart;   /* rows between restart markers, or 0 */
};

struct picture pictures_jpeg(const struct picture_jpeg *how, const unsigned char *pixels);

/** A small RGB image, of a kind (0: PNG, 1: JPEG) and a colour that depend on i. */
struct picture pictures_small(int kind, int width, int height, int i);

#endif
