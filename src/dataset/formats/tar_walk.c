/* SPDX-License-Identifier: MIT
 * The members of a tar archive: POSIX ustar and pax, GNU's long names and large sizes. */
#include "config.h"
#include "src/dataset/formats/tar_walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BLOCK 512

/* Names and sizes need less.  Larger headers have attributes that images do not use. */
#define LARGEST_EXTENSION (1 << 16)

/* Offsets of fields in a header. */
enum {
	NAME = 0,
	SIZE = 124,
	CHECKSUM = 148,
	TYPE = 156,
	MAGIC = 257,
	PREFIX = 345,
};

/* What the headers before a member's own header say about the member. */
struct extension {
	bool has_name, has_size;
	int64_t size;
};

static int bad(const struct plait__tar_walk *walk, int64_t field, const char *expected)
{
	return plait__error(PLAIT_EFORMAT, "%s: offset %" PRId64 ": expected %s, found other data",
			    walk->tar->path, walk->at + field, expected);
}

/* Reads octal digits with blanks before them and blanks or zero bytes behind, or GNU's binary
 * number. Returns -1 if the field is neither. */
static int64_t parse_number(const unsigned char *field, int size)
{
	int64_t value = 0;
	int i = 0;

	if (field[0] == 0x80) {
		for (i = 1; i < size; i++) {
			if (value > INT64_MAX >> 8)
				return -1;
			value = value << 8 | field[i];
		}
		return value;
	}
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (field[i] - '0');
	while (i < size && (field[i] == ' ' || field[i] == '\0'))
		i++;
	return i == size ? value : -1;
}

/* Some old programs have added up signed bytes, so that sum is accepted too. */
static bool has_checksum(const unsigned char *header)
{
	int64_t sum = 8 * ' ', old = 8 * ' ', said = parse_number(header + CHECKSUM, 8);

	for (int i = 0; i < BLOCK; i++) {
		if (i >= CHECKSUM && i < CHECKSUM + 8)
			continue;
		sum += header[i];
		old += (signed char)header[i];
	}
	return said == sum || said == old;
}

static bool is_zero(const unsigned char *header)
{
	for (int i = 0; i < BLOCK; i++)
		if (header[i])
			return false;
	return true;
}

/* Steps over the zeros that end an archive.  PLAIT_END if nothing follows, else header becomes the
 * block that does. */
static int skip_zeros(struct plait__tar_walk *walk, unsigned char *header)
{
	while (is_zero(header)) {
		int64_t left;
		int status;

		walk->at += BLOCK;
		left = walk->tar->size - walk->at;
		if (left == 0)
			return PLAIT_END;
		/* A rest of zeros is shorter than a block where a file was padded by other means.
		 */
		memset(header, 0, BLOCK);
		status = plait__tar_pread(walk->tar, walk->at, header,
					  left < BLOCK ? (size_t)left : BLOCK);
		if (status < 0)
			return status;
		if (left < BLOCK)
			return is_zero(header) ? PLAIT_END
					       : bad(walk, 0, "only zeros behind an archive's end");
	}
	return 0;
}

static int read_header(struct plait__tar_walk *walk, unsigned char *header, int64_t *size_p)
{
	int64_t left = walk->tar->size - walk->at;
	int status;

	if (left == 0 && walk->at > 0) { /* as GNU tar and Python's tarfile take it */
		walk->endless = true;
		return PLAIT_END;
	}
	if (left < BLOCK)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset %" PRId64
				    ": expected a tar header or the zeros that end an archive, "
				    "found %s: it is truncated, or no tar archive",
				    walk->tar->path, walk->at,
				    left > 0 ? "too few bytes" : "the end of the file");
	status = plait__tar_pread(walk->tar, walk->at, header, BLOCK);
	if (status == 0 && is_zero(header)) {
		walk->parts++;
		status = skip_zeros(walk, header);
	}
	if (status != 0)
		return status;
	if (!has_checksum(header))
		return bad(walk, CHECKSUM, "a tar header's checksum");
	*size_p = parse_number(header + SIZE, 12);
	if (*size_p < 0)
		return bad(walk, SIZE, "a size");
	return 0;
}

static int too_long(const struct plait__tar_walk *walk)
{
	return plait__error(PLAIT_EFORMAT, "%s: offset %" PRId64 ": a name of over %d bytes",
			    walk->tar->path, walk->at, PLAIT__TAR_NAME - 1);
}

static int set_name(struct plait__tar_walk *walk, const char *name, size_t length)
{
	length = strnlen(name, length);
	if (length >= sizeof walk->name)
		return too_long(walk);
	memcpy(walk->name, name, length);
	walk->name[length] = '\0';
	return 0;
}

