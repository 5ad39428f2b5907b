/* SPDX-License-Identifier: MIT
 * What is made of a log while it is written: events for TensorBoard, and, when it ends, a picture
 * and a page.  They see each line that the log gets, whether there is a file for it or not. */
#ifndef PLAIT_CLI_FOLLOW_H
#define PLAIT_CLI_FOLLOW_H

#include "src/cli/options/options.h"
#include "src/cli/runs/tensorboard.h"

/* Zeroed: nothing is made. */
struct cli_follow {
	bool active;
	const char *name, *plot, *html; /* NULL: none */
	struct cli_tensorboard board;   /* folder NULL: none */
	FILE *all;                      /* all lines, where they are wanted at the end */
	char *text;
	size_t size;
};

/* Return CLI_DONE, or CLI_FAILED after saying why.  A training without a figure replaces no picture
 * and no page. */
int cli_follow_begin(struct cli_follow *follow, const struct cli_options *options);
int cli_follow_flush(struct cli_follow *follow);
int cli_follow_end(struct cli_follow *follow);

void cli_follow_add(struct cli_follow *follow, const char *line, size_t size);

#endif
