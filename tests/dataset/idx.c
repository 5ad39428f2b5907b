/* SPDX-License-Identifier: MIT
 * IDX files, good and bad, plain and gzip; Fashion-MNIST's folder. */
#include "tests/dataset/dataset.h"

#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE 4096

struct bytes {
	unsigned char byte[MAX_FILE];
	size_t size;
};

static void append(struct bytes *b, const void *from, size_t size)
{
	memcpy(b->byte + b->size, from, size);
	b->size += size;
}

static void append_be32(struct bytes *b, uint32_t value)
{
	append(b,
	       (unsigned char[]){ value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255 },
	       4);
}

static struct bytes header(int type, int ndim, const uint32_t *dim)
{
	struct bytes b = { .size = 0 };

	append(&b, (unsigned char[]){ 0, 0, (unsigned char)type, (unsigned char)ndim }, 4);
	for (int i = 0; i < ndim; i++)
		append_be32(&b, dim[i]);
	return b;
}

/* Byte images counting up, of any shape. */
static struct bytes images(int ndim, const uint32_t *dim)
{
	struct bytes b = header(8, ndim, dim);
	uint32_t count = 1;

	for (int i = 0; i < ndim; i++)
		count *= dim[i];
	for (uint32_t i = 0; i < count; i++)
		append(&b, &(unsigned char){ i & 255 }, 1);
	return b;
}

/* Byte labels 0, 1, 2, 0, 1, ... */
static struct bytes labels(uint32_t count)
{
	struct bytes b = header(8, 1, &count);

	for (uint32_t i = 0; i < count; i++)
		append(&b, &(unsigned char){ i % 3 }, 1);
	return b;
}

static void put(const char *name, const struct bytes *b)
{
	files_write(name, b->byte, b->size);
}

static const char *spec(void)
{
	return files_spec("idx:%s,%s", "x", "y");
}

static void test_good(void)
{
	static const struct {
		int ndim;
		uint32_t dim[6];
		const char *shape;
	} shapes[] = {
		{ 1, { 5 }, "[1]" },
		{ 2, { 5, 7 }, "[7]" },
		{ 3, { 5, 4, 3 }, "[1,4,3]" },
		{ 4, { 5, 3, 2, 2 }, "[3,2,2]" },
		{ 6, { 5, 1, 2, 1, 2, 3 }, "[1,2,1,2,3]" },
	};
	struct bytes y = labels(5);

	put("y", &y);
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		for (int gzip = 0; gzip < 2; gzip++) {
			struct bytes x = images(shapes[i].ndim, shapes[i].dim);
			struct plait_dataset *set;
			unsigned char got[128];
			int32_t label;

			(gzip ? files_write_gzip : files_write)("x", x.byte, x.size);
			(gzip ? files_write_gzip : files_write)("y", y.byte, y.size);
			set = open_or_bail(spec());
			is_string(sample_shape(set), shapes[i].shape, "%d dimensions%s",
				  shapes[i].ndim, gzip ? ", gzip" : "");
			is_int(plait_dataset_info(set)->samples, 5, "samples");
			is_int(plait_dataset_info(set)->dtype, PLAIT_U8, "bytes stay bytes");
			is_int(plait_dataset_info(set)->classes, 3, "classes");
			plait_dataset_read(set, 4, 0, got, &label, NULL);
			is_int(got[0], 4 * (x.size - 4 - 4 * (size_t)shapes[i].ndim) / 5,
			       "first byte of sample 4");
			is_int(label, 1, "label of sample 4");
			plait_dataset_destroy(set);
		}
	}
}

/* 2 samples of 1 number: 1 and -2, in every type that is not bytes. */
static void test_types(void)
{
	static const struct {
		int type, bytes;
		unsigned char one[8], minus_two[8];
	} types[] = {
		{ 0x09, 1, { 1 }, { 0xfe } },
		{ 0x0b, 2, { 0, 1 }, { 0xff, 0xfe } },
		{ 0x0c, 4, { 0, 0, 0, 1 }, { 0xff, 0xff, 0xff, 0xfe } },
		{ 0x0d, 4, { 0x3f, 0x80 }, { 0xc0 } },
		{ 0x0e, 8, { 0x3f, 0xf0 }, { 0xc0 } },
	};
	uint32_t two = 2;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct bytes x = header(types[i].type, 1, &two), y = header(types[i].type, 1, &two);
		struct plait_dataset *set;
		float a, b;

		append(&x, types[i].one, (size_t)types[i].bytes);
		append(&x, types[i].minus_two, (size_t)types[i].bytes);
		append(&y, types[i].one, (size_t)types[i].bytes);
		append(&y, types[i].one, (size_t)types[i].bytes);
		put("x", &x);
		put("y", &y);
		if (types[i].type >= 0x0d) { /* labels must be integers */
			refuses(spec(), PLAIT_EFORMAT, files_path("y"), "integer");
			y = labels(2);
			put("y", &y);
		}
		set = open_or_bail(spec());
		is_int(plait_dataset_info(set)->dtype, PLAIT_F32, "type %02x becomes float32",
		       types[i].type);
		plait_dataset_read(set, 0, 0, &a, NULL, NULL);
		plait_dataset_read(set, 1, 0, &b, NULL, NULL);
		ok(a == 1 && b == -2, "type %02x: values", types[i].type);
		plait_dataset_destroy(set);
		put("y", &x);
		refuses(spec(), types[i].type >= 0x0d ? PLAIT_EFORMAT : PLAIT_ELABEL,
			files_path("y"), types[i].type >= 0x0d ? "integer" : "label 1 is -2");
	}
}

