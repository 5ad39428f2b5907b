/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* nftw */
#define _DEFAULT_SOURCE
#include "config.h"
#include "src/cli/measure/folder.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/base/replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

/* Whether name is that of a temporary folder of a process that is no more. */
static bool is_left_over(const char *name)
{
	static const char prefix[] = "plait-";
	const char *end;

	return strncmp(name, prefix, sizeof prefix - 1) == 0 &&
	       plait__process_is_gone(name + sizeof prefix - 1, &end) && *end == '-' &&
	       strlen(end + 1) == 6;
}

/* Removes the temporary folders of this user that killed processes have left.  In another
 * container a process may live that has no number here: so a folder that is locked stays. */
static void remove_left_over(const char *base)
{
	DIR *dir = opendir(base);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[PATH_MAX + NAME_MAX + 2];
		struct stat st;
		int fd;

		if (!is_left_over(entry->d_name))
			continue;
		snprintf(path, sizeof path, "%s/%s", base, entry->d_name);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
		    flock(fd, LOCK_EX | LOCK_NB) == 0)
			nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
}

static void hold(struct cli_folder *folder)
{
	folder->lock = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->lock >= 0)
		flock(folder->lock, LOCK_EX | LOCK_NB);
	cli_hold_ends(true);
}

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
		     : (size_t)snprintf(folder->path, size, "%s/plait-%ld-XXXXXX", base,
					(long)getpid())) < size;
	if (!path)
		remove_left_over(base);
	if (!fits)
		errno = ENAMETOOLONG;
	else if (path ? mkdir(path, 0777) == 0 : mkdtemp(folder->path) != NULL) {
		if (!path)
			hold(folder);
		return 0;
	} else if (path && errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	cli_complain("%s: no folder can be made: %s", folder->path, strerror(errno));
	return -1;
}

void cli_folder_close(const struct cli_folder *folder)
{
	if (!folder->temporary)
		return;
	nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (folder->lock >= 0)
		close(folder->lock);
	cli_hold_ends(false);
}
