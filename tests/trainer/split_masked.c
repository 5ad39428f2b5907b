/* SPDX-License-Identifier: MIT
 * Bad samples, ignored labels, bytes and batches that are filled up, in every split of a batch:
 * what is cut in the same places has the same bits, though a shard, or all of a batch, has no
 * sample that counts. */
#include "config.h"
#include "tests/trainer/split.h"

enum { FEATURES = 6, CLASSES = 4, IGNORED = 2 };

/* The first of each group is what the others are compared with. */
static const struct split two[] = { { .name = "2 shards", .shards = 2 },
				    { .name = "2 microbatches", .microbatches = 2 },
				    { .name = "2 batches", .accumulate = 2 },
				    { .name = "2 replicas", .replicas = 2 },
				    { .name = "2 stages", .microbatches = 2, .placed = true },
				    { 0 } };
static const struct split four[] = {
	{ .name = "4 shards", .shards = 4 },
	{ .name = "4 microbatches", .microbatches = 4 },
	{ .name = "4 batches", .accumulate = 4 },
	{ .name = "4 replicas", .replicas = 4 },
	{ .name = "2 microbatches of 2 batches", .microbatches = 2, .accumulate = 2 },
	{ .name = "2 batches of 2 replicas", .accumulate = 2, .replicas = 2 },
	{ .name = "2 stages, gpipe",
	  .microbatches = 4,
	  .placed = true,
	  .schedule = PLAIT_PIPELINE_GPIPE },
	{ 0 }
};
static const struct split uneven[] = {
	{ .name = "3,1,3,1", .shards = 4, .size = { 3, 1, 3, 1 } },
	{ .name = "3,1 of 2 microbatches", .shards = 2, .size = { 3, 1 }, .microbatches = 2 },
	{ .name = "3,1 of 2 batches", .shards = 2, .size = { 3, 1 }, .accumulate = 2 },
	{ .name = "3,1,3,1 of 2 replicas", .shards = 4, .size = { 3, 1, 3, 1 }, .replicas = 2 },
	{ 0 }
};
/* A part for each sample: in the last batch most are empty. */
static const struct split sixteen[] = {
	{ .name = "16 shards", .shards = 16 },
	{ .name = "16 microbatches", .microbatches = 16 },
	{ .name = "8 batches of 2 replicas", .accumulate = 8, .replicas = 2 },
	{ .name = "16 replicas", .replicas = 16 },
	{ 0 }
};
static const struct split *const groups[] = { two, four, uneven, sixteen };
enum { GROUPS = sizeof groups / sizeof *groups };

/* What is trained on. */
struct data {
	const char *name;
	enum plait_dtype dtype;
	bool targets; /* else labels */
	bool classes; /* these weigh, and what is_bad is a sample whose label is ignored */
	struct plait_loader_options loader;
};

static const struct data kinds[] = {
	{ "masked bytes, in order", PLAIT_U8, false, false, { .bad.policy = PLAIT_BAD_MASK } },
	{ "masked floats, shuffled",
	  PLAIT_F32,
	  false,
	  false,
	  { .bad.policy = PLAIT_BAD_MASK, .shuffle = true } },
	{ "masked floats with targets, filled up",
	  PLAIT_F32,
	  true,
	  false,
	  { .bad.policy = PLAIT_BAD_MASK, .pad_last = true } },
	{ "replaced bytes",
	  PLAIT_U8,
	  false,
	  false,
	  { .bad.policy = PLAIT_BAD_REPLACE, .shuffle = true } },
	{ "masked bytes, no short batch",
	  PLAIT_U8,
	  false,
	  false,
	  { .bad.policy = PLAIT_BAD_MASK, .drop_last = true } },
	{ "ignored labels, in order", PLAIT_F32, false, true, { 0 } },
	{ "ignored labels, filled up", PLAIT_F32, false, true, { .pad_last = true } },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* In order, batches of 16 have: one bad sample; a shard of bad ones, be they four parts or 3,1,3,1;
 * nothing else; none; none; none; and of the last two samples a bad one. */
static bool is_bad(int64_t i)
{
	return i == 1 || (i >= 20 && i < 24) || (i >= 30 && i < 48) || i == 97;
}

static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	const struct data *data = user;

	(void)key;
	for (int j = 0; j < FEATURES; j++) {
		uint8_t byte = (uint8_t)(plait__random(7, (uint64_t)(index * FEATURES + j)) >> 56);

		if (data->dtype == PLAIT_U8)
			((uint8_t *)x)[j] = byte;
		else
			((float *)x)[j] = (float)byte / 255;
		if (j < CLASSES && target)
			target[j] = (float)byte / 512;
	}
	if (label)
		*label = (int32_t)(index % CLASSES);
	if (!data->classes)
		return is_bad(index) ? 5 : 0;
	*label = is_bad(index) ? IGNORED : *label == IGNORED ? 0 : *label;
	return 0;
}

static struct plait_dataset *open_data(const struct data *data)
{
	struct plait_dataset_info info = { .spec = data->name,
					   .samples = SAMPLES,
					   .dtype = data->dtype,
					   .ndim = 1,
					   .dim = { FEATURES },
					   .classes = data->targets ? 0 : CLASSES,
					   .targets = data->targets ? CLASSES : 0 };
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_sample, (void *)data) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* What a part weighs is not what it has of samples. */
static void add_classes(struct plait_node *x, bool weighted)
{
	struct plait_graph *net = plait_node_graph(x);
	struct plait_cross_entropy_options options = {
		.label_smoothing = weighted ? 0.1f : 0,
		.class_weights = (float[]){ 1, 4, 2, 0.25f },
		.classes = CLASSES,
		.ignores = true,
		.ignore_index = IGNORED,
		.weights = weighted ? plait_weights(net) : NULL,
	};

	plait_metric_word(x, plait_labels(net), options.weights, "topk:2");
	plait_cross_entropy_with(x, plait_labels(net), &options);
}

