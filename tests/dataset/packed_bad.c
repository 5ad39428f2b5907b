/* SPDX-License-Identifier: MIT
 * Packed files that are damaged, truncated or wrong, and files that change while they are open. */
#include "config.h"
#include "src/base/crc32c.h"
#include "tests/dataset/packed.h"

#include <unistd.h>

/* Opens a file and reads all of it, with records kept and not.  Returns the first failure. */
static int attempt(const void *name)
{
	struct plait__buffer memory = { 0 };
	int status = 0;

	for (int keep = 0; status == 0 && keep < 2; keep++) {
		struct plait__packed *packed = NULL;

		status = plait__packed_open(&packed, files_path(name));
		if (status < 0)
			break;
		if (keep)
			plait__packed_keep(packed, INT64_MAX);
		for (int64_t i = 0; status == 0 && i < packed->header.info.samples; i++) {
			struct plait__stored stored;

			status = packed->kept ? plait__packed_bring(packed, i, &stored)
					      : plait__packed_fetch(packed, i, &memory, &stored);
		}
		plait__packed_close(packed);
	}
	plait__buffer_free(&memory);
	return status;
}

/* The same as a data set, which needs class names and an aligned x too. */
static int attempt_dataset(const void *name)
{
	struct plait_dataset *dataset = NULL;
	int status = plait_dataset_open(&dataset, packed_spec(name));

	plait_dataset_destroy(dataset);
	return status < 0 ? status : attempt(name);
}

static struct file {
	const char *name;
	unsigned char *bytes;
	size_t size;
	struct plait__packed_header header;
} files[3];

static void make(struct file *f, const char *name, struct plait_dataset *source)
{
	struct plait__packed *packed;

	packed_write(name, source, false);
	f->name = name;
	f->bytes = files_read(name, &f->size);
	if (plait__packed_open(&packed, files_path(name)) < 0)
		tap_bail_out("%s", plait_error_message());
	f->header = packed->header;
	plait__packed_close(packed);
	plait_dataset_destroy(source);
}

static void test_truncated(const struct file *f)
{
	unsigned char *more;

	is_int(files_truncate(f->name, f->bytes, f->size, true, attempt, f->name), 0,
	       "%s: refused at every length below %zu, by name", f->name, f->size);
	/* A file with one byte more is refused too. */
	more = memcpy(calloc(1, f->size + 1), f->bytes, f->size);
	files_write(f->name, more, f->size + 1);
	free(more);
	is_int(attempt(f->name), PLAIT_EFORMAT, "%s: and with a byte more", f->name);
	files_write(f->name, f->bytes, f->size);
}

/* A change of any byte is found, by a checksum or because only one value is valid. */
static void test_flipped(const struct file *f)
{
	unsigned char *copy = malloc(f->size);
	int accepted = 0, unnamed = 0;

	for (size_t i = 0; i < f->size; i++) {
		memcpy(copy, f->bytes, f->size);
		copy[i] ^= (unsigned char)(1 << i % 8);
		files_write(f->name, copy, f->size);
		if (attempt(f->name) == 0 && accepted++ < 5)
			printf("# byte %zu can be anything\n", i);
		unnamed += !strstr(plait_error_message(), files_path(f->name)) ||
			   !strstr(plait_error_message(), "offset ");
	}
	is_int(accepted, 0, "%s: a flipped bit is noticed, wherever it is", f->name);
	is_int(unnamed, 0, "%s: file and offset are named", f->name);
	files_write(f->name, f->bytes, f->size);
	free(copy);
}

/* -- wrong numbers under right checksums ------------------------------------------------------- */

static void seal(const struct plait__packed_header *h, unsigned char *bytes)
{
	for (int i = 0; i < PLAIT__PACKED_DATA; i++)
		plait__put_le(
			bytes + 120 + 4 * i,
			plait__crc32c(0, bytes + h->section[i].offset, (size_t)h->section[i].bytes),
			4);
	plait__put_le(bytes + h->header_bytes - 4,
		      plait__crc32c(0, bytes, (size_t)h->header_bytes - 4), 4);
}

/* Puts a value at an offset of the file and corrects the checksums. */
static int lie(const struct file *f, int64_t offset, int bytes, uint64_t value)
{
	unsigned char *copy = memcpy(malloc(f->size), f->bytes, f->size);
	int status;

	plait__put_le(copy + offset, value, bytes);
	seal(&f->header, copy);
	files_write(f->name, copy, f->size);
	status = attempt_dataset(f->name);
	files_write(f->name, f->bytes, f->size);
	free(copy);
	return status;
}

static const uint64_t extremes[] = {
	0,          1,          2,          4,         7,          16,         255,
	4095,       4096,       1u << 16,   INT32_MAX, 1u << 31,   UINT32_MAX, UINT64_C(1) << 32,
	1ull << 60, 1ull << 61, 1ull << 62, INT64_MAX, 1ull << 63, UINT64_MAX, UINT64_MAX - 4095,
};

