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

struct tools {
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

static size_t read_file(struct tools *tools, const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat info;
	size_t size;

	if (fd < 0 || fstat(fd, &info) != 0)
		fail(path);
	size = (size_t)info.st_size;
	if (read(fd, make_room(&tools->file, size), size) != info.st_size)
		fail(path);
	close(fd);
	return size;
}

/* Into tools->pixels; the decompressor keeps width and height. */
static void decode(struct tools *tools, const char *path)
{
	struct jpeg_decompress_struct *jpeg = &tools->jpeg;
	size_t size = read_file(tools, path), stride;

	jpeg_mem_src(jpeg, tools->file.bytes, (unsigned long)size);
	jpeg_read_header(jpeg, TRUE);
	jpeg->out_color_space = JCS_RGB;
	stride = (size_t)jpeg->image_width * 3;
	make_room(&tools->pixels, stride * jpeg->image_height);
	jpeg_start_decompress(jpeg);
	while (jpeg->output_scanline < jpeg->output_height) {
		JSAMPROW row[MOST_ROWS];
		JDIMENSION rows = jpeg->output_height - jpeg->output_scanline;

		for (JDIMENSION y = 0; y < MOST_ROWS && y < rows; y++)
			row[y] = tools->pixels.bytes + stride * (jpeg->output_scanline + y);
		jpeg_read_scanlines(jpeg, row, rows < MOST_ROWS ? rows : MOST_ROWS);
	}
	jpeg_finish_decompress(jpeg);
}

static void decode_small(struct tools *tools, const char *path)
{
	decode(tools, path);
	if (tools->jpeg.image_width != CROP_SIDE || tools->jpeg.image_height != CROP_SIDE) {
		fprintf(stderr, "%s: is not %d x %d\n", path, CROP_SIDE, CROP_SIDE);
		exit(1);
	}
}

static void fill_jpeg(const struct work *work, struct tools *tools, int64_t sample, uint64_t random,
		      float *out)
{
	decode_small(tools, work->path[sample]);
	pixels_crop(tools->pixels.bytes, random, out);
}

static void fill_packed(const struct work *work, struct tools *tools, int64_t sample,
			uint64_t random, float *out)
{
	(void)tools;
	pixels_crop(work->bytes + (size_t)sample * CROP_BYTES, random, out);
}

static void fill_photo(const struct work *work, struct tools *tools, int64_t sample,
		       uint64_t random, float *out)
{
	decode(tools, work->path[sample]);
	pixels_resize(tools->pixels.bytes, (int)tools->jpeg.image_width,
		      (int)tools->jpeg.image_height, random, out);
}

static void decode_all(struct work *work)
{
	struct tools *tools = jpeg_make_tools();
	uint8_t *bytes = malloc((size_t)work->samples * CROP_BYTES);

	if (!bytes)
		fail("no memory");
	work->bytes = bytes;
	for (int64_t i = 0; i < work->samples; i++, bytes += CROP_BYTES) {
		decode_small(tools, work->path[i]);
		memcpy(bytes, tools->pixels.bytes, CROP_BYTES);
	}
	jpeg_free_tools(tools);
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

struct tools *jpeg_make_tools(void)
{
	struct tools *tools = calloc(1, sizeof *tools);

	if (!tools)
		fail("no memory");
	tools->jpeg.err = jpeg_std_error(&tools->errors);
	jpeg_create_decompress(&tools->jpeg);
	return tools;
}

void jpeg_free_tools(struct tools *tools)
{
	jpeg_destroy_decompress(&tools->jpeg);
	free(tools->file.bytes);
	free(tools->pixels.bytes);
	free(tools);
}

#else

bool jpeg_open(struct work *work, const char *kind, const char *folder)
{
	(void)work, (void)kind;
	fprintf(stderr, "%s: built without JPEG\n", folder);
	exit(1);
}

struct tools *jpeg_make_tools(void)
{
	return NULL;
}

void jpeg_free_tools(struct tools *tools)
{
	(void)tools;
}

#endif
