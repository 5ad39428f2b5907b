/* SPDX-License-Identifier: MIT
 * Packed files: reading returns what was written, and the name is that of a complete file at every
 * moment.  Damaged files are in packed_bad.c. */
#include "config.h"
#include "src/base/crc32c.h"
#include "tests/dataset/packed.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Vectors of RFC 3720, appendix B.4, and the usual check of a CRC. */
static void test_crc(void)
{
	static unsigned char bytes[2000], zeros[32];
	uint32_t parts = 0;
	int differ = 0;

	is_int(plait__crc32c(0, "123456789", 9), 0xe3069283, "CRC-32C of 123456789");
	is_int(plait__crc32c(0, zeros, 32), 0x8a9136aa, "CRC-32C of 32 zeros");
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * i + i / 5);
	for (size_t n = 0; n + 3 <= sizeof bytes; n++)
		differ += plait__crc32c(0, bytes + n % 4, n) !=
			  plait__crc32c_plain(0, bytes + n % 4, n);
	is_int(differ, 0, "with and without the instruction, at every length");
	for (size_t n = 0, at = 0; at < sizeof bytes; at += n, n = n < 900 ? n + 37 : n)
		parts = plait__crc32c(parts, bytes + at,
				      at + n > sizeof bytes ? sizeof bytes - at : n);
	is_int(parts, plait__crc32c(0, bytes, sizeof bytes), "in parts or at once");
}

/* Packs a and compares; then packs what was packed. */
static void round_trip(struct plait_dataset *a, const char *what, bool decodes)
{
	struct plait_dataset *b, *c;

	packed_write("a.plk", a, false);
	b = open_or_bail(packed_spec("a.plk"));
	if (decodes)
		is_int(packed_differ(a, b), 0, "%s: every sample is what it was", what);
	else
		tap_skip("%s: this build decodes nothing", what);
	packed_write("b.plk", b, false);
	c = open_or_bail(packed_spec("b.plk"));
	if (decodes)
		is_int(packed_differ(a, c), 0, "%s: packed twice", what);
	plait_dataset_destroy(c);
	plait_dataset_destroy(b);
	plait_dataset_destroy(a);
}

static int read_by_key(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	memset(x, (int)(index + (int64_t)key), 3);
	*label = index == *(int *)user ? 99 : 1;
	target[0] = (float)index;
	return index == -*(int *)user;
}

static struct plait_dataset *callback(int *bad)
{
	struct plait_dataset *set = NULL;
	struct plait_dataset_info info = { .spec = "mine",
					   .samples = 40,
					   .dtype = PLAIT_U8,
					   .ndim = 1,
					   .dim = { 3 },
					   .classes = 2,
					   .targets = 1 };

