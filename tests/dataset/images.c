/* SPDX-License-Identifier: MIT
 * A folder of images per class. */
#include "src/dataset/dataset.h"
#include "tests/pictures.h"
#include "tests/tree.h"

#include <plait/loader.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static int kind; /* of images that this build reads */

static void put_image(const char *name, int width, int height, int i)
{
	struct picture p = pictures_small(kind, width, height, i);

	tree_put(name, p.bytes, p.size);
	free(p.bytes);
}

/* The path of sample i, below the root. */
static const char *path_of(const struct plait_dataset *set, int64_t i)
{
	static struct plait__buffer memory;
	struct plait__stored stored;

	if (set->fetch(set, i, &memory, &stored) != 0)
		tap_bail_out("%s", plait_error_message());
	return stored.path + strlen(tree_root) + 1;
}

static void make_animals(void)
{
	tree_start("animals");
	mkdir(tree_path("zebra"), 0700);
	mkdir(tree_path("ant"), 0700);
	mkdir(tree_path("ant/more"), 0700);
	mkdir(tree_path("empty"), 0700);
	mkdir(tree_path(".hidden"), 0700);
	put_image("zebra/b.JPG", 5, 4, 1);
	put_image("zebra/a.jpeg", 5, 4, 2);
	put_image("ant/z.png", 5, 4, 3);
	put_image("ant/more/a.Png", 5, 4, 4);
	put_image("ant/.x.png", 5, 4, 5);
	put_image(".hidden/x.png", 5, 4, 6);
	tree_put("ant/notes.txt", "x", 1);
	tree_put("readme.png", "x", 1);
	mkdir(tree_path("__MACOSX"), 0700);
	put_image("__MACOSX/y.png", 5, 4, 6);
	if (mkfifo(tree_path("pipe"), 0600) < 0 || mkfifo(tree_path("ant/pipe.png"), 0600) < 0 ||
	    symlink("/dev/zero", tree_path("zero.png")) < 0)
		tap_bail_out("no pipes or links");
}

static void has_note(const struct plait_dataset *set, const char *text)
{
	bool found = false;

	for (int i = 0; plait_dataset_note(set, i, NULL); i++)
		found = found || strstr(plait_dataset_note(set, i, NULL), text);
	ok(found, "noted: %s", text);
}

/* Folders linked to each other have each image once, in its own class. */
static void test_links(void)
{
	struct plait_dataset *set;
	char from[40], to[40];

	tree_start("links");
	for (int i = 0; i < 4; i++) {
		snprintf(from, sizeof from, "class%d", i);
		mkdir(tree_path(from), 0700);
		strcat(from, "/x.png");
		put_image(from, 5, 4, i);
		for (int k = 0; k < 4; k++) {
			snprintf(from, sizeof from, "../class%d", k);
			snprintf(to, sizeof to, "class%d/to%d", i, k);
			if (symlink(from, tree_path(to)) != 0)
				tap_bail_out("cannot make a link");
		}
	}
	set = open_or_bail(tree_spec("images"));
	is_int(plait_dataset_info(set)->samples, 4, "four images");
	for (int i = 0; i < 4; i++)
		is_int(plait_dataset_labels(set)[i], i, "of class %d", i);
	has_note(set, "left out 16 links to folders that are read elsewhere");
	plait_dataset_destroy(set);
}

/* Images without folders of classes, for those who predict. */
static void test_flat(void)
{
	struct plait_dataset *set;
	uint8_t x[3 * 4 * 5];
	char spec[600];

	tree_start("flat");
	put_image("b.png", 5, 4, 2);
	put_image("a.png", 5, 4, 1);
	set = open_or_bail(tree_spec("images"));
	is_int(plait_dataset_info(set)->samples, 2, "a flat folder");
	is_int(plait_dataset_info(set)->classes, 0, "has no classes");
	is_string(path_of(set, 0), "a.png", "is sorted");
	is_int(plait_dataset_read(set, 1, 0, x, NULL, NULL), 0, "is read");
	has_note(set, "no folders of classes: images without labels");
	plait_dataset_destroy(set);
	snprintf(spec, sizeof spec, "images:%s", tree_path("b.png"));
	set = open_or_bail(spec);
	is_int(plait_dataset_info(set)->samples, 1, "one image");
	plait_dataset_destroy(set);
}

