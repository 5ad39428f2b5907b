/* SPDX-License-Identifier: MIT
 * Opening a packed file.  All but the records is read into memory and checked there, so that it
 * cannot change between check and use. */
#include "config.h"
#include "src/dataset/packed/packed.h"
#include "src/base/crc32c.h"
#include "src/dataset/stored.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int check_crc(const char *path, const char *what, int64_t offset, const unsigned char *bytes,
		     int64_t size, uint32_t expected)
{
	uint32_t found = plait__crc32c(0, bytes, (size_t)size);

	if (found == expected)
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: offset %" PRId64 ": expected checksum %08" PRIx32
			    " of %s (%" PRId64 " bytes), found %08" PRIx32 ": the file is damaged",
			    path, offset, expected, what, size, found);
}

/* Checks that the bytes between two parts are 0. */
static int check_gap(const struct plait__packed *packed, int64_t from, int64_t to)
{
	unsigned char gap[4096];
	int status;

	PLAIT__ASSERT(from <= to && to - from <= (int64_t)sizeof gap,
		      "parts follow each other, not further apart than they are aligned");
	status = plait__stored_pread(packed->fd, packed->path, from, gap, (size_t)(to - from));

	for (int64_t i = from; status == 0 && i < to; i++)
		if (gap[i - from] != 0)
			status = plait__error(PLAIT_EFORMAT,
					      "%s: offset %" PRId64 ": expected 0, found %d: the "
					      "file is damaged",
					      packed->path, i, gap[i - from]);
	return status;
}

/* Checks that each record begins where the one before ends, and that the last ends the file. */
static int check_index(const struct plait__packed *packed)
{
	const struct plait__packed_header *h = &packed->header;
	int64_t at = h->section[PLAIT__PACKED_INDEX].offset;
	int64_t expected = h->section[PLAIT__PACKED_DATA].offset;

	for (int64_t i = 0; i < h->info.samples; i++, at += PLAIT__PACKED_ENTRY) {
		uint64_t offset = plait__le64(packed->front + at);
		int64_t bytes = plait__le32(packed->front + at + 8);

		if (offset != (uint64_t)expected || bytes < 1 || bytes > h->file_bytes - expected ||
		    (h->sample_bytes && bytes != h->sample_bytes))
			return plait__error(PLAIT_EFORMAT,
					    "%s: offset %" PRId64 ": sample %" PRId64
					    ": expected a record at %" PRId64
					    ", found one of %" PRId64 " bytes at %" PRIu64,
					    packed->path, at, i, expected, bytes, offset);
		expected += bytes;
	}
	if (expected == h->file_bytes)
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: offset %" PRId64 ": expected the end of the file, found %" PRId64
			    " more bytes",
			    packed->path, expected, h->file_bytes - expected);
}

/* Whether so many bytes are none, or count texts that each end with a zero byte. */
static bool are_texts(const char *text, uint32_t bytes, int64_t count)
{
	int64_t found = 0;

	for (uint32_t i = 0; i < bytes; i++)
		found += text[i] == '\0';
	return bytes == 0 || (found == count && text[bytes - 1] == '\0');
}

/* Checks that there are as many names as classes and features, and one text. */
static int check_texts(struct plait__packed *packed)
{
	const struct plait__packed_header *h = &packed->header;
	const char *names = (const char *)packed->front + PLAIT__PACKED_FIXED;
	const char *features = names + h->names_bytes;

	packed->made = features + h->features_bytes;
	if (!are_texts(packed->made, h->made_bytes, 1) ||
	    !are_texts(features, h->features_bytes, h->info.dim[0]) ||
	    !are_texts(names, h->names_bytes, h->info.classes))
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset %d: expected %" PRId64
				    " class names%s and a text, found something else",
				    packed->path, PLAIT__PACKED_FIXED, h->info.classes,
				    h->features_bytes ? ", names of features" : "");
	packed->names = h->names_bytes ? names : NULL;
	packed->features = h->features_bytes ? features : NULL;
	return 0;
}

