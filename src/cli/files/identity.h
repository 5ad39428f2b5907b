/* SPDX-License-Identifier: MIT
 * Which file a path leads to, through links and whatever way it is spelled, also where the file is
 * not there yet. */
#ifndef PLAIT_CLI_IDENTITY_H
#define PLAIT_CLI_IDENTITY_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct cli_identity {
	bool exists;
	bool has_folder;         /* the folder that contains it, or would, is there */
	struct stat is;          /* if it exists */
	dev_t device;            /* of the folder */
	ino_t inode;             /* likewise */
	char name[NAME_MAX + 1]; /* in the folder */
	char path[PATH_MAX];     /* what links lead to */
	char folder[PATH_MAX];   /* of that */
	int error;               /* why nothing is known, an errno; 0: all is */
};

void cli_identify(struct cli_identity *identity, const char *path);

/* Whether both are one regular file, or would be.  A pipe or a device may be written twice. */
bool cli_identity_same(const struct cli_identity *a, const struct cli_identity *b);

/* How many folders below the folder a file lies: 1 for one directly in it; 0: it is elsewhere. */
int cli_identity_depth(const struct cli_identity *file, const struct cli_identity *folder);

#endif