/* A PNG of 5 x 4 (width x height) whose EXIF says to turn it. */
static void put_turned(const char *name, int orientation)
{
	struct picture p = pictures_small(0, 5, 4, 2);
	unsigned char exif[38] = { 0, 0, 0, 26, 'e', 'X',  'I', 'f', 'M', 'M', 0, '*', 0, 0,
				   0, 8, 0, 1,  1,   0x12, 0,   3,   0,   0,   0, 1,   0, 0 };
	unsigned char *all = malloc(p.size + sizeof exif);
	unsigned long crc;

	exif[27] = (unsigned char)orientation;
	crc = crc32(0, exif + 4, 30);
	for (int i = 0; i < 4; i++)
		exif[34 + i] = (unsigned char)(crc >> (24 - 8 * i));
	memcpy(all, p.bytes, 33); /* the signature and IHDR */
	memcpy(all + 33, exif, sizeof exif);
	memcpy(all + 33 + sizeof exif, p.bytes + 33, p.size - 33);
	tree_put(name, all, p.size + sizeof exif);
	free(all);
	free(p.bytes);
}

/* Where the corner of the stored image is afterwards, and the one at its right. */
static void test_exif(void)
{
	static const struct {
		bool swapped;
		int corner, right; /* index of the pixel */
	} cases[] = { { false, 0, 4 }, { false, 4, 0 }, { false, 19, 15 }, { false, 15, 19 },
		      { true, 0, 16 }, { true, 3, 19 }, { true, 19, 3 },   { true, 16, 0 } };
	struct plait_dataset *set;
	uint8_t plain[60], x[60];

	for (int o = 1; o <= 8; o++) {
		tree_start("exif");
		mkdir(tree_path("a"), 0700);
		put_turned("a/x.png", o);
		set = open_or_bail(tree_spec("images"));
		is_string(sample_shape(set), "[3,4,5]", "orientation %d is ignored", o);
		plait_dataset_read(set, 0, 0, plain, NULL, NULL);
		is_int(plait_dataset_apply_exif(set), 0, "or applied");
		is_string(sample_shape(set), cases[o - 1].swapped ? "[3,5,4]" : "[3,4,5]",
			  "its shape then");
		is_int(plait_dataset_read(set, 0, 0, x, NULL, NULL), 0, "is read");
		ok(x[cases[o - 1].corner] == plain[0] && x[cases[o - 1].right] == plain[4] &&
			   x[40 + cases[o - 1].right] == plain[44],
		   "its corners");
		plait_dataset_destroy(set);
	}
	set = open_or_bail("synthetic:10,2,2");
	is_int(plait_dataset_apply_exif(set), PLAIT_EINVAL, "only images have EXIF");
	plait_dataset_destroy(set);
}

static void test_folder(void)
{
	static const char *const paths[] = { "ant/z.png", "ant/more/a.Png", "linked/w.png",
					     "zebra/a.jpeg", "zebra/b.JPG" };
	static const int32_t labels[] = { 0, 0, 2, 3, 3 };
	struct plait_dataset *set;
	uint8_t x[3 * 4 * 5];

	make_animals();
	mkdir(tree_path(".elsewhere"), 0700);
	put_image(".elsewhere/real.dat", 5, 4, 7);
	if (symlink(".elsewhere", tree_path("linked")) != 0 ||
	    symlink("real.dat", tree_path(".elsewhere/w.png")) != 0 ||
	    symlink("..", tree_path("ant/more/loop")) != 0)
		tap_bail_out("cannot make links");
	set = open_or_bail(tree_spec("images"));
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
	for (int i = 0; plait_dataset_note(set, i, NULL); i++)
		printf("# %s\n", plait_dataset_note(set, i, NULL));
	has_note(set, "left out 1 .txt, ");
	has_note(set, "left out 1 class without images, ");
	has_note(set, "left out 1 link to a folder that is read elsewhere, ");
	has_note(set, "left out 1 image in no class's folder, ");
	has_note(set, "left out 4 hidden files or folders, the first ");
	has_note(set, "left out 3 pipes or devices, the first ");
	plait_dataset_destroy(set);
	set = open_or_bail(strcat(strcpy((char[600]){ 0 }, tree_spec("images")), "//"));
	is_int(plait_dataset_info(set)->samples, 5, "slashes behind the folder");
	plait_dataset_destroy(set);
}

