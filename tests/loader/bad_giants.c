/* SPDX-License-Identifier: MIT
 * Real files that no loader should decode: Debian's openclipart-png has drawings of hundreds of
 * megapixels in a few megabytes each. */
#include "config.h"
#include "src/image/image.h"
#include "tests/loader/bad.h"
#include "tests/pictures.h"
#include "tests/tree.h"

#include <fts.h>
#include <sys/resource.h>

#define CLIPART "/usr/share/openclipart/png"
#define MOST 64
#define GOOD 20

static char giant[MOST][512];
static int giants;

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_giant(const char *path)
{
	unsigned char head[24] = { 0 };
	FILE *in = fopen(path, "rb");
	bool whole = in && fread(head, 1, sizeof head, in) == sizeof head;

	if (in)
		fclose(in);
	return whole && memcmp(head, "\x89PNG", 4) == 0 &&
	       (int64_t)be32(head + 16) * be32(head + 20) > PLAIT__MAX_PIXELS;
}

/* Files of more pixels than are decoded. */
static void find_giants(void)
{
	char folder[] = CLIPART, *folders[] = { folder, NULL };
	FTS *walk = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	while (walk && giants < MOST && (entry = fts_read(walk)))
		if (entry->fts_info == FTS_F && is_giant(entry->fts_path))
			snprintf(giant[giants++], sizeof *giant, "%s", entry->fts_path);
	if (walk)
		fts_close(walk);
}

/* Good images in one class, links to the giants in the other. */
static void put_tree(void)
{
	tree_start("giants");
	mkdir(tree_path("good"), 0700);
	mkdir(tree_path("giant"), 0700);
	for (int i = 0; i < GOOD; i++) {
		struct picture p = pictures_small(0, 12, 10, i);
		char name[32];

		snprintf(name, sizeof name, "good/%02d.png", i);
		tree_put(name, p.bytes, p.size);
		free(p.bytes);
	}
	for (int i = 0; i < giants; i++) {
		char name[32];

		snprintf(name, sizeof name, "giant/%02d.png", i);
		if (symlink(giant[i], tree_path(name)) != 0)
			tap_bail_out("cannot link %s", name);
	}
}

/* Reads an epoch; returns its batches' labels added up, or the status. */
static int64_t read_labels(enum plait_bad_policy policy, struct plait_bad_samples *list)
{
	struct plait_dataset *set = open_or_bail(tree_spec("images"));
	struct plait_loader *loader = loader_open(
		set, (struct plait_loader_options){ .batch_size = 8,
						    .bad = { .policy = policy, .list = list } });
	struct plait_batch batch;
	int64_t sum = 0;
	int status;

	while ((status = plait_loader_next(loader, &batch)) == 0) {
		for (int64_t i = 0; i < batch.samples; i++)
			sum += batch.labels[i];
		plait_loader_release(loader);
	}
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
	return status < 0 ? status : sum;
}

int main(void)
{
	struct plait_bad_samples *list;
	struct plait_bad_sample bad;
	struct rusage before, after;

	if (!pictures_have_png())
		tap_skip_all("built without PNG");
	find_giants();
	if (giants == 0)
		tap_skip_all("no images of over 64 megapixels in " CLIPART
			     ": apt-get install openclipart-png");
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	put_tree();
	list = list_make();
	getrusage(RUSAGE_SELF, &before);
	is_int(read_labels(PLAIT_BAD_FAIL, list), PLAIT_EFORMAT, "fail: the first of %d giants",
	       giants);
	contains(plait_error_message(), "more than the limit of 67108864", "it is too large");
	contains(plait_error_message(), "giant/00.png", "it is named");
	is_int(read_labels(PLAIT_BAD_REPLACE, list), GOOD + giants,
	       "replace: all others are of the other class");
	is_int(read_labels(PLAIT_BAD_MASK, list), GOOD - giants, "mask: each has the label -1");
	is_int(plait_bad_samples_count(list), giants, "the list has the giants");
	for (int i = 0; i < giants; i++) {
		plait_bad_samples_get(list, i, &bad);
		contains(bad.message, "more than the limit", "%s: %s", giant[i], bad.message);
	}
	getrusage(RUSAGE_SELF, &after);
	ok(after.ru_maxrss - before.ru_maxrss < 128 << 10,
	   "it took %ld MiB; the largest has over 1,000",
	   (after.ru_maxrss - before.ru_maxrss) >> 10);
	plait_bad_samples_destroy(list);
	plait_stop();
	return tap_done();
}
