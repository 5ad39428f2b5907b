/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Deflate spends at least two bits on its longest match, 258 bytes. */
#define LARGEST_RATIO 1032

/* One read(2) or inflate() call; z_stream counts in 32 bits. */
#define LARGEST_CALL ((size_t)1 << 30)

struct plait__file {
	char *path;
	int fd;
	int64_t size;   /* on disk */
	int64_t taken;  /* of it, read so far */
	int64_t offset; /* bytes handed out */
	bool gzip;
	bool between; /* gzip members: the next one, or the end, may come */
	z_stream stream;
	unsigned char input[1 << 16];
};

static int read_some(struct plait__file *file, void *buffer, size_t bytes, size_t *got_p)
{
	ssize_t got;

	do
		got = read(file->fd, buffer, bytes < LARGEST_CALL ? bytes : LARGEST_CALL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return plait__error(PLAIT_EIO, "%s: offset %" PRId64 ": cannot read: %s",
				    file->path, file->taken, strerror(errno));
	file->taken += got;
	*got_p = (size_t)got;
	return 0;
}

static int start_inflate(struct plait__file *file)
{
	unsigned char magic[2];

	if (pread(file->fd, magic, 2, 0) != 2 || magic[0] != 0x1f || magic[1] != 0x8b)
		return 0;
	if (inflateInit2(&file->stream, 15 + 16) != Z_OK) /* 16: gzip's header and checksum */
		return plait__error(PLAIT_ENOMEM, "%s: no memory to decompress it", file->path);
	file->gzip = true;
	return 0;
}

static int open_checked(struct plait__file *file)
{
	struct stat st;

	/* Without O_NONBLOCK, opening a pipe that nobody writes waits for ever. */
	file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return plait__error(PLAIT_EIO, "%s: cannot open: %s", file->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return plait__error(PLAIT_EIO, "%s: expected a file, found %s", file->path,
				    S_ISDIR(st.st_mode) ? "a folder" : "a pipe or a device");
	file->size = st.st_size;
	return 0;
}

int plait__file_open(struct plait__file **file_p, const char *path, bool inflate)
{
	struct plait__file *file = plait__calloc(1, sizeof *file, path);
	int status;

	if (!file)
		return PLAIT_ENOMEM;
	file->fd = -1;
	file->path = plait__strdup(path);
	status = file->path ? open_checked(file) : PLAIT_ENOMEM;
	if (status == 0 && inflate)
		status = start_inflate(file);
	if (status < 0) {
		plait__file_close(file);
		return status;
	}
	*file_p = file;
	return 0;
}

void plait__file_close(struct plait__file *file)
{
	if (!file)
		return;
	if (file->gzip)
		inflateEnd(&file->stream);
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file);
}

const char *plait__file_path(const struct plait__file *file)
{
	return file->path;
}

int64_t plait__file_offset(const struct plait__file *file)
{
	return file->offset;
}

int64_t plait__file_most(const struct plait__file *file)
{
	int64_t size = file->size;

	if (file->gzip && __builtin_mul_overflow(size, LARGEST_RATIO, &size))
		size = INT64_MAX;
	return size > file->offset ? size - file->offset : 0;
}

int plait__file_check_room(const struct plait__file *file, int64_t count, size_t size,
			   const char *what)
{
	int64_t most = plait__file_most(file), bytes;

	if (count < 0 || __builtin_mul_overflow(count, (int64_t)size, &bytes))
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset %" PRId64 ": expected %s, more than any file holds",
				    file->path, file->offset, what);
	if (bytes > most || (!file->gzip && bytes < most))
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset %" PRId64 ": expected %" PRId64
				    " bytes of %s, found %s%" PRId64,
				    file->path, file->offset, bytes, what,
				    file->gzip ? "at most " : "", most);
	return 0;
}