static void test_sizes(void)
{
	struct plait_dataset *set;
	int64_t dim[PLAIT_MAX_DIMS];
	int ndim;
	uint8_t x[3 * 4 * 5];

	make_animals();
	put_image("zebra/c.png", 6, 4, 1);
	set = open_or_bail(tree_spec("images"));
	ok(!set->varying, "one of another size does not make them vary");
	is_string(sample_shape(set), "[3,4,5]", "the shape is that of most");
	is_int(plait_dataset_read(set, 4, 0, x, NULL, NULL), PLAIT_ESHAPE,
	       "another cannot be read");
	contains(plait_error_message(), "zebra/c.png: sample 4: 4 x 6 pixels (height x width)",
		 "it says which");
	contains(plait_error_message(), "ant/z.png has 4 x 5", "and which is different");
	plait_dataset_destroy(set);

	/* The same wherever it is, the first one included. */
	unlink(tree_path("zebra/c.png"));
	put_image("ant/z.png", 6, 4, 3);
	set = open_or_bail(tree_spec("images"));
	ok(!set->varying, "nor does the first");
	is_string(sample_shape(set), "[3,4,5]", "the shape is still that of most");
	is_int(plait_dataset_read(set, 0, 0, x, NULL, NULL), PLAIT_ESHAPE, "the odd one is bad");
	plait_dataset_destroy(set);

	/* Without a size of most, a transform is needed. */
	put_image("zebra/a.jpeg", 6, 4, 3);
	set = open_or_bail(tree_spec("images"));
	ok(set->varying, "two and two differ");
	is_int(plait_sample_shape(set, NULL, &ndim, dim), PLAIT_ESHAPE, "and are refused");
	contains(plait_error_message(), "ant/z.png has 4 x 6 pixels, height x width, ", "one");
	contains(plait_error_message(), "ant/more/a.Png has 4 x 5", "and the other");
	plait_dataset_destroy(set);
}

static void test_bad_files(void)
{
	struct plait_dataset *set;
	uint8_t x[3 * 4 * 5];

	make_animals();
	tree_put("ant/z.png", "no image", 8); /* the first */
	tree_put("zebra/a.jpeg", "", 0);
	if (symlink("nowhere", tree_path("zebra/z.jpg")) != 0)
		tap_bail_out("cannot make a link");
	set = open_or_bail(tree_spec("images"));
	is_int(plait_dataset_info(set)->samples, 5, "bad images are samples too");
	is_string(sample_shape(set), "[3,4,5]", "the shape is that of the first that is good");
	is_int(plait_dataset_read(set, 0, 0, x, NULL, NULL), PLAIT_EFORMAT, "no image");
	contains(plait_error_message(), tree_path("ant/z.png: offset 0: expected a JPEG or PNG"),
		 "it says so");
	is_int(plait_dataset_read(set, 2, 0, x, NULL, NULL), PLAIT_EFORMAT, "an empty file");
	is_int(plait_dataset_read(set, 4, 0, x, NULL, NULL), PLAIT_EIO, "a link to nowhere");
	contains(plait_error_message(), "zebra/z.jpg: cannot open: No such file", "it says so");
	unlink(tree_path("zebra/b.JPG"));
	is_int(plait_dataset_read(set, 3, 0, x, NULL, NULL), PLAIT_EIO, "a file that went away");
	mkdir(tree_path("zebra/b.JPG"), 0700);
	is_int(plait_dataset_read(set, 3, 0, x, NULL, NULL), PLAIT_EIO, "a folder instead");
	contains(plait_error_message(), "found a folder", "it says so");
	rmdir(tree_path("zebra/b.JPG"));
	put_image("zebra/b.JPG", 5, 4, 1);
	if (truncate(tree_path("zebra/b.JPG"), ((int64_t)1 << 30) + 1) != 0)
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

	tree_start("bad");
	snprintf(where, sizeof where, "%s: expected a folder for each class", tree_root);
	refuses(tree_spec("images"), PLAIT_EFORMAT, where, "found none");
	put_image("x.png", 5, 4, 1);
	mkdir(tree_path("a"), 0700);
	refuses(tree_spec("images"), PLAIT_EFORMAT, tree_root, "of its 1 classes, found none");
	tree_put("a/x.jpg", "nothing", 7);
	refuses(tree_spec("images"), PLAIT_EFORMAT, tree_path("a/x.jpg: offset 0"),
		"none of 1 images");
	refuses("images:", PLAIT_EINVAL, "images:DIR", "found \"\"");
	refuses("images:/nowhere/at/all", PLAIT_EIO, "/nowhere/at/all", "No such file");
	chmod(tree_path("a"), 0);
	if (access(tree_path("a"), R_OK) == 0)
		tap_skip("root reads everything");
	else
		refuses(tree_spec("images"), PLAIT_EIO, tree_path("a"), "Permission denied");
	chmod(tree_path("a"), 0700);
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

	tree_start("cut");
	mkdir(tree_path("a"), 0700);
	/* A PNG may lack its last chunk: tests/image/bad.c tells the lengths. */
	is_int(files_truncate("cut/a/x.png", p.bytes, p.size, kind != 0, try_folder,
			      tree_spec("images")),
	       0, "a file of every length");
	is_int(try_folder(tree_spec("images")), 0, "and the whole one");
	free(p.bytes);
}

