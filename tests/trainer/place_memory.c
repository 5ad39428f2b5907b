/* SPDX-License-Identifier: MIT
 * A network on two GPUs: each holds what its own segments use and no more, StarPU takes nothing
 * there by itself, and the bits are those of shards that are not placed. */
#include "config.h"
#include "tests/trainer/trained.h"

#include <starpu.h>

/* Each half has two layers of 60 by 60. */
#define WORDS "linear:60 relu linear:60 tanh linear:60 relu linear:60 relu linear:4"
#define HALVES "0-2:cuda0 3-:cuda1"

enum { FEATURES = 60, SHARDS = 4 };

static const char *const on_both[] = { "cuda0", "cuda1", "cuda0", "cuda1" };
static const char *const by_replica[] = { "cuda0", "cuda0", "cuda1", "cuda1" };

struct placing {
	const char *what, *words; /* words NULL: layers are not placed */
	const char *const *shard; /* NULL: shards are not */
	int microbatches, replicas;
};

static const struct placing nowhere = { .what = "not placed", .microbatches = 1 };
static const struct placing halves = { .what = HALVES, .words = HALVES, .microbatches = SHARDS };
static const struct placing first = { .what = "0-:cuda0",
				      .words = "0-:cuda0",
				      .microbatches = SHARDS };

/* Any worker that may compute a task is as likely to: one that should not, would soon. */
static void start(int64_t limit)
{
	struct plait_start_options options = { .policy = "random", .gpu_memory_limit = limit };

	if (plait_start(&options) < 0)
		tap_bail_out("%s", plait_error_message());
}

/* What is taken of a device. */
static int64_t taken(int device)
{
	for (int i = 0; i < plait_cuda_workers(); i++) {
		int worker = starpu_worker_get_by_type(STARPU_CUDA_WORKER, i);

		if (starpu_worker_get_devid(worker) == device)
			return (int64_t)starpu_memory_get_used(
				starpu_worker_get_memory_node((unsigned)worker));
	}
	tap_bail_out("no worker of GPU %d", device);
}

static struct plait_trainer *make(const struct placing *p, enum plait_granularity grain,
				  struct plait_graph **net)
{
	struct plait_trainer_options options = { .optimizer = plait_adam(1e-3),
						 .granularity = grain,
						 .shards = SHARDS / p->microbatches,
						 .microbatches = p->microbatches,
						 .replicas = p->replicas,
						 .shard_devices = p->shard,
						 .seed = 7 };
	struct plait_trainer *trainer = NULL;

