/* SPDX-License-Identifier: MIT
 * Pools that only compute: outputs and losses, losses and gradients.  They are, bit for bit, those
 * of plait_predict, plait_evaluate and the gradients that a step of training has; nothing is
 * updated. */
#include "config.h"
#include "tests/trainer/pool.h"

enum { SAMPLES = 50, MEMBERS = 4, VALUES = SAMPLES * POOL_CLASSES };

struct work {
	struct samples good;
	struct kind kind[MEMBERS];
	struct entry entry[MEMBERS];
	struct plait_trainer *trainer[MEMBERS];
	uint64_t hash[MEMBERS]; /* of the parameters at first */
	float outputs[MEMBERS][VALUES], expected[VALUES];
	float *output[MEMBERS];
	double losses[MEMBERS];
};

static void make_micro(struct work *work, enum plait_granularity grain, int shards,
		       int microbatches)
{
	static const char *const words[MEMBERS] = { NULL, "linear:4", "linear:9 gelu linear:4",
						    "linear:20 relu linear:4" };

	for (int m = 0; m < MEMBERS; m++) {
		work->kind[m] = (struct kind){ .words = words[m],
					       .optimizer = plait_adam(1e-2),
					       .grain = grain,
					       .shards = shards,
					       .seed = (uint64_t)m,
					       .microbatches = microbatches };
		entry_make(&work->entry[m], &work->kind[m]);
		work->trainer[m] = work->entry[m].trainer;
		work->hash[m] = parameters_hash(work->trainer[m]);
		work->output[m] = work->outputs[m];
		for (int i = 0; i < VALUES; i++)
			work->outputs[m][i] = NAN;
	}
}

static void make(struct work *work, enum plait_granularity grain, int shards)
{
	make_micro(work, grain, shards, 0);
}

static int unchanged(const struct work *work)
{
	int n = 0;

	for (int m = 0; m < MEMBERS; m++)
		n += parameters_hash(work->trainer[m]) == work->hash[m] &&
		     plait_trainer_steps(work->trainer[m]) == 0;
	return n;
}

static void unmake(struct work *work)
{
	for (int m = 0; m < MEMBERS; m++)
		entry_free(&work->entry[m]);
}

/* -- forward ----------------------------------------------------------------------------- */

static void test_forward(struct work *work, int64_t batch)
{
	struct plait_fit_options options = { .loader.batch_size = batch, .quiet = true };
	int outputs = 0, losses = 0;

	is_int(plait_pool_forward(work->trainer, MEMBERS, work->good.set, &options, work->output,
				  work->losses),
	       0, "forward, in batches of %d", (int)batch);
	for (int m = 0; m < MEMBERS; m++) {
		struct plait_metrics metrics;

		if (plait_predict(work->trainer[m], work->good.set, &options, work->expected) < 0 ||
		    plait_evaluate(work->trainer[m], work->good.set, &options, &metrics) < 0)
			tap_bail_out("%s", plait_error_message());
		outputs += memcmp(work->outputs[m], work->expected, sizeof work->expected) == 0;
		losses += work->losses[m] == plait_metrics_loss(&metrics);
	}
	is_int(outputs, MEMBERS, "the outputs are those of plait_predict");
	is_int(losses, MEMBERS, "the losses are those of plait_evaluate");
}

/* -- backward ---------------------------------------------------------------------------- */

/* Whether each gradient is that of a step of training on the same batch. */
static bool as_trained(struct work *work, int m)
{
	static const char *const keep[] = { "0.weight.grad", "0.bias.grad", NULL };
	struct plait_run_options options = { .loader.batch_size = SAMPLES, .keep = keep };
	struct plait_run *run = NULL;
	struct entry other;
	bool same = true;

	entry_make(&other, &work->kind[m]);
	if (plait_run_open(&run, other.trainer, work->good.set, &options) < 0 ||
	    plait_run_step(run) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 2; i++) {
		struct plait_tensor expected, got;
		size_t bytes;

		if (plait_run_value(run, keep[i], &expected) < 0 ||
		    plait_trainer_gradient(work->trainer[m], i, &got) < 0)
			tap_bail_out("%s", plait_error_message());
		bytes = (size_t)plait_shape_elements(got.ndim, got.dim) * sizeof(float);
		same = same && memcmp(got.data, expected.data, bytes) == 0 &&
		       strncmp(got.name, keep[i], strlen(got.name)) == 0;
	}
	plait_run_close(run);
	entry_free(&other);
	return same;
}

static void test_backward(struct work *work)
{
	int gradients = 0, losses = 0;

	is_int(plait_pool_backward(work->trainer, MEMBERS, work->good.set, NULL, work->losses), 0,
	       "backward");
	for (int m = 0; m < MEMBERS; m++) {
		struct plait_fit_options all = { .loader.batch_size = SAMPLES, .quiet = true };
		struct plait_metrics metrics;

		if (plait_evaluate(work->trainer[m], work->good.set, &all, &metrics) < 0)
			tap_bail_out("%s", plait_error_message());
		losses += work->losses[m] == plait_metrics_loss(&metrics);
		gradients += as_trained(work, m);
	}
	is_int(losses, MEMBERS, "the losses are those of all samples in one batch");
	is_int(gradients, MEMBERS, "the gradients are those of a step of training");
}

