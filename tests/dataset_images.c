/* SPDX-License-Identifier: MIT
 * Stored images as data sets: a folder per class, and CIFAR-10's binary files. */
#define _GNU_SOURCE /* nftw */
#include "src/dataset.h"
#include "tests/dataset.h"
#include "tests/pictures.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[512];
static int kind; /* of images that this build reads */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void remove_tree(void)
{
	if (*root)
		nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A folder of its own for each test. */
static void start(const char *name)
{
	const char *path =
		files_path(name); /* makes the folder around it, removed after this one */

	if (!*root)
		atexit(remove_tree);
	remove_tree();
	snprintf(root, sizeof root, "%s", path);
	mkdir(root, 0700);
}

static const char *below(const char *name)
{
	static char path[8][1024];
	static int i;
	char *text = path[i++ % 8];

	snprintf(text, sizeof *path, "%s/%s", root, name);
	return text;
}

static void put(const char *name, const void *bytes, size_t size)
{
	FILE *out = fopen(below(name), "wb");

	if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) != 0)
		tap_bail_out("cannot write %s", below(name));
}

static void put_image(const char *name, int width, int height, int i)
{
	struct picture p = pictures_small(kind, width, height, i);

	put(name, p.bytes, p.size);
	free(p.bytes);
}

static const char *spec(const char *format)
{
	static char text[1024];

	snprintf(text, sizeof text, "%s:%s", format, root);
	return text;
}

/* The path of sample i, below the root. */
static const char *path_of(const struct plait_dataset *set, int64_t i)
{
	static struct plait__buffer memory;
	struct plait__record record;

	if (set->record(set, i, &memory, &record) != 0)
		tap_bail_out("%s", plait_error_message());
	return record.path + strlen(root) + 1;
}

static void make_animals(void)
{
	start("animals");
	mkdir(below("zebra"), 0700);
	mkdir(below("ant"), 0700);
	mkdir(below("ant/more"), 0700);
	mkdir(below("empty"), 0700);
	mkdir(below(".hidden"), 0700);
	put_image("zebra/b.JPG", 5, 4, 1);
	put_image("zebra/a.jpeg", 5, 4, 2);
	put_image("ant/z.png", 5, 4, 3);
	put_image("ant/more/a.Png", 5, 4, 4);
	put_image("ant/.x.png", 5, 4, 5);
	put_image(".hidden/x.png", 5, 4, 6);
	put("ant/notes.txt", "x", 1);
	put("readme.png", "x", 1);
}

static void test_folder(void)
{
	static const char *const paths[] = { "ant/z.png", "ant/more/a.Png", "linked/w.png",
					     "zebra/a.jpeg", "zebra/b.JPG" };
	static const int32_t labels[] = { 0, 0, 2, 3, 3 };
	struct plait_dataset *set;
	uint8_t x[3 * 4 * 5];

	make_animals();
	mkdir(below(".elsewhere"), 0700);
	put_image(".elsewhere/real.dat", 5, 4, 7);
	if (symlink(".elsewhere", below("linked")) != 0 ||
	    symlink("real.dat", below(".elsewhere/w.png")) != 0 ||
	    symlink("..", below("ant/more/loop")) != 0)
		tap_bail_out("cannot make links");
	set = open_or_bail(spec("images"));
	is_int(plait_dataset_info(set)->samples, 5, "five images");
	is_int(plait_dataset_info(set)->classes, 4, "four classes");
	is_string(sample_shape(set), "[3,4,5]", "their shape");
	is_int(plait_dataset_info(set)->dtype, PLAIT_U8, "their type");
	ok(!set->varying, "all of one size");
	is_string(plait_dataset_info(set)->class_names[1], "empty", "a class without images");
	for (int i = 0; i < 5; i++) {
		int32_t label = -1;

		is_string(path_of(set, i), paths[i], "sample %d", i);
		is_int(plait_dataset_read(set, i, 0, x, &label, NULL), 0, "is read");
		is_int(label, labels[i], "its class");
	}
	if (kind == 0) { /* lossless: sample 3 is the picture 2 */
		is_int(plait_dataset_read(set, 3, 0, x, NULL, NULL), 0, "planes");
		is_int(x[3 * 5 + 2], 8 * 2 + 2, "red at row 3, column 2");
		is_int(x[20 + 3 * 5 + 2], 8 * 3 + 4, "green");
		is_int(x[40 + 3 * 5 + 2], 4 * 5 + 6, "blue");
	}
	plait_dataset_destroy(set);
	set = open_or_bail(strcat(strcpy((char[600]){ 0 }, spec("images")), "//"));
	is_int(plait_dataset_info(set)->samples, 5, "slashes behind the folder");
	plait_dataset_destroy(set);
}

