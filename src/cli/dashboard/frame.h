/* SPDX-License-Identifier: MIT
 * What frames are made of. */
#ifndef PLAIT_CLI_FRAME_H
#define PLAIT_CLI_FRAME_H

#include "src/cli/dashboard/dashboard.h"

struct cli_frame_rows {
	const struct cli_frame_state *state;
	FILE *out;
	int columns, rows;
	int left; /* columns of this row */
};

/* Puts text as far as the row has room, and its line has an end; of a UTF-8 character no part.
 * sgr: how it looks, in numbers of ECMA-48's SGR, or NULL. */
void cli_frame_text(struct cli_frame_rows *rows, const char *sgr, const char *text);
void cli_frame_blanks(struct cli_frame_rows *rows, int count);
void cli_frame_begin_row(struct cli_frame_rows *rows);
void cli_frame_end_row(struct cli_frame_rows *rows);
/* A row of text alone. */
void cli_frame_row(struct cli_frame_rows *rows, const char *sgr, const char *text);

/* The share of the epoch that is done. */
double cli_frame_share(const struct cli_frame_state *state);

/* Two charts side by side: a row of titles and count - 1 of curves. */
void cli_frame_charts(struct cli_frame_rows *rows, int count);

#endif
