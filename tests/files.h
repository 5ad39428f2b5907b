/* SPDX-License-Identifier: MIT
 * Files for tests of readers: a folder of their own, and attacks on what they hold. */
#ifndef PLAIT_TESTS_FILES_H
#define PLAIT_TESTS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The path of name in a folder that is removed when the program ends.  The text lives
 *  until the eighth call after this one. */
const char *files_path(const char *name);

/** A text such as "idx:%s,%s" with names' paths filled in; lives as long. */
const char *files_spec(const char *format, const char *first, const char *second);

/** Writes a file, as it is or as one gzip member. */
void files_write(const char *name, const void *bytes, size_t size);
void files_write_gzip(const char *name, const void *bytes, size_t size);

/** Reads a file whole; free() it. */
void *files_read(const char *name, size_t *size_p);

/** Between these two the program cannot have 64 MiB more than it has: a reader that believes
 *  a lie about sizes gets PLAIT_ENOMEM.  Without effect under sanitizers. */
void files_hold_memory(void);
void files_release_memory(void);

/** Uses the file that an attack has damaged: opens it, reads all it gives, frees it.
 *  Returns 0 or the negative status, with the message kept. */
typedef int (*files_attempt_fn)(const void *user);

/** Tries every length from 0 to size - 1.  Returns how many attempts were wrong: they
 *  succeeded although must_fail, or failed for another reason than the file (PLAIT_EFORMAT
 *  or PLAIT_ELABEL) or without naming it.  The file is whole again afterwards. */
int files_truncate(const char *name, const void *bytes, size_t size, bool must_fail,
		   files_attempt_fn attempt, const void *user);

/** Tries runs files with a few bytes changed, inserted or removed, chosen by a fixed seed.
 *  Returns how many failed otherwise than above; success is no fault.  Memory is limited as by
 *  files_hold_memory. */
int files_mutate(const char *name, const void *bytes, size_t size, int runs,
		 files_attempt_fn attempt, const void *user);

#endif
