/* SPDX-License-Identifier: MIT
 * JPEG files, decoded by threads or once before them, as a plain program does it. */
#define _GNU_SOURCE
#include "config.h"
#include "tests/bench/load_threads.h"

#ifdef PLAIT_HAVE_JPEG

#include <dirent.h>
#include <fcntl.h>
#include <jpeglib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_ROWS 16 /* at a time */
#define CROP_BYTES ((size_t)CROP_SIDE * CROP_SIDE * 3)
#define CROP_FLOATS CROP_BYTES
#define RESIZE_FLOATS ((size_t)RESIZE_SIDE * RESIZE_SIDE * 3)

struct room {
	unsigned char *bytes;
	size_t size;
};

struct worker {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct room file, pixels;
};

static unsigned char *make_room(struct room *room, size_t size)
{
	if (size > room->size) {
		room->bytes = realloc(room->bytes, size);
		room->size = size;
	}
	if (!room->bytes)
		fail("no memory");
	return room->bytes;
}

static size_t read_file(struct worker *worker, const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat info;
	size_t size;

	if (fd < 0 || fstat(fd, &info) != 0)
		fail(path);
	size = (size_t)info.st_size;
	if (read(fd, make_room(&worker->file, size), size) != info.st_size)
		fail(path);
	close(fd);
	return size;
}

/* Into tools->pixels; the decompressor keeps width and height. */
static void decode(struct worker *worker, const char *path)
{
	struct jpeg_decompress_struct *jpeg = &worker->jpeg;
	size_t size = read_file(worker, path), stride;

	jpeg_mem_src(jpeg, worker->file.bytes, (unsigned long)size);
	jpeg_read_header(jpeg, TRUE);
	jpeg->out_color_space = JCS_RGB;
	stride = (size_t)jpeg->image_width * 3;
	make_room(&worker->pixels, stride * jpeg->image_height);
	jpeg_start_decompress(jpeg);
	while (jpeg->output_scanline < jpeg->output_height) {
		JSAMPROW row[MOST_ROWS];
		JDIMENSION rows = jpeg->output_height - jpeg->output_scanline;

		for (JDIMENSION y = 0; y < MOST_ROWS && y < rows; y++)
			row[y] = worker->pixels.bytes + stride * (jpeg->output_scanline + y);
		jpeg_read_scanlines(jpeg, row, rows < MOST_ROWS ? rows : MOST_ROWS);
	}
	jpeg_finish_decompress(jpeg);
}

static void decode_small(struct worker *worker, const char *path)
{
	decode(worker, path);
	if (worker->jpeg.image_width != CROP_SIDE || worker->jpeg.image_height != CROP_SIDE) {
		fprintf(stderr, "%s: is not %d x %d\n", path, CROP_SIDE, CROP_SIDE);
		exit(1);
	}
}

static void fill_jpeg(const struct work *work, struct worker *worker, int64_t sample,
		      uint64_t random, float *out)
{
	decode_small(worker, work->path[sample]);
	pixels_crop(worker->pixels.bytes, random, out);
}

static void fill_packed(const struct work *work, struct worker *worker, int64_t sample,
			uint64_t random, float *out)
{
	(void)worker;
	pixels_crop(work->bytes + (size_t)sample * CROP_BYTES, random, out);
}

static void fill_photo(const struct work *work, struct worker *worker, int64_t sample,
		       uint64_t random, float *out)
{
	decode(worker, work->path[sample]);
	pixels_resize(worker->pixels.bytes, (int)worker->jpeg.image_width,
		      (int)worker->jpeg.image_height, random, out);
}

static void decode_all(struct work *work)
{
	struct worker *worker = jpeg_make_tools();
	uint8_t *bytes = malloc((size_t)work->samples * CROP_BYTES);

	if (!bytes)
		fail("no memory");
	work->bytes = bytes;
	for (int64_t i = 0; i < work->samples; i++, bytes += CROP_BYTES) {
		decode_small(worker, work->path[i]);
		memcpy(bytes, worker->pixels.bytes, CROP_BYTES);
	}
	jpeg_free_tools(worker);
}

static void add_class(struct work *work, const char *folder, int64_t *room)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		fail(folder);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (work->samples == *room) {
			*room = *room * 2 + 1024;
			work->path = realloc(work->path, (size_t)*room * sizeof *work->path);
		}
		if (!work->path ||
		    asprintf(&work->path[work->samples++], "%s/%s", folder, entry->d_name) < 0)
			fail(folder);
	}
	closedir(dir);
}

static void list_files(struct work *work, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int64_t room = 0;

	if (!dir)
		fail(folder);
	while ((entry = readdir(dir))) {
		char path[8192];

		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			add_class(work, path, &room);
	}
	closedir(dir);
}

bool jpeg_open(struct work *work, const char *kind, const char *folder)
{
	static const struct {
		const char *name;
		struct work work;
	} kinds[] = {
		{ "jpeg", { .fill = fill_jpeg, .elements = CROP_FLOATS, .epochs = 2 } },
		{ "packed-jpeg", { .fill = fill_jpeg, .elements = CROP_FLOATS, .epochs = 2 } },
		{ "packed", { .fill = fill_packed, .elements = CROP_FLOATS, .epochs = 6 } },
		{ "photos", { .fill = fill_photo, .elements = RESIZE_FLOATS, .epochs = 4 } },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i].name, kind) != 0)
			continue;
		*work = kinds[i].work;
		work->batch = 128;
		list_files(work, folder);
		if (work->fill == fill_packed)
			decode_all(work);
		return true;
	}
	return false;
}

struct worker *jpeg_make_tools(void)
{
	struct worker *worker = calloc(1, sizeof *worker);

	if (!worker)
		fail("no memory");
	worker->jpeg.err = jpeg_std_error(&worker->errors);
	jpeg_create_decompress(&worker->jpeg);
	return worker;
}

void jpeg_free_tools(struct worker *worker)
{
	jpeg_destroy_decompress(&worker->jpeg);
	free(worker->file.bytes);
	free(worker->pixels.bytes);
	free(worker);
}

#else

bool jpeg_open(struct work *work, const char *kind, const char *folder)
{
	(void)work, (void)kind;
	fprintf(stderr, "%s: built without JPEG\n", folder);
	exit(1);
}

struct worker *jpeg_make_tools(void)
{
	return NULL;
}

void jpeg_free_tools(struct worker *worker)
{
	(void)worker;
}

#endif
