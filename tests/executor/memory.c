/* SPDX-License-Identifier: MIT
 * More memory than there is: a message before anything is allocated, not a process that the
 * kernel ends.  The sizes here are of terabytes, so no machine has them. */
#include "config.h"
#include "tests/nets.h"

static int read_zeros(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		      float *target)
{
	(void)user;
	(void)index;
	(void)key;
	(void)target;
	memset(x, 0, 1000 * sizeof(float));
	if (label)
		*label = 0;
	return 0;
}

/* A data set of any size, which needs no memory. */
static struct plait_dataset *zeros(int64_t samples)
{
	struct plait_dataset_info info = { .spec = "zeros",
					   .samples = samples,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 1000 },
					   .classes = 2 };
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_zeros, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* N times as many batches, whose number is no int, are counted and named. */
static void test_steps_per_task(void)
{
	struct plait_dataset *many = zeros(INT64_MAX / 8);
	struct plait_graph *net = net_make(1000, "linear:2", false);
	struct plait_trainer_options run = { .optimizer = plait_sgd(0.1),
					     .granularity = PLAIT_GRANULARITY_RUN,
					     .steps_per_task = INT32_MAX };
	struct plait_fit_options options = { .quiet = true,
					     .loader = { .batch_size = 1, .prefetch = 1024 } };
	struct plait_trainer *trainer = NULL;

	if (plait_trainer_create(&trainer, net, &run) < 0)
		tap_bail_out("%s", plait_error_message());
	refused(plait_fit(trainer, many, &options), PLAIT_ENOMEM,
		"2199023254528 batches of 1 samples", "slots of two billion steps each");
	contains(plait_error_message(), "prefetch or the steps of a task", "what to do");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(many);
}

static void test_program(void)
{
	struct plait_dataset *many = zeros(INT64_MAX / 8), *few = zeros(100);
	struct plait_graph *net = net_make(1000, "linear:2", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_fit_options options = { .quiet = true,
					     .loader.batch_size = 1000000000,
					     .loader.prefetch = 1024 };

	refused(plait_fit(trainer, many, &options), PLAIT_ENOMEM,
		"1024 batches of 1000000000 samples", "slots of 4 petabytes");
	contains(plait_error_message(), "lower the batch size or prefetch", "what to do");
	options.loader.batch_size = INT64_MAX / 8;
	refused(plait_fit(trainer, many, &options), PLAIT_ENOMEM, "does not fit in memory",
		"a batch of more bytes than 64 bits count");
	is_int(plait_fit(trainer, few, &options), 0,
	       "a batch larger than the data set needs memory for the data set only");
	options.validation = few;
	options.loader.batch_size = 50;
	is_int(plait_fit(trainer, few, &options), 0, "the trainer is whole");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(many);
	plait_dataset_destroy(few);
}

static void test_store(void)
{
	struct plait_graph *net = net_make(1000, "linear:10000000000 linear:2", false);
	struct plait_trainer *trainer = NULL;

	refused(plait_trainer_create(&trainer, net, NULL), PLAIT_ENOMEM,
		"parameters and optimizer state need", "a layer of 40 terabytes");
	ok(!trainer, "no trainer");
	plait_graph_destroy(net);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_program();
	test_steps_per_task();
	test_store();
	plait_stop();
	return tap_done();
}
