/* SPDX-License-Identifier: MIT
 * Chooses, from measured times, how many workers may load at once and how many slots are in use:
 * just enough that the consumer of the batches does not wait.  Knows no StarPU. */
#ifndef PLAIT__TUNER_H
#define PLAIT__TUNER_H

#include <stdbool.h>
#include <stdint.h>

struct plait__tuner {
	/* Set by plait__tuner_init.  A number that is not tuned stays at its maximum. */
	bool tunes_workers, tunes_depth;
	int max_workers; /* that may load at once */
	int max_depth;   /* slots that there are */
	int chunks;      /* tasks that fill a batch */

	int workers; /* chosen: may load at once */
	int depth;   /* chosen: slots in use */

	/* Since the last choice.  Times are sums over the batches, in microseconds. */
	int64_t batches;   /* consumed */
	double busy;       /* of workers' time that the batches took to make */
	double longest;    /* busy of the batch that took most; not a sum */
	double compute;    /* that the consumer used the batches */
	double wait;       /* that the consumer waited for them */
	int choices;       /* made so far */
	int lower_choices; /* in a row, choices of less than what is in use */
};

/* Starts with all workers, so that the first batch comes soon, and with few slots. */
void plait__tuner_init(struct plait__tuner *tuner, bool workers, int max_workers, bool depth,
		       int max_depth, int chunks);

/* A batch was consumed: workers spent `busy` microseconds on it, its consumer waited `wait`
 * microseconds for it and then used it for `compute` microseconds. */
void plait__tuner_add(struct plait__tuner *tuner, double busy, double wait, double compute);

#endif
