/* SPDX-License-Identifier: MIT
 * Training from slots of bytes: losses, validation, predictions and parameters have the bits of
 * training from floats, at every granularity and number of shards, and nothing is normalised
 * twice or not at all. */
#include "config.h"
#include "tests/nets.h"

enum { SAMPLES = 50, CLASSES = 4, ELEMENTS = 3 * 6 * 6, OUT = 3 * 4 * 4, BATCH = 12 };

/* The training's transform moves pixels, the validation's does not. */
#define NORMALIZE "normalize:0.485,0.456,0.406;0.229,0.224,0.225"
static const char train_words[] = "crop:4 flip cutout:2 " NORMALIZE;
static const char fixed_words[] = "center-crop:4 " NORMALIZE;
static const struct plait_normalize after = { .channels = 1, .mean = { 0.1f }, .std = { 1.5f } };

struct work {
	struct plait_dataset *train, *validation;
	struct plait_transform *transform, *fixed;
	struct losses losses, expected;
	uint64_t hash, expected_hash; /* of parameters */
	float out[SAMPLES * CLASSES], expected_out[SAMPLES * CLASSES];
};

static struct plait_dataset *make_set(uint64_t seed)
{
	static uint8_t x[2][SAMPLES * ELEMENTS];
	static int32_t labels[SAMPLES];
	struct plait_tensor tx = {
		.dtype = PLAIT_U8, .ndim = 4, .dim = { SAMPLES, 3, 6, 6 }, .data = x[seed]
	};
	struct plait_tensor ty = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { SAMPLES }, .data = labels
	};
	struct plait_dataset *set = NULL;

	for (uint64_t i = 0; i < SAMPLES * ELEMENTS; i++)
		x[seed][i] = (uint8_t)(plait__random(seed, i) >> 56);
	for (int i = 0; i < SAMPLES; i++)
		labels[i] = i % CLASSES;
	if (plait_dataset_from_memory(&set, &tx, &ty, CLASSES) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

static struct plait_transform *parse(const char *words)
{
	struct plait_transform *transform;

	if (plait_transform_parse(&transform, words) < 0)
		tap_bail_out("%s", plait_error_message());
	return transform;
}

static struct plait_graph *make_net(enum plait_dtype dtype, const struct plait_transform *transform)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, dtype, 3, (int64_t[]){ 3, 4, 4 });
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
	int channels = plait_transform_affine(transform, &after, scale, shift);

	if (dtype == PLAIT_U8)
		x = plait_normalize(x, channels, scale, shift);
	plait_cross_entropy(branches(plait_flatten(x), CLASSES), plait_labels(net));
	if (channels < 0 || plait_graph_status(net) < 0)
		tap_bail_out("%s", plait_error_message());
	return net;
}

static struct plait_fit_options fit_options(struct work *work, struct losses *losses)
{
	return (struct plait_fit_options){ .epochs = 2,
					   .loader.batch_size = BATCH,
					   .loader.shuffle = true,
					   .loader.seed = 3,
					   .loader.transform = work->transform,
					   .fixed_transform = work->fixed,
					   .loader.normalize = after,
					   .validation = work->validation,
					   .log_every = 1,
					   .on_event = losses_take,
					   .user = losses };
}

static uint64_t run(struct work *work, enum plait_dtype dtype, enum plait_granularity grain,
		    int shards, struct losses *losses, float *out)
{
	struct plait_graph *net = make_net(dtype, work->transform);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-2), grain, shards);
	struct plait_fit_options options = fit_options(work, losses);
	uint64_t hash;

	memset(losses, 0, sizeof *losses);
	if (plait_fit(trainer, work->train, &options) < 0 ||
	    plait_predict(trainer, work->validation, &options, out) < 0)
		tap_bail_out("%s", plait_error_message());
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

