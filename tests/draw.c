/* SPDX-License-Identifier: MIT
 * Draws a folder of images for scripts that test: a folder for each class, whose images differ
 * in size and have the colour of their class in the middle.
 *
 * usage: draw FOLDER CLASSES EACH [jpeg|png]     by turns without a kind; 77: cannot be written */
#include "config.h"
#include "tests/pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LARGEST 64

/* A disc on a background that is noise. */
static void draw(unsigned char *pixels, int width, int height, int class, unsigned seed)
{
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++, pixels += 3) {
			int dx = 2 * x - width, dy = 2 * y - height;

			for (int c = 0; c < 3; c++) {
				seed = seed * 1664525u + 1013904223u;
				pixels[c] = (unsigned char)(seed >> 26);
				if (dx * dx + dy * dy < width * height / 2)
					pixels[c] += (class + 1) >> c & 1 ? 190 : 0;
			}
		}
}

static int write_image(const char *folder, int class, int i, bool jpeg)
{
	int width = 24 + i % 11, height = 20 + i % 7;
	unsigned char pixels[3 * LARGEST * LARGEST];
	struct picture picture;
	char path[4096];
	FILE *file;
	bool written;

	draw(pixels, width, height, class, (unsigned)(class * 100000 + i));
	if (jpeg)
		picture = pictures_jpeg(
			&(struct picture_jpeg){
				.width = width, .height = height, .components = 3, .quality = 90 },
			pixels);
	else
		picture = pictures_png(
			&(struct picture_png){
				.width = width, .height = height, .type = 2, .depth = 8 },
			pixels);
	snprintf(path, sizeof path, "%s/%c/%03d.%s", folder, 'a' + class, i, jpeg ? "jpg" : "png");
	file = fopen(path, "wb");
	written = file && fwrite(picture.bytes, picture.size, 1, file) == 1;
	written = file && fclose(file) == 0 && written;
	if (!written)
		perror(path);
	free(picture.bytes);
	return written ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 4 ? argv[4] : "";
	int classes = argc > 3 ? atoi(argv[2]) : 0, each = argc > 3 ? atoi(argv[3]) : 0;
	char path[4096];
	int status = 0;

	if (classes < 1 || classes > 7 || each < 1) {
		fputs("usage: draw FOLDER CLASSES EACH [jpeg|png]\n", stderr);
		return 2;
	}
	if ((strcmp(kind, "png") != 0 && !pictures_have_jpeg()) ||
	    (strcmp(kind, "jpeg") != 0 && !pictures_have_png()))
		return 77;
	mkdir(argv[1], 0777);
	for (int class = 0; class < classes && status == 0; class ++) {
		snprintf(path, sizeof path, "%s/%c", argv[1], 'a' + class);
		mkdir(path, 0777);
		for (int i = 0; i < each && status == 0; i++)
			status = write_image(argv[1], class, i,
					     *kind ? strcmp(kind, "jpeg") == 0 : i % 2);
	}
	return status;
}