#define EXTREMES (sizeof extremes / sizeof *extremes)

static bool is_named(const struct file *f, int status)
{
	bool right = status == PLAIT_EFORMAT || status == PLAIT_ELABEL;

	if (status == 0 || (right && strstr(plait_error_message(), files_path(f->name))))
		return true;
	printf("# status %d: %s\n", status, plait_error_message());
	return false;
}

/* Whatever numbers a header has, they are refused with a message or do no harm, and memory is
 * bounded. */
static void test_header_lies(const struct file *f)
{
	int faults = 0;

	files_hold_memory();
	for (int offset = 0; offset < PLAIT__PACKED_FIXED; offset += 4)
		for (size_t k = 0; k < EXTREMES; k++) {
			faults += !is_named(f, lie(f, offset, 4, extremes[k]));
			if (offset % 8 == 0)
				faults += !is_named(f, lie(f, offset, 8, extremes[k]));
		}
	files_release_memory();
	is_int(faults, 0, "%s: a lying header", f->name);
}

/* Any change of an entry of the index is refused. */
static void test_index_lies(const struct file *f)
{
	int64_t index = f->header.section[PLAIT__PACKED_INDEX].offset;
	int accepted = 0, faults = 0;

	for (int64_t i = 0; i < f->header.info.samples; i += f->header.info.samples - 1)
		for (size_t k = 0; k < EXTREMES; k++)
			for (int field = 0; field < 2; field++) {
				int64_t at = index + i * PLAIT__PACKED_ENTRY + 8 * field;
				int bytes = field ? 4 : 8, status = lie(f, at, bytes, extremes[k]);
				unsigned char value[8];

				plait__put_le(value, extremes[k], 8);
				if (memcmp(value, f->bytes + at, (size_t)bytes) == 0)
					continue; /* the value was not changed */
				accepted += status == 0;
				faults += !is_named(f, status);
			}
	is_int(accepted, 0, "%s: a lying index is refused", f->name);
	is_int(faults, 0, "%s: by name", f->name);
}

static void refuses_lie(const struct file *f, int64_t offset, int bytes, uint64_t value, int status,
			const char *part)
{
	is_int(lie(f, offset, bytes, value), status, "refuses: %s", part);
	contains(plait_error_message(), part, "says so");
}

static void test_messages(void)
{
	const struct file *images = &files[0], *floats = &files[2];
	int64_t labels = images->header.section[PLAIT__PACKED_LABELS].offset;
	int64_t first = images->header.section[PLAIT__PACKED_DATA].offset;

	refuses_lie(images, 0, 1, 'P', PLAIT_EFORMAT,
		    "offset 0: expected a file made by plait pack");
	refuses_lie(images, 8, 4, 2, PLAIT_EFORMAT,
		    "offset 8: expected version 1 of packed files, found 2");
	refuses_lie(images, 16, 8, 12345, PLAIT_EFORMAT, "expected a file of 12345 bytes, found");
	refuses_lie(images, 88, 8, 0, PLAIT_EFORMAT, "offset 88: expected 1 sample or more");
	refuses_lie(floats, 88, 8, 0, PLAIT_EFORMAT, "offset 88: expected 1 sample or more");
	refuses_lie(images, 24, 4, 3, PLAIT_EFORMAT, "offset 24: expected kind 1 (arrays) or 2");
	refuses_lie(floats, 40, 8, 3, PLAIT_EFORMAT, "samples of 36 bytes, found");
	refuses_lie(images, 48, 8, 1 << 30, PLAIT_EFORMAT, "at most 67108864 pixels");
	refuses_lie(images, labels + 8, 4, 3, PLAIT_ELABEL, "label 2 is 3, must be 0 to 2");
	refuses_lie(images, labels, 4, UINT32_MAX, PLAIT_ELABEL, "label 0 is -1, must be 0 to 2");
	refuses_lie(images, PLAIT__PACKED_FIXED + 3, 1, 'x', PLAIT_EFORMAT,
		    "expected 3 class names and a text");
	refuses_lie(images, 96, 8, 4, PLAIT_EFORMAT, "expected 4 class names and a text");
	refuses_lie(images, 132, 4, 3, PLAIT_EFORMAT,
		    "offset 132: expected a name for every feature of a vector, or 0, found 3");
	refuses_lie(images, first, 1, images->bytes[first] ^ 1u, PLAIT_EFORMAT,
		    "sample 0: offset 4096: the ");
}

/* -- files that change ------------------------------------------------------------------------- */