static int inflate_some(struct plait__file *file, void *buffer, size_t bytes, size_t *got_p)
{
	z_stream *z = &file->stream;
	size_t wanted = bytes < LARGEST_CALL ? bytes : LARGEST_CALL;
	int status, result;

	PLAIT__ASSERT(z->avail_in <= sizeof file->input,
		      "what is to be decompressed is in the buffer");
	z->next_out = buffer;
	z->avail_out = (uInt)wanted;
	while (z->avail_out > 0) {
		if (z->avail_in == 0) {
			size_t got = 0;

			status = read_some(file, file->input, sizeof file->input, &got);
			if (status < 0)
				return status;
			z->next_in = file->input;
			z->avail_in = (uInt)got;
			if (got == 0 && file->between)
				break;
			if (got == 0)
				return plait__error(PLAIT_EFORMAT,
						    "%s: offset %" PRId64
						    ": expected more compressed data, "
						    "found the end: the gzip file is truncated",
						    file->path, file->taken);
		}
		if (file->between)
			inflateReset(z);
		file->between = false;
		result = inflate(z, Z_NO_FLUSH);
		file->between = result == Z_STREAM_END;
		if (result == Z_MEM_ERROR)
			return plait__error(PLAIT_ENOMEM, "%s: no memory to decompress it",
					    file->path);
		if (result != Z_OK && result != Z_STREAM_END)
			return plait__error(PLAIT_EFORMAT,
					    "%s: offset %" PRId64 ": the gzip file is corrupt: %s",
					    file->path, file->taken - z->avail_in,
					    z->msg ? z->msg : "no reason");
	}
	*got_p = wanted - z->avail_out;
	return 0;
}

int plait__file_read(struct plait__file *file, void *buffer, size_t bytes, size_t *got_p)
{
	size_t done = 0;

	while (done < bytes) {
		size_t got = 0;
		int status = file->gzip
				     ? inflate_some(file, (char *)buffer + done, bytes - done, &got)
				     : read_some(file, (char *)buffer + done, bytes - done, &got);

		if (status < 0)
			return status;
		if (got == 0)
			break;
		PLAIT__ASSERT(got <= bytes - done, "no more is handed out than was asked for");
		done += got;
		file->offset += (int64_t)got;
	}
	*got_p = done;
	return 0;
}

int plait__file_read_all(struct plait__file *file, void *buffer, size_t bytes, const char *what)
{
	int64_t offset = file->offset;
	size_t got;
	int status = plait__file_read(file, buffer, bytes, &got);

	if (status < 0 || got == bytes)
		return status;
	return plait__error(PLAIT_EFORMAT,
			    "%s: offset %" PRId64 ": expected %zu bytes of %s, found %zu",
			    file->path, offset, bytes, what, got);
}

int plait__file_expect_end(struct plait__file *file)
{
	int64_t offset = file->offset;
	char byte;
	size_t got;
	int status = plait__file_read(file, &byte, 1, &got);

	if (status < 0 || got == 0)
		return status;
	return plait__error(PLAIT_EFORMAT,
			    "%s: offset %" PRId64 ": expected the end, found more data", file->path,
			    offset);
}

void *plait__data_allocate(void *old, int64_t count, size_t size, const char *what)
{
	int64_t pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE), limit, bytes;
	void *memory;

	if (pages <= 0 || page <= 0 || __builtin_mul_overflow(pages, page, &limit))
		limit = INT64_MAX;
	if (count < 0 || __builtin_mul_overflow(count, (int64_t)size, &bytes)) {
		plait__error(PLAIT_ENOMEM,
			     "%s: %" PRId64 " times %zu bytes are more than any machine has", what,
			     count, size);
		return NULL;
	}
	memory = bytes <= limit ? realloc(old, bytes ? (size_t)bytes : 1) : NULL;
	if (!memory && bytes <= limit)
		plait__error(PLAIT_ENOMEM, "%s: no memory, %" PRId64 " bytes more were refused",
			     what, bytes);
	else if (!memory)
		plait__error(PLAIT_ENOMEM,
			     "%s: needs %" PRId64 " bytes of memory, this machine has %" PRId64,
			     what, bytes, limit);
	return memory;
}
