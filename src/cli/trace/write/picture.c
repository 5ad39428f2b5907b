/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/trace/write/picture.h"
#include "src/base/assert.h"

#include <math.h>

double cli_picture_x(const struct cli_picture *p, double time)
{
	double share = (time - p->start) / (p->end - p->start);

	PLAIT__ASSERT(p->end > p->start, "a picture shows some time");
	return LEFT + fmin(fmax(share, 0), 1) * (WIDTH - LEFT - RIGHT);
}
