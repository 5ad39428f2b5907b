/* SPDX-License-Identifier: MIT
 * Reading the records of a packed file that is open, one at a time. */
#include "config.h"
#include "src/dataset/packed/packed.h"
#include "src/base/crc32c.h"
#include "src/dataset/stored.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

/* The entry of a sample in the index: offset, bytes, checksum. */
static const unsigned char *entry_of(const struct plait__packed *packed, int64_t index)
{
	PLAIT__ASSERT(index >= 0 && index < packed->header.info.samples, "a record has an entry");
	return packed->front + packed->header.section[PLAIT__PACKED_INDEX].offset +
	       index * PLAIT__PACKED_ENTRY;
}

static int check_record(const struct plait__packed *packed, int64_t index,
			const unsigned char *bytes)
{
	const unsigned char *entry = entry_of(packed, index);
	uint32_t size = plait__le32(entry + 8), expected = plait__le32(entry + 12);

	if (plait__crc32c(0, bytes, size) == expected)
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: sample %" PRId64 ": offset %" PRIu64 ": the %" PRIu32
			    " bytes of its record do not have the checksum %08" PRIx32
			    " that the index says: the file is damaged",
			    packed->path, index, plait__le64(entry), size, expected);
}

/* What the index says of a record. */
static struct plait__stored find(const struct plait__packed *packed, int64_t index)
{
	const struct plait__packed_header *h = &packed->header;
	const unsigned char *entry = entry_of(packed, index);
	struct plait__stored record = {
		.kind = h->kind == PLAIT__PACKED_IMAGES ? PLAIT__STORED_ENCODED
							: PLAIT__STORED_PLANES,
		.size = plait__le32(entry + 8),
		.label = packed->labels ? packed->labels[index] : 0,
		.path = packed->path,
		.offset = (int64_t)plait__le64(entry),
	};

	PLAIT__ASSERT(record.offset >= h->section[PLAIT__PACKED_DATA].offset &&
			      (int64_t)record.size <= h->file_bytes - record.offset,
		      "a record of a checked index lies in the file");
	return record;
}

static int read_record(const struct plait__packed *packed, int64_t index,
		       const struct plait__stored *record, unsigned char *to)
{
	int status =
		plait__stored_pread(packed->fd, packed->path, record->offset, to, record->size);

	if (status < 0)
		return plait__error(status, "%s (sample %" PRId64 ")", plait_error_message(),
				    index);
	return check_record(packed, index, to);
}

int plait__packed_fetch(const struct plait__packed *packed, int64_t index,
			struct plait__buffer *memory, struct plait__stored *record)
{
	unsigned char *bytes;

	*record = find(packed, index);
	bytes = plait__buffer_reserve(memory, record->size);
	if (!bytes)
		return PLAIT_ENOMEM;
	record->bytes = bytes;
	return read_record(packed, index, record, bytes);
}

void plait__packed_keep(struct plait__packed *packed, int64_t most)
{
	int64_t bytes = packed->header.section[PLAIT__PACKED_DATA].bytes;
	int64_t samples = packed->header.info.samples;
	void *room;

	if (packed->kept || packed->header.kind != PLAIT__PACKED_ARRAYS || bytes > most)
		return;
	room = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return;
	/* All of it is written once, and small pages would cost more than reading the file. */
	madvise(room, (size_t)bytes, MADV_HUGEPAGE);
	packed->there = calloc((size_t)samples, 2);
	if (!packed->there) {
		munmap(room, (size_t)bytes);
		return;
	}
	packed->taken = packed->there + samples;
	packed->kept = room;
}

int plait__packed_bring(const struct plait__packed *packed, int64_t index,
			struct plait__stored *record)
{
	unsigned char *there = &packed->there[index], *taken = &packed->taken[index];
	int status = 0;

	PLAIT__ASSERT(packed->kept, "a record is brought to where records are kept");
	*record = find(packed, index);
	if (__atomic_load_n(there, __ATOMIC_ACQUIRE))
		return 0;
	/* Seldom waits: an epoch has a sample once. */
	while (__atomic_exchange_n(taken, 1, __ATOMIC_ACQUIRE))
		sched_yield();
	if (!__atomic_load_n(there, __ATOMIC_RELAXED)) {
		status = read_record(packed, index, record,
				     packed->kept +
					     (record->offset -
					      packed->header.section[PLAIT__PACKED_DATA].offset));
		if (status == 0)
			__atomic_store_n(there, 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(taken, 0, __ATOMIC_RELEASE);
	return status;
}
