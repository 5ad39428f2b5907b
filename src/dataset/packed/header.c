/* SPDX-License-Identifier: MIT
 * The header of a packed file, for reading and writing: which values are valid, and where they put
 * the parts of the file.  No sum or product may overflow, whatever values the header has. */
#include "config.h"
#include "src/dataset/packed/packed.h"
#include "src/dataset/format.h"

#include <inttypes.h>
#include <string.h>

/* The bytes that PNG has chosen: a copy as text, or of seven bits a byte, changes them. */
static const unsigned char magic[8] = "\x89PLK\r\n\x1a\n";

#define FORMAT_VERSION 1

static int is_wrong(const char *path, int offset, const char *expected, int64_t found)
{
	return plait__error(PLAIT_EFORMAT, "%s: offset %d: expected %s, found %" PRId64, path,
			    offset, expected, found);
}

/* Checks the type and the shape of a sample. */
static int check_sample(const char *path, const struct plait__packed_header *h)
{
	const struct plait_dataset_info *info = &h->info;
	bool images = h->kind == PLAIT__PACKED_IMAGES;

	if (!images && h->kind != PLAIT__PACKED_ARRAYS)
		return is_wrong(path, 24, "kind 1 (arrays) or 2 (images)", h->kind);
	if (h->varying && !images)
		return is_wrong(path, 28, "no flag, as samples are arrays", 1);
	if (info->dtype != PLAIT_U8 && (images || info->dtype != PLAIT_F32))
		return is_wrong(path, 32, images ? "type 2 (uint8)" : "type 1 or 2", info->dtype);
	if (info->ndim < 1 || info->ndim > PLAIT_MAX_DIMS || (images && info->ndim != 3))
		return is_wrong(path, 36, images ? "3 dimensions" : "1 to 6 dimensions",
				info->ndim);
	for (int i = 0; i < PLAIT_MAX_DIMS; i++)
		if (i < info->ndim ? info->dim[i] < 1 : info->dim[i] != 0)
			return is_wrong(path, 40 + 8 * i,
					i < info->ndim ? "a dimension of at least 1"
						       : "0, as there is no such dimension",
					info->dim[i]);
	if (images && info->dim[0] != 1 && info->dim[0] != 3)
		return is_wrong(path, 40, "1 or 3 channels", info->dim[0]);
	if (images && info->dim[1] > PLAIT__MAX_PIXELS / info->dim[2])
		return is_wrong(path, 48, "an image of at most 67108864 pixels", info->dim[1]);
	return 0;
}

/* Checks the counts.  Below, a product of valid counts does not overflow, or is checked. */
static int check_counts(const char *path, const struct plait__packed_header *h)
{
	const struct plait_dataset_info *info = &h->info;

	if (h->file_bytes > PLAIT__PACKED_LARGEST)
		return is_wrong(path, 16, "a file of less than an exbibyte", h->file_bytes);
	if (info->samples < 1 || info->samples > h->file_bytes / PLAIT__PACKED_ENTRY)
		return is_wrong(path, 88, "1 sample or more, as many as the file has room for",
				info->samples);
	if (info->classes < 0 || info->classes > (int64_t)PLAIT__MAX_LABEL + 1)
		return is_wrong(path, 96, "0 to 2147483647 classes", info->classes);
	if (info->targets < 0 ||
	    info->targets > h->file_bytes / info->samples / (int64_t)sizeof(float) ||
	    (info->targets > 0 && h->kind == PLAIT__PACKED_IMAGES))
		return is_wrong(path, 104, "as many targets as the file has room for",
				info->targets);
	if (h->names_bytes > 0 && h->names_bytes < info->classes)
		return is_wrong(path, 112, "a name for every class", h->names_bytes);
	if (h->features_bytes > 0 && (info->ndim != 1 || h->features_bytes < info->dim[0]))
		return is_wrong(path, 132, "a name for every feature of a vector, or 0",
				h->features_bytes);
	if (h->made_bytes < 1)
		return is_wrong(path, 116, "a text of at least 1 byte", h->made_bytes);
	return 0;
}

static int64_t align(int64_t offset, int64_t to)
{
	return (offset + to - 1) / to * to;
}

int plait__packed_layout(const char *path, struct plait__packed_header *h)
{
	static const int64_t alignment[] = { 64, 64, 4096, 4096 };
	const struct plait_dataset_info *info = &h->info;
	int64_t bytes[] = { 0, 0, 0, 0 }, at, elements;
	char shape[128];
	int status = check_sample(path, h);

	if (status == 0)
		status = check_counts(path, h);
	if (status < 0)
		return status;
	bytes[PLAIT__PACKED_INDEX] = info->samples * PLAIT__PACKED_ENTRY;
	bytes[PLAIT__PACKED_LABELS] = info->classes ? info->samples * (int64_t)sizeof(int32_t) : 0;
	bytes[PLAIT__PACKED_TARGETS] = info->samples * info->targets * (int64_t)sizeof(float);
	at = h->header_bytes = (int64_t)PLAIT__PACKED_FIXED + h->names_bytes + h->features_bytes +
			       h->made_bytes + 4;
	for (int i = 0; i <= PLAIT__PACKED_DATA; i++) {
		h->section[i].offset = align(at, alignment[i]);
		h->section[i].bytes = bytes[i];
		PLAIT__ASSERT(bytes[i] >= 0 && bytes[i] <= h->file_bytes,
			      "no part is larger than the file, so that sums do not overflow");
		at = h->section[i].offset + bytes[i];
	}
	h->section[PLAIT__PACKED_DATA].bytes = h->file_bytes - at;
	h->sample_bytes = 0;
	if (h->kind == PLAIT__PACKED_IMAGES)
		return 0;
	elements = plait_shape_elements(info->ndim, info->dim);
	if (elements < 0 || elements > UINT32_MAX / (int64_t)plait_dtype_size(info->dtype))
		return plait__error(
			PLAIT_EFORMAT,
			"%s: offset 40: expected samples of less than 4 GiB, found %s %s", path,
			plait_dtype_name(info->dtype),
			plait_shape_text(info->ndim, info->dim, shape, sizeof shape));
	h->sample_bytes = elements * (int64_t)plait_dtype_size(info->dtype);
	return 0;
}

