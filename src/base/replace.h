/* SPDX-License-Identifier: MIT
 * Writing a file so that at every moment its name is that of a whole one: a new file beside
 * it takes its place at the end, with the mode and, where that may be set, the owner of the old
 * one. A symbolic link stays, and what it leads to is replaced.  The new file is called
 * FILE.tmp-PROCESS-NUMBER until then; those that a killed process has left go when the same file
 * is written next. */
#ifndef PLAIT__REPLACE_H
#define PLAIT__REPLACE_H

#include "src/base/base.h"

struct plait__replace {
	const char *path; /* the caller's */
	char *target;     /* path, or what it links to */
	char *temporary;
	int fd; /* what to write to */
};

/* Opens a new file beside path.  Errors: PLAIT_EIO (path is not a file or is
 * write-protected; the folder cannot be written), PLAIT_ENOMEM; nothing is left to end then. */
int plait__replace_begin(struct plait__replace *replace, const char *path);

/* Writes all of size bytes at an offset.  PLAIT_EIO. */
int plait__replace_write(const struct plait__replace *replace, const void *bytes, size_t size,
			 int64_t at);

/* With status 0 brings the file to the disk and gives it its name; otherwise, or if that
 * fails, removes it.  Returns status, or PLAIT_EIO. */
int plait__replace_end(struct plait__replace *replace, int status);

/* The path that is replaced: of a link, what it leads to, whether that is there or not.  The caller
 * frees it.  NULL with the message kept: too many links, or no memory. */
char *plait__replace_target(const char *path);

/* Whether a name that has a process's number at text is of one that is no more, and what it made
 * may be removed.  *end_p: what follows the number. */
bool plait__process_is_gone(const char *text, const char **end_p);

/* A file of any other kind that plait__replace_abandon has to remove, until it is forgotten.  path
 * is kept, not copied, and told apart by its address. */
void plait__replace_remember(char *path);
void plait__replace_forget(char *path);

/* Removes the new files of all replacements that have begun and not ended, for a signal handler
 * that ends the process. */
void plait__replace_abandon(void);

#endif
