/* SPDX-License-Identifier: MIT
 * Files from outside, read from the beginning: plain or gzip, never more than was promised.
 * Messages read "path: offset N: expected ..., found ...". */
#ifndef PLAIT__FILE_H
#define PLAIT__FILE_H

#include "src/base/base.h"

struct plait__file;

/* Opens a regular file for reading.  With inflate, a file that starts as gzip files do is
 * read decompressed, whatever its name is; its members are read as one.
 * Errors: PLAIT_EIO (cannot open, a folder or the like), PLAIT_ENOMEM. */
int plait__file_open(struct plait__file **file_p, const char *path, bool inflate);

/* NULL is ignored. */
void plait__file_close(struct plait__file *file);

/* Path and position (in decompressed bytes), for messages. */
const char *plait__file_path(const struct plait__file *file);
int64_t plait__file_offset(const struct plait__file *file);

/* No more bytes than this can follow: exact for plain files; from gzip's largest possible
 * ratio otherwise, so that a header's lie is found before anything is allocated. */
int64_t plait__file_most(const struct plait__file *file);

/* Errors with PLAIT_EFORMAT unless count items of size bytes may follow (exactly so many,
 * for a plain file that must end there).  what names them in the message. */
int plait__file_check_room(const struct plait__file *file, int64_t count, size_t size,
			   const char *what);

/* Reads up to bytes; *got_p is smaller only at the end of the file.
 * Errors: PLAIT_EIO, PLAIT_EFORMAT (corrupt or truncated gzip), PLAIT_ENOMEM. */
int plait__file_read(struct plait__file *file, void *buffer, size_t bytes, size_t *got_p);

/* Reads bytes, all of them, or says PLAIT_EFORMAT. */
int plait__file_read_all(struct plait__file *file, void *buffer, size_t bytes, const char *what);

/* PLAIT_EFORMAT unless the file ends here; also verifies gzip's checksum. */
int plait__file_expect_end(struct plait__file *file);

/* Memory for count items of size bytes that a file or a specification (what) asks for, or
 * NULL with PLAIT_ENOMEM's message if that overflows or exceeds the memory of the machine:
 * the kernel would promise it and then end the process.  old: as realloc's, or NULL. */
void *plait__data_allocate(void *old, int64_t count, size_t size, const char *what);

#endif
