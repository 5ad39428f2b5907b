/* SPDX-License-Identifier: MIT
 * Reading tar archives: their members are found one after the other, without unpacking. */
#ifndef PLAIT__DATASET_TAR_H
#define PLAIT__DATASET_TAR_H

#include "src/dataset/stored.h"

/* An archive: a file, or memory with what a compressed file contains. */
struct plait__tar {
	const char *path;
	int fd; /* -1: the file is opened for each read, or the archive is in memory */
	unsigned char *bytes; /* [size], in memory; NULL: in the file */
	int64_t size;         /* bytes of the archive */
};

/* Reads size bytes at offset.  PLAIT_EIO; PLAIT_EFORMAT if there are fewer. */
int plait__tar_pread(const struct plait__tar *tar, int64_t offset, void *to, size_t size);

#define PLAIT__TAR_NAME 4096

/* A walk over the members of an archive. */
struct plait__tar_walk {
	const struct plait__tar *tar;
	int64_t at;                 /* offset of the next header */
	char name[PLAIT__TAR_NAME]; /* of the regular file that was found last */
	int64_t offset, size;       /* of its bytes in the archive */
	bool special; /* it is no regular file, but a link or a device, whose bytes are elsewhere */
	int parts;    /* archives that came before, where they follow each other */
	bool endless; /* the file ended without the zeros that end an archive */
};

/* Finds the next member that is no folder.  Archives may follow each other, as cat makes them.
 * PLAIT_END after the last; PLAIT_EFORMAT, with path and offset, if the archive is damaged or
 * something else follows its end. */
int plait__tar_next(struct plait__tar_walk *walk);

/* Decompresses a file that is compressed by gzip or, with libarchive, by bzip2, xz, zstd or lz4, to
 * at most `most` bytes, and sets tar->bytes and size.  Does nothing to other files. */
int plait__tar_unpack(struct plait__tar *tar, int64_t most);

#endif
