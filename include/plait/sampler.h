/* SPDX-License-Identifier: MIT
 * A sampler says which samples an epoch has and in which order.  All of it is a function of
 * (seed, epoch, position): any position is known at once, and nothing is kept between them. */
#ifndef PLAIT_SAMPLER_H
#define PLAIT_SAMPLER_H

#include <plait/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A user's order: the sample at a position, both counted from 0, of an epoch.  Called from
 *  several worker threads at once and must be pure: the same arguments always give the same
 *  sample.  A result that is no sample of the data set ends the run with PLAIT_EDATA, naming
 *  epoch, position and result. */
typedef int64_t (*plait_sampler_fn)(void *user, uint64_t seed, int64_t epoch, int64_t position);

/** Which samples; zero means every one once.  Part of a loader's options, whose `shuffle` says
 *  whether samples are permuted.  Members compose, `order` with rank and world only. */
struct plait_sampler {
	/* Only these samples, by index; one listed twice comes twice.  Kept, not copied: the array
	 * must outlive the loader, unchanged. */
	const int64_t *subset;
	int64_t subset_size;
	/* Samples are drawn with replacement in proportion to these (PyTorch's
	 * WeightedRandomSampler), one for each of the subset or else of the data set; shuffle has
	 * no say then.  Finite, not negative, not all 0; what is below 2^-53 of their sum may count
	 * as 0, and 0 is never drawn.  Copied. */
	const double *weights;
	plait_sampler_fn order; /* in place of subset and weights; shuffle has no say then */
	void *user;
	int64_t draws; /* positions in an epoch, with weights or order; 0 = as many as samples */
	/* This process's share of the order (PyTorch's DistributedSampler): its position i is
	 * position rank + world * i of all.  An order that does not divide is filled up from its
	 * beginning, or cut with the loader's drop_last, so that shares are equally long; ranks
	 * with the same seed and options have disjoint ones, but for what fills up.
	 * rank is 0 to world - 1; world 0 = 1. */
	int rank, world;
};

#ifdef __cplusplus
}
#endif
#endif