/* Checks that the file has room for the records.  The index is checked later. */
static int check_room(const char *path, const struct plait__packed_header *h)
{
	const struct plait__packed_section *data = &h->section[PLAIT__PACKED_DATA];
	int64_t least = h->sample_bytes ? h->sample_bytes : 1, all;

	if (!__builtin_mul_overflow(least, h->info.samples, &all) &&
	    (h->sample_bytes ? all == data->bytes : all <= data->bytes))
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: offset %" PRId64 ": expected %" PRId64 " samples of %s%" PRId64
			    " bytes, found %" PRId64 " bytes in all",
			    path, data->offset, h->info.samples, h->sample_bytes ? "" : "at least ",
			    least, data->bytes > 0 ? data->bytes : 0);
}

static int check_start(const char *path, int64_t file_bytes, const unsigned char *p)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return plait__error(PLAIT_EFORMAT,
				    "%s: packed files are little-endian, this machine is not",
				    path);
	if (memcmp(p, magic, sizeof magic) != 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset 0: expected a file made by plait pack, found "
				    "something else",
				    path);
	if (plait__le32(p + 8) != FORMAT_VERSION)
		return is_wrong(path, 8, "version 1 of packed files", plait__le32(p + 8));
	if (plait__le64(p + 16) != (uint64_t)file_bytes)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset 16: expected a file of %" PRIu64
				    " bytes, found %" PRId64 ": it is not whole",
				    path, plait__le64(p + 16), file_bytes);
	if (plait__le32(p + 28) > 1)
		return is_wrong(path, 28, "no unknown flag", 1);
	return 0;
}

int plait__packed_parse(const char *path, int64_t file_bytes,
			const unsigned char p[PLAIT__PACKED_FIXED], struct plait__packed_header *h)
{
	struct plait_dataset_info *info = &h->info;
	int status = check_start(path, file_bytes, p);

	if (status < 0)
		return status;
	h->file_bytes = file_bytes;
	h->kind = (enum plait__packed_kind)plait__le32(p + 24);
	h->varying = plait__le32(p + 28) & 1;
	info->dtype = (enum plait_dtype)plait__le32(p + 32);
	info->ndim = (int)plait__le32(p + 36);
	for (int i = 0; i < PLAIT_MAX_DIMS; i++)
		info->dim[i] = (int64_t)plait__le64(p + 40 + 8 * i);
	info->samples = (int64_t)plait__le64(p + 88);
	info->classes = (int64_t)plait__le64(p + 96);
	info->targets = (int64_t)plait__le64(p + 104);
	h->names_bytes = plait__le32(p + 112);
	h->made_bytes = plait__le32(p + 116);
	for (int i = 0; i < PLAIT__PACKED_DATA; i++)
		h->crc[i] = plait__le32(p + 120 + 4 * i);
	h->features_bytes = plait__le32(p + 132);
	status = plait__packed_layout(path, h);
	if (status == 0 && plait__le32(p + 12) != h->header_bytes)
		status = is_wrong(path, 12, "the header's size", plait__le32(p + 12));
	return status < 0 ? status : check_room(path, h);
}

void plait__packed_format(const struct plait__packed_header *h,
			  unsigned char p[PLAIT__PACKED_FIXED])
{
	const struct plait_dataset_info *info = &h->info;

	memset(p, 0, PLAIT__PACKED_FIXED);
	memcpy(p, magic, sizeof magic);
	plait__put_le(p + 8, FORMAT_VERSION, 4);
	plait__put_le(p + 12, (uint64_t)h->header_bytes, 4);
	plait__put_le(p + 16, (uint64_t)h->file_bytes, 8);
	plait__put_le(p + 24, h->kind, 4);
	plait__put_le(p + 28, h->varying, 4);
	plait__put_le(p + 32, info->dtype, 4);
	plait__put_le(p + 36, (uint64_t)info->ndim, 4);
	for (int i = 0; i < info->ndim; i++)
		plait__put_le(p + 40 + 8 * i, (uint64_t)info->dim[i], 8);
	plait__put_le(p + 88, (uint64_t)info->samples, 8);
	plait__put_le(p + 96, (uint64_t)info->classes, 8);
	plait__put_le(p + 104, (uint64_t)info->targets, 8);
	plait__put_le(p + 112, h->names_bytes, 4);
	plait__put_le(p + 116, h->made_bytes, 4);
	for (int i = 0; i < PLAIT__PACKED_DATA; i++)
		plait__put_le(p + 120 + 4 * i, h->crc[i], 4);
	plait__put_le(p + 132, h->features_bytes, 4);
}

size_t plait__packed_names(const char *const *names, int64_t count, char *text)
{
	size_t bytes = 0;

	for (int64_t i = 0; names && i < count; i++) {
		if (text)
			strcpy(text + bytes, names[i]);
		bytes += strlen(names[i]) + 1;
	}
	return bytes;
}