static struct plait_graph *make_net(const struct data *data, bool placed)
{
	const char *place = plait_cuda_workers() > 1    ? "0-1:cuda0 2-:cuda1"
			    : plait_cuda_workers() == 1 ? "0-1:cuda0 2-:cuda"
							: "0-1:cpu0 2-:cpu1";
	struct plait_graph *net = plait_graph_create();
	int64_t features = FEATURES;
	struct plait_node *x = plait_input(net, data->dtype, 1, &features);

	if (data->dtype == PLAIT_U8)
		x = plait_normalize(x, 1, (float[]){ 1 / 128.0f }, (float[]){ -1 });
	x = plait_model(x, "linear:12 tanh linear:4");
	if (data->classes) {
		add_classes(x, data->loader.pad_last);
	} else if (data->targets) {
		plait_metric_word(x, plait_targets(net, CLASSES), plait_weights(net), "mae");
		plait_mse_weighted(x, plait_targets(net, CLASSES), plait_weights(net));
	} else {
		plait_metric_word(x, plait_labels(net), plait_weights(net), "topk:2");
		plait_cross_entropy_weighted(x, plait_labels(net), plait_weights(net));
	}
	if (plait_graph_status(net) < 0 || (placed && plait_place_words(net, place) < 0))
		tap_bail_out("%s", plait_error_message());
	return net;
}

static void train(const struct data *data, struct plait_dataset *set, const struct split *split,
		  enum plait_granularity grain, struct trained *r)
{
	struct plait_graph *net = make_net(data, split->placed);
	struct plait_trainer *trainer = split_trainer(net, split, grain);
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader = data->loader,
					     .validation = set,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = &r->losses };

	memset(r, 0, sizeof *r);
	options.loader.batch_size = split_batch(split);
	if (plait_fit(trainer, set, &options) < 0)
		tap_bail_out("%s: %s", split->name, plait_error_message());
	r->hash = parameters_hash(trainer);
	if (!parameters_finite(trainer))
		tap_bail_out("%s, %s: the parameters are not finite", data->name, split->name);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* Whether two runs counted the same samples and measured the same. */
static bool same_metrics(const struct plait_metrics *a, const struct plait_metrics *b)
{
	return a->samples == b->samples && a->correct == b->correct && a->metrics == 1 &&
	       b->metrics == 1 && memcmp(a->metric_sum, b->metric_sum, sizeof(double)) == 0;
}

static int64_t good_samples(const struct data *data)
{
	int64_t count = 0, whole = data->loader.drop_last ? SAMPLES - SAMPLES % BATCH : SAMPLES;

	for (int64_t i = 0; i < whole; i++)
		count += data->loader.bad.policy != PLAIT_BAD_MASK || !is_bad(i);
	return count;
}

/* Every split at every grain, or at one. */
static void test_group(const struct data *data, struct plait_dataset *set,
		       const struct split *split, const struct trained *whole, bool all)
{
	static struct trained first, other;

	train(data, set, &split[0], PLAIT_GRANULARITY_LAYER, &first);
	for (int i = 0; split[i].name; i++)
		for (int g = 0; g < grains_of(2); g++) {
			if (!all && g != i % grains_of(2))
				continue;
			train(data, set, &split[i], grains[g], &other);
			ok(losses_equal(&first.losses, &other.losses) && first.hash == other.hash &&
				   same_metrics(&first.losses.train, &other.losses.train) &&
				   same_metrics(&first.losses.validation, &other.losses.validation),
			   "%s: %s, %s: the bits of %s", data->name, split[i].name, grain_name[g],
			   split[0].name);
		}
	is_int(first.losses.train.samples, good_samples(data), "%s, %s: what counts is counted",
	       data->name, split[0].name);
	/* float32 sums of 16 terms in another order, then 14 steps of a smooth optimizer. */
	is_near(first.losses.train_loss, whole->losses.train_loss, 1e-4,
		"%s, %s: the loss of a whole batch", data->name, split[0].name);
}

static void test_kind(const struct data *data, bool all)
{
	static struct trained whole;
	struct plait_dataset *set = open_data(data);
	bool brief = plait_cuda_workers() > 0;

	train(data, set, &(struct split){ .name = "whole" }, PLAIT_GRANULARITY_LAYER, &whole);
	for (int g = 0; g < GROUPS - brief; g++)
		test_group(data, set, groups[g], &whole, all);
	plait_dataset_destroy(set);
}

/* The virtual GPU takes long, so there are fewer splits and data there. */
static void test_policy(const char *policy, int cpus, bool all)
{
	bool brief;

	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	brief = plait_cuda_workers() > 0;
	for (int k = 0; k < KINDS && (all || !brief); k += brief ? 2 : 1)
		test_kind(&kinds[k], all && k == 0 && !brief);
	plait_stop();
}

int main(void)
{
	test_policy("eager", 2, true);
	test_policy("plait", 4, false);
	return tap_done();
}
