/* SPDX-License-Identifier: MIT
 * Pictures of samples and texts, written as PNG files. */
#ifndef PLAIT_CLI_PICTURE_H
#define PLAIT_CLI_PICTURE_H

#include "src/cli/data/view.h"

struct cli_picture {
	int width, height, channels; /* channels: 1 (grey) or 3 */
	uint8_t *pixels;             /* [height,width,channels] */
};

/* A white picture.  Returns CLI_DONE, or the exit status after saying what is wrong. */
int cli_picture_make(struct cli_picture *picture, int width, int height, int channels);

/* Writes the picture, if status is CLI_DONE, and frees it.  Returns as above. */
int cli_picture_end(struct cli_picture *picture, int status, const char *path);

/* Whether samples of a data set can be drawn; says so if not, for the option that asks for it. */
bool cli_picture_can_draw(const struct plait_dataset *dataset, const char *option);

/* Channels of pictures of its samples, and the pixels of a square in which they fit, of about so
 * many: a multiple of a small sample, so that each of its pixels is drawn in full. */
int cli_picture_channels(const struct plait_dataset *dataset);
int cli_picture_cell(const struct plait_dataset *dataset, int about);

/* Draws a sample in the middle of a square of so many pixels, and keeps its proportions.  A small
 * sample is enlarged by a whole factor. */
void cli_picture_sample(struct cli_picture *picture, int top, int left, int cell,
			const struct cli_view *view);

/* A line of text, of at most so many pixels; shade: 0 black to 255 white.  up: it goes from there
 * upwards, and its letters lie on their backs. */
void cli_picture_text(struct cli_picture *picture, int top, int left, int width, uint8_t shade,
		      const char *text);
void cli_picture_text_up(struct cli_picture *picture, int bottom, int left, int height,
			 const char *text);

/* A rectangle of one colour; of a picture with 3 channels. */
void cli_picture_fill(struct cli_picture *picture, int top, int left, int height, int width,
		      const uint8_t colour[3]);

#endif
