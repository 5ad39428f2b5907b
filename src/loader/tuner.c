/* SPDX-License-Identifier: MIT
 * Little's law: the workers needed on average are the workers' time that a batch takes, divided by
 * the time between two batches.  A choice of more takes effect at once.  A choice of less takes
 * effect when it was made twice in a row; only the first choice lowers at once. */
#include "config.h"
#include "src/loader/tuner.h"
#include "src/base/assert.h"

#include <math.h>

/* Using fewer slots than this saves too little memory to be worth it. */
#define MIN_SLOTS 4
/* A choice is made after BATCHES batches, or after MICROSECONDS and FEW_BATCHES batches.  The first
 * one comes after FIRST_BATCHES, because all workers are needed for the first batches only. */
#define BATCHES 32
#define FEW_BATCHES 4
#define FIRST_BATCHES 8
#define MICROSECONDS 200e3
/* Workers chosen, as a multiple of those needed on average. */
#define MARGIN 1.15
/* Share of its time that a consumer may wait before it gets one more worker. */
#define WAIT 0.01
/* Limiting loads shorter than this costs more than it saves.  Where one of them takes long, the
 * operating system took the time, and more slots do not help. */
#define SHORT_MICROSECONDS 100.0

static int clamp(double value, int min, int max)
{
	return value < min ? min : value > max ? max : (int)value;
}

void plait__tuner_init(struct plait__tuner *tuner, bool workers, int max_workers, bool depth,
		       int max_depth, int chunks)
{
	*tuner = (struct plait__tuner){ .tunes_workers = workers,
					.tunes_depth = depth,
					.max_workers = max_workers,
					.max_depth = max_depth,
					.chunks = chunks,
					.workers = max_workers,
					.depth = max_depth };
	if (depth && max_depth > MIN_SLOTS)
		tuner->depth = MIN_SLOTS;
}

static int choose_workers(const struct plait__tuner *t, double busy, double needed)
{
	int workers = clamp(ceil(needed * MARGIN), 1, t->max_workers);

	if (busy < SHORT_MICROSECONDS)
		return t->max_workers;
	if (t->wait > WAIT * (t->wait + t->compute) && workers <= t->workers)
		return t->workers < t->max_workers ? t->workers + 1 : t->max_workers;
	return workers;
}

/* Enough batches must be ready to last while the longest load is made.  Where loads are too slow on
 * average, no depth helps, and a slot for each worker to write to is enough. */
static int choose_depth(const struct plait__tuner *t, int workers, double busy, double compute,
			double needed)
{
	int at_once = workers < t->chunks ? workers : t->chunks;
	double depth = needed >= t->max_workers ? 2 + ceil((double)workers / t->chunks)
						: 2 + ceil(t->longest / at_once / compute);
	int least = t->max_depth < MIN_SLOTS ? t->max_depth : MIN_SLOTS;

	return busy < SHORT_MICROSECONDS ? least : clamp(depth, least, t->max_depth);
}

static void choose(struct plait__tuner *t)
{
	double batches = (double)t->batches, busy = t->busy / batches,
	       compute = t->compute / batches;
	double needed = compute > 0 ? busy / compute : HUGE_VAL;
	int workers = t->tunes_workers ? choose_workers(t, busy, needed) : t->workers;
	int depth = t->tunes_depth ? choose_depth(t, workers, busy, compute, needed) : t->depth;
	bool less = workers < t->workers || depth < t->depth;

	t->lower_choices = less ? t->lower_choices + 1 : 0;
	less = t->choices == 0 || t->lower_choices > 1;
	if (workers > t->workers || less)
		t->workers = workers;
	if (depth > t->depth || less)
		t->depth = depth;
	t->lower_choices = less ? 0 : t->lower_choices;
	PLAIT__ASSERT(t->workers >= 1 && t->workers <= t->max_workers && t->depth >= 1 &&
			      t->depth <= t->max_depth,
		      "a choice is within its bounds");
	t->choices++;
	t->batches = 0;
	t->busy = t->longest = t->compute = t->wait = 0;
}

void plait__tuner_add(struct plait__tuner *t, double busy, double wait, double compute)
{
	t->batches++;
	t->busy += busy;
	t->longest = fmax(t->longest, busy);
	t->wait += wait;
	t->compute += compute;
	if (t->batches >= (t->choices ? BATCHES : FIRST_BATCHES) ||
	    (t->batches >= FEW_BATCHES && t->compute + t->wait > MICROSECONDS))
		choose(t);
}
