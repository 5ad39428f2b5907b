/* SPDX-License-Identifier: MIT
 * Writing PNG files. */
#ifndef PLAIT_CLI_PNG_H
#define PLAIT_CLI_PNG_H

#include <stdint.h>

/* Writes pixels [height,width,channels] (1: grey, 3: RGB) as a PNG file.  Returns an exit status
 * after saying what is wrong. */
int cli_png_write(const char *path, int width, int height, int channels, const uint8_t *pixels);

#endif
