/* SPDX-License-Identifier: MIT
 * 6. The loader alone.
 *
 * Nobody must use the trainer: a loader gives batches to any loop.  While the loop works on
 * one batch, tasks prepare the next ones on all cores, into a ring of slots.  The data set
 * here is a function: its samples are computed when they are asked for, as a decoder of
 * images would.  New here:
 *   - a data set of your own: count, shape and a read function
 *   - batches in a loop of your own, here one that takes the mean of each feature
 *   - an order that depends on the seed alone, not on how many workers there are
 *
 * usage: 06_loader [SAMPLES] */
#include <plait.h>

#include <stdlib.h>

#define FEATURES 3

/* Called by several workers at once, so it shares nothing: the same index gives the same
 * sample.  key is a random number for this sample in this epoch, for data that is to be
 * altered at random; these are not. */
static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	float *features = x;

	(void)user;
	(void)key;
	(void)target;
	for (int f = 0; f < FEATURES; f++)
		features[f] = (float)(index % (f + 2));
	*label = (int32_t)(index % 2);
	return 0;
}

/* One epoch.  A batch is valid until it is released, which frees its slot for a later one. */
static int epoch(struct plait_loader *loader, double sum[FEATURES], int64_t *samples, int64_t *odd)
{
	struct plait_batch batch;
	int status;

	while ((status = plait_loader_next(loader, &batch)) == 0) {
		for (int64_t i = 0; i < batch.samples; i++) {
			for (int f = 0; f < FEATURES; f++)
				sum[f] += batch.x[i * FEATURES + f];
			*odd += batch.labels[i];
		}
		*samples += batch.samples;
		plait_loader_release(loader);
	}
	return status == PLAIT_END ? 0 : status;
}

static int run(struct plait_loader *loader)
{
	int status = 0;

	for (int e = 0; e < 2 && status == 0; e++) {
		double sum[FEATURES] = { 0 };
		int64_t samples = 0, odd = 0;

		printf("epoch %d begins with samples", e + 1);
		for (int64_t i = 0; i < 5; i++)
			printf(" %lld", (long long)plait_loader_sample(loader, e, i));
		status = epoch(loader, sum, &samples, &odd);
		printf("\n%lld samples, %lld of class 1, means", (long long)samples,
		       (long long)odd);
		for (int f = 0; f < FEATURES; f++)
			printf(" %.4f", sum[f] / (double)samples);
		printf("\n");
	}
	return status;
}

int main(int argc, char **argv)
{
	struct plait_dataset_info info = { .spec = "remainders",
					   .samples = argc > 1 ? atoll(argv[1]) : 100000,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { FEATURES },
					   .classes = 2 };
	struct plait_loader_options options = {
		.batch_size = 64, .shuffle = true, .workers = 4, .prefetch = 8, .seed = 1
	};
	struct plait_dataset *data = NULL;
	struct plait_loader *loader = NULL;
	int status = plait_start(NULL);

	if (status == 0)
		status = plait_dataset_from_callback(&data, &info, read_sample, NULL);
	if (status == 0)
		status = plait_loader_create(&loader, data, &options);
	if (status == 0)
		status = run(loader);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_loader_destroy(loader);
	plait_dataset_destroy(data);
	plait_stop();
	return status < 0;
}