/* CIFAR-10 as JPEG files, where somebody put it beside the tree. */
static void test_real(void)
{
	const char *source = getenv("SRC");
	struct plait_dataset *set;
	double sum[3] = { 0 };
	char command[2048];
	uint8_t x[3072];
	int wrong = 0;

	snprintf(command, sizeof command, "%s/../shared/data/cifar10-jpeg.tar.gz",
		 source ? source : ".");
	if (access(command, R_OK) != 0 || !pictures_have_jpeg()) {
		tap_skip("no ../shared/data/cifar10-jpeg.tar.gz, or built without JPEG");
		return;
	}
	tree_start("real");
	snprintf(command, sizeof command,
		 "tar xzf '%s/../shared/data/cifar10-jpeg.tar.gz' -C '%s' --strip-components=1 "
		 "train",
		 source ? source : ".", tree_root);
	if (system(command) != 0)
		tap_bail_out("failed: %s", command);
	set = open_or_bail(tree_spec("images"));
	is_int(plait_dataset_info(set)->samples, 50000, "CIFAR-10 as JPEG: its size");
	is_int(plait_dataset_info(set)->classes, 10, "its classes");
	is_string(sample_shape(set), "[3,32,32]", "its shape");
	for (int64_t i = 0; i < plait_dataset_info(set)->samples; i++) {
		int32_t label = -1;

		wrong += plait_dataset_read(set, i, 0, x, &label, NULL) != 0 || label != i / 5000;
		for (int k = 0; k < 3072; k++)
			sum[k / 1024] += x[k];
	}
	is_int(wrong, 0, "all are read, 5,000 of each class");
	/* The means that others found, four digits of them. */
	is_near(sum[0] / 255 / 1024 / 50000, 0.4913, 1e-4, "mean of red");
	is_near(sum[1] / 255 / 1024 / 50000, 0.4821, 1e-4, "mean of green");
	is_near(sum[2] / 255 / 1024 / 50000, 0.4465, 1e-4, "mean of blue");
	plait_dataset_destroy(set);
}

int main(void)
{
	kind = pictures_have_png() ? 0 : 1;
	if (pictures_have_png() || pictures_have_jpeg()) {
		test_folder();
		test_links();
		test_flat();
		if (pictures_have_png())
			test_exif();
		test_sizes();
		test_bad_files();
		test_bad_folders();
		test_cut_file();
		test_real();
	} else {
		tap_skip("built without PNG and JPEG");
	}
	return tap_done();
}
