/* SPDX-License-Identifier: MIT
 * Files that are no images, or have a wrong header: the message for each, the samples that replace
 * them, and that none takes much memory. */
#include "config.h"
#include "src/base/hash.h"
#include "tests/loader/bad.h"
#include "tests/dataset/packed.h"
#include "tests/pictures.h"
#include "tests/tree.h"

#include <sys/resource.h>

#define SAMPLES 100

/* Index 2 is none of the 64 that opening looks at. */
enum { OTHER_SIZE = 2, CUT = 11, EMPTY = 20, TEXT = 55, GONE = 60, LIAR = 77, BAD = 6 };

static const struct {
	int64_t index;
	const char *words[2];
} expected[BAD] = {
	{ OTHER_SIZE, { "7 x 9 pixels (height x width), where ", " has 10 x 12" } },
	{ CUT, { "offset ", "" } },
	{ EMPTY, { "offset 0", "found an empty file" } },
	{ TEXT, { "offset 0", "expected a JPEG or PNG image, found 68 65 6c 6c" } },
	{ GONE, { "cannot open", "No such file" } },
	{ LIAR, { "30000 x 20000 pixels", "more than the limit" } },
};

static const char *name_of(int64_t i)
{
	static char name[32];

	snprintf(name, sizeof name, "%c/%02d.%s", i < 50 ? 'a' : 'b', (int)i % 50,
		 i == TEXT || !pictures_have_png() || (pictures_have_jpeg() && i % 2) ? "jpg"
										      : "png");
	return name;
}

static uint32_t crc(const unsigned char *bytes, size_t size)
{
	uint32_t c = 0xffffffff;

	for (size_t i = 0; i < size; i++) {
		c ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
	}
	return ~c;
}

static void put32(unsigned char *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* The head of a good PNG of 30000x20000 colours, up to the first pixel. */
static void put_liar(const char *name)
{
	unsigned char png[60] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

	put32(png + 16, 30000);
	put32(png + 20, 20000);
	png[24] = 8;
	png[25] = 2;
	put32(png + 29, crc(png + 12, 17));
	put32(png + 33, 1000);
	memcpy(png + 37, "IDAT", 4);
	tree_put(name, png, sizeof png);
}

static void put_tree(bool good)
{
	tree_start("bad");
	mkdir(tree_path("a"), 0700);
	mkdir(tree_path("b"), 0700);
	for (int64_t i = 0; i < SAMPLES; i++) {
		int kind = !pictures_have_png() || (pictures_have_jpeg() && i % 2);
		bool odd = !good && i == OTHER_SIZE;
		struct picture p = pictures_small(kind, odd ? 9 : 12, odd ? 7 : 10, (int)i);

		tree_put(name_of(i), p.bytes, !good && i == CUT ? p.size / 2 : p.size);
		free(p.bytes);
	}
	if (good)
		return;
	tree_put(name_of(EMPTY), "", 0);
	tree_put(name_of(TEXT), "hello, world", 12);
	put_liar(name_of(LIAR));
}

/* A hash of two epochs' bytes. */
static uint64_t hash_epochs(struct plait_dataset *set, struct plait_loader_options options)
{
	struct plait_loader *loader = loader_open(set, options);
	struct plait__hash hash;
	struct plait_batch batch;

	plait__hash_start(&hash);
	for (int end = 0; end < 2;) {
		int status = plait_loader_next(loader, &batch);

		if (status < 0)
			tap_bail_out("%s", plait_error_message());
		end += status == PLAIT_END;
		if (status == 0) {
			plait__hash_add(&hash, batch.x,
					(size_t)batch.samples * 360 * sizeof(float));
			plait__hash_add(&hash, batch.labels,
					(size_t)batch.samples * sizeof(int32_t));
			plait_loader_release(loader);
		}
	}
	plait_loader_destroy(loader);
	return plait__hash_end(&hash);
}

/* Each fault is listed with its file and the words of the decoder. */
static void check_list(struct plait_bad_samples *list, const char *spec)
{
	is_int(plait_bad_samples_count(list), BAD, "%d bad samples", BAD);
	for (int64_t i = 0; i < BAD && i < plait_bad_samples_count(list); i++) {
		const char *path = tree_path(name_of(expected[i].index));
		struct plait_bad_sample bad;

		plait_bad_samples_get(list, i, &bad);
		is_int(bad.index, expected[i].index, "number %d", (int)i);
		is_string(bad.path, path, "its file");
		is_string(bad.spec, spec, "its data set");
		is_int(bad.offset, 0, "it begins where its file does");
		ok(bad.times >= 2, "it was met in both epochs");
		contains(bad.message, expected[i].words[0], "the words: %s", bad.message);
		contains(bad.message, expected[i].words[1], "and what was found");
		ok(!strstr(bad.message, path), "without the path, which stands apart");
	}
}

static int64_t peak_kilobytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void test_folder(enum plait_bad_policy policy)
{
	static const enum plait_cache caches[] = { PLAIT_CACHE_NONE, PLAIT_CACHE_RAW,
						   PLAIT_CACHE_DECODED };
	struct plait_dataset *set;
	const char *spec;
	uint64_t first = 0;
	int runs = 0, differ = 0, counts = 0;

	put_tree(false);
	spec = tree_spec("images");
	set = open_or_bail(spec);
	unlink(tree_path(name_of(GONE)));
	for (int workers = 1; workers <= 2; workers++)
		for (int64_t chunk = 0; chunk <= 14; chunk += 7)
			for (int c = 0; c < 3; c++) {
				struct plait_bad_samples *list = list_make();
				struct plait_loader_options o = { .batch_size = 16,
								  .shuffle = true,
								  .workers = workers,
								  .prefetch = 2 + c,
								  .chunk = chunk,
								  .cache = caches[c],
								  .bad = { .policy = policy,
									   .list = list } };
				uint64_t hash = hash_epochs(set, o);

				if (runs++ == 0) {
					first = hash;
					check_list(list, spec);
				}
				differ += hash != first;
				counts += plait_bad_samples_count(list) != BAD;
				plait_bad_samples_destroy(list);
			}
	is_int(differ, 0, "%d choices of workers, chunk, prefetch and cache: the same bytes", runs);
	is_int(counts, 0, "and the same %d bad samples", BAD);
	plait_dataset_destroy(set);
}

/* The list may outlive the data set.  The policy fail is not changed by a list. */
static void test_fail(void)
{
	struct plait_dataset *set = open_or_bail(tree_spec("images"));
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = SAMPLES });
	struct plait_batch batch;

	is_int(plait_loader_next(loader, &batch), PLAIT_ESHAPE, "with fail the first ends it");
	contains(plait_error_message(), "sample 2: ", "its number is named");
	contains(plait_error_message(), tree_path(name_of(OTHER_SIZE)), "and its file");
	contains(plait_error_message(), "7 x 9 pixels", "and what is wrong");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* A record of a packed file is damaged: path and offset are those of the record in it. */
