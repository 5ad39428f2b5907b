/* SPDX-License-Identifier: MIT
 * 16. A convolutional network.
 *
 * Fashion-MNIST again, by three convolutions: 92 of 100 test images are named right.  New here:
 *   - images keep their shape, [channels, height, width]; only the end is flattened
 *   - shards: each CPU computes its share of a batch
 *   - precision: products and convolutions of numbers rounded to bfloat16, if you say bf16
 *
 * usage: 16_cnn [EPOCHS [fp32|bf16]] */
#include <plait.h>

#include <stdlib.h>
#include <string.h>

static int print_epoch(void *user, const struct plait_event *event)
{
	(void)user;
	if (event->kind == PLAIT_EVENT_EPOCH)
		printf("Epoch %d/%d, Loss: %.4f, Test accuracy: %.4f, %.0f images/s\n",
		       event->epoch, event->epochs, plait_metrics_loss(event->train),
		       plait_metrics_accuracy(event->validation), event->samples_per_second);
	fflush(stdout);
	return 0;
}

/* A window of 3x3 keeps the size of an image that has a pixel of padding around it. */
static struct plait_node *conv(struct plait_node *x, int64_t outputs)
{
	static const struct plait_conv2d_options padded = { .padding = { 1, 1 } };

	return plait_relu(plait_conv2d(x, outputs, 3, 3, &padded));
}

/* The preset "cnn" of plait_model() is the same. */
static void build(struct plait_graph *net)
{
	struct plait_node *x = plait_input(net, PLAIT_F32, 3, (int64_t[]){ 1, 28, 28 });

	x = conv(conv(x, 32), 32);        /* [32,28,28] */
	x = plait_maxpool(x, 2, 2, NULL); /* [32,14,14] */
	x = conv(x, 64);                  /* [64,14,14] */
	x = plait_maxpool(x, 2, 2, NULL); /* [64,7,7] */
	x = plait_relu(plait_linear(plait_flatten(x), 128));
	x = plait_linear(x, 10);
	plait_cross_entropy(x, plait_labels(net));
}

static int train(struct plait_graph *net, int epochs, enum plait_precision precision,
		 struct plait_dataset *train_set, struct plait_dataset *test_set)
{
	struct plait_trainer *trainer = NULL;
	int workers = plait_cpu_workers(), status;

	status = plait_trainer_create(
		&trainer, net,
		&(struct plait_trainer_options){ .optimizer = plait_adam(0.001),
						 .precision = precision,
						 .shards = workers > 0 ? workers : 1 });
	if (status == 0)
		status = plait_fit(
			trainer, train_set,
			&(struct plait_fit_options){ .epochs = epochs,
						     .loader.batch_size = 64,
						     .loader.shuffle = true,
						     .loader.normalize = { .channels = 1,
									   .mean = { 0.2860f },
									   .std = { 0.3530f } },
						     .validation = test_set,
						     .on_event = print_epoch });
	plait_trainer_destroy(trainer);
	return status;
}

int main(int argc, char **argv)
{
	int epochs = argc > 1 ? atoi(argv[1]) : 3;
	bool rounds = argc > 2 && strcmp(argv[2], "bf16") == 0;
	enum plait_precision precision = rounds ? PLAIT_PRECISION_BF16 : PLAIT_PRECISION_FP32;
	struct plait_dataset *train_set = NULL, *test_set = NULL;
	struct plait_graph *net = plait_graph_create();
	int status = plait_start(NULL);

	build(net);
	if (status == 0)
		status = plait_dataset_open(&train_set, "fashion-mnist:train");
	if (status == 0)
		status = plait_dataset_open(&test_set, "fashion-mnist:test");
	if (status == 0)
		status = train(net, epochs, precision, train_set, test_set);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_graph_destroy(net);
	plait_dataset_destroy(test_set);
	plait_dataset_destroy(train_set);
	plait_stop();
	return status < 0;
}