static void test_sizes(void)
{
	struct plait_dataset *set;
	uint8_t x[3 * 4 * 5];

	make_animals();
	put_image("zebra/c.png", 6, 4, 1);
	set = open_or_bail(spec("images"));
	ok(set->varying, "sizes that differ are seen");
	is_string(sample_shape(set), "[3,4,5]", "the shape is that of the first");
	is_int(plait_dataset_read(set, 4, 0, x, NULL, NULL), PLAIT_ESHAPE,
	       "another cannot be read");
	contains(plait_error_message(), "zebra/c.png: sample 4 has 4 x 6 pixels", "it says which");
	plait_dataset_destroy(set);
}

static void test_bad_files(void)
{
	struct plait_dataset *set;
	uint8_t x[3 * 4 * 5];

	make_animals();
	put("ant/z.png", "no image", 8); /* the first */
	put("zebra/a.jpeg", "", 0);
	if (symlink("nowhere", below("zebra/z.jpg")) != 0)
		tap_bail_out("cannot make a link");
	set = open_or_bail(spec("images"));
	is_int(plait_dataset_info(set)->samples, 5, "bad images are samples too");
	is_string(sample_shape(set), "[3,4,5]", "the shape is that of the first that is good");
	is_int(plait_dataset_read(set, 0, 0, x, NULL, NULL), PLAIT_EFORMAT, "no image");
	contains(plait_error_message(), below("ant/z.png: offset 0: expected a JPEG or PNG"),
		 "it says so");
	is_int(plait_dataset_read(set, 2, 0, x, NULL, NULL), PLAIT_EFORMAT, "an empty file");
	is_int(plait_dataset_read(set, 4, 0, x, NULL, NULL), PLAIT_EIO, "a link to nowhere");
	contains(plait_error_message(), "zebra/z.jpg: cannot open: No such file", "it says so");
	unlink(below("zebra/b.JPG"));
	is_int(plait_dataset_read(set, 3, 0, x, NULL, NULL), PLAIT_EIO, "a file that went away");
	mkdir(below("zebra/b.JPG"), 0700);
	is_int(plait_dataset_read(set, 3, 0, x, NULL, NULL), PLAIT_EIO, "a folder instead");
	contains(plait_error_message(), "found a folder", "it says so");
	rmdir(below("zebra/b.JPG"));
	put_image("zebra/b.JPG", 5, 4, 1);
	if (truncate(below("zebra/b.JPG"), ((int64_t)1 << 30) + 1) != 0)
		tap_bail_out("cannot make a large file");
	files_hold_memory();
	is_int(plait_dataset_read(set, 3, 0, x, NULL, NULL), PLAIT_EFORMAT, "a file of a gibibyte");
	contains(plait_error_message(), "1073741825 bytes, an image has at most", "it says so");
	files_release_memory();
	plait_dataset_destroy(set);
}

static void test_bad_folders(void)
{
	char where[600];

	start("bad");
	snprintf(where, sizeof where, "%s: expected a folder for each class", root);
	put_image("x.png", 5, 4, 1);
	refuses(spec("images"), PLAIT_EFORMAT, where, "found none");
	mkdir(below("a"), 0700);
	refuses(spec("images"), PLAIT_EFORMAT, root, "of its 1 classes, found none");
	put("a/x.jpg", "nothing", 7);
	refuses(spec("images"), PLAIT_EFORMAT, below("a/x.jpg: offset 0"), "none of 1 images");
	refuses("images:", PLAIT_EINVAL, "images:DIR", "found \"\"");
	refuses("images:/nowhere/at/all", PLAIT_EIO, "/nowhere/at/all", "No such file");
	chmod(below("a"), 0);
	if (access(below("a"), R_OK) == 0)
		tap_skip("root reads everything");
	else
		refuses(spec("images"), PLAIT_EIO, below("a"), "Permission denied");
	chmod(below("a"), 0700);
}

/* Opens the folder and reads what is in it; usable as files_attempt_fn. */
static int try_folder(const void *user)
{
	struct plait_dataset *set = NULL;
	uint8_t x[3 * 4 * 5];
	int status = plait_dataset_open(&set, user);

	if (status == 0 && plait__dataset_sample_bytes(set) == sizeof x)
		status = plait_dataset_read(set, 0, 0, x, NULL, NULL);
	plait_dataset_destroy(set);
	return status;
}