/* Sets the name that the header itself has: prefix/name. */
static int own_name(struct plait__tar_walk *walk, const unsigned char *header)
{
	const char *name = (const char *)header + NAME, *prefix = (const char *)header + PREFIX;
	int length = (int)strnlen(prefix, 155);

	/* Old formats, and GNU's, have other things where POSIX has the prefix. */
	if (memcmp(header + MAGIC, "ustar\0", 6) != 0 || length == 0)
		return set_name(walk, name, 100);
	snprintf(walk->name, sizeof walk->name, "%.*s/%.*s", length, prefix,
		 (int)strnlen(name, 100), name);
	return 0;
}

static int parse_size(const struct plait__tar_walk *walk, const char *text, const char *end,
		      struct extension *extension)
{
	int64_t size = 0;

	for (; text < end && *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(size, 10, &size) ||
		    __builtin_add_overflow(size, *text - '0', &size))
			return bad(walk, 0, "a size in a pax header");
	if (text != end)
		return bad(walk, 0, "a size in a pax header");
	extension->has_size = true;
	extension->size = size;
	return 0;
}

/* Parses the lines of a pax header: "LENGTH KEY=VALUE\n", where LENGTH is that of the whole line.
 */
static int parse_pax(struct plait__tar_walk *walk, const char *text, size_t size,
		     struct extension *extension)
{
	int status = 0;

	for (size_t at = 0, length; status == 0 && at < size; at += length) {
		const char *line = text + at, *key = line, *end = NULL;

		for (length = 0; key < text + size && *key >= '0' && *key <= '9'; key++) {
			length = length * 10 + (size_t)(*key - '0');
			if (length > size)
				break;
		}
		if (length > 0 && length <= size - at)
			end = line + length - 1;
		if (!end || key + 1 >= end || *key != ' ' || *end != '\n')
			return bad(walk, 0, "a line of a pax header");
		key++;
		if (end - key >= 5 && memcmp(key, "path=", 5) == 0) {
			extension->has_name = true;
			status = set_name(walk, key + 5, (size_t)(end - key - 5));
		} else if (end - key >= 5 && memcmp(key, "size=", 5) == 0) {
			status = parse_size(walk, key + 5, end, extension);
		}
	}
	return status;
}

/* Reads a header that describes the next one: type L (GNU, a name) or x (pax). */
static int extend(struct plait__tar_walk *walk, int type, int64_t size, struct extension *extension)
{
	char text[LARGEST_EXTENSION];
	int status;

	if (size > (int64_t)sizeof text)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset %" PRId64 ": a header of %" PRId64
				    " bytes, expected at most %zu",
				    walk->tar->path, walk->at, size, sizeof text);
	status = plait__tar_pread(walk->tar, walk->at + BLOCK, text, (size_t)size);
	if (status < 0)
		return status;
	if (type == 'x')
		return parse_pax(walk, text, (size_t)size, extension);
	extension->has_name = true;
	return set_name(walk, text, (size_t)size);
}

/* Steps over the header at walk->at and its data. */
static int step(struct plait__tar_walk *walk, int64_t size)
{
	int64_t left = walk->tar->size - walk->at - BLOCK;

	PLAIT__ASSERT(size >= 0 && left >= 0,
		      "a header lies in its archive, and no size is negative");
	if (size > left)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset %" PRId64 ": expected a member of %" PRId64
				    " bytes, found %" PRId64 ": the archive is truncated",
				    walk->tar->path, walk->at, size, left);
	walk->at += BLOCK + size + (BLOCK - size % BLOCK) % BLOCK;
	return 0;
}

int plait__tar_next(struct plait__tar_walk *walk)
{
	struct extension extension = { 0 };
	unsigned char header[BLOCK];
	int64_t size = 0;
	int status;

	for (;;) {
		status = read_header(walk, header, &size);
		if (status != 0)
			return status;
		int type = header[TYPE];
		bool about_next = type == 'L' || type == 'x';

		if (type == 'S')
			return bad(walk, TYPE, "a file without holes");

		if (about_next)
			status = extend(walk, type, size, &extension);
		else if (extension.has_size)
			size = extension.size;
		/* Links, folders, devices: no data follow, whatever the size. */
		if (type >= '1' && type <= '6')
			size = 0;
		if (status == 0 && !about_next && !extension.has_name)
			status = own_name(walk, header);
		walk->offset = walk->at + BLOCK;
		walk->size = size;
		if (status == 0)
			status = step(walk, size);
		walk->special = type != '0' && type != '\0' && type != '7';
		if (status < 0 || !walk->special)
			return status;
		/* Types of which no data are expected: folders, and labels and directories of GNU.
		 */
		if (!about_next && !strchr("5KgDVMX", type))
			return 0;
		/* Headers K (the name of a link) and g (about all members) may be between a header
		 * and the member that it describes. */
		if (!about_next && type != 'K' && type != 'g')
			extension = (struct extension){ 0 };
	}
}
