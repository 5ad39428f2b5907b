/* SPDX-License-Identifier: MIT
 * A folder for what a test of the runtime writes, removed at its end. */
#ifndef PLAIT_TESTS_RUNTIME_FOLDER_H
#define PLAIT_TESTS_RUNTIME_FOLDER_H

#include "tests/tap.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[4096];

static inline void folder_make(void)
{
	char template[] = "runtime-XXXXXX";

	if (!mkdtemp(template) || !realpath(template, folder))
		tap_bail_out("no folder can be made here");
}

static inline void folder_remove(void)
{
	char command[4200];

	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	if (system(command) != 0)
		printf("# %s stays\n", folder);
}

static inline char *in_folder(char *path, const char *name)
{
	snprintf(path, 4200, "%s/%s", folder, name);
	return path;
}

static inline void write_file(const char *name, const char *text)
{
	char path[4200];
	FILE *file = fopen(in_folder(path, name), "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		tap_bail_out("%s cannot be written", path);
}

static inline void make_folder(const char *name)
{
	char path[4200];

	if (mkdir(in_folder(path, name), 0700) != 0)
		tap_bail_out("%s cannot be made", path);
}

static inline bool exists(const char *name)
{
	char path[4200];

	return access(in_folder(path, name), F_OK) == 0;
}

#endif