static void test_bits(struct work *work, const char *policy, int cpus)
{
	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= 3; shards++)
		for (int g = 0; g < grains_of(shards); g++) {
			make(work, grains[g], shards);
			printf("# %s, %d workers, %s, %d shards\n", policy, cpus, grain_name[g],
			       shards);
			test_forward(work, 16);
			test_forward(work, SAMPLES);
			test_backward(work);
			is_int(unchanged(work), MEMBERS, "no parameter has changed");
			unmake(work);
		}
	for (int shards = 1; shards <= 2; shards++) {
		make_micro(work, PLAIT_GRANULARITY_LAYER, shards, 3);
		printf("# %s, %d workers, 3 microbatches of %d shards\n", policy, cpus, shards);
		test_forward(work, 16);
		test_backward(work);
		unmake(work);
	}
	plait_stop();
}

/* -- together ---------------------------------------------------------------------------- */

static void test_mixed(struct work *work)
{
	struct plait_pool_member member[MEMBERS];
	struct alone alone;
	double losses[2];

	make(work, PLAIT_GRANULARITY_LAYER, 1);
	for (int m = 0; m < MEMBERS; m++)
		member[m] = entry_member(&work->entry[m], work->good.set);
	member[1].work = PLAIT_POOL_FORWARD;
	member[1].outputs = work->outputs[1];
	member[2].work = PLAIT_POOL_BACKWARD;
	train_alone(&alone, &work->kind[0], work->good.set);
	plait_pool_forward(&work->trainer[1], 1, work->good.set, NULL, NULL, &losses[0]);
	is_int(plait_pool_run(member, MEMBERS), 0,
	       "members train, go forward and backward at once");
	ok(as_alone(&work->entry[0], &alone), "one is trained as alone");
	ok(plait_metrics_loss(&member[1].metrics) == losses[0], "one has its loss");
	ok(as_trained(work, 2), "one has its gradients");
	unmake(work);
}

static void test_refused(struct work *work)
{
	struct plait_fit_options small = { .loader.batch_size = 10, .quiet = true };
	struct plait_pool_member member = { .dataset = work->good.set,
					    .work = (enum plait_pool_work)3 };
	struct plait_tensor tensor;

	make(work, PLAIT_GRANULARITY_AUTO, 1);
	refused(plait_trainer_gradient(work->trainer[0], 0, &tensor), PLAIT_ESTATE,
		"plait_pool_backward", "a gradient before there is one");
	refused(plait_pool_backward(work->trainer, 1, work->good.set, &small, NULL), PLAIT_EINVAL,
		"batch size 10 of 50", "the gradient of several batches");
	member.trainer = work->trainer[0];
	refused(plait_pool_run(&member, 1), PLAIT_EINVAL, "work 3", "work that there is not");
	is_int(plait_pool_backward(work->trainer, 1, work->good.set, NULL, NULL), 0, "backward");
	refused(plait_trainer_gradient(work->trainer[0], 100, &tensor), PLAIT_EINVAL,
		"parameter 100", "a gradient of no parameter");
	work->good.x[7 * POOL_FEATURES] = NAN;
	is_int(plait_pool_forward(work->trainer, 2, work->good.set, NULL, NULL, work->losses), 0,
	       "forward computes with what there is");
	ok(isnan(work->losses[0]) && isnan(work->losses[1]), "a NaN gives a NaN");
	work->good.x[7 * POOL_FEATURES] = 0;
	unmake(work);
}

/* Nobody reads it and the loss does not depend on it: its gradient is 0. */
static void test_idle_parameter(struct work *work)
{
	struct entry *entry = &work->entry[0];
	struct plait_tensor tensor;
	float sum = 0;
	int idle = 0;

	make(work, PLAIT_GRANULARITY_AUTO, 1);
	is_int(plait_pool_backward(work->trainer, 1, work->good.set, NULL, NULL), 0,
	       "backward in a network with a layer that nobody reads");
	for (int i = 0; i < plait_trainer_parameters(entry->trainer); i++) {
		plait_trainer_gradient(entry->trainer, i, &tensor);
		sum = 0;
		for (int64_t j = 0; j < plait_shape_elements(tensor.ndim, tensor.dim); j++)
			sum += fabsf(((const float *)tensor.data)[j]);
		idle += !(sum > 0);
	}
	is_int(idle, 2, "weight and bias of that layer have gradients of 0");
	unmake(work);
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	work->good = samples_make(SAMPLES, POOL_FEATURES, POOL_CLASSES, 0, 1);
	test_bits(work, "eager", 2);
	test_bits(work, "prio", 1);
	test_bits(work, "dmdas", 3);
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_mixed(work);
	test_refused(work);
	test_idle_parameter(work);
	plait_stop();
	samples_free(&work->good);
	free(work);
	return tap_done();
}
