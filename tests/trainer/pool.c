/* SPDX-License-Identifier: MIT
 * Members of a pool have the bits that each has alone, whatever the policy, the number of workers
 * and the others: losses of all steps, validation and parameters. */
#include "config.h"
#include "tests/trainer/pool.h"

static const char *const policies[] = { "eager", "plait", "lws", "prio", "dmdas", "random" };

enum { SAMPLES = 98, VALIDATION = 37, MEMBERS = 8 };

struct work {
	struct samples train, other, validation;
	struct kind kind[MEMBERS];
	struct plait_dataset *set[MEMBERS];
	struct alone alone[MEMBERS];
	struct entry entry[MEMBERS];
};

/* All but the sixth have the same batches: they differ in network, optimizer, tasks and length. Two
 * have dropouts, and so slots of their own. */
static void describe(struct work *work)
{
	const struct plait_loader_options loader = {
		.batch_size = 16, .shuffle = true, .seed = 3, .prefetch = 3
	};
	struct plait_fit_options plain = { .epochs = 3, .loader = loader }, valid = plain,
				 brief = plain, cut = plain, wide = plain;
	/* The first one would load for all others, of which some are on a GPU if there is one. */
	const char *on_cpu = "0-:cpu0";
	const struct kind all[MEMBERS] = {
		{ NULL, plait_adam(1e-2), PLAIT_GRANULARITY_LAYER, 1, 1, plain, 0, on_cpu },
		{ "linear:8 relu dropout:0.3 linear:4", plait_sgd(0.1), PLAIT_GRANULARITY_STEP, 1,
		  2, plain, 0, NULL },
		{ NULL, plait_adam(1e-2), PLAIT_GRANULARITY_OP, 2, 3, valid, 2, NULL },
		{ "linear:30 tanh dropout linear:4", plait_adam(1e-2), PLAIT_GRANULARITY_STEP, 1, 4,
		  brief, 0, NULL },
		{ "linear:4", plait_sgd(0.5), PLAIT_GRANULARITY_RUN, 1, 5, plain, 0, NULL },
		{ NULL, plait_adam(1e-2), PLAIT_GRANULARITY_PHASE, 1, 6, wide, 0, NULL },
		{ "linear:4", plait_sgd(0.5), PLAIT_GRANULARITY_RUN, 1, 7, cut, 0, NULL },
		{ "linear:5 relu linear:4", plait_adam(1e-2), PLAIT_GRANULARITY_STEP, 1, 8, valid,
		  0, NULL },
	};

	memcpy(work->kind, all, sizeof all);
	for (int m = 0; m < MEMBERS; m++)
		work->set[m] = work->train.set;
	work->kind[2].options.validation = work->validation.set;
	work->kind[7].options.validation = work->validation.set;
	work->kind[3].options.epochs = 1;
	work->kind[5].options.loader.batch_size = 9;
	work->set[5] = work->other.set;
	work->kind[6].options.steps = 12; /* in the middle of an epoch and of a task */
}

static void test_pool(struct work *work, const char *policy, int cpus)
{
	struct plait_pool_member member[MEMBERS];
	int same = 0, status;

	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int m = 0; m < MEMBERS; m++) {
		if (!work->alone[m].losses.count)
			train_alone(&work->alone[m], &work->kind[m], work->set[m]);
		entry_make(&work->entry[m], &work->kind[m]);
		member[m] = entry_member(&work->entry[m], work->set[m]);
	}
	status = plait_pool_run(member, MEMBERS);
	is_int(status, 0, "%s, %d workers: %d members are trained", policy, cpus, MEMBERS);
	for (int m = 0; m < MEMBERS; m++) {
		bool equal = as_alone(&work->entry[m], &work->alone[m]);

		same += equal;
		if (!equal)
			printf("# member %d differs: %d steps, alone %d\n", m + 1,
			       work->entry[m].losses.count, work->alone[m].losses.count);
		entry_free(&work->entry[m]);
	}
	is_int(same, MEMBERS, "%s, %d workers: each has the bits that it has alone", policy, cpus);
	plait_stop();
}

/* The comparison above must be able to fail. */
static void test_difference(const struct work *work)
{
	is_int(work->alone[0].losses.count, 21, "three epochs of seven steps were compared");
	is_int(work->alone[3].losses.count, 7, "a member has one epoch");
	is_int(work->alone[6].losses.count, 12, "a member has twelve steps");
	ok(work->alone[2].losses.validation.samples == VALIDATION, "two members are validated");
	for (int m = 1; m < MEMBERS; m++)
		ok(!losses_equal(&work->alone[0].losses, &work->alone[m].losses),
		   "member %d has other bits than member 1", m + 1);
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	work->train = samples_make(SAMPLES, POOL_FEATURES, POOL_CLASSES, 0, 1);
	work->other = samples_make(SAMPLES / 2, POOL_FEATURES, POOL_CLASSES, 0, 4);
	work->validation = samples_make(VALIDATION, POOL_FEATURES, POOL_CLASSES, 0, 2);
	describe(work);
	for (size_t p = 0; p < sizeof policies / sizeof *policies; p++)
		for (int cpus = 1; cpus <= 4; cpus++)
			test_pool(work, policies[p], cpus);
	test_difference(work);
	samples_free(&work->train);
	samples_free(&work->other);
	samples_free(&work->validation);
	free(work);
	return tap_done();
}
