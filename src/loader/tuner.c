/* SPDX-License-Identifier: MIT
 * Little's law: so many workers are busy as batches are consumed in the time that one worker
 * takes to make one.  More is given at once, less is taken after it was enough twice, but for what
 * was given to begin with. */
#include "config.h"
#include "src/loader/tuner.h"
#include "src/base/assert.h"

#include <math.h>

/* Slots that cost nothing worth saving. */
#define FEW_SLOTS 4
/* A choice is made after so many batches, or so much time with a few of them; the first one soon,
 * as all workers were only given for the first batches' sake. */
#define BATCHES 32
#define FEW_BATCHES 4
#define FIRST_BATCHES 8
#define MICROSECONDS 200e3
/* Above what is needed on average. */
#define MARGIN 1.15
/* Share of the time that a consumer may wait. */
#define WAIT 0.01
/* Holding back loads shorter than this costs more than it could save; and where one of them takes
 * long, it was the system that took the time, which no slot gets back. */
#define SHORT_MICROSECONDS 100.0

static int clamp(double value, int least, int most)
{
	return value < least ? least : value > most ? most : (int)value;
}

void plait__tuner_init(struct plait__tuner *tuner, bool workers, int most_workers, bool depth,
		       int most_depth, int chunks)
{
	*tuner = (struct plait__tuner){ .tunes_workers = workers,
					.tunes_depth = depth,
					.most_workers = most_workers,
					.most_depth = most_depth,
					.chunks = chunks,
					.workers = most_workers,
					.depth = most_depth };
	if (depth && most_depth > FEW_SLOTS)
		tuner->depth = FEW_SLOTS;
}

static int choose_workers(const struct plait__tuner *t, double busy, double needed)
{
	int workers = clamp(ceil(needed * MARGIN), 1, t->most_workers);

	if (busy < SHORT_MICROSECONDS)
		return t->most_workers;
	if (t->wait > WAIT * (t->wait + t->own) && workers <= t->workers)
		return t->workers < t->most_workers ? t->workers + 1 : t->most_workers;
	return workers;
}

/* The longest load must not be felt: while it is made, others must be ready.  Where loads are
 * too slow on average no depth helps, but all workers need a slot to write to. */
static int choose_depth(const struct plait__tuner *t, int workers, double busy, double own,
			double needed)
{
	int at_once = workers < t->chunks ? workers : t->chunks;
	double depth = needed >= t->most_workers ? 2 + ceil((double)workers / t->chunks)
						 : 2 + ceil(t->longest / at_once / own);
	int least = t->most_depth < FEW_SLOTS ? t->most_depth : FEW_SLOTS;

	return busy < SHORT_MICROSECONDS ? least : clamp(depth, least, t->most_depth);
}

static void choose(struct plait__tuner *t)
{
	double batches = (double)t->batches, busy = t->busy / batches, own = t->own / batches;
	double needed = own > 0 ? busy / own : HUGE_VAL;
	int workers = t->tunes_workers ? choose_workers(t, busy, needed) : t->workers;
	int depth = t->tunes_depth ? choose_depth(t, workers, busy, own, needed) : t->depth;
	bool less = workers < t->workers || depth < t->depth;

	t->lower_wishes = less ? t->lower_wishes + 1 : 0;
	less = t->choices == 0 || t->lower_wishes > 1;
	if (workers > t->workers || less)
		t->workers = workers;
	if (depth > t->depth || less)
		t->depth = depth;
	t->lower_wishes = less ? 0 : t->lower_wishes;
	PLAIT__ASSERT(t->workers >= 1 && t->workers <= t->most_workers && t->depth >= 1 &&
			      t->depth <= t->most_depth,
		      "a choice is within its bounds");
	t->choices++;
	t->batches = 0;
	t->busy = t->longest = t->own = t->wait = 0;
}

void plait__tuner_add(struct plait__tuner *t, double busy, double wait, double own)
{
	t->batches++;
	t->busy += busy;
	t->longest = fmax(t->longest, busy);
	t->wait += wait;
	t->own += own;
	if (t->batches >= (t->choices ? BATCHES : FIRST_BATCHES) ||
	    (t->batches >= FEW_BATCHES && t->own + t->wait > MICROSECONDS))
		choose(t);
}
