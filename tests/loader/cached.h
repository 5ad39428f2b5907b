/* SPDX-License-Identifier: MIT
 * A folder of images that differ in size, and a transform that makes them equal, for tests of
 * caches. */
#ifndef PLAIT_TESTS_CACHED_H
#define PLAIT_TESTS_CACHED_H

#include "tests/nets.h"
#include "tests/pictures.h"
#include "tests/tree.h"

#define CLASSES 2
#define EACH 30
#define SAMPLES (CLASSES * EACH)
#define BATCH 8
#define EPOCHS 3

static inline const char *name_of(int i)
{
	static char name[32];

	snprintf(name, sizeof name, "%c/%02d.png", 'a' + i / EACH, i % EACH);
	return name;
}

static inline void put_image(int i)
{
	struct picture p = pictures_small(pictures_have_png() ? 0 : 1, 20 + i % 9, 18 + i % 7, i);

	tree_put(name_of(i), p.bytes, p.size);
	free(p.bytes);
}

/* A folder of images that differ in size, opened. */
static inline struct plait_dataset *open_images(const char *name)
{
	tree_start(name);
	mkdir(tree_path("a"), 0700);
	mkdir(tree_path("b"), 0700);
	for (int i = 0; i < SAMPLES; i++)
		put_image(i);
	return open_or_bail(tree_spec("images"));
}

static inline void delete_images(void)
{
	for (int i = 0; i < SAMPLES; i++)
		unlink(tree_path(name_of(i)));
}

/* In place, as steps of users are. */
static inline void invert(void *user, uint64_t key, int height, int width, int channels,
			  uint8_t *pixels)
{
	(void)user;
	for (int i = 0; i < height * width * channels; i++)
		pixels[i] ^= (uint8_t)(key | 128);
}

static inline struct plait_transform *make_transform(void)
{
	struct plait_transform *t = NULL;

	if (plait_transform_parse(&t, "resize:16 crop:12,2 flip color-jitter:0.2,0.2,0.2") < 0 ||
	    plait_transform_append(t, invert, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	return t;
}

#endif
