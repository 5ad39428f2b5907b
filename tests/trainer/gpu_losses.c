/* SPDX-License-Identifier: MIT
 * The losses of the same trainings on the CPU and on a GPU: the reference networks, and two of
 * images of bytes whose last batch is filled up, of which one has convolutions of all kinds. */
#include "config.h"
#include "tests/nets.h"
#include "tests/trainer/reference_table.h"

/* Relative.  A loss is a mean of float32 terms, each off by some 1e-7 where sums have another
 * order.  Rounding grows with every update, most of all in Adam, which divides a gradient by its
 * own size: so STEPS are few, and longer trainings are what reference_runs.c compares.  So are
 * those of large networks of images, which depend on the order of samples: make.py. */
#define TOLERANCE 1e-6
/* Where factors are rounded to bfloat16, such a difference may make one of them the next number,
 * 2^-8 further on: reference_runs.c. */
#define ROUNDED_TOLERANCE 1e-4

enum { STEPS = 12, PIXELS = 3 * 6 * 6, IMAGES = 45, BATCH = 16, MOST = 64 };

/* [0] on the CPU, [1] on the GPU. */
static struct losses run_losses[2][MOST];

static struct plait_fit_options options_for(struct losses *losses, int64_t batch)
{
	return (struct plait_fit_options){ .epochs = STEPS,
					   .steps = STEPS,
					   .loader.batch_size = batch,
					   .loader.shuffle = true,
					   .log_every = 1,
					   .on_event = losses_take,
					   .user = losses };
}

static void train_reference(const struct reference *run, enum plait_granularity grain, int shards,
			    struct losses *losses)
{
	struct plait_dataset_info info = reference_info(run);
	struct plait_fit_options options = options_for(losses, run->batch);
	struct plait_graph *net = plait_graph_create();
	struct plait_dataset *data = NULL;
	struct plait_trainer_options training = { .optimizer = run->optimizer,
						  .granularity = grain,
						  .shards = shards,
						  .clip_norm = run->clip_norm,
						  .clip_value = run->clip_value,
						  .precision = run->precision };
	struct plait_trainer *trainer = NULL;

	run->build(net, reference_input(run, net));
	if (plait_trainer_create(&trainer, net, &training) < 0)
		tap_bail_out("%s: %s", run->name, plait_error_message());
	reference_weights(run, trainer);
	if (plait_dataset_from_callback(&data, &info, reference_read, (void *)run) < 0 ||
	    plait_fit(trainer, data, &options) < 0)
		tap_bail_out("%s: %s", run->name, plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(data);
}

/* A padded one, one of groups and a stride, one of each channel, one of pixels. */
#define CONVOLUTIONS \
	"conv:8,3,pad=1 relu conv:12,3,stride=2,groups=2 tanh conv:12,2,pad=1,groups=12 " \
	"conv:6,1 relu flatten linear:4"

/* Images [3,6,6], normalised on the GPU, in batches of 16: the last of 45 is filled up with three
 * that have no weight.  words: the network; NULL: branches of dense layers. */
static void train_images(const char *words, enum plait_granularity grain, int shards,
			 struct losses *losses)
{
	static const float scale[] = { 4.37f, 4.46f, 4.44f }, shift[] = { -2.12f, -2.04f, -1.8f };
	static uint8_t x[IMAGES * PIXELS];
	static int32_t labels[IMAGES];
	struct plait_tensor tx = {
		.dtype = PLAIT_U8, .ndim = 4, .dim = { IMAGES, 3, 6, 6 }, .data = x
	};
	struct plait_tensor ty = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { IMAGES }, .data = labels
	};
	struct plait_fit_options options = options_for(losses, BATCH);
	struct plait_graph *net = plait_graph_create();
	struct plait_node *in = plait_input(net, PLAIT_U8, 3, (int64_t[]){ 3, 6, 6 });
	struct plait_dataset *data = NULL;
	struct plait_trainer *trainer;

