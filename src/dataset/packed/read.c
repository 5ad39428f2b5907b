/* SPDX-License-Identifier: MIT
 * Reading the records of a packed file that is open: one at a time, or all of them. */
#include "config.h"
#include "src/dataset/packed/packed.h"
#include "src/base/crc32c.h"
#include "src/dataset/stored.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>

/* -- one record ------------------------------------------------------------------------------ */

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

int plait__packed_fetch(const struct plait__packed *packed, int64_t index,
			struct plait__buffer *memory, struct plait__stored *record)
{
	const struct plait__packed_header *h = &packed->header;
	const unsigned char *entry = entry_of(packed, index);
	unsigned char *bytes;
	int status;

	*record = (struct plait__stored){
		.kind = h->kind == PLAIT__PACKED_IMAGES ? PLAIT__STORED_ENCODED
							: PLAIT__STORED_PLANES,
		.size = plait__le32(entry + 8),
		.label = packed->labels ? packed->labels[index] : 0,
		.path = packed->path,
		.offset = (int64_t)plait__le64(entry),
	};
	PLAIT__ASSERT(record->offset >= h->section[PLAIT__PACKED_DATA].offset &&
			      (int64_t)record->size <= h->file_bytes - record->offset,
		      "a record of a checked index lies in the file");
	bytes = plait__buffer_reserve(memory, record->size);
	if (!bytes)
		return PLAIT_ENOMEM;
	record->bytes = bytes;
	status = plait__stored_pread(packed->fd, packed->path, record->offset, bytes, record->size);
	if (status < 0)
		return plait__error(status, "%s (sample %" PRId64 ")", plait_error_message(),
				    index);
	return check_record(packed, index, bytes);
}

/* -- all records ------------------------------------------------------------------------------- */

/* Whether a file is on this machine.  If it is on another one, a map of it ends the program when
 * that machine fails. */
static bool is_local(int fd)
{
	static const uint32_t elsewhere[] = {
		0x6969,     /* NFS */
		0x517b,     /* SMB */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB2 */
		0x65735546, /* FUSE: sshfs and the like */
		0x01021997, /* 9P */
		0x5346414f, /* AFS */
		0x6b414653, /* kAFS */
		0x00c36400, /* Ceph */
		0x0bd00bd0, /* Lustre */
		0x47504653, /* GPFS */
		0x19830326, /* BeeGFS */
		0x73757245, /* Coda */
		0x564c,     /* NCP */
	};
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
		if ((uint32_t)st.f_type == elsewhere[i])
			return false;
	return true;
}

/* Gets targets and records into memory, as packed->map or packed->back. */
static int map_or_read(struct plait__packed *packed)
{
	const struct plait__packed_header *h = &packed->header;
	int64_t start = h->section[PLAIT__PACKED_TARGETS].offset;
	void *map = MAP_FAILED;

	if (packed->access == PLAIT__PACKED_MAP ||
	    (packed->access == PLAIT__PACKED_AUTO && is_local(packed->fd)))
		map = mmap(NULL, (size_t)h->file_bytes, PROT_READ, MAP_SHARED, packed->fd, 0);
	if (map != MAP_FAILED) {
		packed->map = map;
		return 0;
	}
	if (packed->access == PLAIT__PACKED_MAP)
		return plait__error(PLAIT_EIO, "%s: cannot map %" PRId64 " bytes: %s", packed->path,
				    h->file_bytes, strerror(errno));
	packed->back = plait__data_allocate(NULL, h->file_bytes - start, 1, packed->path);
	if (!packed->back)
		return PLAIT_ENOMEM;
	return plait__stored_pread(packed->fd, packed->path, start, packed->back,
				   (size_t)(h->file_bytes - start));
}

int plait__packed_all(struct plait__packed *packed, const void **x_p, const float **targets_p)
{
	const struct plait__packed_header *h = &packed->header;
	const struct plait__packed_section *targets = &h->section[PLAIT__PACKED_TARGETS];
	int status = packed->map || packed->back ? 0 : map_or_read(packed);
	const unsigned char *start = packed->map ? packed->map + targets->offset : packed->back;

	if (status == 0)
		status =
			plait__packed_check_crc(packed->path, "the targets", targets->offset, start,
						targets->bytes, h->crc[PLAIT__PACKED_TARGETS]);
	for (int64_t i = 0; status == 0 && i < h->info.samples; i++)
		status = check_record(
			packed, i,
			start + ((int64_t)plait__le64(entry_of(packed, i)) - targets->offset));
	if (status < 0)
		return status;
	*targets_p = targets->bytes ? (const float *)start : NULL;
	*x_p = start + (h->section[PLAIT__PACKED_DATA].offset - targets->offset);
	return 0;
}
