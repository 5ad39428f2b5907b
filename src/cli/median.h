/* SPDX-License-Identifier: MIT */
#ifndef PLAIT_CLI_MEDIAN_H
#define PLAIT_CLI_MEDIAN_H

/* The median of count values, which are left as they are; NAN of none. */
double cli_median(const double *value, int count);

#endif