	for (uint64_t i = 0; i < IMAGES * PIXELS; i++)
		x[i] = (uint8_t)(plait__random(1, i) >> 56);
	for (int i = 0; i < IMAGES; i++)
		labels[i] = i % 4;
	in = plait_normalize(in, 3, scale, shift);
	in = words ? plait_model(in, words) : branches(plait_flatten(in), 4);
	plait_cross_entropy_weighted(in, plait_labels(net), plait_weights(net));
	trainer = trainer_make(net, plait_sgd(0.1), grain, shards);
	options.loader.pad_last = true;
	options.loader.dtype = PLAIT_U8;
	if (plait_dataset_from_memory(&data, &tx, &ty, 4) < 0)
		tap_bail_out("%s", plait_error_message());
	options.validation = data;
	if (plait_fit(trainer, data, &options) < 0)
		tap_bail_out("images: %s", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(data);
}

static void train_all(int cuda_workers, struct losses *losses)
{
	if (plait_start(&(struct plait_start_options){ .cuda_workers = cuda_workers }) < 0)
		tap_bail_out("%s", plait_error_message());
	if (cuda_workers == 0 && plait_cuda_workers() == 0)
		tap_skip_all("no GPU");
	for (size_t i = 0; i < reference_vectors(); i++)
		train_reference(&reference[i], PLAIT_GRANULARITY_STEP, 1, losses++);
	/* A batch of many parts, each a task. */
	train_reference(&reference[reference_vectors() - 1], PLAIT_GRANULARITY_OP, 3, losses++);
	train_images(NULL, PLAIT_GRANULARITY_STEP, 1, losses++);
	train_images(NULL, PLAIT_GRANULARITY_OP, 2, losses++);
	train_images(CONVOLUTIONS, PLAIT_GRANULARITY_STEP, 1, losses++);
	train_images(CONVOLUTIONS, PLAIT_GRANULARITY_OP, 1, losses++);
	train_images(CONVOLUTIONS, PLAIT_GRANULARITY_LAYER, 2, losses++);
	plait_stop();
}

static void compare(const struct losses *cpu, const struct losses *gpu, const char *name,
		    double tolerance)
{
	double worst = fabs(gpu->validation_loss - cpu->validation_loss);
	int at = 0;

	if (cpu->validation_loss > 0)
		worst /= cpu->validation_loss;
	for (int i = 0; i < cpu->count && i < gpu->count; i++) {
		double off =
			fabs((double)gpu->loss[i] - (double)cpu->loss[i]) / (double)cpu->loss[i];

		if (off > worst || isnan(off)) {
			worst = off;
			at = i + 1;
		}
	}
	ok(cpu->count == STEPS && gpu->count == STEPS, "%s: %d steps", name, STEPS);
	ok(cpu->loss[STEPS - 1] != cpu->loss[0], "%s: the loss changes", name);
	is_near(worst, 0, tolerance, "%s: the GPU's loss is off by %.1e, most at step %d", name,
		worst, at);
}

int main(void)
{
	static const char *const more[] = { "three shards",           "images",
					    "images, two shards",     "convolutions",
					    "convolutions, op by op", "convolutions, two shards" };
	const size_t vectors = reference_vectors(), runs = vectors + sizeof more / sizeof *more;

	train_all(0, run_losses[1]);
	train_all(-1, run_losses[0]);
	for (size_t i = 0; i < runs; i++) {
		/* The first of `more` is the last of the table. */
		size_t run = i < vectors ? i : vectors - 1;
		bool rounded = i <= vectors && reference[run].precision != PLAIT_PRECISION_FP32;

		compare(&run_losses[0][i], &run_losses[1][i],
			i < vectors ? reference[i].name : more[i - vectors],
			rounded ? ROUNDED_TOLERANCE : TOLERANCE);
	}
	ok(losses_equal(&run_losses[1][runs - 3], &run_losses[1][runs - 2]),
	   "convolutions op by op have the bits that a step in one task has, on a GPU");
	return tap_done();
}
