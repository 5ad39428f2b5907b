/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

double cli_median(const double *value, int count)
{
	double *sorted = malloc(((size_t)count + 1) * sizeof *sorted), median;

	if (!sorted || count < 1) {
		free(sorted);
		return NAN;
	}
	memcpy(sorted, value, (size_t)count * sizeof *sorted);
	qsort(sorted, (size_t)count, sizeof *sorted, by_value);
	median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
	free(sorted);
	return median;
}
