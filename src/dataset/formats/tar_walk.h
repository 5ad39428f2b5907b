/* SPDX-License-Identifier: MIT
 * Tar archives as they lie: members one after the other, found without unpacking. */
#ifndef PLAIT__DATASET_TAR_H
#define PLAIT__DATASET_TAR_H

#include "src/dataset/stored.h"

/* An archive: a file, or what a compressed file became in memory. */
struct plait__tar {
	const char *path;
	int fd;               /* -1: opened for each use, or in memory */
	unsigned char *bytes; /* NULL: a file */
	int64_t size;
};

/* All of size bytes at offset.  PLAIT_EIO, PLAIT_EFORMAT. */
int plait__tar_pread(const struct plait__tar *tar, int64_t offset, void *to, size_t size);

#define PLAIT__TAR_NAME 4096

/* A walk over the members: name, offset and size are those of the last regular file. */
struct plait__tar_walk {
	const struct plait__tar *tar;
	int64_t at; /* the next header */
	char name[PLAIT__TAR_NAME];
	int64_t offset, size;
};

/* Goes on to the next regular file.  PLAIT_END after the last; PLAIT_EFORMAT naming path and
 * offset: no header, checksum, sizes, an archive without its end. */
int plait__tar_next(struct plait__tar_walk *walk);

/* Makes tar->bytes and size of a compressed file (gzip; with libarchive bzip2, xz, zstd,
 * lz4), at most `most` bytes; leaves a plain file alone. */
int plait__tar_unpack(struct plait__tar *tar, int64_t most);

#endif