static void same_bits(struct work *work, int shards)
{
	static const char *const name[] = { "auto", "op", "layer", "phase", "step" };

	work->expected_hash = run(work, PLAIT_F32, PLAIT_GRANULARITY_STEP, shards, &work->expected,
				  work->expected_out);
	is_int(work->expected.count, 10, "five steps in each of two epochs");
	for (int grain = PLAIT_GRANULARITY_OP; grain <= PLAIT_GRANULARITY_STEP; grain++) {
		work->hash = run(work, PLAIT_U8, (enum plait_granularity)grain, shards,
				 &work->losses, work->out);
		ok(losses_equal(&work->losses, &work->expected), "%s, %d shards: losses of floats",
		   name[grain], shards);
		ok(work->hash == work->expected_hash, "parameters");
		ok(memcmp(work->out, work->expected_out, sizeof work->out) == 0, "predictions");
	}
}

/* Layers keep numbers and names, tasks those of layers. */
static void names(struct work *work, enum plait_granularity grain)
{
	struct plait_graph *net = make_net(PLAIT_U8, work->transform);
	struct plait_trainer *trainer = trainer_make(net, plait_sgd(0.1), grain, 1);
	struct losses losses = { 0 };
	struct plait_fit_options options = fit_options(work, &losses);
	struct plait_tensor first;
	char text[8192] = "";
	FILE *plan = tmpfile();

	options.print_plan = plan;
	if (!plan || plait_fit(trainer, work->train, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	rewind(plan);
	text[fread(text, 1, sizeof text - 1, plan)] = '\0';
	fclose(plan);
	plait_trainer_parameter(trainer, 0, &first);
	is_string(first.name, "1.weight", "flatten is layer 0, linear layer 1");
	contains(text, "fwd/1.linear", "the first linear's task");
	if (grain == PLAIT_GRANULARITY_OP)
		contains(text, "fwd/0.normalize", "normalize has one of its own, op by op");
	else
		ok(!strstr(text, "normalize"), "normalize names no task, layer by layer");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static void refusals(struct work *work)
{
	struct plait_transform *other = parse("center-crop:4 normalize:0.5;0.5");
	struct plait_graph *net = make_net(PLAIT_U8, work->transform);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_STEP, 1);
	struct samples floats = samples_make(8, OUT, CLASSES, 0, 1);
	struct losses losses = { 0 };
	struct plait_fit_options options = fit_options(work, &losses);
	struct plait_metrics metrics;

	options.loader.normalize.mean[0] = 0.2f;
	refused(plait_fit(trainer, work->train, &options), PLAIT_EINVAL, "by other numbers",
		"the options normalise otherwise than the network");
	options.loader.normalize = after;
	options.fixed_transform = other;
	refused(plait_fit(trainer, work->train, &options), PLAIT_EINVAL, "by other numbers",
		"so does the validation's transform");
	options.fixed_transform = work->fixed;
	options.loader.normalize = (struct plait_normalize){ .channels = 3, .std = { 1, 0, 1 } };
	refused(plait_fit(trainer, work->train, &options), PLAIT_EINVAL, "std", "a bad std");
	options.loader.normalize = (struct plait_normalize){ 0 };
	options.fixed_transform = NULL;
	refused(plait_evaluate(trainer, floats.set, &options, &metrics), PLAIT_EINVAL,
		"samples are float32: a batch of uint8", "floats for a network of bytes");
	plait_transform_destroy(other);
	other = parse("center-crop:4");
	options.fixed_transform = other;
	is_int(plait_evaluate(trainer, work->validation, &options, &metrics), 0,
	       "who normalises nowhere else leaves it to the network");
	samples_free(&floats);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_transform_destroy(other);
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	work->train = make_set(0);
	work->validation = make_set(1);
	work->transform = parse(train_words);
	work->fixed = parse(fixed_words);
	for (int shards = 1; shards <= 3; shards++)
		same_bits(work, shards);
	names(work, PLAIT_GRANULARITY_OP);
	names(work, PLAIT_GRANULARITY_LAYER);
	refusals(work);
	plait_transform_destroy(work->transform);
	plait_transform_destroy(work->fixed);
	plait_dataset_destroy(work->train);
	plait_dataset_destroy(work->validation);
	free(work);
	plait_stop();
	return tap_done();
}
