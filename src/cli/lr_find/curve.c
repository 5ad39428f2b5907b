/* SPDX-License-Identifier: MIT
 * What losses at rising rates say.  Smith, Cyclical Learning Rates for Training Neural Networks
 * (2015, arXiv 1506.01186), section 3.3, has the test.  Smoothing, the end of the test and two
 * rates that are worth trying are those of fastai's lr_find,
 * https://docs.fast.ai/callback.schedule.html: that where losses fall fastest, and a tenth of that
 * where they are least.
 *
 * Of seven trainings, dense and convolutional, by SGD and Adam, with batches of 32 to 1,000, beside
 * the best rate of a grid after two epochs: the first was off by 8 and 40 times in two of them, the
 * second by 6 in one, their geometric mean by 5 at most. */
#include "config.h"
#include "src/cli/lr_find/lr_find.h"
#include "src/base/assert.h"

#include <math.h>

/* Share of the mean so far in the next one. */
#define KEPT 0.98
/* The losses explode where their mean is so many times the least. */
#define EXPLODED 4
/* This share of the first loss is as good as nothing: no explosion comes of it, and no fall is so
 * small. */
#define NOTHING 0.01
/* The first and the last steps say little: the mean is of few, and the loss explodes. */
#define FIRST_STEPS 10
#define LAST_STEPS 5

bool cli_lr_curve_add(struct cli_lr_curve *c, double lr, double loss)
{
	int at = c->count;
	double smooth;

	if (at == CLI_LR_STEPS || !isfinite(loss)) {
		c->exploded |= at < CLI_LR_STEPS;
		return false;
	}
	c->mean = KEPT * c->mean + (1 - KEPT) * loss;
	smooth = c->mean / (1 - pow(KEPT, at + 1));
	c->lr[at] = lr;
	c->loss[at] = loss;
	c->smooth[at] = smooth;
	c->count++;
	if (at == 0 || smooth < c->lowest)
		c->lowest = smooth;
	c->exploded = at > FIRST_STEPS &&
		      smooth - c->lowest >
			      (EXPLODED - 1) * fmax(fabs(c->lowest), NOTHING * fabs(c->loss[0]));
	return !c->exploded && c->count < CLI_LR_STEPS;
}

/* By how much the mean changes from step to step. */
static double slope(const struct cli_lr_curve *c, int at)
{
	return (c->smooth[at + 1] - c->smooth[at - 1]) / 2;
}

bool cli_lr_curve_find(struct cli_lr_curve *c)
{
	int end = c->count - LAST_STEPS;

	if (end < FIRST_STEPS + 3)
		return false;
	c->least = c->steepest = FIRST_STEPS;
	for (int i = FIRST_STEPS; i < end; i++)
		if (c->smooth[i] < c->smooth[c->least])
			c->least = i;
	for (int i = FIRST_STEPS; i < c->least; i++)
		if (slope(c, i) < slope(c, c->steepest))
			c->steepest = i;
	return c->least > c->steepest && slope(c, c->steepest) < 0 &&
	       c->smooth[FIRST_STEPS] - c->smooth[c->least] > NOTHING * fabs(c->loss[0]);
}

double cli_lr_curve_best(const struct cli_lr_curve *c)
{
	PLAIT__ASSERT(c->steepest < c->least, "a rate is proposed where losses fall");
	return sqrt(c->lr[c->steepest] * (c->lr[c->least] / 10));
}
