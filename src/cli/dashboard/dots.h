/* SPDX-License-Identifier: MIT
 * Curves in a terminal: characters of braille, of 2 x 4 dots, or * and o where there is no UTF-8.
 */
#ifndef PLAIT_CLI_DOTS_H
#define PLAIT_CLI_DOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CLI_DOTS_COLUMNS 200
#define CLI_DOTS_ROWS 40

struct cli_dots {
	int columns, rows; /* characters */
	bool utf8;
	uint8_t dots[CLI_DOTS_ROWS][CLI_DOTS_COLUMNS];
	uint8_t curve[CLI_DOTS_ROWS][CLI_DOTS_COLUMNS]; /* the last one drawn there, from 1 */
};

/* Begins anew, with so many characters, or as many as there is room for. */
void cli_dots_begin(struct cli_dots *dots, int columns, int rows, bool utf8);

/* Draws a curve, 1 or 2, through points whose x and y are from 0 to 1; y grows upwards. */
void cli_dots_draw(struct cli_dots *dots, int curve, int n, const double (*point)[2]);

/* Puts a row into line, without the blanks at its end; colour: of each curve, as SGR has it, or
 * NULL. Returns how many columns it takes. */
int cli_dots_put(const struct cli_dots *dots, int row, const char *const *colour, FILE *line);

#endif