static void test_packed(void)
{
	struct plait_bad_samples *list = list_make();
	struct plait_dataset *set;
	struct plait_bad_sample bad = { 0 };
	unsigned char *bytes;
	size_t size;

	put_tree(true);
	set = open_or_bail(tree_spec("images"));
	packed_write("good.packed", set, false);
	plait_dataset_destroy(set);
	bytes = files_read("good.packed", &size);
	bytes[size - 5] ^= 1;
	files_write("bad.packed", bytes, size);
	free(bytes);
	set = open_or_bail(packed_spec("bad.packed"));
	hash_epochs(set, (struct plait_loader_options){
				 .batch_size = 16,
				 .bad = { .policy = PLAIT_BAD_REPLACE, .list = list } });
	is_int(plait_bad_samples_count(list), 1, "a damaged record is one bad sample");
	plait_dataset_destroy(set);
	plait_bad_samples_get(list, 0, &bad);
	is_int(bad.index, SAMPLES - 1, "the last");
	is_string(bad.path, files_path("bad.packed"), "the path is the packed file's");
	ok(bad.offset > (int64_t)size - 2000 && bad.offset < (int64_t)size - 5,
	   "the offset is the record's");
	contains(bad.message, "checksum", "the words: %s", bad.message);
	plait_bad_samples_destroy(list);
}

int main(void)
{
	int64_t before;

	if (!pictures_have_png())
		tap_skip_all("built without PNG");
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	before = peak_kilobytes();
	test_folder(PLAIT_BAD_REPLACE);
	test_folder(PLAIT_BAD_MASK);
	/* The pixels that the wrong header says would take 1,758 MiB. */
	ok(peak_kilobytes() - before < 256 << 10, "no header's lie cost memory");
	test_fail();
	test_packed();
	plait_stop();
	return tap_done();
}
