/* SPDX-License-Identifier: MIT
 * Samples that cannot be read end a run; parameters and the count of updates stay in step. */
#include "config.h"
#include "tests/nets.h"

#define WORDS "linear:16 relu linear:4"

struct source {
	struct samples *s;
	int64_t fail_at, label_at;
};

static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	const struct source *source = user;

	(void)key;
	(void)target;
	memcpy(x, source->s->x + index * 6, 6 * sizeof(float));
	*label = index == source->label_at ? -5 : source->s->labels[index];
	return index == source->fail_at ? -3 : 0;
}

static struct plait_dataset *open_source(struct source *source)
{
	struct plait_dataset_info info = { .spec = "flaky",
					   .samples = 200,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 6 },
					   .classes = 4 };
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_sample, source) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* Losses of the epoch after seven steps, which no failure has ended. */
static void losses_after_seven(struct samples *s, enum plait_granularity grain, int shards,
			       struct losses *losses)
{
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-2), grain, shards);
	struct plait_tensor x = { .dtype = PLAIT_F32, .ndim = 2, .dim = { 70, 6 }, .data = s->x };
	struct plait_tensor y = { .dtype = PLAIT_I32, .ndim = 1, .dim = { 70 }, .data = s->labels };
	struct plait_fit_options options = {
		.loader.batch_size = 10, .log_every = 1, .on_event = losses_take, .user = losses
	};
	struct plait_dataset *seven = NULL;

	if (plait_dataset_from_memory(&seven, &x, &y, 4) < 0 ||
	    plait_fit(trainer, seven, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	memset(losses, 0, sizeof *losses);
	plait_fit(trainer, s->set, &options);
	plait_dataset_destroy(seven);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static void test_unreadable(enum plait_granularity grain, const char *name, int shards, bool label)
{
	static struct losses losses, control;
	struct samples s = samples_make(200, 6, 4, 0, 1);
	struct source source = { &s, label ? -1 : 77, label ? 77 : -1 };
	struct plait_dataset *set = open_source(&source);
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-2), grain, shards);
	struct plait_fit_options options = { .epochs = 3, .loader.batch_size = 10, .quiet = true };

	is_int(plait_fit(trainer, set, &options), label ? PLAIT_ELABEL : PLAIT_EDATA,
	       "%s, %d shards: %s", name, shards,
	       label ? "a label out of range" : "a sample that cannot be read");
	contains(plait_error_message(), "flaky: sample 77", "it is named");
	contains(plait_error_message(), label ? "label -5, must be 0 to 3" : "-3",
		 "with what was found");
	ok(parameters_hash(trainer) == hash_after(WORDS, &s, plait_adam(1e-2), grain, shards, 7),
	   "the parameters are those of the seven steps before");
	source.fail_at = source.label_at = -1;
	memset(&losses, 0, sizeof losses);
	options = (struct plait_fit_options){
		.loader.batch_size = 10, .log_every = 1, .on_event = losses_take, .user = &losses
	};
	plait_fit(trainer, set, &options);
	losses_after_seven(&s, grain, shards, &control);
	ok(losses_equal(&losses, &control),
	   "training goes on from there, Adam's state and count included");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(set);
	samples_free(&s);
}

/* Training steps that were on their way when a validation batch failed have happened, and
 * count: two trainers, one of which met the failure, are alike after the same steps. */
static void test_unreadable_validation(void)
{
	struct samples s = samples_make(200, 6, 4, 0, 1);
	struct source source = { &s, 195, -1 };
	struct plait_dataset *set = open_source(&source);
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 0);
	static struct losses losses;
	struct plait_fit_options options = { .epochs = 50,
					     .loader.batch_size = 10,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = &losses,
					     .validation = set };

	memset(&losses, 0, sizeof losses);
	is_int(plait_fit(trainer, s.set, &options), PLAIT_EDATA,
	       "a validation sample that cannot be read");
	contains(plait_error_message(), "sample 195", "it is named");
	is_int(losses.epochs, 0, "no epoch is told as validated");
	is_int(losses.count, 20, "the first epoch's steps are");
	ok(parameters_finite(trainer), "the parameters are finite");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(set);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= 3; shards += 2)
		for (int g = 0; g < grains_of(shards); g++) {
			test_unreadable(grains[g], grain_name[g], shards, false);
			test_unreadable(grains[g], grain_name[g], shards, true);
		}
	test_unreadable_validation();
	plait_stop();
	return tap_done();
}
