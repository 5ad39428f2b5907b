/* SPDX-License-Identifier: MIT
 * Stages that exchange values though they are far apart in a pipeline: what one of them makes is
 * there until the other has read it, however many microbatches the stages between are ahead. */
#include "config.h"
#include "codelets/ops.h"
#include "tests/nets.h"

enum { SAMPLES = 48, BATCH = 16, FEATURES = 6, STAGES = 12 };

/* Makes of the first stage's value and the last one's what the loss sees; NULL: it sees both. */
typedef struct plait_node *(*join_fn)(struct plait_node *first, struct plait_node *last);

static struct plait_node *skip(struct plait_node *first, struct plait_node *last)
{
	return plait_add(first, last);
}

/* The last stage's value by the first one's weights, whose gradient has a part from either. */
static struct plait_node *tie(struct plait_node *first, struct plait_node *last)
{
	struct plait_node *input[] = { last, first->input[1] };

	return plait_node_layer(plait_node_append(
		plait_node_graph(last), &(struct plait_node_spec){ .op = &plait__op_linear,
								   .phase = PLAIT_FORWARD,
								   .batched = true,
								   .ndim = 1,
								   .dim = (int64_t[]){ FEATURES },
								   .ninputs = 2,
								   .input = input }));
}

/* The first term of the loss is of the first stage, so that it would be taken for one of its
 * layer; the gradients of both begin at their sum. */
static void add_terms(struct plait_node *first, struct plait_node *y, struct plait_node *labels)
{
	struct plait_node *terms = plait_add(plait_mean(first), plait_mean(plait_mul(y, y)));

	plait_loss(plait_add(plait_cross_entropy(y, labels), plait_scale(terms, 0.5f)));
}

/* A chain of layers, one a stage. */
static struct plait_graph *chain(join_fn join)
{
	struct plait_graph *net = plait_graph_create();
	int64_t features = FEATURES;
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, &features), *first = NULL;

	for (int i = 0; i < STAGES; i++) {
		x = plait_place(plait_linear_no_bias(x, FEATURES), i % 2 ? "cpu1" : "cpu0");
		first = i == 0 ? x : first;
		x = plait_tanh(x);
	}
	if (join)
		plait_cross_entropy(plait_linear(join(first, x), 4), plait_labels(net));
	else
		add_terms(first, plait_linear(x, 4), plait_labels(net));
	return net;
}

/* One shard for each sample. */
static uint64_t train(const struct samples *s, join_fn join, int microbatches,
		      enum plait_granularity grain)
{
	struct plait_graph *net = chain(join);
	struct plait_trainer *trainer = NULL;
	struct plait_trainer_options how = { .optimizer = plait_adam(1e-2),
					     .granularity = grain,
					     .shards = BATCH / microbatches,
					     .microbatches = microbatches,
					     .seed = 7 };
	struct plait_fit_options options = { .loader.batch_size = BATCH, .quiet = true };
	uint64_t hash;

	if (plait_trainer_create(&trainer, net, &how) < 0 ||
	    plait_fit(trainer, s->set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

static void test_bits(const struct samples *s, join_fn join, const char *name)
{
	uint64_t shards = train(s, join, 1, PLAIT_GRANULARITY_LAYER);

	for (int g = 0; g < grains_of(BATCH); g++)
		ok(train(s, join, BATCH, grains[g]) == shards, "%s, %s: the bits of shards", name,
		   grain_name[g]);
}

int main(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, 4, 0, 1);

	if (plait_start(&(struct plait_start_options){ .cpu_workers = 2, .cuda_workers = -1 }) < 0)
		tap_bail_out("%s", plait_error_message());
	test_bits(&s, skip, "a value that the last stage reads");
	test_bits(&s, NULL, "terms of a loss from both ends");
	test_bits(&s, tie, "weights that the last stage has too");
	plait_stop();
	samples_free(&s);
	return tap_done();
}
