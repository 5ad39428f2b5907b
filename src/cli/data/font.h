/* SPDX-License-Identifier: MIT
 * A small font for pictures: letters of 5 x 7 pixels. */
#ifndef PLAIT_CLI_FONT_H
#define PLAIT_CLI_FONT_H

#include <stdint.h>

#define CLI_FONT_WIDTH 6 /* with the gap behind a letter */
#define CLI_FONT_HEIGHT 7

/* A line of text in pixels of a shade, 0 black to 255 white, on what is there; stride is the bytes
 * of a row, step those of a pixel.  A character that is not ASCII becomes '?', and a text that is
 * wider than width pixels is cut and ends in "..".  Draws nothing outside width and
 * CLI_FONT_HEIGHT. */
void cli_font_draw(const char *text, int width, uint8_t shade, uint8_t *pixels, int stride,
		   int step);

#endif
