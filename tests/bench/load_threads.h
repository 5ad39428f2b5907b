/* SPDX-License-Identifier: MIT
 * Between the two files of load_threads: what a thread does. */
#ifndef PLAIT_BENCH_LOAD_THREADS_H
#define PLAIT_BENCH_LOAD_THREADS_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct tools; /* a thread's own decoder */

struct work {
	/* Fills one sample. */
	void (*fill)(const struct work *work, struct tools *tools, int64_t sample, uint64_t random,
		     float *out);
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

/* Makes the work of a folder of classes. */
void jpeg_open(struct work *work, const char *folder);
struct tools *jpeg_make_tools(void);
void jpeg_free_tools(struct tools *tools);

#endif
