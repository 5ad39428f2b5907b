/* SPDX-License-Identifier: MIT
 * A state is only for the data it was saved with: the same data at another path are accepted, and
 * every kind of change is found. */
#include "config.h"
#include "src/dataset/dataset.h"
#include "tests/nets.h"
#include "tests/dataset/packed.h"
#include "tests/tar.h"
#include "tests/tree.h"

static uint64_t fingerprint(const struct plait_dataset *set)
{
	uint64_t value;

	if (plait__dataset_fingerprint(set, &value) < 0)
		tap_bail_out("%s", plait_error_message());
	return value;
}

/* The fingerprint of the data set that spec opens now. */
static uint64_t opened(const char *spec)
{
	struct plait_dataset *set = open_or_bail(spec);
	uint64_t value = fingerprint(set);

	plait_dataset_destroy(set);
	return value;
}

/* -- numbers in memory --------------------------------------------------------------------- */

/* The first so many of the samples. */
static uint64_t of_part(const struct samples *s, int64_t n, int64_t classes, bool targets)
{
	struct plait_tensor x = { .dtype = PLAIT_F32, .ndim = 2, .dim = { n, 3 }, .data = s->x };
	struct plait_tensor labels = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { n }, .data = s->labels
	};
	struct plait_tensor wanted = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { n, 2 }, .data = s->targets
	};
	struct plait_dataset *set = NULL;
	uint64_t value;

	if (plait_dataset_from_memory(&set, &x, targets ? &wanted : &labels, classes) < 0)
		tap_bail_out("%s", plait_error_message());
	value = fingerprint(set);
	plait_dataset_destroy(set);
	return value;
}

static void test_memory(void)
{
	struct samples s = samples_make(100, 3, 0, 2, 1), copy = samples_make(100, 3, 0, 2, 1);
	uint64_t labels = of_part(&s, 100, 4, false), targets = of_part(&s, 100, 0, true);
	int unnoticed = 0;

	ok(of_part(&copy, 100, 4, false) == labels && of_part(&copy, 100, 0, true) == targets,
	   "a copy is the same data");
	ok(labels != targets, "labels are no targets");
	ok(of_part(&s, 99, 4, false) != labels, "a sample less is other data");
	ok(of_part(&s, 100, 5, false) != labels, "so is a class more");
	for (size_t i = 0; i < 300 * sizeof *s.x; i++) {
		((unsigned char *)copy.x)[i] ^= 1;
		unnoticed += of_part(&copy, 100, 4, false) == labels;
		((unsigned char *)copy.x)[i] ^= 1;
	}
	is_int(unnoticed, 0, "a bit in any byte is noticed");
	for (int i = 0; i < 100; i++) {
		copy.labels[i] ^= 1;
		copy.targets[2 * i + 1] += 1;
		unnoticed += of_part(&copy, 100, 4, false) == labels;
		unnoticed += of_part(&copy, 100, 0, true) == targets;
		copy.labels[i] ^= 1;
		copy.targets[2 * i + 1] = s.targets[2 * i + 1];
	}
	is_int(unnoticed, 0, "any label, any target");
	samples_free(&s);
	samples_free(&copy);
}

/* Of 300 MiB, 256 samples of 1 MiB are looked at, the first and the last among them.  Pages that
 * nobody writes take no memory. */
static void test_large(void)
{
	int64_t mib = 1 << 20;
	struct plait_tensor x = { .dtype = PLAIT_U8, .ndim = 2, .dim = { 300, mib } };
	struct plait_dataset *set = NULL;
	unsigned char *bytes = x.data = calloc(300, (size_t)mib);
	bool looked[300] = { false };
	uint64_t before;
	int wrong = 0;

	if (!bytes || plait_dataset_from_memory(&set, &x, NULL, 0) < 0)
		tap_bail_out("no memory for 300 MiB");
	for (int k = 0; k < 256; k++)
		looked[k * 299 / 255] = true;
	before = fingerprint(set);
	for (int i = 0; i < 300; i += 23) {
		bytes[i * mib + 77] = 1;
		wrong += (fingerprint(set) != before) != looked[i];
		bytes[i * mib + 77] = 0;
	}
	is_int(wrong, 0, "of 300 MiB, 256 samples evenly spread are looked at");
	bytes[300 * mib - 1] = 1;
	ok(fingerprint(set) != before, "the last byte is");
	plait_dataset_destroy(set);
	free(bytes);
}