	if (plait_dataset_from_callback(&set, &info, read_by_key, bad) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

static void test_kinds(void)
{
	static const char csv[] = "a,b,kind\n1,2,dog\n3,4.5,cat\n5,6,dog\n";
	int never = 1000;

	round_trip(packed_source_planes(41), "bytes", true);
	round_trip(packed_source_floats(37), "floats and targets", true);
	round_trip(packed_source_images(23, false), "images", packed_can_decode());
	round_trip(callback(&never), "a callback with labels and targets", true);
	round_trip(open_or_bail("synthetic:100,7,3"), "floats and labels", true);
	files_write("x.csv", csv, sizeof csv - 1);
	round_trip(open_or_bail(files_spec("csv:%s", "x.csv", "")), "class names", true);
	round_trip(packed_source_floats(1), "one sample", true);
}

static void test_layout(void)
{
	struct plait_dataset *a = packed_source_floats(37), *b;
	struct plait__packed *packed;
	struct plait__stored where;

	packed_write("a.plk", a, false);
	b = open_or_bail(packed_spec("a.plk"));
	packed = b->state;
	ok(b->x == packed->kept && b->targets == packed->targets && !b->there[5],
	   "floats are to be kept, and are not read yet");
	ok(b->bring(b, 5, &where) == 0 && b->there[5] && !b->there[4], "one is read");
	is_int(memcmp((const float *)b->x + 30, (const float *)a->x + 30, 24), 0, "to its place");
	is_int(packed->header.section[PLAIT__PACKED_DATA].offset % 4096, 0,
	       "records begin with a page");
	contains(packed->made, "pack --data memory", "the file says how it was made");
	plait_dataset_destroy(b);
	plait_dataset_destroy(a);
}

static bool same_bytes(const struct plait_dataset *a, const struct plait_dataset *b)
{
	struct plait__buffer m = { 0 }, n = { 0 };
	bool same = true;

	for (int64_t i = 0; i < a->info.samples; i++) {
		struct plait__stored p, q;

		same = same && a->fetch(a, i, &m, &p) == 0 && b->fetch(b, i, &n, &q) == 0 &&
		       p.kind == q.kind && p.size == q.size && p.label == q.label &&
		       memcmp(p.bytes, q.bytes, p.size) == 0;
	}
	plait__buffer_free(&m);
	plait__buffer_free(&n);
	return same;
}

static void test_images(void)
{
	struct plait_dataset *a = packed_source_images(20, false), *b;
	struct plait__packed_result result = packed_write("a.plk", a, false);

	is_int(result.kind, PLAIT__PACKED_IMAGES, "images stay images");
	b = open_or_bail(packed_spec("a.plk"));
	ok(same_bytes(a, b) && !b->varying, "to the byte");
	plait_dataset_destroy(b);
	if (packed_can_decode()) {
		is_int(result.doubtful, 0, "all of them make sense");
		is_int(packed_write("b.plk", a, true).kind, PLAIT__PACKED_ARRAYS,
		       "raw is an array");
		b = open_or_bail(packed_spec("b.plk"));
		is_int(packed_differ(a, b), 0, "of what they decode to");
		plait_dataset_destroy(b);
	} else {
		is_int(result.doubtful, 20, "none of them makes sense");
		contains(result.doubt, "source: ", "and why");
	}
	plait_dataset_destroy(a);
	if (!packed_can_decode())
		return;
	/* As for a folder, opening has not looked at every image and knows only some sizes. */
	a = packed_source_images(20, true);
	ok(packed_write("a.plk", a, false).varying, "the one of another size is noticed");
	b = open_or_bail(packed_spec("a.plk"));
	ok(b->varying, "and remembered");
	is_int(plait__packed_write(files_path("b.plk"), a,
				   &(struct plait__packed_options){ .raw = true }, &result),
	       PLAIT_ESHAPE, "but cannot be packed raw");
	contains(plait_error_message(), "sample 19: 5 x 6 pixels", "its number and size");
	a->varying = true;
	is_int(plait__packed_write(files_path("b.plk"), a,
				   &(struct plait__packed_options){ .raw = true }, &result),
	       PLAIT_ESHAPE, "nor is it tried when that is known");
	plait_dataset_destroy(b);
	plait_dataset_destroy(a);
}

/* -- many readers -------------------------------------------------------------------------- */

struct reader {
	const struct plait__packed *packed;
	const struct plait_dataset *source;
	int number, differ;
};

static void *read_all(void *argument)
{
	struct reader *r = argument;
	struct plait__buffer m = { 0 }, n = { 0 };
	int64_t samples = r->source->info.samples;

	for (int64_t k = 0; k < 40 * samples; k++) {
		int64_t i = (k * 7 + r->number) % samples;
		struct plait__stored p, q;

		if (r->source->fetch(r->source, i, &m, &p) < 0 ||
		    plait__packed_fetch(r->packed, i, &n, &q) < 0 || p.size != q.size ||
		    p.label != q.label || memcmp(p.bytes, q.bytes, p.size) != 0)
			r->differ++;
	}
	plait__buffer_free(&m);
	plait__buffer_free(&n);
	return NULL;
}

static void test_threads(void)
{
	struct plait_dataset *a = packed_source_images(61, false);
	struct plait__packed *packed = NULL;
	struct reader reader[4];
	pthread_t thread[4];
	int differ = 0;

	packed_write("a.plk", a, false);
	if (plait__packed_open(&packed, files_path("a.plk")) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 4; i++) {
		reader[i] = (struct reader){ packed, a, i, 0 };
		if (pthread_create(&thread[i], NULL, read_all, &reader[i]) != 0)
			tap_bail_out("no thread");
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		differ += reader[i].differ;
	}
	is_int(differ, 0, "4 threads");
	plait__packed_close(packed);
	plait_dataset_destroy(a);
}

/* -- writing that fails ---------------------------------------------------------------------- */

static int stop_at_10(void *user, int64_t done, int64_t samples)
{
	*(int64_t *)user = samples;
	return done == 10;
}

/* Expects that packing into a.plk fails, and that a.plk is the same file as before. */
static void fails(const struct plait_dataset *set, const struct plait__packed_options *options,
		  int status, const char *part, const struct plait_dataset *before)
{
	struct plait__packed_result result;
	struct plait_dataset *after;
	char temporary[64];

	is_int(plait__packed_write(files_path("a.plk"), set, options, &result), status, "%s", part);
	contains(plait_error_message(), part, "says so");
	snprintf(temporary, sizeof temporary, "a.plk.tmp-%ld-0", (long)getpid());
	ok(access(files_path(temporary), F_OK) != 0, "leaves nothing behind");
	after = open_or_bail(packed_spec("a.plk"));
	ok(same_bytes(before, after), "and what was there");
	plait_dataset_destroy(after);
}

static void test_failures(void)
{
	struct plait_dataset *a = packed_source_images(20, false), *set;
	struct plait__packed_options plain = { 0 };
	int64_t samples = 0;
	int bad = -17;
	struct rlimit all, few;

	packed_write("a.plk", a, false);
	fails(a, &(struct plait__packed_options){ .progress = stop_at_10, .user = &samples },
	      PLAIT_EINTERRUPTED, "interrupted at sample 10", a);
	is_int(samples, 20, "progress knows how many");
	set = callback(&bad);
	fails(set, &plain, PLAIT_EDATA, "sample 17 could not be read", a);
	bad = 18;
	fails(set, &plain, PLAIT_ELABEL, "label 18 is 99, must be 0 to 1", a);
	plait_dataset_destroy(set);
	set = open_or_bail("synthetic:5000,10,2");
	getrlimit(RLIMIT_FSIZE, &all);
	few = all;
	few.rlim_cur = 100000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &few);
	fails(set, &plain, PLAIT_EIO, "cannot write: File too large", a);
	setrlimit(RLIMIT_FSIZE, &all);
	plait_dataset_destroy(set);
	plait_dataset_destroy(a);
}

/* A file that is replaced can still be read by who has opened it. */
static void test_replaced(void)
{
	struct plait_dataset *a = packed_source_images(20, false);
	struct plait_dataset *other = packed_source_planes(30), *open, *again;

	packed_write("a.plk", a, false);
	open = open_or_bail(packed_spec("a.plk"));
	packed_write("a.plk", other, false);
	ok(same_bytes(a, open), "replaced while open: still the old one");
	again = open_or_bail(packed_spec("a.plk"));
	ok(same_bytes(other, again), "opened again: the new one");
	plait_dataset_destroy(again);
	plait_dataset_destroy(open);
	plait_dataset_destroy(other);
	plait_dataset_destroy(a);
}

int main(void)
{
	test_crc();
	test_kinds();
	test_layout();
	test_images();
	test_threads();
	test_failures();
	test_replaced();
	return tap_done();
}
