/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/trace/write/picture.h"

#include <math.h>

double cli_picture_x(const struct cli_picture *p, double time)
{
	double share = (time - p->start) / (p->end - p->start);

	return LEFT + fmin(fmax(share, 0), 1) * (WIDTH - LEFT - RIGHT);
}