static void write_over(const char *name, int64_t at, unsigned char byte)
{
	FILE *out = fopen(files_path(name), "r+b");

	if (!out || fseek(out, at, SEEK_SET) != 0 || fputc(byte, out) != byte || fclose(out) != 0)
		tap_bail_out("cannot write %s", files_path(name));
}

/* The index was read when the file was opened, so a later change of it has no effect. */
static void test_changed(void)
{
	const struct file *f = &files[0];
	struct plait__packed *packed = NULL;
	struct plait__buffer memory = { 0 };
	struct plait__stored stored;
	int64_t index = f->header.section[PLAIT__PACKED_INDEX].offset, second;

	files_write(f->name, f->bytes, f->size);
	if (plait__packed_open(&packed, files_path(f->name)) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int64_t i = 16; i < 32; i++)
		write_over(f->name, index + i, 0xff);
	is_int(plait__packed_fetch(packed, 1, &memory, &stored), 0, "an index that changes");
	second = stored.offset;
	write_over(f->name, second + 5, (unsigned char)(f->bytes[second + 5] ^ 4));
	is_int(plait__packed_fetch(packed, 1, &memory, &stored), PLAIT_EFORMAT,
	       "a record that changes");
	contains(plait_error_message(), "sample 1: offset ", "says which");
	is_int(plait__packed_fetch(packed, 2, &memory, &stored), 0, "others are still good");
	if (truncate(files_path(f->name), second + 1) < 0)
		tap_bail_out("cannot truncate");
	is_int(plait__packed_fetch(packed, 1, &memory, &stored), PLAIT_EFORMAT,
	       "a file that is cut while it is open");
	contains(plait_error_message(), "found the end of the file (sample 1)", "says so");
	plait__buffer_free(&memory);
	plait__packed_close(packed);
	files_write(f->name, f->bytes, f->size);
}

/* Samples of floats are kept from their first reading on; the others tell what became of the file.
 */
static void test_kept(void)
{
	const struct file *f = &files[2];
	int64_t first = f->header.section[PLAIT__PACKED_DATA].offset, each = f->header.sample_bytes;
	struct plait_dataset *dataset;
	float x[6];

	files_write(f->name, f->bytes, f->size);
	dataset = open_or_bail(packed_spec(f->name));
	is_int(plait_dataset_read(dataset, 3, 0, x, NULL, NULL), 0, "a sample of floats");
	for (int64_t i = 3; i < 5; i++)
		write_over(f->name, first + i * each,
			   (unsigned char)(f->bytes[first + i * each] ^ 1));
	is_int(plait_dataset_read(dataset, 3, 0, x, NULL, NULL), 0, "is kept");
	is_int(memcmp(x, f->bytes + first + 3 * each, sizeof x), 0, "as it was");
	is_int(plait_dataset_read(dataset, 4, 0, x, NULL, NULL), PLAIT_EFORMAT,
	       "one that was overwritten before it was read");
	contains(plait_error_message(), "sample 4: offset ", "says which");
	is_int(plait_dataset_read(dataset, 4, 0, x, NULL, NULL), PLAIT_EFORMAT, "each time");
	write_over(f->name, first + 4 * each, f->bytes[first + 4 * each]);
	is_int(plait_dataset_read(dataset, 4, 0, x, NULL, NULL), 0, "until it is mended");
	if (truncate(files_path(f->name), first + 6 * each) < 0)
		tap_bail_out("cannot truncate");
	is_int(plait_dataset_read(dataset, 4, 0, x, NULL, NULL), 0, "kept in a file that is cut");
	is_int(plait_dataset_read(dataset, 7, 0, x, NULL, NULL), PLAIT_EFORMAT, "the rest is not");
	contains(plait_error_message(), "found the end of the file (sample 7)", "says so");
	plait_dataset_destroy(dataset);
	files_write(f->name, f->bytes, f->size);
}

int main(void)
{
	make(&files[0], "images.plk", packed_source_images(5, false));
	make(&files[1], "planes.plk", packed_source_planes(9));
	make(&files[2], "floats.plk", packed_source_floats(9));
	for (int i = 0; i < 3; i++) {
		const struct file *f = &files[i];

		test_truncated(f);
		test_flipped(f);
		test_header_lies(f);
		test_index_lies(f);
		is_int(files_mutate(f->name, f->bytes, f->size, 1000, attempt_dataset, f->name), 0,
		       "%s: mutations", f->name);
	}
	test_messages();
	test_changed();
	test_kept();
	refuses("packed:", PLAIT_EINVAL, "expected packed:FILE", "packed:");
	refuses("packed:/nonexistent/file", PLAIT_EIO, "/nonexistent/file", "cannot open");
	refuses("packed:/dev/null", PLAIT_EIO, "/dev/null", "found a pipe or a device");
	for (int i = 0; i < 3; i++)
		free(files[i].bytes);
	return tap_done();
}
