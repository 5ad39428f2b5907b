/* SPDX-License-Identifier: MIT
 * What the parts of a still picture share: its measures, and which part of the time it shows. */
#ifndef PLAIT_CLI_TRACE_PICTURE_H
#define PLAIT_CLI_TRACE_PICTURE_H

#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/trace/analyse/steps.h"

#include <stdio.h>

/* In points; the picture is 252 wide, a column of two. */
#define WIDTH 252.0
#define LEFT 40.0
#define RIGHT 4.0
#define TOP 12.0
#define ROW 13.0
#define BAR 10.0
#define FONT 6.5

struct cli_picture {
	FILE *file;
	const struct cli_report *report;
	double start, end;         /* what of the time is shown */
	int64_t first_step, steps; /* 0: everything */
	const struct cli_steps *all;
	double bottom; /* of the rows */
	bool moves;    /* there is a row of transfers */
	bool seen[CLI_PHASES];
};

/* Where a time is, from left to right. */
double cli_picture_x(const struct cli_picture *p, double time);

#endif
