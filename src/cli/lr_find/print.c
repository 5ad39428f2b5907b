/* SPDX-License-Identifier: MIT
 * The curve on a terminal: a row for each half of a power of ten, with a bar. */
#include "config.h"
#include "src/cli/lr_find/lr_find.h"

#include <math.h>
#include <stdio.h>

#define BAR 40
#define ROWS_A_POWER 2

/* Of the rows: what explodes would leave no room for the others. */
static double most_of(const struct cli_lr_curve *c)
{
	return fmax(c->smooth[c->steepest], c->smooth[0]);
}

static void print_row(const struct cli_lr_curve *c, int at)
{
	double low = c->smooth[c->least], high = most_of(c);
	double share = high > low ? (c->smooth[at] - low) / (high - low) : 0;
	int length = (int)lround(BAR * fmin(share, 1));

	printf("%12.1e  %12.4f  ", c->lr[at], c->smooth[at]);
	for (int i = 0; i < length; i++)
		putchar('#');
	puts(share > 1 ? "+" : "");
}

void cli_lr_curve_print(const struct cli_lr_curve *c)
{
	double next = 0;

	printf("%12s  %12s\n", "rate", "loss");
	for (int i = 0; i < c->count; i++) {
		double power = ROWS_A_POWER * log10(c->lr[i] / c->lr[0]);

		if (power + 1e-9 < next && i != c->count - 1)
			continue;
		print_row(c, i);
		next = floor(power + 1e-9) + 1;
	}
	printf("\nThe loss, smoothed, falls fastest at %.1e and is least at %.1e%s.\n",
	       c->lr[c->steepest], c->lr[c->least], c->exploded ? "; then it explodes" : "");
	printf("Learning rate: --lr %.2g, between the first and a tenth of the second\n",
	       cli_lr_curve_best(c));
}
