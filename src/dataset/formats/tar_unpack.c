/* SPDX-License-Identifier: MIT
 * A compressed archive is decompressed into memory, because it allows no random access. */
#include "config.h"
#include "src/dataset/formats/tar_walk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifdef PLAIT_HAVE_ARCHIVE
#include <archive.h>
#endif

/* The memory of a decompressed archive while it grows. */
struct growth {
	struct plait__tar *tar; /* its bytes and size grow */
	int64_t capacity;       /* bytes allocated */
	int64_t most;           /* bytes that may be allocated */
};

/* Makes room for at least one more byte. */
static int grow(struct growth *g)
{
	struct plait__tar *tar = g->tar;
	int64_t capacity = g->capacity ? 2 * g->capacity : 1 << 20;
	void *bytes;

	PLAIT__ASSERT(tar->size <= g->capacity && g->capacity <= g->most,
		      "what was decompressed lies in its memory, which is within the limit");
	if (tar->size < g->capacity)
		return 0;
	if (tar->size >= g->most)
		return plait__error(PLAIT_ENOMEM,
				    "%s: decompressed it needs more than %" PRId64
				    " bytes of memory, what data sets may take here: decompress "
				    "the file, a plain archive needs none",
				    tar->path, g->most);
	capacity = capacity < g->most ? capacity : g->most;
	bytes = plait__data_allocate(tar->bytes, capacity, 1, tar->path);
	if (!bytes)
		return PLAIT_ENOMEM;
	tar->bytes = bytes;
	g->capacity = capacity;
	return 0;
}

static int unpack_gzip(struct growth *g)
{
	struct plait__tar *tar = g->tar;
	struct plait__file *file;
	size_t got = 1;
	int status = plait__file_open(&file, tar->path, true);

	if (status < 0)
		return status;
	while (status == 0 && got > 0) {
		status = grow(g);
		if (status == 0)
			status = plait__file_read(file, tar->bytes + tar->size,
						  (size_t)(g->capacity - tar->size), &got);
		if (status == 0)
			tar->size += (int64_t)got;
	}
	plait__file_close(file);
	return status;
}

#ifdef PLAIT_HAVE_ARCHIVE

static int archive_fails(const struct plait__tar *tar, struct archive *archive)
{
	const char *words = archive_error_string(archive);

	return plait__error(PLAIT_EFORMAT, "%s: offset %" PRId64 ": cannot decompress: %s",
			    tar->path, (int64_t)archive_filter_bytes(archive, -1),
			    words ? words : "no reason");
}

static int read_archive(struct growth *g, struct archive *archive)
{
	struct plait__tar *tar = g->tar;
	struct archive_entry *entry;
	la_ssize_t got = 1;
	int status = 0;

	/* A call returns a warning if the library would start a program to decompress.  The results
	 * are ignored: a file that cannot be decompressed fails when it is opened. */
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_lz4(archive);
	if (archive_read_support_format_raw(archive) != ARCHIVE_OK ||
	    archive_read_open_filename(archive, tar->path, 1 << 16) != ARCHIVE_OK ||
	    archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		return archive_fails(tar, archive);
	while (status == 0 && got > 0) {
		status = grow(g);
		if (status < 0)
			break;
		got = archive_read_data(archive, tar->bytes + tar->size,
					(size_t)(g->capacity - tar->size));
		if (got < 0)
			status = archive_fails(tar, archive);
		else
			tar->size += got;
	}
	return status;
}

static int unpack_other(struct growth *g)
{
	struct archive *archive = archive_read_new();
	int status = PLAIT_ENOMEM;

	if (archive)
		status = read_archive(g, archive);
	else
		plait__error(status, "%s: no memory to decompress it", g->tar->path);
	archive_read_free(archive);
	return status;
}

#else

static int unpack_other(struct growth *g)
{
	return plait__error(PLAIT_EFORMAT,
			    "%s: offset 0: it is compressed, which this Plait was built without: "
			    "decompress it, or install libarchive-dev, then configure and build "
			    "again",
			    g->tar->path);
}

#endif

int plait__tar_unpack(struct plait__tar *tar, int64_t most)
{
	static const struct {
		const char *magic;
		size_t size;
		int (*unpack)(struct growth *g);
	} kinds[] = {
		{ "\x1f\x8b", 2, unpack_gzip },          { "BZh", 3, unpack_other },
		{ "\xfd\x37zXZ", 5, unpack_other },      { "\x28\xb5\x2f\xfd", 4, unpack_other },
		{ "\x04\x22\x4d\x18", 4, unpack_other },
	};
	struct growth g = { .tar = tar, .most = most };
	char magic[5] = { 0 };
	size_t size = tar->size < 5 ? (size_t)tar->size : 5;
	int status = plait__tar_pread(tar, 0, magic, size);

	for (size_t i = 0; status == 0 && i < sizeof kinds / sizeof *kinds; i++) {
		if (size < kinds[i].size || memcmp(magic, kinds[i].magic, kinds[i].size) != 0)
			continue;
		tar->size = 0;
		return kinds[i].unpack(&g);
	}
	return status;
}
