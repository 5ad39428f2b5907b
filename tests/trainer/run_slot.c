/* SPDX-License-Identifier: MIT
 * A run whose batches the program makes: with those of a loader it has the bits of a run over the
 * data set, and it ends as that does. */
#include "config.h"
#include "tests/trainer/run.h"

/* Copies the loader's next batch into the run's next slot; returns what plait_loader_next did. */
static int copy_batch(struct plait_run *run, struct plait_loader *loader, bool mse)
{
	struct plait_batch batch;
	struct plait_slot slot;
	int status = plait_loader_next(loader, &batch);

	if (status != 0)
		return status;
	if (plait_run_slot(run, &slot) < 0)
		tap_bail_out("%s", plait_error_message());
	memcpy(slot.x, batch.x, (size_t)batch.samples * 6 * sizeof(float));
	if (mse)
		memcpy(slot.targets, batch.targets, (size_t)batch.samples * 4 * sizeof(float));
	else
		memcpy(slot.labels, batch.labels, (size_t)batch.samples * sizeof(int32_t));
	status = plait_run_submit(run, batch.samples);
	plait_loader_release(loader);
	return status;
}

static void test_bits(enum plait_granularity grain, const char *name, int shards, bool mse)
{
	struct samples s = samples_make(200, 6, 4, mse ? 4 : 0, 1);
	struct plait_graph *net[2] = { net_make(6, WORDS, mse), net_make(6, WORDS, mse) };
	struct plait_trainer *trainer[2];
	struct plait_run_options options = { .loader = { .batch_size = 32, .shuffle = true } };
	struct plait_loader *loader = loader_open(s.set, options.loader);
	struct plait_run *run[2] = { NULL, NULL };
	float a, b;
	int status, same = 0;

	for (int i = 0; i < 2; i++) {
		trainer[i] = trainer_make(net[i], plait_adam(1e-2), grain, shards);
		if (plait_run_open(&run[i], trainer[i], i ? NULL : s.set, &options) < 0)
			tap_bail_out("%s", plait_error_message());
	}
	for (int e = 0; e < 3; e++) {
		step_on(run[0], 100);
		while ((status = copy_batch(run[1], loader, mse)) == 0)
			;
		is_int(status, PLAIT_END, "%s, %d shards, %s: an epoch", name, shards,
		       mse ? "mse" : "cross entropy");
	}
	for (int i = 1; i <= 21; i++) {
		plait_run_loss(run[0], i, &a);
		plait_run_loss(run[1], i, &b);
		same += memcmp(&a, &b, sizeof a) == 0;
	}
	is_int(same, 21, "all losses are those of a run over the data set");
	for (int i = 0; i < 2; i++)
		is_int(plait_run_close(run[i]), 0, "closed");
	ok(parameters_hash(trainer[0]) == parameters_hash(trainer[1]), "so are the parameters");
	plait_loader_destroy(loader);
	for (int i = 0; i < 2; i++) {
		plait_trainer_destroy(trainer[i]);
		plait_graph_destroy(net[i]);
	}
	samples_free(&s);
}

static void fill(struct plait_slot *slot, float value)
{
	for (int i = 0; i < slot->samples * 6; i++)
		((float *)slot->x)[i] = (float)(i % 5) * value;
	for (int i = 0; i < slot->samples; i++)
		slot->labels[i] = i % 4;
}

