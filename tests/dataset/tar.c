/* SPDX-License-Identifier: MIT
 * Plain tar archives of WebDataset: samples, labels, headers, and what may be wrong with them. */
#include "src/dataset/dataset.h"
#include "tests/tar.h"

#include <sys/resource.h>
#include <unistd.h>

static void test_good(void)
{
	static struct tar tar;
	struct plait__buffer memory = { 0 };
	struct plait__stored stored;
	struct plait_dataset *set;
	uint8_t x[60];
	int32_t label;

	tar_make_pets(&tar);
	tar_put("a.tar", &tar);
	tar.size = 0;
	tar_add_image(&tar, "b", 3);
	tar_add_text(&tar, "b.cls", "2147483646");
	tar_end(&tar);
	tar_put("b.tar", &tar);
	set = open_or_bail(tar_spec());
	is_int(plait_dataset_info(set)->samples, 2, "two samples");
	is_int(plait_dataset_info(set)->classes, 4, "classes up to the largest");
	is_string(sample_shape(set), "[3,4,5]", "their shape");
	ok(!set->varying, "all of one size");
	is_int(plait_dataset_read(set, 0, 0, x, &label, NULL), 0, "the first");
	is_int(label, 3, "its class");
	is_int(plait_dataset_read(set, 1, 0, x, &label, NULL), 0, "the second");
	is_int(label, 0, "its class");
	if (tar_kind() == 0)
		is_int(x[3 * 5 + 2], 8 * 2 + 2, "red at row 3, column 2");
	is_int(set->fetch(set, 1, &memory, &stored), 0, "its record");
	contains(stored.path, files_path("a.tar:pets/dog."), "names archive and member");
	ok(stored.offset % BLOCK == 0 && stored.offset > 0, "its offset is %lld",
	   (long long)stored.offset);
	plait__buffer_free(&memory);
	plait_dataset_destroy(set);
	set = open_or_bail(files_spec("tar:%s,%s", "a.tar", "b.tar"));
	is_int(plait_dataset_info(set)->samples, 3, "two archives");
	is_int(plait_dataset_read(set, 2, 0, x, &label, NULL), 0, "the last sample");
	is_int(label, 2147483646, "its class");
	plait_dataset_destroy(set);
}

/* -- bad ------------------------------------------------------------------------------ */

static struct tar bad;

/* Ends the archive, opens it, and expects this result. */
static void refuses_tar(int status, const char *part, const char *part2)
{
	tar_end(&bad);
	tar_put("a.tar", &bad);
	refuses(tar_spec(), status, part, part2);
	bad.size = 0;
}

static void test_samples(void)
{
	bad.size = 0;
	refuses_tar(PLAIT_EFORMAT, tar_path(), "found none in 1 archives");
	tar_add_image(&bad, "1.5", 1);
	tar_add_text(&bad, "1.5.cls", "1");
	refuses_tar(PLAIT_EFORMAT, tar_path(), "found none in 1 archives");
	tar_add_image(&bad, "x/1", 1);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "sample x/1 has no class: expected x/1.jpg");
	tar_add_text(&bad, "1.cls", "1");
	tar_add_image(&bad, "2", 1);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "sample 1 has a class but no image");
	tar_add_image(&bad, "1", 1);
	tar_add_image(&bad, "1", 1);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "sample 1 has a second image, 1.");
	tar_add_image(&bad, "1", 1);
	tar_add_text(&bad, "1.cls", "1");
	tar_add_image(&bad, "2", 1);
	tar_add_text(&bad, "2.cls", "1");
	tar_add_image(&bad, "1", 1); /* as tar -r appends it */
	tar_add_text(&bad, "1.cls", "1");
	refuses_tar(PLAIT_EFORMAT, files_path("a.tar:1."),
		    "expected a member once, found it twice");
	tar_add_text(&bad, "1.cls", "1");
	tar_add_text(&bad, "1.CLS", "1");
	refuses_tar(PLAIT_EFORMAT, tar_path(), "sample 1 has a second class, 1.CLS");
	tar_add_text(&bad, "1.cls", "cat\nor dog");
	refuses_tar(PLAIT_EFORMAT, files_path("a.tar:1.cls: offset 512"), "found \"cat\"");
	tar_add_text(&bad, "1.cls", "");
	refuses_tar(PLAIT_EFORMAT, tar_path(), "decimal number, found \"\"");
	tar_add_text(&bad, "1.cls", "-1");
	refuses_tar(PLAIT_EFORMAT, tar_path(), "decimal number, found \"-1\"");
	tar_add(&bad, "1.cls", '0', "1\0002", 3);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "decimal number, found \"1\"");
	tar_add_text(&bad, "1.cls", "2147483647");
	refuses_tar(PLAIT_ELABEL, tar_path(), "label is 2147483647, must be 0 to 2147483646");
	tar_add_text(&bad, "1.cls", "99999999999999999999");
	refuses_tar(PLAIT_ELABEL, tar_path(), "must be 0 to 2147483646");
	tar_add_text(&bad, "1.cls", "1                                             ");
	refuses_tar(PLAIT_EFORMAT, tar_path(), "decimal number");
}