static void test_bad(void)
{
	struct bytes x = images(3, (uint32_t[]){ 5, 4, 3 }), y = labels(5), bad;

	put("x", &x);
	put("y", &y);
	bad = labels(4);
	put("y", &bad);
	refuses(spec(), PLAIT_EFORMAT, files_path("y"), "expected 5 samples");
	bad = images(2, (uint32_t[]){ 5, 1 });
	put("y", &bad);
	refuses(spec(), PLAIT_EFORMAT, files_path("y"), "1 dimension, found 2");
	put("y", &y);

	put("x", &(struct bytes){ .size = 0 });
	refuses(spec(), PLAIT_EFORMAT, files_path("x"),
		"offset 0: expected 4 bytes of an IDX header, found 0");
	bad = x;
	bad.byte[0] = 'P';
	put("x", &bad);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"),
		"two zero bytes of an IDX file, found 50 00");
	bad = x;
	bad.byte[2] = 0x0a;
	put("x", &bad);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"), "offset 2: expected an IDX type");
	bad = x;
	bad.byte[3] = 0;
	put("x", &bad);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"),
		"offset 3: expected 1 to 6 dimensions, found 0");
	bad.byte[3] = 200;
	put("x", &bad);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"), "found 200");
	bad = x;
	append(&bad, "!", 1);
	put("x", &bad);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"),
		"offset 16: expected 60 bytes of data [5,4,3], found 61");
	files_write_gzip("x", bad.byte, bad.size);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"), "offset 76: expected the end, found more");
	bad = header(8, 2, (uint32_t[]){ 5, 0 });
	put("x", &bad);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"), "at least one sample, found shape [5,0]");
	for (int gzip = 0; gzip < 2; gzip++) {
		bad = header(8, 3, (uint32_t[]){ 1000000, 1000000, 1000000 }); /* 10^18 bytes */
		(gzip ? files_write_gzip : files_write)("x", bad.byte, bad.size);
		refuses(spec(), PLAIT_EFORMAT, files_path("x"), "1000000000000000000 bytes");
		bad = header(8, 6, (uint32_t[]){ ~0u, ~0u, ~0u, ~0u, ~0u, ~0u });
		(gzip ? files_write_gzip : files_write)("x", bad.byte, bad.size);
		refuses(spec(), PLAIT_EFORMAT, files_path("x"), "more than any file holds");
	}
}

static void test_gzip(void)
{
	struct bytes x = images(3, (uint32_t[]){ 5, 4, 3 }), y = labels(5);
	size_t size, second;
	unsigned char *gzip, *both;
	char *bomb = calloc(1, 64 << 20); /* the reader must not allocate as much */

	put("y", &y);
	files_write_gzip("x", x.byte, x.size);
	gzip = files_read("x", &size);
	gzip[size - 6] ^= 1; /* in the checksum */
	files_write("x", gzip, size);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"), "corrupt: incorrect data check");
	gzip[size - 6] ^= 1;
	files_write("x", gzip, size - 1);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"), "truncated");
	gzip = realloc(gzip, size + 4);
	memcpy(gzip + size, "junk", 4);
	files_write("x", gzip, size + 4);
	refuses(spec(), PLAIT_EFORMAT, files_path("x"), "corrupt: incorrect header check");
	free(gzip);

	files_write_gzip("x", x.byte, 20); /* members are read as one file */
	files_write_gzip("x2", x.byte + 20, x.size - 20);
	both = files_read("x", &size);
	gzip = files_read("x2", &second);
	both = realloc(both, size + second);
	memcpy(both + size, gzip, second);
	files_write("x", both, size + second);
	is_int(try_dataset(spec()), 0, "two gzip members");
	free(both);
	free(gzip);

	/* 64 MiB follow a header that says 60 bytes: at most one byte more is decompressed. */
	memcpy(bomb, x.byte, x.size);
	files_write_gzip("x", bomb, 64 << 20);
	files_hold_memory();
	refuses(spec(), PLAIT_EFORMAT, files_path("x"), "offset 76: expected the end, found more");
	files_release_memory();
	free(bomb);
}