/* A graph with weights; those of the slot are 1 until the program says otherwise. */
static void test_weights(void)
{
	struct plait_graph *net = plait_graph_create();
	int64_t features = 6;
	struct plait_node *x = plait_model(plait_input(net, PLAIT_F32, 1, &features), WORDS);
	struct plait_trainer *trainer;
	struct plait_run *run = NULL;
	struct plait_slot slot;
	float loss[3];

	plait_cross_entropy_weighted(x, plait_labels(net), plait_weights(net));
	trainer = trainer_make(net, plait_sgd(0), PLAIT_GRANULARITY_AUTO, 0);
	plait_run_open(&run, trainer, NULL, &(struct plait_run_options){ .loader.batch_size = 8 });
	for (int i = 0; i < 3; i++) {
		is_int(plait_run_slot(run, &slot), 0, "a slot");
		ok(slot.weights && slot.weights[0] == 1 && slot.weights[7] == 1,
		   "weights are 1 at first");
		fill(&slot, 0.5f);
		for (int n = 0; i == 1 && n < 8; n++)
			slot.weights[n] = 2;
		plait_run_submit(run, 8);
		plait_run_loss(run, i + 1, &loss[i]);
	}
	is_near(loss[1], 2 * (double)loss[0], 1e-6, "twice the weight is twice the loss");
	is_near(loss[2], loss[0], 0, "and the next slot has its own");
	plait_run_close(run);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* A value of a step with fewer samples than there is room for, in two shards. */
static void test_value(void)
{
	static const char *const keep[] = { "0.linear", NULL };
	struct job job = job_make(10, plait_sgd(0), PLAIT_GRANULARITY_AUTO, 2);
	struct plait_run_options options = { .loader.batch_size = 8, .keep = keep };
	struct plait_run *run = NULL;
	struct plait_slot slot;
	struct plait_tensor all, three;
	float first[3 * 16];

	plait_run_open(&run, job.trainer, NULL, &options);
	for (int i = 0; i < 2; i++) {
		plait_run_slot(run, &slot);
		fill(&slot, 0.5f);
		plait_run_submit(run, i == 0 ? 8 : 3);
		if (i == 0) {
			plait_run_value(run, "0.linear", &all);
			memcpy(first, all.data, sizeof first);
		}
	}
	is_int(plait_run_value(run, "0.linear", &three), 0, "a value of three samples");
	ok(three.dim[0] == 3 && memcmp(three.data, first, sizeof first) == 0,
	   "has their three rows, in order");
	plait_run_close(run);
	job_free(&job);
}

static void test_not_finite(void)
{
	struct job job = job_make(10, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_run *run = NULL;
	struct plait_slot slot;

	plait_run_open(&run, job.trainer, NULL,
		       &(struct plait_run_options){ .loader.batch_size = 8 });
	for (int i = 0; i < 3; i++) {
		plait_run_slot(run, &slot);
		fill(&slot, i == 2 ? NAN : 1.f);
		plait_run_submit(run, i == 2 ? 5 : 8);
	}
	refused(plait_run_wait(run), PLAIT_ENAN, "step 3: sample 0", "a NaN that was written");
	refused(plait_run_slot(run, &slot), PLAIT_ENAN, "step 3", "another slot");
	is_int(plait_run_done(run), 2, "two steps count");
	is_int(plait_run_close(run), PLAIT_ENAN, "closed");
	job_free(&job);
}

/* A slot that is out when the run is closed, wrong use, and no more slots than there are. */
static void test_use(void)
{
	struct job job = job_make(10, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_run_options options = { .loader = { .batch_size = 8, .prefetch = 2 } };
	struct plait_run *run = NULL;
	struct plait_slot slot;
	void *memory[3];

	plait_run_open(&run, job.trainer, NULL, &options);
	refused(plait_run_submit(run, 1), PLAIT_ESTATE, "no slot", "without a slot");
	refused(plait_run_step(run), PLAIT_ESTATE, "no data set", "plait_run_step");
	for (int i = 0; i < 3; i++) {
		is_int(plait_run_slot(run, &slot), 0, "slot %d", i);
		memory[i] = slot.x;
		is_int(slot.samples, 8, "has room for a batch");
		refused(plait_run_slot(run, &slot), PLAIT_ESTATE, "not submitted", "a second one");
		refused(plait_run_submit(run, 0), PLAIT_EINVAL, "1 to 8", "no samples");
		refused(plait_run_submit(run, 9), PLAIT_EINVAL, "1 to 8", "too many");
		fill(&slot, 1);
		is_int(plait_run_submit(run, 8 - i), 0, "fewer samples than there is room for");
	}
	ok(memory[0] == memory[2] && memory[0] != memory[1], "there are two slots");
	plait_run_slot(run, &slot);
	is_int(plait_run_close(run), 0, "closed with a slot out");
	is_int(plait_trainer_steps(job.trainer), 3, "three steps");
	plait_run_open(&run, job.trainer, job.s.set, NULL);
	refused(plait_run_slot(run, &slot), PLAIT_ESTATE, "data set", "a run over a data set");
	plait_run_close(run);
	job_free(&job);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= 3; shards += 2)
		for (int g = 0; g < grains_of(shards); g++) {
			test_bits(grains[g], grain_name[g], shards, false);
			test_bits(grains[g], grain_name[g], shards, true);
		}
	test_weights();
	test_value();
	test_not_finite();
	test_use();
	plait_stop();
	return tap_done();
}
