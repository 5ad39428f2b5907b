/* SPDX-License-Identifier: MIT
 * Helpers for formats whose samples are stored images. */
#ifndef PLAIT__STORED_H
#define PLAIT__STORED_H

#include "src/dataset/format.h"

/* Texts one behind the other, each with its zero byte: an index of a million files is three
 * flat arrays.  While they grow they may move: a text is its offset until all are there and
 * plait__texts_point makes pointers. */
struct plait__texts {
	char *pool;
	int64_t used, capacity; /* bytes of the pool */
	union {
		int64_t offset;
		const char *text;
	} * item;
	int64_t count, room; /* items */
	bool pointed;        /* items are pointers, no longer offsets */
};

/* Appends a copy; spec is for PLAIT_ENOMEM's message. */
int plait__texts_add(struct plait__texts *texts, const char *text, const char *spec);
void plait__texts_point(struct plait__texts *texts);
void plait__texts_free(struct plait__texts *texts);

/* Whether a name ends in .jpg, .jpeg or .png, in letters of any case. */
bool plait__is_image_name(const char *name);

/* Opens a regular file and gives its size.  PLAIT_EIO. */
int plait__stored_open(const char *path, int *fd_p, int64_t *size_p);

/* All of size bytes at offset.  PLAIT_EIO, or PLAIT_EFORMAT if the file ends before. */
int plait__stored_pread(int fd, const char *path, int64_t offset, void *to, size_t size);

/* PLAIT_EFORMAT if no image that can be decoded has so many bytes. */
int plait__stored_check_bytes(const char *path, int64_t size);

/* Reads the size bytes at record->offset into memory and completes an encoded record whose
 * path is set. */
int plait__stored_fetch(int fd, int64_t size, struct plait__buffer *memory,
			struct plait__stored *stored);

/* Sets dtype, shape and varying, for a data set whose record() works: the shape is that of
 * the first image that can be read; sizes vary if one of 64, evenly spread, has another.  An
 * image of another size that this look misses is found when it is read. */
int plait__dataset_look(struct plait_dataset *dataset);

/* plait_dataset_read by way of record(). */
int plait__dataset_read_stored(const struct plait_dataset *dataset, int64_t index, void *x,
			       int32_t *label);

#endif
