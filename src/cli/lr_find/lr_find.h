/* SPDX-License-Identifier: MIT
 * plait train --lr-find: steps with a rate that rises, and what their losses say of a good one. */
#ifndef PLAIT_CLI_LR_FIND_H
#define PLAIT_CLI_LR_FIND_H

#include "src/cli/options/options.h"

/* The rate rises in so many steps by one factor from step to step. */
#define CLI_LR_STEPS 300
#define CLI_LR_FIRST 1e-7
#define CLI_LR_LAST 10.0

/* Losses by step; zeroed at first. */
struct cli_lr_curve {
	int count;
	double lr[CLI_LR_STEPS], loss[CLI_LR_STEPS], smooth[CLI_LR_STEPS];
	double mean;   /* smooth, before it is corrected for its first steps */
	double lowest; /* smooth so far */
	bool exploded;
	int least, steepest; /* steps where smooth is least, and where it falls most */
};

/* Adds a step.  Returns false when the losses explode and no more are wanted. */
bool cli_lr_curve_add(struct cli_lr_curve *curve, double lr, double loss);

/* Finds least and steepest.  false: the losses do not fall, or there are too few. */
bool cli_lr_curve_find(struct cli_lr_curve *curve);

/* The rate that is proposed, where both are found. */
double cli_lr_curve_best(const struct cli_lr_curve *curve);

/* Print the curve as a table; draw it into a file, as SVG: CLI_DONE, or CLI_FAILED after saying
 * why. */
void cli_lr_curve_print(const struct cli_lr_curve *curve);
int cli_lr_curve_draw(const struct cli_lr_curve *curve, const char *path);

/* Runs the steps of a training as the options say, and tells what they say.  Nothing is saved.
 * Returns the exit status. */
int cli_lr_find(const struct cli_options *options);

#endif
