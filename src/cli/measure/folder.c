/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* nftw */
#define _DEFAULT_SOURCE
#include "config.h"
#include "src/cli/measure/folder.h"
#include "src/cli/complain.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int cli_folder_open(struct cli_folder *folder, const char *path)
{
	const char *base = getenv("TMPDIR");
	size_t size = sizeof folder->path;
	struct stat st;
	bool fits;

	folder->temporary = !path;
	if (!base || !*base)
		base = "/tmp";
	fits = (path ? (size_t)snprintf(folder->path, size, "%s", path)
		     : (size_t)snprintf(folder->path, size, "%s/plait-XXXXXX", base)) < size;
	if (!fits)
		errno = ENAMETOOLONG;
	else if (path ? mkdir(path, 0777) == 0 : mkdtemp(folder->path) != NULL)
		return 0;
	else if (path && errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	cli_complain("%s: no folder can be made: %s", folder->path, strerror(errno));
	return -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

void cli_folder_close(const struct cli_folder *folder)
{
	if (folder->temporary)
		nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
