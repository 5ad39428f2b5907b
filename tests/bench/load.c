/* SPDX-License-Identifier: MIT
 * The loader alone, as load_threads.c does it by plain threads and peers/load.py in PyTorch.
 *
 * usage: load jpeg FOLDER     a folder of JPEG files of 32 x 32 for each class, shuffled; random
 *                             crops after padding by 4, flips, normalised, batches of 128
 *        load packed FILE     the same from one file that plait pack --raw has made of them
 *        load packed-floats FILE   numbers as they are, from a file that plait pack has made
 *        load packed-jpeg FILE     or without --raw: fewer epochs, as one takes longer
 *        load photos FOLDER   larger JPEG files: random parts of them, resized to 224 x 224
 *        load bytes BATCH     60,000 byte images of 28 x 28, shuffled, normalised
 * An epoch to warm up, then some more: prints "samples_per_second X samples/s" and
 * "first_batch_ms X ms", of the first one. */
#include "config.h"
#include "tests/bench/job.h"

#include <stdlib.h>
#include <string.h>

#define SAMPLES 60000
#define PIXELS 784
#define CROPPED "crop:32,4 flip normalize:0.491,0.482,0.447;0.247,0.243,0.262"

struct input {
	struct plait_dataset *data;
	struct plait_transform *transform;
	uint8_t *x;
	int32_t *y;
	int epochs;
};

/* What is stored as images. */
static const struct stored {
	const char *name, *format, *words;
	int epochs;
} stored[] = {
	{ "jpeg", "images", CROPPED, 2 },
	{ "packed-jpeg", "packed", CROPPED, 2 },
	{ "packed", "packed", CROPPED, 6 },
	{ "packed-floats", "packed", NULL, 10 },
	{ "photos", "images",
	  "random-resized-crop:224 flip normalize:0.485,0.456,0.406;0.229,0.224,0.225", 4 },
};

static const struct stored *find_stored(const char *name)
{
	for (size_t i = 0; i < sizeof stored / sizeof *stored; i++)
		if (strcmp(stored[i].name, name) == 0)
			return &stored[i];
	return NULL;
}

static struct plait_loader_options open_stored(struct input *input, const struct stored *kind,
					       const char *path)
{
	char spec[4096];

	snprintf(spec, sizeof spec, "%s:%s", kind->format, path);
	bench_check(plait_dataset_open(&input->data, spec), "data");
	if (kind->words)
		bench_check(plait_transform_parse(&input->transform, kind->words), "transform");
	input->epochs = kind->epochs;
	return (struct plait_loader_options){ .batch_size = 128,
					      .shuffle = true,
					      .transform = input->transform };
}

static struct plait_loader_options open_bytes(struct input *input, int64_t batch)
{
	struct plait_tensor images = { .dtype = PLAIT_U8, .ndim = 3, .dim = { SAMPLES, 28, 28 } };
	struct plait_tensor labels = { .dtype = PLAIT_I32, .ndim = 1, .dim = { SAMPLES } };

	images.data = input->x = malloc((size_t)SAMPLES * PIXELS);
	labels.data = input->y = calloc(SAMPLES, sizeof *input->y);
	if (!input->x || !input->y)
		bench_check(PLAIT_ENOMEM, "no memory");
	for (size_t i = 0; i < (size_t)SAMPLES * PIXELS; i++)
		input->x[i] = (uint8_t)(i * 2654435761u >> 24);
	bench_check(plait_dataset_from_memory(&input->data, &images, &labels, 10), "data");
	input->epochs = 10;
	return (struct plait_loader_options){
		.batch_size = batch,
		.shuffle = true,
		.normalize = { .channels = 1, .mean = { 0.286f }, .std = { 0.353f } }
	};
}

/* Reads an epoch; first: when its first batch was there. */
static int64_t read_epoch(struct plait_loader *loader, double *first)
{
	struct plait_batch batch;
	int64_t samples = 0;
	int status;

	while ((status = plait_loader_next(loader, &batch)) == 0) {
		if (samples == 0)
			*first = bench_now();
		samples += batch.samples;
		plait_loader_release(loader);
	}
	bench_check(status, "loader");
	return samples;
}

int main(int argc, char **argv)
{
	struct input input = { 0 };
	struct plait_loader_options options;
	const struct stored *kind = argc == 3 ? find_stored(argv[1]) : NULL;
	struct plait_loader *loader;
	double begin, first = 0, later;
	int64_t samples = 0;

	if (!kind && (argc != 3 || strcmp(argv[1], "bytes") != 0)) {
		fputs("usage: load jpeg FOLDER | packed FILE | packed-floats FILE | packed-jpeg "
		      "FILE | "
		      "photos FOLDER | bytes BATCH\n",
		      stderr);
		return 2;
	}
	bench_check(plait_start(NULL), "start");
	options = kind ? open_stored(&input, kind, argv[2]) : open_bytes(&input, atoi(argv[2]));
	begin = bench_now();
	bench_check(plait_loader_create(&loader, input.data, &options), "loader");
	read_epoch(loader, &first);
	printf("first_batch_ms %.3f ms\n", (first - begin) * 1e3);
	begin = bench_now();
	for (int i = 0; i < input.epochs; i++)
		samples += read_epoch(loader, &later);
	printf("samples_per_second %.0f samples/s\n", (double)samples / (bench_now() - begin));
	plait_loader_destroy(loader);
	plait_transform_destroy(input.transform);
	plait_dataset_destroy(input.data);
	plait_stop();
	free(input.x);
	free(input.y);
	return 0;
}