/* -- a user's function --------------------------------------------------------------------- */

static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	const int64_t *changed = user; /* a sample; and 1: its label, 2: its target, 3: failing */

	(void)key;
	*(float *)x = (float)(index + (index == changed[0] && changed[1] == 0));
	*label = index == changed[0] && changed[1] == 1;
	*target = index == changed[0] && changed[1] == 2;
	return index == changed[0] && changed[1] == 3;
}

static uint64_t of_callback(int64_t samples, int64_t changed, int64_t what)
{
	struct plait_dataset_info info = { .samples = samples,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 1 },
					   .classes = 2,
					   .targets = 1 };
	struct plait_dataset *set = NULL;
	int64_t user[] = { changed, what };
	uint64_t value;

	if (plait_dataset_from_callback(&set, &info, read_sample, user) < 0)
		tap_bail_out("%s", plait_error_message());
	value = fingerprint(set);
	plait_dataset_destroy(set);
	return value;
}

static void test_callback(void)
{
	uint64_t few = of_callback(16, -1, 0), many = of_callback(INT64_MAX, -1, 0);
	int unnoticed = 0;

	for (int what = 0; what < 4; what++)
		for (int i = 0; i < 16; i++)
			unnoticed += of_callback(16, i, what) == few;
	is_int(unnoticed, 0, "a function: value, label, target or failure of any of 16 samples");
	ok(few == of_callback(16, -1, 0) && few != of_callback(15, -1, 0), "and their number");
	ok(of_callback(INT64_MAX, INT64_MAX - 1, 1) != many && of_callback(INT64_MAX, 0, 1) != many,
	   "of very many, the first and the last");
}

/* -- files ----------------------------------------------------------------------------------- */

static int kind; /* of images that this build reads */

/* Writes a picture with some bytes behind it, which readers ignore. */
static void put_image(const char *name, int i, size_t more)
{
	struct picture p = pictures_small(kind, 6, 5, i);
	unsigned char *bytes = calloc(1, p.size + more);

	memcpy(bytes, p.bytes, p.size);
	if (more)
		bytes[p.size] = (unsigned char)i;
	tree_put(name, bytes, p.size + more);
	free(p.bytes);
	free(bytes);
}

static void make_tree(const char *name, int count)
{
	char path[64];

	tree_start(name);
	mkdir(tree_path("a"), 0700);
	mkdir(tree_path("b"), 0700);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%c/%02d.%s", i % 2 ? 'a' : 'b', i, suffix[kind]);
		put_image(path, 3, 4);
	}
}

static const char *image(const char *stem)
{
	static char path[64];

	snprintf(path, sizeof path, "%s.%s", stem, suffix[kind]);
	return path;
}

static void test_images(void)
{
	struct plait_dataset *set;
	uint64_t before, here;

	make_tree("here", 40);
	before = opened(tree_spec("images"));
	ok(opened(tree_spec("images")) == before, "a folder of images is the same");
	put_image(image("b/20"), 3, 5);
	ok(opened(tree_spec("images")) != before, "not with a file that has grown");
	put_image(image("b/20"), 3, 4);
	ok(opened(tree_spec("images")) == before, "but with the old one in its place");
	put_image(image("a/01"), 5, 4); /* the first sample is always looked at */
	ok(opened(tree_spec("images")) != before, "not with a picture of the same size");
	put_image(image("a/01"), 3, 4);
	rename(tree_path(image("b/20")), tree_path(image("b/21")));
	ok(opened(tree_spec("images")) != before, "not with a file of another name");
	rename(tree_path(image("b/21")), tree_path(image("a/20")));
	ok(opened(tree_spec("images")) != before, "not with one in another class");
	rename(tree_path(image("a/20")), tree_path(image("b/20")));

	/* Between opening and looking. */
	set = open_or_bail(tree_spec("images"));
	unlink(tree_path(image("b/20")));
	here = fingerprint(set);
	ok(here != before, "not with one that has vanished");
	ok(opened(tree_spec("images")) != before, "nor opened without it");
	plait_dataset_destroy(set);

	make_tree("elsewhere", 40);
	ok(opened(tree_spec("images")) == before, "it may be elsewhere");
	ok(opened(strcat((char *)tree_spec("images"), "//")) == before,
	   "however the folder is written");
}

