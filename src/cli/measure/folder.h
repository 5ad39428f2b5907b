/* SPDX-License-Identifier: MIT
 * A folder for files that a command makes while it runs. */
#ifndef PLAIT_CLI_FOLDER_H
#define PLAIT_CLI_FOLDER_H

#include <stdbool.h>

struct cli_folder {
	char path[4000];
	bool temporary;
	int lock; /* of a temporary one, while it is used */
};

/* Opens the folder at path, which is made if it is not there.  path NULL: makes a temporary one in
 * TMPDIR or /tmp, and removes those there that processes have left which were killed.  Returns -1
 * after saying why not. */
int cli_folder_open(struct cli_folder *folder, const char *path);

/* Removes a temporary one with all that is in it; links are not followed. */
void cli_folder_close(const struct cli_folder *folder);

#endif
