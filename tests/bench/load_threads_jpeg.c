/* SPDX-License-Identifier: MIT
 * JPEG files, cropped, flipped and normalised, as a plain program does it. */
#define _GNU_SOURCE
#include "config.h"
#include "tests/bench/load_threads.h"

#ifdef PLAIT_HAVE_JPEG

#include <dirent.h>
#include <fcntl.h>
#include <jpeglib.h>
#include <string.h>
#include <unistd.h>

#define MOST_BYTES 65536 /* of a file */
#define SIDE 32
#define PAD 4

struct tools {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char file[MOST_BYTES];
	unsigned char pixels[SIDE * SIDE * 3];
};

static void decode(struct tools *tools, const char *path)
{
	struct jpeg_decompress_struct *jpeg = &tools->jpeg;
	int fd = open(path, O_RDONLY);
	ssize_t size = fd < 0 ? -1 : read(fd, tools->file, sizeof tools->file);
	JSAMPROW row[SIDE];

	if (size <= 0)
		fail(path);
	close(fd);
	jpeg_mem_src(jpeg, tools->file, (unsigned long)size);
	jpeg_read_header(jpeg, TRUE);
	jpeg->out_color_space = JCS_RGB;
	if (jpeg->image_width != SIDE || jpeg->image_height != SIDE) {
		fprintf(stderr, "%s: is not %d x %d\n", path, SIDE, SIDE);
		exit(1);
	}
	jpeg_start_decompress(jpeg);
	for (int y = 0; y < SIDE; y++)
		row[y] = tools->pixels + (size_t)y * SIDE * 3;
	while (jpeg->output_scanline < SIDE)
		jpeg_read_scanlines(jpeg, row + jpeg->output_scanline,
				    SIDE - jpeg->output_scanline);
	jpeg_finish_decompress(jpeg);
}

/* Cropped, flipped and normalised in one pass, as somebody would write it. */
static void fill_jpeg(const struct work *work, struct tools *tools, int64_t sample, uint64_t random,
		      float *out)
{
	static const float mean[3] = { 0.491f, 0.482f, 0.447f },
			   std[3] = { 0.247f, 0.243f, 0.262f };
	int top = (int)(next_random(&random) % (2 * PAD + 1)) - PAD;
	int left = (int)(next_random(&random) % (2 * PAD + 1)) - PAD;
	int flip = (int)(next_random(&random) & 1);

	decode(tools, work->path[sample]);
	for (int c = 0; c < 3; c++) {
		float scale = 1 / (255 * std[c]), shift = -mean[c] / std[c];

		for (int y = 0; y < SIDE; y++)
			for (int x = 0; x < SIDE; x++) {
				int v = y + top, u = (flip ? SIDE - 1 - x : x) + left;
				int inside = v >= 0 && v < SIDE && u >= 0 && u < SIDE;
				int byte = inside ? tools->pixels[(v * SIDE + u) * 3 + c] : 0;

				*out++ = (float)byte * scale + shift;
			}
	}
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

void jpeg_open(struct work *work, const char *folder)
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
	work->fill = fill_jpeg;
	work->batch = 128;
	work->elements = 3 * SIDE * SIDE;
	work->epochs = 2;
}

struct tools *jpeg_make_tools(void)
{
	struct tools *tools = malloc(sizeof *tools);

	if (!tools)
		fail("no memory");
	tools->jpeg.err = jpeg_std_error(&tools->errors);
	jpeg_create_decompress(&tools->jpeg);
	return tools;
}

void jpeg_free_tools(struct tools *tools)
{
	jpeg_destroy_decompress(&tools->jpeg);
	free(tools);
}

#else

void jpeg_open(struct work *work, const char *folder)
{
	(void)work;
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
