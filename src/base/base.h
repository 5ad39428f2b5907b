/* SPDX-License-Identifier: MIT
 * Internal base: error reporting, sizes, memory that reports its failure. */
#ifndef PLAIT__BASE_H
#define PLAIT__BASE_H

#include "src/base/assert.h"

#include <plait/base.h>
#include <stdarg.h>

/* Every arena offset and every allocation is a multiple of this: a cache line and an
 * AVX-512 register on CPUs.  CUDA wants 256 for its widest transactions. */
#define PLAIT__ALIGN 256

static inline size_t plait__align(size_t bytes)
{
	return (bytes + PLAIT__ALIGN - 1) & ~(size_t)(PLAIT__ALIGN - 1);
}

/* Loops are compiled for each of these and chosen when the library is loaded; the same
 * kind of CPU always takes the same one, so results do not vary on it. */
#if defined __x86_64__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ && \
	defined __GNUC__ && !defined __clang__
#define PLAIT__CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PLAIT__CLONES
#endif

/* Keeps the message for plait_error_message() and returns status, so that a failing
 * function ends in `return plait__error(PLAIT_EINVAL, "...", ...)`.  The function that
 * detects the error calls it; its callers only pass the status on. */
int plait__error(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* calloc(count, size), or NULL with PLAIT_ENOMEM's message (what, bytes) kept. */
void *plait__calloc(size_t count, size_t size, const char *what);

/* A copy of text, or NULL with the message kept. */
char *plait__strdup(const char *text);

/* The formatted text, to be freed, or NULL with the message kept. */
char *plait__format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Edit distance for "did you mean": the entry of a NULL-terminated list that is nearest
 * to word, or NULL if none is near. */
const char *plait__nearest(const char *word, const char *const *list);

/* Loads a shared object that the user named, or returns NULL and in *why what the system says. A
 * path without a slash is a file here, if there is one, or else looked for as libraries are. */
void *plait__library_open(const char *path, const char **why);

#endif
