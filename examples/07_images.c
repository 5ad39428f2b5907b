/* SPDX-License-Identifier: MIT
 * 7. A folder of photographs.
 *
 * Two folders of JPEG or PNG files, one to test on, with a folder for every class: train/cat/1.jpg,
 * test/dog/2.jpg ...  Tasks read, decode and transform them while the network computes.  New here:
 *   - a transform, by words: what training sees differs at random from epoch to epoch, what
 *     testing sees does not; images of any size become 64 x 64
 *   - a step of your own among them
 *   - files that cannot be decoded: others take their place, and are told of at the end
 *   - what the network takes the first test images for
 *
 * usage: 07_images [TRAIN TEST [EPOCHS]]     default images:train images:test 10 */
#include <plait.h>

#include <stdlib.h>
#include <string.h>

/* One image of eight becomes grey, so that colour is not all that is learned.  Called by several
 * workers at once; key is this image's in this epoch, and nothing else may decide. */
static void grey_some(void *user, uint64_t key, int height, int width, int channels, uint8_t *p)
{
	(void)user;
	if (channels != 3 || key % 8 != 0)
		return;
	for (int64_t i = 0; i < (int64_t)height * width; i++, p += 3)
		memset(p, (p[0] + p[1] + p[2]) / 3, 3);
}

/* Both end in [3,64,64]; numbers around 0 are what networks like. */
static int make_transforms(struct plait_transform **random_p, struct plait_transform **fixed_p)
{
	int status = plait_transform_parse(
		random_p, "random-resized-crop:64 flip cutout:16 normalize:0.5;0.25");

	if (status == 0)
		status = plait_transform_append(*random_p, grey_some, NULL);
	if (status == 0)
		status = plait_transform_parse(fixed_p, "resize:64x64 normalize:0.5;0.25");
	return status;
}

static int print_epoch(void *user, const struct plait_event *event)
{
	(void)user;
	if (event->kind == PLAIT_EVENT_EPOCH)
		printf("Epoch %d/%d, Loss: %.4f, Test accuracy: %.4f, %.0f images/s\n",
		       event->epoch, event->epochs, plait_metrics_loss(event->train),
		       plait_metrics_accuracy(event->validation), event->samples_per_second);
	return 0;
}

/* With PLAIT_BAD_FAIL, the default, the first of them would have ended the run, as it ends
 * plait_predict always: there is no prediction for a substitute. */
static void print_bad(struct plait_bad_samples *list)
{
	int64_t count = list ? plait_bad_samples_count(list) : 0;
	struct plait_bad_sample bad;

	for (int64_t i = 0; i < count; i++) {
		plait_bad_samples_get(list, i, &bad);
		printf("bad: %s: %s\n", bad.path, bad.message);
	}
}

/* The largest output is the class. */
static int print_guesses(struct plait_trainer *trainer, struct plait_dataset *test,
			 const struct plait_fit_options *options)
{
	const struct plait_dataset_info *info = plait_dataset_info(test);
	float *output = calloc((size_t)(info->samples * info->classes), sizeof *output);
	int status = output ? plait_predict(trainer, test, options, output) : PLAIT_ENOMEM;

	for (int64_t i = 0; i < info->samples && i < 5 && status == 0; i++) {
		const float *y = output + i * info->classes;
		int64_t best = 0;

		for (int64_t c = 1; c < info->classes; c++)
			best = y[c] > y[best] ? c : best;
		printf("test image %d: %s\n", (int)i, info->class_names[best]);
	}
	free(output);
	return status;
}

static int train(struct plait_dataset *train_set, struct plait_dataset *test_set,
		 const struct plait_fit_options *options)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_trainer *trainer = NULL;
	struct plait_node *x = plait_input(net, PLAIT_F32, 3, (int64_t[]){ 3, 64, 64 });
	int status;

	x = plait_model(x, "flatten linear:128 relu");
	x = plait_linear(x, plait_dataset_info(train_set)->classes);
	plait_cross_entropy(x, plait_labels(net));
	status = plait_trainer_create(
		&trainer, net, &(struct plait_trainer_options){ .optimizer = plait_adam(0.001) });
	if (status == 0)
		status = plait_fit(trainer, train_set, options);
	if (status == 0)
		status = print_guesses(trainer, test_set, options);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return status;
}

int main(int argc, char **argv)
{
	struct plait_fit_options options = { .loader.shuffle = true,
					     .on_event = print_epoch,
					     .loader.bad = { .policy = PLAIT_BAD_REPLACE } };
	struct plait_dataset *train_set = NULL, *test_set = NULL;
	struct plait_transform *random = NULL, *fixed = NULL;
	int status = plait_start(NULL);

	if (status == 0)
		status = make_transforms(&random, &fixed);
	if (status == 0)
		status = plait_dataset_open(&train_set, argc > 1 ? argv[1] : "images:train");
	if (status == 0)
		status = plait_dataset_open(&test_set, argc > 2 ? argv[2] : "images:test");
	if (status == 0)
		status = plait_bad_samples_create(&options.loader.bad.list);
	options.epochs = argc > 3 ? atoi(argv[3]) : 10;
	options.validation = test_set;
	options.loader.transform = random;
	options.fixed_transform = fixed;
	if (status == 0)
		status = train(train_set, test_set, &options);
	print_bad(options.loader.bad.list);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_bad_samples_destroy(options.loader.bad.list);
	plait_transform_destroy(fixed);
	plait_transform_destroy(random);
	plait_dataset_destroy(test_set);
	plait_dataset_destroy(train_set);
	plait_stop();
	return status < 0;
}
