/* SPDX-License-Identifier: MIT
 * Files that are to a decoder what photographs are: JPEG of 500 x 375, quality 90, colours at
 * half the resolution, some 30 kB each.  A picture is a few things before each other, with
 * edges between them; each has a colour, light and shade at all scales, and a texture.  The
 * i-th one is always the same.
 *
 * usage: photos FOLDER COUNT     writes FOLDER/CLASS/NNNN.jpg, COUNT in all
 *        ends with 77 where the build is without JPEG */
#include "config.h"
#include "src/base/random.h"
#include "tests/pictures.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WIDTH 500
#define HEIGHT 375
#define PIXELS (WIDTH * HEIGHT)
#define CLASSES 4
#define THINGS 4
#define NO_JPEG 77

struct photo {
	float shade[PIXELS], texture[PIXELS], tint[PIXELS], outline[THINGS - 1][PIXELS];
	unsigned char rgb[PIXELS * 3];
};

/* A row of the lattice that lies cell pixels apart, its values in [-1,1). */
static void fill_lattice(float *row, int columns, uint64_t key, int y)
{
	uint64_t row_key = plait__key(key, (uint64_t)y);

	for (int x = 0; x < columns; x++)
		row[x] = 2 * plait__uniform(plait__random(row_key, (uint64_t)x)) - 1;
}

/* Weights between two lattice points: no slope at either, so that no lattice is seen. */
static float ease(int i, int cell)
{
	float t = (float)i / (float)cell;

	return t * t * (3 - 2 * t);
}

/* Adds smooth noise whose bumps are some cell pixels wide. */
static void add_octave(float *plane, uint64_t key, int cell, float amplitude)
{
	float above[WIDTH + 2], below[WIDTH + 2], between[WIDTH + 2], weight[WIDTH];
	int columns = (WIDTH - 1) / cell + 2;

	key = plait__key(key, (uint64_t)cell);
	for (int i = 0; i < cell && i < WIDTH; i++)
		weight[i] = ease(i, cell);
	for (int y = 0; y < HEIGHT; y++) {
		float down = ease(y % cell, cell);

		if (y % cell == 0) {
			fill_lattice(above, columns, key, y / cell);
			fill_lattice(below, columns, key, y / cell + 1);
		}
		for (int x = 0; x < columns; x++)
			between[x] = amplitude * (above[x] + down * (below[x] - above[x]));
		for (int x = 0; x < WIDTH; x++) {
			const float *at = between + x / cell;

			*plane++ += at[0] + weight[x % cell] * (at[1] - at[0]);
		}
	}
}

/* Octaves from bumps of most pixels to those of least, each falling by so much. */
static void make_noise(float *plane, uint64_t key, int most, int least, float falling)
{
	float amplitude = 1;

	memset(plane, 0, PIXELS * sizeof *plane);
	for (int cell = most; cell >= least; cell /= 2, amplitude *= falling)
		add_octave(plane, key, cell, amplitude);
}

static unsigned char to_byte(float value)
{
	return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : lrintf(value));
}

/* Colours are mostly grey; some things are as smooth as the sky, some as rough as grass. */
static void choose_colors(float color[THINGS][3], float *rough, uint64_t key)
{
	for (int t = 0; t < THINGS; t++) {
		float u[5];

		for (int i = 0; i < 5; i++)
			u[i] = plait__uniform(plait__random(key, (uint64_t)(5 * t + i)));
		for (int c = 0; c < 3; c++)
			color[t][c] = 50 + 110 * u[3] + 60 * u[c];
		rough[t] = 8 * u[4] * u[4];
	}
}

static void paint(struct photo *photo, uint64_t key)
{
	float color[THINGS][3], rough[THINGS];

	choose_colors(color, rough, key);
	for (int i = 0; i < PIXELS; i++) {
		float light = 1 + 0.3f * photo->shade[i], grain = photo->texture[i];
		float warmth = 12 * photo->tint[i];
		int t = 0;

		while (t < THINGS - 1 && photo->outline[t][i] < 0.25f)
			t++;
		for (int c = 0; c < 3; c++)
			photo->rgb[3 * i + c] = to_byte(color[t][c] * light + rough[t] * grain +
							(float)(1 - c) * warmth);
	}
}

/* A few octaves less for what outlines a thing: its edges are smooth lines. */
static void make_photo(struct photo *photo, uint64_t key)
{
	make_noise(photo->shade, plait__key(key, 0), 256, 4, 0.6f);
	make_noise(photo->texture, plait__key(key, 1), 8, 1, 0.8f);
	make_noise(photo->tint, plait__key(key, 2), 128, 16, 0.6f);
	for (int t = 0; t < THINGS - 1; t++)
		make_noise(photo->outline[t], plait__key(key, (uint64_t)(3 + t)), 256 >> t, 16,
			   0.45f);
	paint(photo, key);
}

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static size_t write_photo(const char *path, const struct photo *photo)
{
	struct picture_jpeg how = {
		.width = WIDTH, .height = HEIGHT, .components = 3, .quality = 90, .halved = true
	};
	struct picture picture = pictures_jpeg(&how, photo->rgb);
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(picture.bytes, 1, picture.size, file) != picture.size ||
	    fclose(file) != 0)
		fail(path);
	free(picture.bytes);
	return picture.size;
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		fail(path);
}

int main(int argc, char **argv)
{
	struct photo *photo = malloc(sizeof *photo);
	int count = argc == 3 ? atoi(argv[2]) : 0;
	size_t bytes = 0;
	char path[4096];

	if (count < 1 || !photo) {
		fputs(photo ? "usage: photos FOLDER COUNT\n" : "photos: no memory\n", stderr);
		free(photo);
		return 2;
	}
	if (!pictures_have_jpeg())
		return NO_JPEG;
	make_folder(argv[1]);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%d", argv[1], i % CLASSES);
		make_folder(path);
		snprintf(path, sizeof path, "%s/%d/%04d.jpg", argv[1], i % CLASSES, i / CLASSES);
		make_photo(photo, (uint64_t)i);
		bytes += write_photo(path, photo);
	}
	printf("%d photographs of %zu bytes on average\n", count, bytes / (size_t)count);
	free(photo);
	return 0;
}
