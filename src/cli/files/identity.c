/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/files/identity.h"
#include "src/base/replace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DEPTH 256

/* Splits identity->path. */
static int split(struct cli_identity *id)
{
	const char *slash = strrchr(id->path, '/');
	const char *name = slash ? slash + 1 : id->path;

	if (strlen(name) > NAME_MAX)
		return ENAMETOOLONG;
	strcpy(id->name, name);
	if (!slash)
		strcpy(id->folder, ".");
	else
		snprintf(id->folder, sizeof id->folder, "%.*s",
			 slash == id->path ? 1 : (int)(slash - id->path), id->path);
	return 0;
}

/* The path becomes that of the file which would be replaced.  What is written to through a
 * descriptor, as /dev/stdout, may have no path. */
static int resolve(struct cli_identity *id)
{
	char *target = NULL;
	int error = 0;

	if (!id->exists || S_ISREG(id->is.st_mode) || S_ISDIR(id->is.st_mode)) {
		target = plait__replace_target(id->path);
		error = !target ? ELOOP : strlen(target) >= sizeof id->path ? ENAMETOOLONG : 0;
	}
	if (target && error == 0)
		strcpy(id->path, target);
	free(target);
	return error ? error : split(id);
}

void cli_identify(struct cli_identity *id, const char *path)
{
	struct stat folder;

	*id = (struct cli_identity){ 0 };
	if (strlen(path) >= sizeof id->path) {
		id->error = ENAMETOOLONG;
		return;
	}
	strcpy(id->path, path);
	id->exists = stat(path, &id->is) == 0;
	if (!id->exists && errno != ENOENT)
		id->error = errno;
	if (id->error == 0)
		id->error = resolve(id);
	if (id->exists && id->error == 0)
		id->exists = stat(path, &id->is) == 0;
	if (id->error == 0 && stat(id->folder, &folder) == 0 && S_ISDIR(folder.st_mode)) {
		id->has_folder = true;
		id->device = folder.st_dev;
		id->inode = folder.st_ino;
	}
}

bool cli_identity_same(const struct cli_identity *a, const struct cli_identity *b)
{
	if (a->error || b->error || a->exists != b->exists)
		return false;
	if (a->exists)
		return S_ISREG(a->is.st_mode) && a->is.st_dev == b->is.st_dev &&
		       a->is.st_ino == b->is.st_ino;
	return strcmp(a->name, b->name) == 0 &&
	       (a->has_folder ? b->has_folder && a->device == b->device && a->inode == b->inode
			      : !b->has_folder && strcmp(a->folder, b->folder) == 0);
}

int cli_identity_depth(const struct cli_identity *file, const struct cli_identity *folder)
{
	char above[PATH_MAX];
	struct stat is, before = { 0 };
	size_t length;

	if (file->error || folder->error)
		return 0;
	/* A folder that is still to be made can only be told by its name. */
	if (!folder->exists) {
		struct cli_identity outer;

		cli_identify(&outer, file->folder);
		return cli_identity_same(&outer, folder);
	}
	length = strlen(file->folder);
	if (length + 1 > sizeof above)
		return 0;
	strcpy(above, file->folder);
	for (int depth = 1; depth < MOST_DEPTH && stat(above, &is) == 0; depth++) {
		if (is.st_dev == folder->is.st_dev && is.st_ino == folder->is.st_ino)
			return depth;
		/* The root is its own outer folder. */
		if (is.st_dev == before.st_dev && is.st_ino == before.st_ino)
			return 0;
		before = is;
		if (length + sizeof "/.." > sizeof above)
			return 0;
		strcpy(above + length, "/..");
		length += strlen("/..");
	}
	return 0;
}