static uint64_t of_tar(const char *first, int i, const char *more, const char *class)
{
	static struct tar tar;
	char name[64];

	tar.size = 0;
	snprintf(name, sizeof name, "%s.cls", first);
	if (*more)
		tar_add_text(&tar, more, "a member of no sample");
	tar_add_image(&tar, first, i);
	tar_add_text(&tar, name, class);
	tar_add_image(&tar, "y", 2);
	tar_add_text(&tar, "y.cls", "0");
	tar_end(&tar);
	tar_put("a.tar", &tar);
	return opened(tar_spec());
}

static void test_tar(void)
{
	uint64_t before = of_tar("x", 1, "", "1");
	char copy[1100];
	unsigned char *bytes;
	size_t size;

	ok(of_tar("x", 1, "", "1") == before, "an archive is the same");
	ok(of_tar("x", 7, "", "1") != before, "not with another picture");
	ok(of_tar("x", 1, "more", "1") != before, "not with another member before");
	ok(of_tar("x", 1, "", "2") != before, "not with another class");
	ok(of_tar("z", 1, "", "1") != before, "not with another name");
	of_tar("x", 1, "", "1");
	bytes = files_read("a.tar", &size);
	files_write("moved.tar", bytes, size);
	snprintf(copy, sizeof copy, "tar:%s", files_path("moved.tar"));
	ok(opened(copy) == before, "it may be elsewhere");
	files_write_gzip("moved.tar", bytes, size);
	ok(opened(copy) == before, "and compressed");
	free(bytes);
}

static void test_packed(void)
{
	struct samples s = samples_make(100, 3, 4, 0, 1);
	struct plait_dataset *planes = packed_source_planes(40);
	struct plait_dataset *fewer = packed_source_planes(39);
	uint64_t floats, bytes;

	packed_write("floats", s.set, false);
	packed_write("bytes", planes, false);
	floats = opened(packed_spec("floats"));
	bytes = opened(packed_spec("bytes"));
	packed_write("again", s.set, false);
	ok(opened(packed_spec("again")) == floats, "a packed file is the same, packed again");
	/* A change of one byte of a sample in the middle: the checksums tell. */
	((unsigned char *)s.x)[601] ^= 1;
	packed_write("again", s.set, false);
	ok(opened(packed_spec("again")) != floats, "not with another byte");
	((unsigned char *)s.x)[601] ^= 1;
	s.labels[50] ^= 1;
	packed_write("again", s.set, false);
	ok(opened(packed_spec("again")) != floats, "not with another label");
	packed_write("again", fewer, false);
	ok(opened(packed_spec("again")) != bytes, "not with a sample less");
	packed_write("again", planes, false);
	ok(opened(packed_spec("again")) == bytes, "bytes packed again");
	plait_dataset_destroy(planes);
	plait_dataset_destroy(fewer);
	samples_free(&s);
}

/* -- by a loader ----------------------------------------------------------------------------- */

/* A loader computes the fingerprint once, for its first state. */
static void test_loader(void)
{
	struct samples s = samples_make(40, 3, 4, 0, 1);
	struct plait_loader *loader = loader_open(s.set, (struct plait_loader_options){ 0 });
	struct plait_loader_state state = { 0 };

	is_int(plait_loader_state_save(loader, &state), 0, "a state before the first batch");
	plait_loader_destroy(loader);
	loader = loader_open(s.set, (struct plait_loader_options){ .workers = 1 });
	is_int(plait_loader_state_restore(loader, &state), 0, "the same data is accepted");
	plait_loader_destroy(loader);
	s.labels[7] ^= 1;
	loader = loader_open(s.set, (struct plait_loader_options){ 0 });
	refused(plait_loader_state_restore(loader, &state), PLAIT_EDATA, "memory: not the data",
		"data with another label");
	plait_loader_destroy(loader);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	kind = tar_kind();
	test_memory();
	test_large();
	test_callback();
	if (pictures_have_png() || pictures_have_jpeg()) {
		test_images();
		test_tar();
	} else {
		tap_skip("images: built without libjpeg-turbo or libpng");
	}
	test_packed();
	test_loader();
	plait_stop();
	return tap_done();
}