	*net = net_make(FEATURES, WORDS, false);
	if ((p->words && plait_place_words(*net, p->words) < 0) ||
	    plait_trainer_create(&trainer, *net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return trainer;
}

/* -- bits, and who allocates -------------------------------------------------------------- */

/* What StarPU allocates by itself stays in its cache. */
static void check_taken(const char *what)
{
	for (int d = 0; d < 2; d++)
		is_int(taken(d), 0, "%s: nothing is left on cuda%d", what, d);
}

/* With validation and a prediction, which borrow the parameters of training: the first placing at
 * every grain, others at one. */
static void test_bits(const struct samples *s, struct trained *shards)
{
	static const struct placing placings[] = {
		{ HALVES, HALVES, NULL, SHARDS, 0 },
		{ "three stages", "0:cuda0 1-3:cuda1 4-:cuda0", NULL, 2, 0 },
		{ "half of it is placed", "3-:cuda1", NULL, SHARDS, 0 },
		{ "a half on a CPU", "0-2:cuda1 3-:cpu0", NULL, SHARDS, 0 },
		{ "shards on both", NULL, on_both, 1, 0 },
		{ "a replica each", NULL, by_replica, 1, 2 },
		{ "layers of shards", "0-2:cuda1", on_both, 1, 0 },
	};
	static struct trained other;
	struct plait_graph *net;
	struct plait_trainer *trainer;

	for (size_t i = 0; i < sizeof placings / sizeof *placings; i++)
		for (int g = 0; g < grains_of(SHARDS); g++) {
			if (i > 0 && g != (int)i % grains_of(SHARDS))
				continue;
			bool on_cpu = placings[i].words && strstr(placings[i].words, "cpu");
			char what[64];

			trainer = make(&placings[i], grains[g], &net);
			trained_run(s, net, trainer, BATCH, &other);
			snprintf(what, sizeof what, "%s, %s", placings[i].what, grain_name[g]);
			/* A CPU adds in another order than a GPU. */
			if (!on_cpu)
				ok(trained_equal(shards, &other), "%s: the bits of shards", what);
			check_taken(what);
		}
}

/* A snapshot of the parameters is where it is read, too. */
static void test_snapshot(const struct samples *s)
{
	static const struct placing placings[] = { { HALVES, HALVES, NULL, SHARDS, 0 },
						   { "a replica each", NULL, by_replica, 1, 2 },
						   { "a half on a CPU", "0-2:cuda1 3-:cpu0", NULL,
						     SHARDS, 0 } };
	static struct losses losses[2];

	for (size_t i = 0; i < sizeof placings / sizeof *placings; i++) {
		for (int beside = 0; beside < 2; beside++) {
			struct plait_graph *net;
			struct plait_trainer *trainer =
				make(&placings[i], PLAIT_GRANULARITY_PHASE, &net);
			struct plait_fit_options options = { .epochs = EPOCHS,
							     .loader.batch_size = BATCH,
							     .validation = s->set,
							     .overlap_validation = beside,
							     .log_every = 1,
							     .on_event = losses_take,
							     .user = &losses[beside] };

			memset(&losses[beside], 0, sizeof losses[beside]);
			is_int(plait_fit(trainer, s->set, &options), 0, "%s: validation %s",
			       placings[i].what, beside ? "beside training" : "after an epoch");
			plait_trainer_destroy(trainer);
			plait_graph_destroy(net);
			check_taken(placings[i].what);
		}
		ok(losses_equal(&losses[0], &losses[1]), "%s: the same bits", placings[i].what);
	}
}

struct counted {
	const struct samples *samples;
	int fetched; /* atomic */
};

static int fetch(void *user, int64_t index, uint64_t key, void *x, int32_t *label, float *target)
{
	struct counted *counted = user;

	(void)key;
	(void)target;
	memcpy(x, counted->samples->x + index * FEATURES, FEATURES * sizeof(float));
	*label = counted->samples->labels[index];
	__atomic_add_fetch(&counted->fetched, 1, __ATOMIC_RELAXED);
	return 0;
}

/* Members that share their loads, each on a GPU of its own. */
static void test_pool(const struct samples *s)
{
	static const struct placing placings[] = { { "cuda0", "0-:cuda0", NULL, 1, 0 },
						   { "cuda1", "0-:cuda1", NULL, 1, 0 } };
	struct plait_dataset_info info = { .spec = "counted",
					   .samples = SAMPLES,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { FEATURES },
					   .classes = 4 };
	/* With a size of chunks no sample is made to be timed. */
	struct plait_fit_options options = { .loader = { .batch_size = BATCH, .chunk = BATCH },
					     .quiet = true };
	struct counted counted = { .samples = s };
	struct plait_pool_member member[2] = { { 0 } };
	struct plait_graph *net[2];
	uint64_t hash[2];

	if (plait_dataset_from_callback(&member[0].dataset, &info, fetch, &counted) < 0)
		tap_bail_out("%s", plait_error_message());
	member[1].dataset = member[0].dataset;
	for (int i = 0; i < 2; i++) {
		member[i].trainer = make(&placings[i], PLAIT_GRANULARITY_LAYER, &net[i]);
		member[i].options = &options;
	}
	is_int(plait_pool_run(member, 2), 0, "a pool whose members are on different GPUs");
	is_int(counted.fetched, SAMPLES, "each sample is loaded once for both");
	for (int i = 0; i < 2; i++) {
		hash[i] = parameters_hash(member[i].trainer);
		plait_trainer_destroy(member[i].trainer);
		plait_graph_destroy(net[i]);
	}
	ok(hash[0] == hash[1], "both have the same bits");
	check_taken("a pool");
	plait_dataset_destroy(member[0].dataset);
}

/* -- how much is taken -------------------------------------------------------------------- */

static int let_be(void *user, const struct plait_submitted *submitted)
{
	(void)user;
	(void)submitted;
	return 0;
}

/* Trains for some steps; bytes: what is taken of each GPU meanwhile. */
static int run_some(const struct samples *s, const struct placing *p, plait_submit_fn on_submit,
		    bool evaluates, int64_t bytes[2])
{
	struct plait_run_options options = { .loader = { .batch_size = BATCH, .prefetch = 2 },
					     .on_submit = on_submit };
	struct plait_fit_options also = { .loader = options.loader };
	struct plait_metrics metrics;
	struct plait_run *run = NULL;
	struct plait_graph *net;
	struct plait_trainer *trainer = make(p, PLAIT_GRANULARITY_LAYER, &net);
	int status = plait_run_open(&run, trainer, s->set, &options);

	for (int d = 0; d < 2 && status == 0; d++)
		bytes[d] = taken(d);
	for (int i = 0; i < 5 && status == 0; i++)
		status = plait_run_step(run);
	if (status == 0 && evaluates)
		status = plait_evaluate(trainer, s->set, &also, &metrics);
	if (run && plait_run_close(run) < 0 && status == 0)
		status = PLAIT_ERUNTIME;
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return status;
}

/* Adam keeps two numbers for each parameter; biases and gradients come to it. */
static const int64_t half_bytes = 3 * sizeof(float) * 2 * 60 * 60;

static void test_sizes(const struct samples *s, int64_t all[2], int64_t half[2])
{
	int64_t one[2], read[2];

	is_int(run_some(s, &nowhere, NULL, true, all), 0, "a run that is not placed");
	is_int(all[0], all[1], "of both GPUs the same is taken");
	is_int(run_some(s, &halves, NULL, true, half), 0, HALVES);
	for (int d = 0; d < 2; d++)
		ok(half[d] > half_bytes && half[d] + half_bytes <= all[d],
		   "cuda%d, %lld bytes, has not the other half of %lld", d, (long long)half[d],
		   (long long)all[d]);
	is_int(run_some(s, &first, NULL, true, one), 0, "0-:cuda0");
	ok(one[0] > half_bytes && one[1] == 0, "nothing is on a GPU that computes nothing");
	is_int(run_some(s, &first, let_be, false, read), 0, "a program's tasks beside it");
	ok(read[0] == one[0] && read[1] > 0 && read[1] < half_bytes,
	   "batches, which these may read, are on all GPUs");
	check_taken("runs");
}

/* What does not fit on a GPU fits on two. */
static void test_limit(const struct samples *s, const int64_t half[2])
{
	int most = half[0] > half[1] ? 0 : 1;
	int64_t bytes[2];

	start(half[most]);
	refused(run_some(s, &nowhere, NULL, false, bytes), PLAIT_ENOMEM,
		"the limit on GPU memory leaves cuda", "more than a GPU may have");
	is_int(run_some(s, &halves, NULL, false, bytes), 0, "halves fit");
	plait_stop();
	start(half[most] - 1);
	refused(run_some(s, &halves, NULL, false, bytes), PLAIT_ENOMEM,
		most == 0 ? "leaves cuda0 " : "leaves cuda1 ", "a byte less");
	plait_stop();
}

int main(void)
{
	static struct trained shards;
	struct samples s = samples_make(SAMPLES, FEATURES, 4, 0, 1);
	struct plait_graph *net;
	struct plait_trainer *trainer;
	int64_t all[2] = { 0 }, half[2] = { 0 };

	start(0);
	if (plait_cuda_workers() < 2)
		tap_skip_all("fewer than two GPUs");
	trainer = make(&nowhere, PLAIT_GRANULARITY_LAYER, &net);
	trained_run(&s, net, trainer, BATCH, &shards);
	test_bits(&s, &shards);
	test_snapshot(&s);
	test_pool(&s);
	test_sizes(&s, all, half);
	plait_stop();
	test_limit(&s, half);
	samples_free(&s);
	return tap_done();
}
