/* SPDX-License-Identifier: MIT
 * Every network the plan is tested with, at every grain, number of shards and mode. */
#ifndef PLAIT_TESTS_PLANS_H
#define PLAIT_TESTS_PLANS_H

#include "src/loader/feed.h"
#include "src/plan/plan.h"
#include "src/trainer/trainer.h"
#include "tests/nets.h"

#include <starpu.h>

enum { PLANS_BATCH = 10, PLANS_SAMPLES = 33 };

/* A network, its store and a batch's layout: what plans are made of. */
struct subject {
	const char *name;
	bool of_parts; /* training in shards computes something else: statistics of a part */
	struct samples data;
	struct plait_graph *net;
	struct plait_trainer *trainer;
	struct plait__feed loader; /* of batches of PLANS_BATCH; the last has 3 samples */
};

static const struct subject_case {
	const char *name, *words; /* words NULL: branches */
	int64_t features;
	bool mse, momentum; /* momentum: SGD with it, else Adam; "plain": SGD without */
	bool by_class;      /* a loss that reads all labels of a batch */
} subject_case[] = {
	{ "one linear", "linear:3", 4, false, false, false },
	{ "seed model", "linear:50 relu linear:2", 10, false, false, false },
	{ "every word",
	  "relu linear:8 gelu linear:7 tanh scale:0.5 linear:6 sigmoid flatten linear:5 softmax "
	  "leaky-relu silu hardswish linear:3 log-softmax",
	  6, false, true, false },
	{ "mse", "linear:9 relu linear:4", 5, true, true, false },
	{ "views at the end", "linear:6 relu gelu tanh flatten flatten", 5, true, false, false },
	{ "dropouts", "dropout:0.3 linear:6 relu dropout linear:4 dropout:0.1", 5, false, false,
	  false },
	{ "branches", NULL, 7, false, false, false },
	/* Of so many pixels that chunks are smaller than the parts of a batch, and of fewer. */
	{ "images",
	  "reshape:1x40x40 conv:24,3,pad=1 relu residual{ conv:24,3,pad=1 tanh } conv:8,3,stride=2 "
	  "relu conv:4,5,stride=4 sigmoid linear:3",
	  1600, true, true, false },
	/* Convolutions compute them where nothing is trained. */
	{ "batchnorms",
	  "reshape:2x5x5 conv:6,3 batchnorm relu residual{ conv:6,3,pad=1 batchnorm } linear:3", 50,
	  false, true, false },
	{ "weights of classes", "linear:6 tanh linear:4", 5, false, false, true },
};
#define SUBJECTS ((int)(sizeof subject_case / sizeof *subject_case))

/* Over 4 classes. */
static inline struct plait_graph *class_net(int64_t features, const char *words)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_model(plait_input(net, PLAIT_F32, 1, &features), words);

	plait_cross_entropy_with(
		x, plait_labels(net),
		&(struct plait_cross_entropy_options){ .label_smoothing = 0.1f,
						       .class_weights = (float[]){ 1, 2, 0.5f, 3 },
						       .classes = 4,
						       .ignores = true,
						       .ignore_index = 1 });
	if (plait_graph_status(net) < 0)
		tap_bail_out("%s: %s", words, plait_error_message());
	return net;
}

static inline struct subject subject_make(int i)
{
	const struct subject_case *c = &subject_case[i];
	struct plait_loader_options loader = { .batch_size = PLANS_BATCH };
	struct subject s = { .name = c->name,
			     .of_parts = c->words && strstr(c->words, "batchnorm") };
	struct plait_optimizer rule = plait_adam(1e-2);
	int64_t dim[PLAIT_MAX_DIMS];

	if (c->momentum)
		rule = (struct plait_optimizer){ .kind = PLAIT_SGD, .lr = 0.1, .momentum = 0.9 };
	if (i == 0)
		rule = plait_sgd(0.1);
	s.net = c->by_class ? class_net(c->features, c->words)
		: c->words  ? net_make(c->features, c->words, c->mse)
			    : branching_net(c->features, 3);
	plait_node_shape(s.net->output, dim);
	s.trainer = trainer_make(s.net, rule, PLAIT_GRANULARITY_AUTO, 0);
	s.data = samples_make(PLANS_SAMPLES, c->features, c->mse ? 0 : dim[0], c->mse ? dim[0] : 0,
			      1);
	if (plait__feed_init(&s.loader, s.data.set, &loader,
			     PLAIT__LABELS | PLAIT__TARGETS | PLAIT__KEY, 1) < 0)
		tap_bail_out("%s", plait_error_message());
	return s;
}

static inline void subject_free(struct subject *s)
{
	plait_trainer_destroy(s->trainer);
	plait_graph_destroy(s->net);
	plait__feed_fini(&s->loader);
	samples_free(&s->data);
}

static inline struct plait__plan *subject_plan(const struct subject *s, enum plait__mode mode,
					       enum plait_granularity grain,
					       struct plait__split split, int replicas)
{
	struct plait__plan_options options = { .mode = mode,
					       .granularity = grain,
					       .split = split,
					       .replicas = mode == PLAIT__TRAIN ? replicas : 1,
					       .bucket_bytes = 100,
					       .batch_size = PLANS_BATCH,
					       .slot = &s->loader.layout };
	struct plait__plan *plan = NULL;

	if (plait__plan_create(&plan, s->net, &s->trainer->store, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return plan;
}

/* Runs check for every plan there is of every subject. */
static inline void for_all_plans(void (*check)(const struct subject *subject,
					       const struct plait__plan *plan, const char *name))
{
	static const char *const mode_name[] = { "", "train", "evaluate", "predict" };
	static const int64_t ends[] = { 3, 4, 6 };
	static const struct {
		struct plait__split split;
		int replicas;
	} cuts[] = { { { .shards = 1 }, 1 },
		     { { .shards = 2 }, 1 },
		     { { .shards = 3 }, 1 },
		     { { .shards = 3, .end = ends }, 1 },
		     { { .shards = 5 }, 1 },
		     { { .shards = 2, .microbatches = 2 }, 1 },
		     { { .shards = 7, .microbatches = 7 }, 1 },
		     { { .shards = 6, .microbatches = 3 }, 1 },
		     { { .shards = 2 }, 2 },
		     { { .shards = 8, .microbatches = 2 }, 2 } };

	for (int i = 0; i < SUBJECTS; i++) {
		struct subject s = subject_make(i);

		for (int mode = PLAIT__TRAIN; mode <= PLAIT__PREDICT; mode++)
			for (int grain = PLAIT_GRANULARITY_OP; grain <= PLAIT_GRANULARITY_STEP;
			     grain++)
				for (int j = 0; j < 10; j++) {
					struct plait__plan *plan =
						subject_plan(&s, (enum plait__mode)mode,
							     (enum plait_granularity)grain,
							     cuts[j].split, cuts[j].replicas);
					char name[160];

					snprintf(name, sizeof name,
						 "%s, %s, %s, %d%s shards, %d microbatches, %d "
						 "replicas",
						 s.name, mode_name[mode],
						 plait_granularity_name(
							 (enum plait_granularity)grain),
						 cuts[j].split.shards,
						 cuts[j].split.end ? " unequal" : "",
						 plait__split_microbatches(&cuts[j].split),
						 cuts[j].replicas);
					check(&s, plan, name);
					plait__plan_destroy(plan);
				}
		subject_free(&s);
	}
}

#endif
