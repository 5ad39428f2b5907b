/* SPDX-License-Identifier: MIT
 * Loaded before the C library (LD_PRELOAD): reads of one file fail, or never end.
 *   SHIM_PATH  the end of the file's path
 *   SHIM_AT    only reads that take in this offset; without it all
 *   SHIM_SKIP  so many of them work before (0)
 *   SHIM_HANG  set: they hang; not set: they fail with EIO */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_meant(int fd, off_t offset, size_t size)
{
	static int seen;
	const char *end = getenv("SHIM_PATH"), *at = getenv("SHIM_AT"), *skip = getenv("SHIM_SKIP");
	char link[64], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof path);
	if (!end || length < (ssize_t)strlen(end) ||
	    memcmp(path + length - strlen(end), end, strlen(end)) != 0)
		return false;
	if (at && (atoll(at) < offset || atoll(at) >= offset + (off_t)size))
		return false;
	return __atomic_fetch_add(&seen, 1, __ATOMIC_RELAXED) >= (skip ? atoi(skip) : 0);
}

static ssize_t do_harm(void)
{
	while (getenv("SHIM_HANG"))
		pause();
	errno = EIO;
	return -1;
}

ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
	static ssize_t (*next)(int, void *, size_t, off_t);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "pread");
	return is_meant(fd, offset, size) ? do_harm() : next(fd, to, size, offset);
}

/* The same function where off_t has 64 bits, under another name. */
ssize_t pread64(int fd, void *to, size_t size, off_t offset)
{
	return pread(fd, to, size, offset);
}

ssize_t read(int fd, void *to, size_t size)
{
	static ssize_t (*next)(int, void *, size_t);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "read");
	return is_meant(fd, lseek(fd, 0, SEEK_CUR), size) ? do_harm() : next(fd, to, size);
}
