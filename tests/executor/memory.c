/* SPDX-License-Identifier: MIT
 * More memory than there is: a message before anything is allocated, not a process that the
 * kernel ends.  The sizes here are of terabytes, so no machine has them. */
#include "config.h"
#include "src/runtime/memory_limit.h"
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

/* -- several at once --------------------------------------------------------------------- */

static int stop_at_once(void *user, const struct plait_event *event)
{
	(void)user;
	return event->kind == PLAIT_EVENT_BEGIN;
}

enum { MEMBERS = 3 };

/* Members of these options, each with a loader of its own, none of which runs. */
struct crowd {
	struct plait_graph *net[MEMBERS];
	struct plait_fit_options options[MEMBERS];
	struct plait_pool_member member[MEMBERS];
};

static void crowd_run(struct crowd *crowd, const struct plait_loader_options *loader,
		      struct plait_dataset *set)
{
	for (int m = 0; m < MEMBERS; m++) {
		struct plait_fit_options *o = &crowd->options[m];

		crowd->net[m] = net_make(1000, "linear:2", false);
		*o = (struct plait_fit_options){ .loader = loader[m], .on_event = stop_at_once };
		o->loader.seed = (uint64_t)m;
		o->loader.shuffle = true;
		crowd->member[m] = (struct plait_pool_member){
			.trainer = trainer_make(crowd->net[m], plait_sgd(0.1),
						PLAIT_GRANULARITY_AUTO, 1),
			.dataset = set,
			.options = o,
		};
	}
	plait_pool_run(crowd->member, MEMBERS);
	for (int m = 0; m < MEMBERS; m++) {
		plait_trainer_destroy(crowd->member[m].trainer);
		plait_graph_destroy(crowd->net[m]);
	}
}

/* Two slots of so many bytes, which are of x alone but for a thousandth. */
static struct plait_loader_options two_slots(double bytes, int64_t limit)
{
	return (struct plait_loader_options){ .batch_size = (int64_t)(bytes / 4000),
					      .prefetch = 2,
					      .memory_limit = limit };
}

/* Each finds room, and the first two do; the others are told what all need. */
static void test_pool(void)
{
	struct plait_dataset *many = zeros(INT64_MAX / 8);
	double left = (double)plait__memory_available("");
	struct plait_loader_options loader[MEMBERS] = { two_slots(left * 0.2, INT64_MAX),
							two_slots(left * 0.35, INT64_MAX),
							two_slots(left * 0.2, INT64_MAX) };
	struct crowd crowd;

	crowd_run(&crowd, loader, many);
	is_int(crowd.member[0].status, 0, "a member of 40 %% of what is left");
	is_int(crowd.member[1].status, PLAIT_ENOMEM, "another one of 70 %%");
	contains(crowd.member[1].message, "the members of the pool up to this one need ",
		 "who needs it");
	contains(crowd.member[1].message, "train fewer at once", "what to do");
	is_int(crowd.member[2].status, 0, "and of 40 %%, as the second one is not there");
	plait_dataset_destroy(many);
}

/* Members with the same limit have it together. */
static void test_limit(void)
{
	struct plait_dataset *many = zeros(INT64_MAX / 8);
	struct plait_loader_options loader[MEMBERS] = { two_slots(4e6, 13 << 20),
							two_slots(4e6, 13 << 20),
							two_slots(4e6, 14 << 20) };
	struct crowd crowd;

	crowd_run(&crowd, loader, many);
	is_int(crowd.member[0].status, 0, "two slots within the limit");
	is_int(crowd.member[1].status, PLAIT_ENOMEM, "and two more beyond it");
	contains(crowd.member[1].message, "memory limit leaves", "the message says so");
	is_int(crowd.member[2].status, 0, "but within another limit");
	plait_dataset_destroy(many);
}

/* Each finds room, but not both. */
static void test_validation(void)
{
	struct plait_dataset *many = zeros(INT64_MAX / 8);
	double left = (double)plait__memory_available("");
	struct plait_graph *net = net_make(1000, "linear:2", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 1);
	struct plait_fit_options options = { .loader = two_slots(left * 0.3, INT64_MAX),
					     .validation = many,
					     .on_event = stop_at_once };

	refused(plait_fit(trainer, many, &options), PLAIT_ENOMEM, "training and validation need ",
		"slots of both");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(many);
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
	test_limit();
	/* Where there is a GPU, slots are pinned, which takes their pages at once. */
	if (plait_cuda_workers() == 0) {
		test_pool();
		test_validation();
	}
	plait_stop();
	return tap_done();
}
