/* SPDX-License-Identifier: MIT
 * The loader alone, as peers/loader.py does it in PyTorch: byte images of 28 x 28, shuffled,
 * normalised, batches of 128 read by a loop that does nothing with them.
 *
 * usage: loader     prints "samples_per_second X samples/s" */
#include "config.h"
#include "tests/bench/job.h"

#include <starpu.h>
#include <stdlib.h>

#define SAMPLES 60000
#define PIXELS 784
#define EPOCHS 3

static void epoch(struct plait_loader *loader)
{
	struct plait_batch batch;
	int status;

	while ((status = plait_loader_next(loader, &batch)) == 0)
		plait_loader_release(loader);
	bench_check(status, "loader");
}

int main(void)
{
	uint8_t *x = malloc((size_t)SAMPLES * PIXELS);
	int32_t *y = calloc(SAMPLES, sizeof *y);
	struct plait_tensor images = {
		.dtype = PLAIT_U8, .ndim = 3, .dim = { SAMPLES, 28, 28 }, .data = x
	};
	struct plait_tensor labels = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { SAMPLES }, .data = y
	};
	struct plait_loader_options options = {
		.batch_size = 128,
		.shuffle = true,
		.normalize = { .channels = 1, .mean = { 0.286f }, .std = { 0.353f } }
	};
	struct plait_dataset *data;
	struct plait_loader *loader;

	if (!x || !y)
		bench_check(PLAIT_ENOMEM, "no memory");
	for (size_t i = 0; i < (size_t)SAMPLES * PIXELS; i++)
		x[i] = (uint8_t)(i * 2654435761u >> 24);
	bench_check(plait_start(NULL), "start");
	bench_check(plait_dataset_from_memory(&data, &images, &labels, 10), "data");
	bench_check(plait_loader_create(&loader, data, &options), "loader");
	epoch(loader);
	double start = bench_now();

	for (int e = 0; e < EPOCHS; e++)
		epoch(loader);
	printf("samples_per_second %.0f samples/s\n", SAMPLES * EPOCHS / (bench_now() - start));
	plait_loader_destroy(loader);
	plait_dataset_destroy(data);
	plait_stop();
	free(x);
	free(y);
	return 0;
}
