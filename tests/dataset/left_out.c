/* SPDX-License-Identifier: MIT
 * No format leaves anything out in silence: what is more than its samples is refused, or counted in
 * a note.  A format of formats.def without a case here fails. */
#include "src/dataset/packed/packed.h"
#include "tests/pictures.h"
#include "tests/tar.h"
#include "tests/tree.h"

/* Makes data that have something more; returns their specification. */
typedef const char *(*make_fn)(void);

static const unsigned char idx_x[] = { 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 8, 9 };
static const unsigned char idx_y[] = { 0, 0, 8, 1, 0, 0, 0, 2, 0, 1 };

static const char *make_idx(void)
{
	files_write("x.idx", idx_x, sizeof idx_x);
	files_write("y.idx", idx_y, sizeof idx_y);
	return files_spec("idx:%s,%s", "x.idx", "y.idx");
}

static const char *make_fashion(void)
{
	tree_start("fashion");
	tree_put("train-images-idx3-ubyte", idx_x, sizeof idx_x);
	tree_put("train-labels-idx1-ubyte", idx_y, sizeof idx_y);
	setenv("PLAIT_DATA", tree_root, 1);
	return "fashion-mnist:train";
}

static const char *make_npy(void)
{
	static const char header[] = "\x93NUMPY\1\0\x3a\0{'descr': '|u1', 'fortran_order': "
				     "False, 'shape': (2,), }\n\1\2\3";

	files_write("x.npy", header, sizeof header - 1);
	return files_spec("npy:%s,%s", "x.npy", "x.npy");
}

static const char *make_csv(void)
{
	files_write("t.csv", "1,0\n2,1\n\n3,1\n", 13);
	return files_spec("csv:%s", "t.csv", "");
}

static const char *make_images(void)
{
	struct picture p = pictures_small(tar_kind(), 5, 4, 1);

	tree_start("images");
	mkdir(tree_path("cat"), 0700);
	tree_put("cat/1.png", p.bytes, p.size);
	tree_put("cat/2.webp", "x", 1);
	free(p.bytes);
	return tree_spec("images");
}

static const char *make_cifar10(void)
{
	static const char *const names[] = { "data_batch_1.bin", "data_batch_2.bin",
					     "data_batch_3.bin", "data_batch_4.bin",
					     "data_batch_5.bin" };
	static const unsigned char record[3073 + 1];

	tree_start("cifar");
	for (int i = 0; i < 5; i++)
		tree_put(names[i], record, i < 4 ? 3073 : 3074);
	return tree_spec("cifar10");
}

static const char *make_tar(void)
{
	static struct tar tar;

	tar_add_image(&tar, "1", 1);
	tar_add_text(&tar, "1.cls", "0");
	tar_add_text(&tar, "1.json", "{}");
	tar_end(&tar);
	tar_put("a.tar", &tar);
	return tar_spec();
}

static const char *make_packed(void)
{
	struct plait_dataset *set = open_or_bail("synthetic:10,2,2");
	struct plait__packed_options how = { .raw = false };
	struct plait__packed_result result;
	size_t size;
	char *bytes;

	if (plait__packed_write(files_path("x.packed"), set, &how, &result) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_dataset_destroy(set);
	bytes = files_read("x.packed", &size);
	bytes = realloc(bytes, size + 1);
	bytes[size] = 'x';
	files_write("x.packed", bytes, size + 1);
	free(bytes);
	return files_spec("packed:%s", "x.packed", "");
}

static const char *make_synthetic(void)
{
	return "synthetic:10,2,2,7";
}

/* note: what is counted; NULL: such data are refused. */
static const struct {
	const char *format;
	make_fn make;
	const char *note;
} cases[] = {
	{ "fashion-mnist", make_fashion, NULL },
	{ "idx", make_idx, NULL },
	{ "npy", make_npy, NULL },
	{ "csv", make_csv, NULL },
	{ "images", make_images, "left out 1 .webp, " },
	{ "cifar10", make_cifar10, NULL },
	{ "tar", make_tar, "left out 1 .json, " },
	{ "packed", make_packed, NULL },
	{ "synthetic", make_synthetic, NULL },
};

static const char *const formats[] = {
#define PLAIT__FORMAT(name, function) name,
#include "src/dataset/formats.def"
#undef PLAIT__FORMAT
};

static void test_format(const char *format)
{
	struct plait_dataset *set = NULL;
	enum plait_note kind = 0;
	size_t i = 0;
	int status;

	while (i < sizeof cases / sizeof *cases && strcmp(cases[i].format, format) != 0)
		i++;
	ok(i < sizeof cases / sizeof *cases, "%s has a case", format);
	if (i == sizeof cases / sizeof *cases)
		return;
	if (cases[i].note && !pictures_have_png() && !pictures_have_jpeg()) {
		tap_skip("%s: built without PNG and JPEG", format);
		return;
	}
	status = plait_dataset_open(&set, cases[i].make());
	if (cases[i].note) {
		is_int(status, 0, "%s is opened", format);
		contains(plait_dataset_note(set, 0, &kind), cases[i].note, "%s: it is counted",
			 format);
		is_int(kind, PLAIT_NOTE_LOSS, "%s: as a loss", format);
	} else {
		ok(status < 0, "%s refuses what is more than its samples", format);
		printf("# %s\n", plait_error_message());
	}
	plait_dataset_destroy(set);
}

int main(void)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		test_format(formats[i]);
	return tap_done();
}
