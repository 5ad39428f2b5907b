/* SPDX-License-Identifier: MIT
 * Tar archives in the formats and compressions that other programs write. */
#include "config.h"
#include "tests/tar.h"

#ifdef PLAIT_HAVE_ARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

static void check_pets(const char *name, const char *what)
{
	struct plait_dataset *set = NULL;
	uint8_t x[60];
	int32_t label[2] = { -1, -1 };
	int status = plait_dataset_open(&set, files_spec("tar:%s", name, ""));

	if (status < 0)
		printf("# %s\n", plait_error_message());
	ok(status == 0 && plait_dataset_info(set)->samples == 2 &&
		   plait_dataset_read(set, 0, 0, x, &label[0], NULL) == 0 &&
		   plait_dataset_read(set, 1, 0, x, &label[1], NULL) == 0 && label[0] == 3 &&
		   label[1] == 0,
	   "%s", what);
	plait_dataset_destroy(set);
}

static void test_gzip(void)
{
	static struct tar tar;
	unsigned char *bytes;
	size_t size;

	tar_make_pets(&tar);
	files_write_gzip("a.tar", tar.byte, tar.size);
	check_pets("a.tar", "gzip");
	bytes = files_read("a.tar", &size);
	is_int(files_truncate("a.tar", bytes, size, true, try_dataset, tar_spec()), 0,
	       "gzip of every length");
	free(bytes);
}

#ifdef PLAIT_HAVE_ARCHIVE

/* A name that needs the extensions of each format. */
static const char *long_name(const char *end)
{
	static char text[2][400];
	static int i;
	char *name = text[i++ % 2];

	memset(name, 'd', 260);
	for (int k = 50; k < 260; k += 50)
		name[k] = '/';
	strcpy(name + 260, end);
	return name;
}

static void write_entry(struct archive *archive, const char *name, const void *data, size_t size)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_mtime(entry, 1, 500); /* pax has a header for the fraction */
	if (archive_write_header(archive, entry) != ARCHIVE_OK ||
	    archive_write_data(archive, data, size) != (la_ssize_t)size)
		tap_bail_out("libarchive cannot write: %s", archive_error_string(archive));
	archive_entry_free(entry);
}

static void write_archive(int (*format)(struct archive *), int (*filter)(struct archive *),
			  bool longer)
{
	struct archive *archive = archive_write_new();
	struct picture p = pictures_small(tar_kind(), 5, 4, 1);
	char image[8];

	snprintf(image, sizeof image, ".%s", suffix[tar_kind()]);
	if (format(archive) != ARCHIVE_OK || filter(archive) != ARCHIVE_OK ||
	    archive_write_open_filename(archive, files_path("a.tar")) != ARCHIVE_OK)
		tap_bail_out("libarchive cannot write: %s", archive_error_string(archive));
	write_entry(archive,
		    longer ? long_name(image) : strcat(strcpy((char[16]){ 0 }, "p"), image),
		    p.bytes, p.size);
	write_entry(archive, longer ? long_name(".cls") : "p.cls", "3", 1);
	write_entry(archive, strcat(strcpy((char[16]){ 0 }, "q"), image), p.bytes, p.size);
	write_entry(archive, "q.cls", "0 \n", 3);
	archive_write_free(archive);
	free(p.bytes);
}

static void test_archive(void)
{
	size_t size;
	unsigned char *bytes;

	write_archive(archive_write_set_format_ustar, archive_write_add_filter_none, false);
	check_pets("a.tar", "ustar");
	write_archive(archive_write_set_format_pax, archive_write_add_filter_none, true);
	check_pets("a.tar", "pax with long names");
	write_archive(archive_write_set_format_gnutar, archive_write_add_filter_none, true);
	check_pets("a.tar", "GNU tar with long names");
	write_archive(archive_write_set_format_v7tar, archive_write_add_filter_none, false);
	check_pets("a.tar", "the tar of 1979");
	write_archive(archive_write_set_format_ustar, archive_write_add_filter_bzip2, false);
	check_pets("a.tar", "bzip2");
	write_archive(archive_write_set_format_ustar, archive_write_add_filter_zstd, false);
	check_pets("a.tar", "zstd");
	write_archive(archive_write_set_format_ustar, archive_write_add_filter_lz4, false);
	check_pets("a.tar", "lz4");
	write_archive(archive_write_set_format_ustar, archive_write_add_filter_xz, false);
	check_pets("a.tar", "xz");
	bytes = files_read("a.tar", &size);
	is_int(files_truncate("a.tar", bytes, size, true, try_dataset, tar_spec()), 0,
	       "xz of every length");
	free(bytes);
}

#else

static void test_archive(void)
{
	files_write("a.tar", "\xfd\x37zXZ\0", 6);
	refuses(tar_spec(), PLAIT_EFORMAT, files_path("a.tar"), "install libarchive-dev");
}

#endif

int main(void)
{
	if (!pictures_have_png() && !pictures_have_jpeg())
		tap_skip_all("built without PNG and JPEG");
	test_gzip();
	test_archive();
	return tap_done();
}