static void test_headers(void)
{
	unsigned char *header;
	char name[5000];

	tar_add(&bad, "1.cls", '0', "1", 1)[3] ^= 1;
	refuses_tar(PLAIT_EFORMAT, tar_path(), "offset 148: expected a tar header's checksum");
	header = tar_add(&bad, "1.cls", '0', "1", 1);
	memcpy(header + 124, "00000q00001", 11);
	tar_checksum(header);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "offset 124: expected a size");
	header = tar_add(&bad, "1.cls", '0', "1", 1);
	memset(header + 124, 0xff, 12);
	tar_checksum(header);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "offset 124: expected a size");
	header = tar_add(&bad, "1.cls", '0', "1", 1);
	memset(header + 124, 0, 11);
	header[124] = 0x80;
	header[131] = 1;
	tar_checksum(header);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "expected a member of 4294967296 bytes, found 1536");
	tar_add(&bad, "x", 'x', "99 path=abc\n", 12);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "expected a line of a pax header");
	tar_add(&bad, "x", 'x', "10 size=z\n", 10);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "expected a size in a pax header");
	tar_add(&bad, "x", 'x', "29 size=99999999999999999999\n", 29);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "expected a size in a pax header");
	tar_add(&bad, "x", 'S', "", 0);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "expected a file without holes");
	memset(name, 'x', sizeof name);
	tar_add(&bad, "x", 'L', name, sizeof name);
	refuses_tar(PLAIT_EFORMAT, tar_path(), "a name of over 4095 bytes");
	refuses("tar:", PLAIT_EINVAL, "tar:FILE[,FILE...]", "found \"\"");
	refuses("tar:a,,b", PLAIT_EINVAL, "tar:FILE[,FILE...]", "found \"a,,b\"");
	refuses("tar:/nowhere.tar", PLAIT_EIO, "/nowhere.tar", "No such file");
	refuses("tar:/dev/zero", PLAIT_EIO, "/dev/zero", "a device");
	files_write("a.tar", "no archive", 10);
	refuses(tar_spec(), PLAIT_EFORMAT, tar_path(), "too few bytes: it is truncated, or no tar");
}

/* The header of a folder may have a size, but no data follow it. */
static void test_folder_size(void)
{
	unsigned char *header;
	struct plait_dataset *set;

	bad.size = 0;
	header = tar_add(&bad, "folder/", '5', NULL, 0);
	memcpy(header + 124, "00000004000", 11);
	tar_checksum(header);
	tar_add_image(&bad, "folder/x", 1);
	tar_add_text(&bad, "folder/x.cls", "0");
	tar_end(&bad);
	tar_put("a.tar", &bad);
	set = open_or_bail(tar_spec());
	is_int(plait_dataset_info(set)->samples, 1, "a folder has no data");
	plait_dataset_destroy(set);
}

/* Opening, and reading each sample, succeed or fail with the right status. */
static int try_tar(const void *user)
{
	struct plait_dataset *set = NULL;
	int status = plait_dataset_open(&set, user);
	struct plait__buffer memory = { 0 }, pixels = { 0 };

	for (int64_t i = 0; status == 0 && i < plait_dataset_info(set)->samples; i++) {
		struct plait__stored stored;
		struct plait__image image;

		status = set->fetch(set, i, &memory, &stored);
		if (status == 0)
			/* Its message has no path: the loader adds that. */
			plait__image_decode(stored.bytes, stored.size, 3, &pixels, &image);
	}
	plait__buffer_free(&memory);
	plait__buffer_free(&pixels);
	plait_dataset_destroy(set);
	return status;
}

/* The note that has this text, or a failure. */
static void has_note(const struct plait_dataset *set, enum plait_note kind, const char *text)
{
	enum plait_note found = 0;
	const char *note = "no note";

	for (int i = 0; plait_dataset_note(set, i, NULL); i++) {
		note = plait_dataset_note(set, i, &found);
		if (strstr(note, text))
			break;
	}
	contains(note, text, "noted: %s", text);
	is_int(found, kind, "its kind");
}

