/* SPDX-License-Identifier: MIT
 * Between the files of load_threads: what a thread does. */
#ifndef PLAIT_BENCH_LOAD_THREADS_H
#define PLAIT_BENCH_LOAD_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct worker; /* a thread's own decoder */

struct work {
	/* Fills one sample. */
	void (*fill)(const struct work *work, struct worker *worker, int64_t sample,
		     uint64_t random, float *out);
	int64_t samples, batch;
	size_t elements;
	int epochs;
	char **path;
	const uint8_t *bytes;
	int32_t *order;
	atomic_long next; /* batch */
};

/* Ends the program. */
static inline void fail(const char *what)
{
	perror(what);
	exit(1);
}

static inline uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Makes the work of a folder of classes; false if there is none of this name. */
bool jpeg_open(struct work *work, const char *kind, const char *folder);
struct worker *jpeg_make_tools(void);
void jpeg_free_tools(struct worker *worker);

#define CROP_SIDE 32    /* of what pixels_crop takes and gives */
#define RESIZE_SIDE 224 /* of what pixels_resize gives */

/* From interleaved RGB to three planes, normalised: a random window after padding by 4, or a
 * random part of any shape; left and right changed at random. */
void pixels_crop(const uint8_t *pixels, uint64_t random, float *out);
void pixels_resize(const uint8_t *pixels, int width, int height, uint64_t random, float *out);

#endif
