/* SPDX-License-Identifier: MIT
 * A picture of lines and text, as SVG or PNG. */
#ifndef PLAIT_CLI_CANVAS_H
#define PLAIT_CLI_CANVAS_H

#include "src/cli/output.h"

#include <stdint.h>

enum cli_anchor { CLI_ANCHOR_START, CLI_ANCHOR_MIDDLE, CLI_ANCHOR_END };

struct cli_canvas {
	int width, height; /* in units, which a PNG has several pixels of */
	const char *path;
	struct cli_output output; /* SVG */
	uint8_t *pixels;          /* PNG; NULL: SVG */
	uint8_t *covered;         /* by the line that is being drawn */
};

/* Where lines are seen: what is outside of it is cut. */
struct cli_frame {
	double left, top, right, bottom;
};

/* A path that ends in .png becomes one, any other SVG.  Return CLI_DONE, or CLI_FAILED after saying
 * why.  With any status but CLI_DONE nothing is written. */
int cli_canvas_open(struct cli_canvas *canvas, const char *path, int width, int height);
int cli_canvas_close(struct cli_canvas *canvas, int status);

/* A line through n points; colour: 0xrrggbb. */
void cli_canvas_line(struct cli_canvas *canvas, const struct cli_frame *frame, int n,
		     const double (*point)[2], uint32_t colour, double width);

/* A line of text, whose foot is at y, cut to the width that it may have. */
void cli_canvas_text(struct cli_canvas *canvas, double x, double y, enum cli_anchor anchor,
		     double width, const char *text);

#endif