/* What no sample takes is counted; several archives in one file are all read. */
static void test_notes(void)
{
	static struct tar tar, two;
	struct plait_dataset *set;

	tar_make_pets(&tar);
	tar_put("a.tar", &tar);
	set = open_or_bail(tar_spec());
	has_note(set, PLAIT_NOTE_LOSS, "left out 1 .md, ");
	has_note(set, PLAIT_NOTE_LOSS, "left out 1 .json, ");
	has_note(set, PLAIT_NOTE_LOSS, "left out 1 hidden member, ");
	has_note(set, PLAIT_NOTE_LOSS, "left out 1 image or class with a dot in its name, ");
	has_note(set, PLAIT_NOTE_LOSS, "a.tar:./pets/cat.seg.png");
	ok(!plait_dataset_note(set, 4, NULL), "no other note");
	plait_dataset_destroy(set);

	memcpy(&two, &tar, sizeof two);
	tar_add_image(&two, "b", 3);
	tar_add_text(&two, "b.cls", "1");
	tar_add(&two, "link.png", '2', NULL, 0);
	tar_put("a.tar", &two); /* and no end */
	set = open_or_bail(tar_spec());
	is_int(plait_dataset_info(set)->samples, 3, "an archive behind another's end");
	has_note(set, PLAIT_NOTE_LOSS, "left out 1 link or device, ");
	has_note(set, PLAIT_NOTE_LOSS, "a.tar has no zeros at its end");
	plait_dataset_destroy(set);

	tar_end(&two);
	files_write_gzip("a.tar", two.byte, two.size);
	set = open_or_bail(tar_spec());
	is_int(plait_dataset_info(set)->samples, 3, "compressed too");
	plait_dataset_destroy(set);
	files_write("a.tar", two.byte, two.size - BLOCK + 100);
	is_int(try_tar(tar_spec()), 0, "a short rest of zeros");
	memset(two.byte + two.size, 'x', BLOCK);
	files_write("a.tar", two.byte, two.size + BLOCK);
	refuses(tar_spec(), PLAIT_EFORMAT, tar_path(), "expected a tar header");
	files_write("a.tar", two.byte, two.size + 7);
	refuses(tar_spec(), PLAIT_EFORMAT, tar_path(), "only zeros behind an archive's end");
	files_write("a.tar", "", 0);
	refuses(tar_spec(), PLAIT_EFORMAT, tar_path(), "found the end of the file");
}

static void test_attacks(void)
{
	static struct tar tar;

	tar_make_pets(&tar);
	/* One that ends between two samples is whole, as far as anybody can see. */
	tar_put("a.tar", &tar);
	is_int(files_truncate("a.tar", tar.byte, tar.size, false, try_tar, tar_spec()), 0,
	       "an archive of every length");
	tar_put("a.tar", &tar);
	is_int(try_tar(tar_spec()), 0, "and the whole one");
	is_int(files_mutate("a.tar", tar.byte, tar.size, 3000, try_tar, tar_spec()), 0,
	       "an archive changed 3000 times");
}

/* More archives than may stay open are opened for each image. */
static void test_many(void)
{
	static struct tar tar;
	static char list[1 << 16];
	struct plait_dataset *set;
	uint8_t x[60];
	struct rlimit before, limit;
	int wrong = 0;
	char *to = list + sprintf(list, "tar:");

	getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = 200;
	setrlimit(RLIMIT_NOFILE, &limit);
	tar_add_image(&tar, "b", 3);
	tar_add_text(&tar, "b.cls", "1");
	tar_end(&tar);
	tar_put("b.tar", &tar);
	for (int i = 0; i < 400; i++)
		to += sprintf(to, "%s%s", i ? "," : "", files_path("b.tar"));
	set = open_or_bail(list);
	is_int(plait_dataset_info(set)->samples, 400, "400 archives");
	for (int i = 0; i < 400; i++)
		wrong += plait_dataset_read(set, i, 0, x, NULL, NULL) != 0;
	is_int(wrong, 0, "all can be read");
	unlink(files_path("b.tar"));
	is_int(plait_dataset_read(set, 0, 0, x, NULL, NULL), 0, "the first stays open");
	is_int(plait_dataset_read(set, 399, 0, x, NULL, NULL), PLAIT_EIO, "the last is not");
	plait_dataset_destroy(set);
	setrlimit(RLIMIT_NOFILE, &before);
}

int main(void)
{
	if (!pictures_have_png() && !pictures_have_jpeg())
		tap_skip_all("built without PNG and JPEG");
	test_good();
	test_samples();
	test_headers();
	test_folder_size();
	test_notes();
	test_attacks();
	test_many();
	return tap_done();
}
