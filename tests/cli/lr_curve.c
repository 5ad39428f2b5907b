/* SPDX-License-Identifier: MIT
 * What --lr-find makes of losses: where they fall, are least and explode. */
#include "config.h"
#include "src/cli/lr_find/lr_find.h"
#include "tests/tap.h"

static double rate_of(int step)
{
	return CLI_LR_FIRST * pow(CLI_LR_LAST / CLI_LR_FIRST, step / (double)(CLI_LR_STEPS - 1));
}

/* A curve of the losses that a function gives; returns the steps that it took. */
static int fill(struct cli_lr_curve *c, double (*loss)(double lr))
{
	memset(c, 0, sizeof *c);
	for (int i = 0; i < CLI_LR_STEPS; i++)
		if (!cli_lr_curve_add(c, rate_of(i), loss(rate_of(i))))
			break;
	return c->count;
}

/* It falls by 2 around 1e-3, and rises by the square of lr / 0.1. */
static double usual(double lr)
{
	return 1 + 2 / (1 + pow(lr / 1e-3, 2)) + pow(lr / 0.1, 2);
}

static double breaks(double lr)
{
	return lr < 0.05 ? usual(lr) : NAN;
}

static double negative(double lr)
{
	return usual(lr) - 10;
}

static double flat(double lr)
{
	(void)lr;
	return 2;
}

static double rises(double lr)
{
	return 1 + lr;
}

static double early(double lr)
{
	return lr < 2e-7 ? 1 : 1000;
}

/* It becomes 0 but for noise, which no mean of is four times the least. */
static double learned(double lr)
{
	return lr < 1e-3 ? 2 : 1e-9 * (1 + fabs(sin(1e6 * lr)));
}

int main(void)
{
	static struct cli_lr_curve c;
	double slow;

	ok(fill(&c, usual) < CLI_LR_STEPS && c.exploded, "losses that explode end after %d steps",
	   c.count);
	ok(cli_lr_curve_find(&c), "there is a rate");
	/* The mean is of some 50 steps, in which the rate rises 20 times. */
	ok(c.lr[c.steepest] > 1e-3 && c.lr[c.steepest] < 2e-2, "it falls fastest at %g",
	   c.lr[c.steepest]);
	ok(c.lr[c.least] > 1e-2 && c.lr[c.least] < 1, "it is least at %g", c.lr[c.least]);
	is_near(cli_lr_curve_best(&c), sqrt(c.lr[c.steepest] * c.lr[c.least] / 10), 1e-12,
		"the rate is between one and a tenth of the other");
	is_near(c.smooth[0], c.loss[0], 1e-12, "the first mean is the first loss");
	slow = (0.98 * 0.02 * c.loss[0] + 0.02 * c.loss[1]) / (1 - 0.98 * 0.98);
	is_near(c.smooth[1], slow, 1e-12, "the second one of two");

	ok(fill(&c, breaks) < CLI_LR_STEPS && c.exploded && c.lr[c.count - 1] < 0.05,
	   "a loss that is not finite ends it, too");
	ok(cli_lr_curve_find(&c) && cli_lr_curve_best(&c) < 0.05, "and there is a rate before");
	ok(fill(&c, negative) > 200 && cli_lr_curve_find(&c), "losses may be negative");
	is_int(fill(&c, flat), CLI_LR_STEPS, "what stays goes to the end");
	ok(!cli_lr_curve_find(&c), "and gives no rate");
	ok(!c.exploded, "nor does it explode");
	fill(&c, rises);
	ok(!cli_lr_curve_find(&c), "nor does what rises only");
	ok(fill(&c, early) < 20 && c.exploded && !cli_lr_curve_find(&c), "nor what is too short");
	is_int(fill(&c, learned), CLI_LR_STEPS, "what is next to nothing does not explode");
	ok(cli_lr_curve_find(&c), "and has a rate");
	return tap_done();
}
