/* SPDX-License-Identifier: MIT
 * A folder with folders in it, for tests of data sets that are folders. */
#ifndef PLAIT_TESTS_TREE_H
#define PLAIT_TESTS_TREE_H

#include "tests/dataset/dataset.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static char tree_root[512];

static inline void tree_remove_below(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char inner[1024];

	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) <
			    (int)sizeof inner &&
		    unlink(inner) != 0)
			tree_remove_below(inner);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static inline void tree_remove(void)
{
	tree_remove_below(tree_root);
}

/* A folder of its own for each test; the one around it is made, and will be removed, by
 * files_path. */
static inline void tree_start(const char *name)
{
	const char *path = files_path(name);

	if (!*tree_root)
		atexit(tree_remove);
	tree_remove();
	snprintf(tree_root, sizeof tree_root, "%s", path);
	mkdir(tree_root, 0700);
}

/* A path in it; the text lives until the eighth call after this one. */
static inline const char *tree_path(const char *name)
{
	static char path[8][1024];
	static int i;
	char *text = path[i++ % 8];

	snprintf(text, sizeof *path, "%s/%s", tree_root, name);
	return text;
}

static inline void tree_put(const char *name, const void *bytes, size_t size)
{
	FILE *out = fopen(tree_path(name), "wb");

	if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) != 0)
		tap_bail_out("cannot write %s", tree_path(name));
}

/* "format:folder"; one text, with room for more behind it. */
static inline const char *tree_spec(const char *format)
{
	static char text[1024];

	snprintf(text, sizeof text, "%s:%s", format, tree_root);
	return text;
}

#endif
