/* SPDX-License-Identifier: MIT
 * 17. A residual network on photographs of 32 x 32 pixels.
 *
 * CIFAR-10, from its JPEG files (images:DIR/train, a folder for each class) or its binary batches
 * (cifar10:DIR).  Tasks decode, crop and flip the images while others compute.  New here:
 *   - residual{ body | shortcut }: a layer whose value is body(x) + shortcut(x)
 *   - batchnorm: it normalizes by the mean and variance of a batch in training, and by running
 *     ones in testing; these are among the weights that are saved
 *   - what the network is, layer by layer: plait model resnet20 --input 3x32x32
 *
 * usage: 17_resnet TRAIN TEST [EPOCHS [WORDS]]     WORDS: another network, such as resnet20 */
#include <plait.h>

#include <stdlib.h>

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

/* The preset resnet8 in full.  Where a block halves the image, its shortcut does so too. */
static const char *const resnet8 =
	"conv:16,3,pad=1,bias=0 batchnorm relu "
	"residual{ conv:16,3,pad=1,bias=0 batchnorm relu conv:16,3,pad=1,bias=0 batchnorm } relu "
	"residual{ conv:32,3,stride=2,pad=1,bias=0 batchnorm relu conv:32,3,pad=1,bias=0 batchnorm "
	"| conv:32,1,stride=2,bias=0 batchnorm } relu "
	"residual{ conv:64,3,stride=2,pad=1,bias=0 batchnorm relu conv:64,3,pad=1,bias=0 batchnorm "
	"| conv:64,1,stride=2,bias=0 batchnorm } relu "
	"global-avgpool flatten linear:10";

static int train(const char *words, struct plait_dataset *train_set,
		 const struct plait_fit_options *options)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_trainer *trainer = NULL;
	struct plait_node *x = plait_input(net, PLAIT_F32, 3, (int64_t[]){ 3, 32, 32 });
	int workers = plait_cpu_workers(), status;

	plait_cross_entropy(plait_model(x, words), plait_labels(net));
	status = plait_trainer_create(
		&trainer, net,
		&(struct plait_trainer_options){ .optimizer = plait_adamw(0.002),
						 .shards = workers > 0 ? workers : 1 });
	if (status == 0)
		status = plait_fit(trainer, train_set, options);
	if (status == 0)
		status = plait_trainer_save(trainer, "resnet.safetensors");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return status;
}

int main(int argc, char **argv)
{
	static const char normalize[] = "normalize:0.491,0.482,0.446;0.247,0.243,0.262";
	struct plait_fit_options options = { .loader.shuffle = true,
					     .loader.batch_size = 128,
					     .on_event = print_epoch };
	struct plait_dataset *train_set = NULL, *test_set = NULL;
	struct plait_transform *random = NULL, *fixed = NULL;
	char words[128];
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: 17_resnet TRAIN TEST [EPOCHS [WORDS]], as in "
				"images:cifar10/train images:cifar10/test\n");
		return 2;
	}
	status = plait_start(NULL);
	snprintf(words, sizeof words, "crop:32,4 flip %s", normalize);
	if (status == 0)
		status = plait_transform_parse(&random, words);
	if (status == 0)
		status = plait_transform_parse(&fixed, normalize);
	if (status == 0)
		status = plait_dataset_open(&train_set, argv[1]);
	if (status == 0)
		status = plait_dataset_open(&test_set, argv[2]);
	options.epochs = argc > 3 ? atoi(argv[3]) : 10;
	options.validation = test_set;
	options.loader.transform = random;
	options.fixed_transform = fixed;
	if (status == 0)
		status = train(argc > 4 ? argv[4] : resnet8, train_set, &options);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_transform_destroy(fixed);
	plait_transform_destroy(random);
	plait_dataset_destroy(test_set);
	plait_dataset_destroy(train_set);
	plait_stop();
	return status < 0;
}
