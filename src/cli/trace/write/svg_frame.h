/* SPDX-License-Identifier: MIT
 * What is drawn around the rows of a still picture. */
#ifndef PLAIT_CLI_TRACE_SVG_FRAME_H
#define PLAIT_CLI_TRACE_SVG_FRAME_H

#include "src/cli/trace/write/picture.h"

void cli_picture_put_steps(const struct cli_picture *p);
void cli_picture_put_axis(const struct cli_picture *p);
/* Returns the height at which the legend ends; draws false: only that. */
double cli_picture_put_legend(const struct cli_picture *p, double y, bool draws);
void cli_picture_put_caption(const struct cli_picture *p, double y);

#endif
