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
 *   - leaving an epoch in its middle and going on later, in another loader
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

struct sums {
	double feature[FEATURES];
	int64_t samples, odd;
};

/* The rest of an epoch, or `most` batches of it if that is not 0.  A batch is valid until it is
 * released, which frees its slot for a later one. */
static int add_batches(struct plait_loader *loader, int64_t most, struct sums *sums)
{
	struct plait_batch batch;
	int status = 0;

	for (int64_t n = 0; most == 0 || n < most; n++) {
		status = plait_loader_next(loader, &batch);
		if (status != 0)
			break;
		for (int64_t i = 0; i < batch.samples; i++) {
			for (int f = 0; f < FEATURES; f++)
				sums->feature[f] += batch.x[i * FEATURES + f];
			sums->odd += batch.labels[i];
		}
		sums->samples += batch.samples;
		plait_loader_release(loader);
	}
	return status == PLAIT_END ? 0 : status;
}

static void print_sums(const struct sums *sums)
{
	printf("%lld samples, %lld of class 1, means", (long long)sums->samples,
	       (long long)sums->odd);
	for (int f = 0; f < FEATURES; f++)
		printf(" %.4f", sums->feature[f] / (double)sums->samples);
	printf("\n");
}

/* Two epochs, and the first batches of a third.  Where that was is 64 bytes:
 * plait_loader_state_write puts them in a file, for a process that begins tomorrow. */
static int first_part(struct plait_loader *loader, struct sums *third,
		      struct plait_loader_state *state)
{
	int status = 0;

	for (int e = 0; e < 2 && status == 0; e++) {
		struct sums sums = { 0 };

		printf("epoch %d begins with samples", e + 1);
		for (int64_t i = 0; i < 5; i++)
			printf(" %lld", (long long)plait_loader_sample(loader, e, i));
		status = add_batches(loader, 0, &sums);
		printf("\n");
		print_sums(&sums);
	}
	if (status == 0)
		status = add_batches(loader, 7, third);
	return status == 0 ? plait_loader_state_save(loader, state) : status;
}

/* The third epoch's other batches: none is lost, none comes twice. */
static int second_part(struct plait_loader *loader, struct sums *third,
		       const struct plait_loader_state *state)
{
	int status = plait_loader_state_restore(loader, state);

	if (status == 0) {
		printf("epoch %d goes on at batch %d of %d\n", (int)state->epoch + 1,
		       (int)state->batch + 1, (int)plait_loader_batches(loader));
		status = add_batches(loader, 0, third);
		print_sums(third);
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
	struct plait_loader_state state;
	struct sums third = { 0 };
	int status = plait_start(NULL);

	if (status == 0)
		status = plait_dataset_from_callback(&data, &info, read_sample, NULL);
	if (status == 0)
		status = plait_loader_create(&loader, data, &options);
	if (status == 0)
		status = first_part(loader, &third, &state);
	plait_loader_destroy(loader);
	loader = NULL;
	options.workers = 1; /* or any other number: batches stay the same */
	if (status == 0)
		status = plait_loader_create(&loader, data, &options);
	if (status == 0)
		status = second_part(loader, &third, &state);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_loader_destroy(loader);
	plait_dataset_destroy(data);
	plait_stop();
	return status < 0;
}
