/* SPDX-License-Identifier: MIT
 * Helpers for formats whose samples are stored images. */
#ifndef PLAIT__STORED_H
#define PLAIT__STORED_H

#include "src/dataset/format.h"

/* Texts in one pool, each with a zero byte at its end, so that the index of a million files is few
 * allocations.  The pool may move while it grows, so that an item is the offset of its text first.
 * plait__texts_point turns all offsets into pointers, and then nothing can be added. */
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

/* Appends a copy of text; spec is for the message of PLAIT_ENOMEM. */
int plait__texts_add(struct plait__texts *texts, const char *text, const char *spec);
void plait__texts_point(struct plait__texts *texts);
void plait__texts_free(struct plait__texts *texts);

/* Whether a name ends in .jpg, .jpeg or .png, in letters of any case. */
bool plait__is_image_name(const char *name);

/* Opens a regular file and gives its size.  PLAIT_EIO. */
int plait__stored_open(const char *path, int *fd_p, int64_t *size_p);

/* Reads size bytes at offset.  PLAIT_EIO, or PLAIT_EFORMAT if the file has fewer. */
int plait__stored_pread(int fd, const char *path, int64_t offset, void *to, size_t size);

/* PLAIT_EFORMAT if size is more than an image that can be decoded has. */
int plait__stored_check_bytes(const char *path, int64_t size);

/* Reads size bytes at stored->offset into memory and sets the kind, bytes and size of stored.  Its
 * path must be set. */
int plait__stored_fetch(int fd, int64_t size, struct plait__buffer *memory,
			struct plait__stored *stored);

/* Looks at 64 images, evenly spread, and sets info.dtype, the shape and varying of a data set whose
 * fetch works.  The shape is that of more than half of those that can be read, wherever they are;
 * if there is no such size, it is that of the first and sizes vary. */
int plait__dataset_look(struct plait_dataset *dataset);

/* What plait_dataset_read does for a data set that has fetch. */
int plait__dataset_read_stored(const struct plait_dataset *dataset, int64_t index, void *x,
			       int32_t *label);

#endif