static void test_cut_file(void)
{
	struct picture p = pictures_small(kind, 5, 4, 1);

	start("cut");
	mkdir(below("a"), 0700);
	is_int(files_truncate("cut/a/x.png", p.bytes, p.size, true, try_folder, spec("images")), 0,
	       "a file of every length");
	is_int(try_folder(spec("images")), 0, "and the whole one");
	free(p.bytes);
}

/* -- CIFAR-10 ------------------------------------------------------------------------- */

#define RECORD 3073

static void put_batch(const char *name, int count, int first)
{
	unsigned char *bytes = malloc((size_t)count * RECORD);

	for (int i = 0; i < count; i++) {
		bytes[i * RECORD] = (unsigned char)((first + i) % 10);
		for (int k = 1; k < RECORD; k++)
			bytes[i * RECORD + k] = (unsigned char)(first + i + k / 1024);
	}
	put(name, bytes, (size_t)count * RECORD);
	free(bytes);
}

static void make_cifar(void)
{
	char name[32];

	start("cifar");
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof name, "data_batch_%d.bin", i + 1);
		put_batch(name, 2, 2 * i);
	}
	put_batch("test_batch.bin", 3, 50);
}

static void test_cifar(void)
{
	struct plait_dataset *set;
	uint8_t x[3072];
	int32_t label;

	make_cifar();
	set = open_or_bail(spec("cifar10"));
	is_int(plait_dataset_info(set)->samples, 10, "CIFAR-10: five files");
	is_int(plait_dataset_info(set)->classes, 10, "its classes");
	is_string(sample_shape(set), "[3,32,32]", "its shape");
	is_string(plait_dataset_info(set)->class_names[9], "truck", "its usual names");
	is_int(plait_dataset_read(set, 7, 0, x, &label, NULL), 0, "sample 7");
	is_int(label, 7, "its class");
	ok(x[0] == 7 && x[1022] == 7 && x[1023] == 8 && x[3071] == 10, "its pixels");
	plait_dataset_destroy(set);
	put("batches.meta.txt", "n0\nn1\nn2\nn3\nn4\nn5\nn6\nn7\nn8\r\nn9\n\n", 33);
	set = open_or_bail(strcat((char *)spec("cifar10"), ":test"));
	is_int(plait_dataset_info(set)->samples, 3, "its test set");
	is_string(plait_dataset_info(set)->class_names[8], "n8", "names of its own");
	plait_dataset_destroy(set);
}

static void test_bad_cifar(void)
{
	unsigned char record[RECORD] = { 10 };

	make_cifar();
	put("batches.meta.txt", "a\nb\n", 4);
	refuses(spec("cifar10"), PLAIT_EFORMAT, below("batches.meta.txt"), "found 2");
	put("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk", 21);
	refuses(spec("cifar10"), PLAIT_EFORMAT, below("batches.meta.txt"), "found more than 10");
	unlink(below("batches.meta.txt"));
	put("data_batch_3.bin", record, RECORD);
	refuses(spec("cifar10"), PLAIT_ELABEL, below("data_batch_3.bin: offset 0: label is 10"),
		"0 to 9");
	put("data_batch_3.bin", record, RECORD - 1);
	refuses(spec("cifar10"), PLAIT_EFORMAT, below("data_batch_3.bin"),
		"records of 3073 bytes, found 3072");
	put("data_batch_3.bin", record, 0);
	refuses(spec("cifar10"), PLAIT_EFORMAT, below("data_batch_3.bin"), "found 0 bytes");
	unlink(below("data_batch_3.bin"));
	refuses(spec("cifar10"), PLAIT_EIO, below("data_batch_3.bin"), "No such file");
	refuses("cifar10::test", PLAIT_EINVAL, "cifar10:DIR", "found");
	refuses("cifar10:", PLAIT_EINVAL, "cifar10:DIR", "found");
}

int main(void)
{
	kind = pictures_have_png() ? 0 : 1;
	if (pictures_have_png() || pictures_have_jpeg()) {
		test_folder();
		test_sizes();
		test_bad_files();
		test_bad_folders();
		test_cut_file();
	} else {
		tap_skip("built without PNG and JPEG");
	}
	test_cifar();
	test_bad_cifar();
	return tap_done();
}
