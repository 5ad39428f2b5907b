/* SPDX-License-Identifier: MIT
 * Shards of unequal sizes: a split has bits of its own, which no policy, grain or number of workers
 * changes, and equal sizes are equal shards. */
#include "config.h"
#include "tests/nets.h"

#define MOST 4

/* 7 batches of 16, the last of 2 samples, in which some shards are empty. */
enum { SAMPLES = 98, BATCH = 16, EPOCHS = 2 };

struct split {
	int shards, size[MOST];
	const char *name;
};

struct result {
	struct losses losses;
	uint64_t hash;
	float out[SAMPLES * 4];
};

static struct plait_trainer *create(struct plait_graph *net, const struct split *split,
				    enum plait_granularity grain)
{
	struct plait_trainer *trainer = NULL;
	int size[MOST];
	struct plait_trainer_options options = { .optimizer = plait_adam(1e-2),
						 .granularity = grain,
						 .shards = split->shards,
						 .shard_sizes = split->size[0] ? size : NULL,
						 .seed = 7 };

	memcpy(size, split->size, sizeof size);
	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	memset(size, -1, sizeof size); /* they are copied */
	return trainer;
}

static void train(const struct samples *s, const struct split *split, enum plait_granularity grain,
		  struct result *r)
{
	struct plait_graph *net = branching_net(6, 4);
	struct plait_trainer *trainer = create(net, split, grain);
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader = { .batch_size = BATCH, .shuffle = true },
					     .validation = s->set,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = &r->losses };

	memset(r, 0, sizeof *r);
	if (plait_fit(trainer, s->set, &options) < 0 ||
	    plait_predict(trainer, s->set, &options, r->out) < 0)
		tap_bail_out("%s", plait_error_message());
	r->hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static bool same(const struct result *a, const struct result *b)
{
	return losses_equal(&a->losses, &b->losses) && a->hash == b->hash &&
	       memcmp(a->out, b->out, sizeof a->out) == 0;
}

static void test_bits(const struct samples *s, const struct split *split, struct result *first)
{
	static const char *const policies[] = { "eager", "lws", "dmdas", "plait" };
	static struct result other;
	bool have = false;

	for (size_t p = 0; p < sizeof policies / sizeof *policies; p++)
		for (int cpus = 1; cpus <= 2; cpus++) {
			if (plait_start(&(struct plait_start_options){ .policy = policies[p],
								       .cpu_workers = cpus }) < 0)
				tap_bail_out("%s", plait_error_message());
			for (int g = 0; g < grains_of(2); g++) {
				train(s, split, grains[g], have ? &other : first);
				ok(!have || same(&other, first), "%s: %s, %d workers, %s: %s",
				   split->name, policies[p], cpus, grain_name[g],
				   have ? "the same bits" : "trained");
				have = true;
			}
			plait_stop();
		}
}

static void test_refused(const struct samples *s)
{
	struct plait_graph *net = branching_net(6, 4);
	struct plait_trainer *trainer = NULL;
	struct plait_trainer_options options = { .optimizer = plait_adam(1e-2),
						 .shard_sizes = (int[]){ 1, 1 } };
	struct plait_fit_options fit = { .loader.batch_size = BATCH, .quiet = true };

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "need their number",
		"sizes of no shards");
	options.shards = 2;
	options.shard_sizes = (int[]){ 1, 0 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "shard 1 has size 0",
		"a shard of nothing");
	options.shard_sizes = (int[]){ 1000001, 1 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "size 1000001",
		"a size that is too large");
	trainer = create(net, &(struct split){ 2, { 1, 100 }, "" }, PLAIT_GRANULARITY_OP);
	refused(plait_fit(trainer, s->set, &fit), PLAIT_EINVAL, "shard 0 would always be empty",
		"a shard that no batch of 16 has a sample for");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_stop();
}

int main(void)
{
	static const struct split splits[] = { { 2, { 0 }, "2 shards" },
					       { 2, { 7, 7 }, "7,7" },
					       { 2, { 3, 1 }, "3,1" },
					       { 4, { 1, 9, 2, 4 }, "1,9,2,4" } };
	static struct result result[4];
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);

	for (int i = 0; i < 4; i++)
		test_bits(&s, &splits[i], &result[i]);
	ok(same(&result[0], &result[1]), "equal sizes have the bits of equal shards");
	ok(!same(&result[0], &result[2]), "others have bits of their own");
	/* float32 sums of 16 terms in another order, then 14 steps of a smooth optimizer. */
	for (int i = 2; i < 4; i++)
		is_near(result[i].losses.train_loss, result[0].losses.train_loss, 1e-4,
			"%s: and the same loss but for rounding", splits[i].name);
	test_refused(&s);
	samples_free(&s);
	return tap_done();
}