static void test_attacks(void)
{
	struct bytes x = images(3, (uint32_t[]){ 5, 4, 3 }), y = labels(5);
	char both[1024];
	size_t size;
	void *gzip;

	snprintf(both, sizeof both, "%s", spec());
	put("x", &x);
	put("y", &y);
	is_int(files_truncate("x", x.byte, x.size, true, try_dataset, both), 0,
	       "images of every length");
	is_int(files_truncate("y", y.byte, y.size, true, try_dataset, both), 0,
	       "labels of every length");
	is_int(files_mutate("x", x.byte, x.size, 3000, try_dataset, both), 0,
	       "images changed 3000 times");
	is_int(files_mutate("y", y.byte, y.size, 3000, try_dataset, both), 0,
	       "labels changed 3000 times");
	files_write_gzip("x", x.byte, x.size);
	gzip = files_read("x", &size);
	is_int(files_truncate("x", gzip, size, true, try_dataset, both), 0,
	       "compressed images of every length");
	is_int(files_mutate("x", gzip, size, 3000, try_dataset, both), 0,
	       "compressed images changed 3000 times");
	free(gzip);
}

static void test_not_files(void)
{
	struct bytes x = images(3, (uint32_t[]){ 5, 4, 3 }), y = labels(5);

	put("y", &y);
	unlink(files_path("x"));
	refuses(spec(), PLAIT_EIO, files_path("x"), "cannot open: No such file");
	refuses("idx:/,/", PLAIT_EIO, "/", "a folder");
	refuses("idx:/dev/zero,/dev/zero", PLAIT_EIO, "/dev/zero", "a device");
	if (mkfifo(files_path("x"), 0600) == 0)
		refuses(spec(), PLAIT_EIO, files_path("x"), "a pipe");
	unlink(files_path("x"));
	put("x", &x);
	chmod(files_path("x"), 0);
	if (access(files_path("x"), R_OK) == 0)
		tap_skip("root reads everything");
	else
		refuses(spec(), PLAIT_EIO, files_path("x"), "Permission denied");
}

static void test_fashion_mnist(void)
{
	struct bytes x = images(3, (uint32_t[]){ 5, 4, 3 }), y = labels(5),
		     bad = header(8, 1, (uint32_t[]){ 5 });
	struct plait_dataset *set;
	char folder[1024];

	snprintf(folder, sizeof folder, "%s", files_path(""));
	setenv("PLAIT_DATA", folder, 1);
	refuses("fashion-mnist", PLAIT_EIO, folder, "train-images-idx3-ubyte.gz");
	refuses("fashion-mnist", PLAIT_EIO, "apt-get install dataset-fashion-mnist", "PLAIT_DATA");
	put("t10k-images-idx3-ubyte", &x);
	files_write_gzip("t10k-labels-idx1-ubyte.gz", y.byte, y.size);
	set = open_or_bail("fashion-mnist:test");
	is_string(sample_shape(set), "[1,4,3]", "fashion-mnist: shape");
	is_int(plait_dataset_info(set)->classes, 10,
	       "fashion-mnist: ten classes even if fewer appear");
	is_string(plait_dataset_info(set)->class_names[0], "T-shirt/top", "fashion-mnist: class 0");
	is_string(plait_dataset_info(set)->class_names[9], "Ankle boot", "fashion-mnist: class 9");
	plait_dataset_destroy(set);
	append(&bad, (unsigned char[]){ 0, 1, 10, 3, 4 }, 5);
	put("t10k-labels-idx1-ubyte", &bad);
	refuses("fashion-mnist:test", PLAIT_ELABEL, "label 2 is 10", "10 classes");
	unsetenv("PLAIT_DATA");
	if (access("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz", R_OK) != 0) {
		tap_skip("dataset-fashion-mnist is not installed");
		return;
	}
	set = open_or_bail("fashion-mnist:test");
	is_int(plait_dataset_info(set)->samples, 10000, "fashion-mnist: the real test set");
	is_string(sample_shape(set), "[1,28,28]", "fashion-mnist: the real shape");
	plait_dataset_destroy(set);
}

int main(void)
{
	test_good();
	test_types();
	test_bad();
	test_gzip();
	test_attacks();
	test_not_files();
	test_fashion_mnist();
	return tap_done();
}
