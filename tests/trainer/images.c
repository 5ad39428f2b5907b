/* SPDX-License-Identifier: MIT
 * Networks of images: losses and parameters have the same bits under every policy, number of
 * workers and granularity, and as many shards, microbatches and replicas have the same too.  Parts
 * of a batch are larger than the chunks that the images are computed in (src/plan/chunks.c), and
 * the last batch is smaller than one. */
#include "config.h"
#include "tests/nets.h"

enum { SAMPLES = 70, BATCH = 32, EPOCHS = 2, PIXELS = 20 * 20 };

static const char *const nets[] = {
	"reshape:1x20x20 conv:24,3,pad=1 batchnorm relu residual{ conv:24,3,pad=1 tanh } "
	"conv:16,3,stride=2,pad=1 relu dropout groupnorm:4 conv:8,3x1,groups=2,bias=0 relu flatten "
	"linear:4",
	"reshape:4x10x10 conv:6,3 dropout:0.2 maxpool:2 relu avgpool:3,stride=1,pad=1 "
	"transpose:1,2 conv:8,1 "
	"maxpool:3,stride=1 global_avgpool linear:4",
};
#define NETS ((int)(sizeof nets / sizeof *nets))

/* How a run is divided. */
struct division {
	int shards, microbatches, replicas;
};

static struct samples data, validation;
static bool on_gpu; /* the virtual GPU takes long: it has one epoch, and two of the six starts */

static uint64_t train(const char *words, enum plait_granularity grain,
		      const struct division *division, struct losses *losses)
{
	struct plait_graph *net = net_make(PIXELS, words, false);
	struct plait_trainer *trainer;
	struct plait_fit_options options = { .epochs = on_gpu ? 1 : EPOCHS,
					     .loader.batch_size = BATCH,
					     .loader.shuffle = true,
					     .loader.seed = 3,
					     .validation = validation.set,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = losses };
	uint64_t hash;

	memset(losses, 0, sizeof *losses);
	if (plait_trainer_create(&trainer, net,
				 &(struct plait_trainer_options){
					 .optimizer = plait_adam(1e-3),
					 .granularity = grain,
					 .steps_per_task = grain == PLAIT_GRANULARITY_RUN ? 2 : 0,
					 .shards = division->shards,
					 .microbatches = division->microbatches,
					 .replicas = division->replicas }) < 0 ||
	    plait_fit(trainer, data.set, &options) < 0)
		tap_bail_out("%s: %s", words, plait_error_message());
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

/* The first run with so many parts, by network. */
struct first {
	struct losses losses;
	uint64_t hash;
};

static void test_net(int n, const char *policy, int cpus, struct first first[][3])
{
	static const struct division divisions[] = {
		{ 1, 1, 0 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 1, 2 }, { 2, 2, 0 }
	};

	for (int d = 0; d < 5; d++) {
		int parts = divisions[d].shards * divisions[d].microbatches;
		struct first *kept = &first[n][parts / 2];

		for (int g = PLAIT_GRANULARITY_OP; g <= PLAIT_GRANULARITY_RUN; g++) {
			struct losses losses;
			uint64_t hash;

			if (g == PLAIT_GRANULARITY_RUN && parts > 1)
				continue;
			hash = train(nets[n], (enum plait_granularity)g, &divisions[d], &losses);
			if (kept->hash == 0) {
				kept->losses = losses;
				kept->hash = hash;
			}
			ok(hash == kept->hash && losses_equal(&losses, &kept->losses),
			   "network %d, %s, %d workers, %s, %d shards, %d microbatches, %d "
			   "replicas: the same bits",
			   n, policy, cpus, plait_granularity_name((enum plait_granularity)g),
			   divisions[d].shards, divisions[d].microbatches, divisions[d].replicas);
		}
	}
}

int main(void)
{
	static const char *const policies[] = { "eager", "plait", "dmdas" };
	static struct first first[NETS][3];

	data = samples_make(SAMPLES, PIXELS, 4, 0, 1);
	validation = samples_make(SAMPLES / 2, PIXELS, 4, 0, 2);
	for (int p = 0; p < 3; p++)
		for (int cpus = 1; cpus <= 2; cpus++) {
			if (plait_start(&(struct plait_start_options){ .policy = policies[p],
								       .cpu_workers = cpus }) < 0)
				tap_bail_out("%s", plait_error_message());
			on_gpu = plait_cuda_workers() > 0;
			for (int n = 0; n < NETS && (!on_gpu || p == 2 * cpus - 2); n++)
				test_net(n, policies[p], cpus, first);
			plait_stop();
		}
	samples_free(&data);
	samples_free(&validation);
	return tap_done();
}
