/* SPDX-License-Identifier: MIT
 * How many workers may load at once and how many slots are in use: just enough that whoever
 * consumes the batches need not wait, from what was measured.  Knows no StarPU. */
#ifndef PLAIT__TUNER_H
#define PLAIT__TUNER_H

#include <stdbool.h>
#include <stdint.h>

struct plait__tuner {
	/* Set once.  What is not tuned stays at its most. */
	bool tunes_workers, tunes_depth;
	int most_workers, most_depth;
	int chunks; /* tasks that fill a batch */

	int workers, depth; /* what is chosen now */

	/* Since the last choice, in microseconds. */
	int64_t batches;
	double busy, longest, own, wait;
	int choices;      /* made so far */
	int lower_wishes; /* choices in a row that wanted less than there is */
};

/* Starts with everything for the first batch's sake, and few slots. */
void plait__tuner_init(struct plait__tuner *tuner, bool workers, int most_workers, bool depth,
		       int most_depth, int chunks);

/* A batch was consumed: making it took `busy` of workers' time, its consumer waited `wait` for it
 * and spent `own` on it.  Microseconds. */
void plait__tuner_add(struct plait__tuner *tuner, double busy, double wait, double own);

#endif
