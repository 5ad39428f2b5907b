/* SPDX-License-Identifier: MIT
 * A network with layers and metrics from a plug-in trains to the same bits under every policy,
 * granularity and prefetch depth, as any network does; on a GPU too, where an op needs a kernel for
 * it. */
#include "config.h"
#include "tests/nets.h"

static const char *const policies[] = { "eager", "plait", "lws", "dmda" };

/* Batches of 16: the last of 98 training samples has 2, so with three shards one is empty. */
enum { SAMPLES = 98, BATCH = 16, EPOCHS = 2, SHARDS = 3 };

struct work {
	struct samples data;
	struct losses first[SHARDS + 1], losses;
	uint64_t hash[SHARDS + 1];
};

/* The metrics of all samples, as plain C finds them from what is predicted. */
static void check_metrics(struct plait_trainer *trainer, const struct work *work)
{
	struct plait_fit_options options = { .loader.batch_size = BATCH };
	struct plait_metrics metrics;
	float out[SAMPLES * 4];
	double score = 0, square = 0, score_size = 0;

	if (plait_predict(trainer, work->data.set, &options, out) < 0 ||
	    plait_evaluate(trainer, work->data.set, &options, &metrics) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < SAMPLES * 4; i++) {
		bool own = i % 4 == work->data.labels[i / 4];

		score += own ? (double)out[i] / SAMPLES : 0;
		score_size += own ? fabs((double)out[i]) / SAMPLES : 0;
		square += (double)(out[i] * out[i]) / (4 * SAMPLES);
	}
	/* A batch's value and a shard's part of it are rounded to floats, and parts added. */
	ok(fabs(plait_metrics_value(&metrics, "score") - score) <= 4 * 0x1p-24 * score_size,
	   "the score of the plug-in is %g, %g expected", plait_metrics_value(&metrics, "score"),
	   score);
	ok(fabs(plait_metrics_value(&metrics, "square") - square) <= 4 * 0x1p-24 * square,
	   "and the square %g, %g expected", plait_metrics_value(&metrics, "square"), square);
}

static uint64_t train(struct work *work, enum plait_granularity grain, int shards, int prefetch,
		      struct losses *losses)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 });
	struct plait_trainer *trainer;
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader.batch_size = BATCH,
					     .loader.shuffle = true,
					     .loader.seed = 3,
					     .loader.prefetch = prefetch,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = losses };
	uint64_t hash;

	x = plait_model(x, "gain linear:12 swish:1.5 linear:9 gain swish:-0.5 linear:4");
	plait_cross_entropy_weighted(x, plait_labels(net), plait_weights(net));
	plait_metric_word(x, plait_labels(net), plait_weights(net), "score");
	plait_metric_word(x, plait_labels(net), NULL, "square");
	trainer = trainer_make(net, plait_adam(1e-2), grain, shards);
	memset(losses, 0, sizeof *losses);
	if (plait_fit(trainer, work->data.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	check_metrics(trainer, work);
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

/* Whether a run is the first one of its number of shards, or like it. */
static bool as_first(struct work *work, enum plait_granularity grain, int shards, int prefetch)
{
	struct losses *first = &work->first[shards];
	uint64_t hash;

	if (first->count == 0) {
		work->hash[shards] = train(work, grain, shards, prefetch, first);
		return true;
	}
	hash = train(work, grain, shards, prefetch, &work->losses);
	return losses_equal(&work->losses, first) && hash == work->hash[shards] &&
	       memcmp(work->losses.train.metric_sum, first->train.metric_sum,
		      sizeof first->train.metric_sum) == 0;
}

/* Which kernels fit this GPU only the loading tells: those for one that the host plays need it. */
static void load_plugin(void)
{
	if (plait_cuda_workers() == 0) {
		if (plait_plugin_load("tests/plugin/swish.so") < 0)
			tap_bail_out("%s", plait_error_message());
	} else if (plait_plugin_load("tests/plugin/swish_vgpu.so") < 0 &&
		   plait_plugin_load("tests/plugin/swish_cuda.so") < 0)
		tap_skip_all("no plug-in for this GPU: %s", plait_error_message());
}

static void test_policy(struct work *work, const char *policy)
{
	if (plait_start(&(struct plait_start_options){ .policy = policy }) < 0)
		tap_bail_out("%s", plait_error_message());
	load_plugin();
	for (int shards = 1; shards <= SHARDS; shards++)
		for (int g = 0; g < grains_of(shards); g++)
			ok(as_first(work, grains[g], shards, 2) &&
				   as_first(work, grains[g], shards, 6),
			   "%s, %s, %d shards: the same bits", policy, grain_name[g], shards);
	plait_stop();
}

static void copy(const struct plait_call *call)
{
	memcpy(plait_call_out(call), plait_call_floats(call, 0),
	       (size_t)plait_call_elements(call, call->node) * sizeof(float));
}

static void copy_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx);
/* In the program itself, with the fields that are needed alone. */
static const struct plait_op op_copy = {
	.abi = PLAIT_OP_ABI, .name = "copy", .gradient = copy_gradient, .cpu = copy
};

static void copy_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, plait_node_input(y, 0), &op_copy, 1, &dy);
}

static void test_no_gpu_kernel(const struct work *work)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 });
	struct plait_trainer *trainer;
	int status;

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	x = plait_op_unary(plait_linear(x, 8), &op_copy);
	plait_cross_entropy(plait_linear(x, 4), plait_labels(net));
	trainer = trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 1);
	status = plait_fit(trainer, work->data.set,
			   &(struct plait_fit_options){
				   .steps = 4, .loader.batch_size = BATCH, .quiet = true });
	if (plait_cuda_workers() > 0)
		refused(status, PLAIT_EINVAL, "op \"copy\" has no kernel for CUDA",
			"an op for CPUs alone, on a GPU");
	else
		is_int(status, 0, "an op that was not registered trains");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_stop();
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	work->data = samples_make(SAMPLES, 6, 4, 0, 1);
	for (size_t p = 0; p < sizeof policies / sizeof *policies; p++)
		test_policy(work, policies[p]);
	is_int(work->first[1].train.metrics, 2, "two metrics were compared");
	ok(work->first[1].train.metric_sum[0] != work->first[2].train.metric_sum[0],
	   "and are not what they are in two shards");
	is_int(work->first[1].count, EPOCHS * 7, "7 steps in each epoch were compared");
	ok(work->first[1].loss[EPOCHS * 7 - 1] < work->first[1].loss[0], "the loss went down");
	ok(!losses_equal(&work->first[1], &work->first[2]), "two shards have other bits than one");
	test_no_gpu_kernel(work);
	samples_free(&work->data);
	free(work);
	return tap_done();
}