static int check_front(struct plait__packed *packed)
{
	static const char *const what[] = { "the index", "the labels" };
	const struct plait__packed_header *h = &packed->header;
	int64_t end = h->header_bytes;
	int status = check_crc(packed->path, "the header", 0, packed->front, end - 4,
			       plait__le32(packed->front + end - 4));

	for (int i = 0; status == 0 && i < PLAIT__PACKED_TARGETS; i++)
		status = check_crc(packed->path, what[i], h->section[i].offset,
				   packed->front + h->section[i].offset, h->section[i].bytes,
				   h->crc[i]);
	for (int i = 0; status == 0 && i <= PLAIT__PACKED_DATA; i++) {
		status = check_gap(packed, end, h->section[i].offset);
		end = h->section[i].offset + h->section[i].bytes;
	}
	if (status == 0)
		status = check_index(packed);
	if (status == 0)
		status = check_texts(packed);
	if (status < 0 || h->info.classes == 0)
		return status;
	packed->labels = (const int32_t *)(packed->front + h->section[PLAIT__PACKED_LABELS].offset);
	return plait__dataset_check_labels(packed->path, h->info.samples, packed->labels,
					   &(int64_t){ h->info.classes });
}

/* There is one checksum for all targets, so they are read at once. */
static int read_targets(struct plait__packed *packed)
{
	const struct plait__packed_header *h = &packed->header;
	const struct plait__packed_section *part = &h->section[PLAIT__PACKED_TARGETS];
	int status;

	if (part->bytes == 0)
		return 0;
	packed->targets = plait__data_allocate(NULL, part->bytes, 1, packed->path);
	if (!packed->targets)
		return PLAIT_ENOMEM;
	status = plait__stored_pread(packed->fd, packed->path, part->offset, packed->targets,
				     (size_t)part->bytes);
	return status < 0 ? status
			  : check_crc(packed->path, "the targets", part->offset,
				      (unsigned char *)packed->targets, part->bytes,
				      h->crc[PLAIT__PACKED_TARGETS]);
}

static int open_checked(struct plait__packed *packed)
{
	struct plait__packed_header *h = &packed->header;
	unsigned char fixed[PLAIT__PACKED_FIXED];
	int64_t size, front;
	int status = plait__stored_open(packed->path, &packed->fd, &size);

	if (status == 0)
		status = plait__stored_pread(packed->fd, packed->path, 0, fixed, sizeof fixed);
	if (status == 0)
		status = plait__packed_parse(packed->path, size, fixed, h);
	if (status < 0)
		return status;
	front = h->section[PLAIT__PACKED_LABELS].offset + h->section[PLAIT__PACKED_LABELS].bytes;
	PLAIT__ASSERT(front > 0 && front <= h->file_bytes,
		      "what is kept in memory is part of the file");
	packed->front = plait__data_allocate(NULL, front, 1, packed->path);
	if (!packed->front)
		return PLAIT_ENOMEM;
	status = plait__stored_pread(packed->fd, packed->path, 0, packed->front, (size_t)front);
	if (status == 0)
		status = check_front(packed);
	return status < 0 ? status : read_targets(packed);
}

int plait__packed_open(struct plait__packed **packed_p, const char *path)
{
	struct plait__packed *packed = plait__calloc(1, sizeof *packed, path);
	int status;

	if (!packed)
		return PLAIT_ENOMEM;
	packed->fd = -1;
	packed->path = plait__strdup(path);
	status = packed->path ? open_checked(packed) : PLAIT_ENOMEM;
	if (status < 0) {
		plait__packed_close(packed);
		return status;
	}
	*packed_p = packed;
	return 0;
}

void plait__packed_close(struct plait__packed *packed)
{
	if (!packed)
		return;
	if (packed->kept)
		munmap(packed->kept, (size_t)packed->header.section[PLAIT__PACKED_DATA].bytes);
	if (packed->fd >= 0)
		close(packed->fd);
	free(packed->there);
	free(packed->targets);
	free(packed->front);
	free(packed->path);
	free(packed);
}
