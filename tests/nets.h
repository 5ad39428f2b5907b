/* SPDX-License-Identifier: MIT
 * Networks and data that several tests train.  Everything is a function of a few numbers,
 * so that two tests, or two processes, have the same. */
#ifndef PLAIT_TESTS_NETS_H
#define PLAIT_TESTS_NETS_H

#include "src/base/random.h"
#include "tests/tap.h"
#include <plait.h>

/* A data set over arrays of its own. */
struct samples {
	float *x;
	int32_t *labels;
	float *targets;
	struct plait_dataset *set;
};

/* n samples of `features` uniform numbers in [-1,1).  classes > 0: the label says in which
 * of so many strips the first three features' sum falls, so there is something to learn;
 * targets > 0: products of neighbouring features instead. */
static inline struct samples samples_make(int64_t n, int64_t features, int64_t classes,
					  int64_t targets, uint64_t seed)
{
	struct samples s = { .x = malloc((size_t)(n * features) * sizeof *s.x),
			     .labels = malloc((size_t)n * sizeof *s.labels),
			     .targets = malloc((size_t)(n * (targets + 1)) * sizeof *s.targets) };
	struct plait_tensor x = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { n, features }, .data = s.x
	};
	struct plait_tensor labels = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { n }, .data = s.labels
	};
	struct plait_tensor wanted = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { n, targets }, .data = s.targets
	};

	for (int64_t i = 0; i < n * features; i++)
		s.x[i] = 2 * plait__uniform(plait__random(seed, (uint64_t)i)) - 1;
	for (int64_t i = 0; i < n; i++) {
		const float *x0 = s.x + i * features;
		float sum = x0[0] + x0[1 % features] + x0[2 % features] + 3;

		s.labels[i] =
			classes > 0 ? (int32_t)(sum / 6 * (float)classes) % (int32_t)classes : 0;
		for (int64_t j = 0; j < targets; j++)
			s.targets[i * targets + j] = x0[j % features] * x0[(j + 1) % features];
	}
	if (plait_dataset_from_memory(&s.set, &x,
				      targets > 0   ? &wanted
				      : classes > 0 ? &labels
						    : NULL,
				      targets > 0 ? 0 : classes) < 0)
		tap_bail_out("%s", plait_error_message());
	return s;
}

static inline void samples_free(struct samples *s)
{
	plait_dataset_destroy(s->set);
	free(s->x);
	free(s->labels);
	free(s->targets);
}

/* A call that must fail so. */
static inline void refused(int got, int status, const char *part, const char *what)
{
	is_int(got, status, "%s: %s", what, plait_status_text(status));
	contains(plait_error_message(), part, "%s: the message names \"%s\"", what, part);
}

static inline struct plait_loader *loader_open(struct plait_dataset *set,
					       struct plait_loader_options options)
{
	struct plait_loader *loader = NULL;

	if (plait_loader_create(&loader, set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return loader;
}

/* A graph over a vector of `features`: words, then the loss. */
static inline struct plait_graph *net_make(int64_t features, const char *words, bool mse)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_model(plait_input(net, PLAIT_F32, 1, &features), words);
	int64_t dim[PLAIT_MAX_DIMS] = { 0 };

	plait_node_shape(x, dim);
	if (mse)
		plait_mse(x, plait_targets(net, dim[0]));
	else
		plait_cross_entropy(x, plait_labels(net));
	if (plait_graph_status(net) < 0)
		tap_bail_out("%s: %s", words, plait_error_message());
	return net;
}

/* Branches: values read twice, a residual, a diamond, a factor, a layer that nobody reads, and a
 * dropout if p is not 0.  [features] to [outputs]. */
static inline struct plait_node *dropping_branches(struct plait_node *x, int64_t outputs, float p)
{
	struct plait_node *h = plait_relu(plait_linear(x, 12));

	h = p > 0 ? plait_dropout(h, p) : h;
	struct plait_node *r = plait_add(h, plait_scale(plait_gelu(plait_linear(h, 12)), 0.5f));
	plait_relu(plait_linear(r, 5));
	struct plait_node *a = plait_tanh(r), *b = plait_sigmoid(plait_linear_no_bias(r, 12));

	return plait_linear(plait_add(plait_add(a, b), r), outputs);
}

static inline struct plait_node *branches(struct plait_node *x, int64_t outputs)
{
	return dropping_branches(x, outputs, 0);
}

/* p: of its dropout, which drops while it trains; 0: none. */
static inline struct plait_graph *dropping_net(int64_t features, int64_t classes, float p)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, &features);

	plait_cross_entropy(dropping_branches(x, classes, p), plait_labels(net));
	if (plait_graph_status(net) < 0)
		tap_bail_out("%s", plait_error_message());
	return net;
}

static inline struct plait_graph *branching_net(int64_t features, int64_t classes)
{
	return dropping_net(features, classes, 0);
}

/* Every grain of tasks.  Several steps of a task are whole batches, so the last one is for one
 * shard only. */
static const enum plait_granularity grains[] = { PLAIT_GRANULARITY_OP, PLAIT_GRANULARITY_LAYER,
						 PLAIT_GRANULARITY_PHASE, PLAIT_GRANULARITY_STEP,
						 PLAIT_GRANULARITY_RUN };
static const char *const grain_name[] = { "op", "layer", "phase", "step", "run" };

static inline int grains_of(int shards)
{
	return shards == 1 ? 5 : 4;
}

/* Steps of a task with PLAIT_GRANULARITY_RUN: few epochs are a multiple of them. */
#define STEPS_PER_TASK 3

static inline struct plait_trainer *trainer_make(struct plait_graph *net,
						 struct plait_optimizer optimizer,
						 enum plait_granularity grain, int shards)
{
	struct plait_trainer *trainer = NULL;
	struct plait_trainer_options options = { .optimizer = optimizer,
						 .granularity = grain,
						 .steps_per_task = grain == PLAIT_GRANULARITY_RUN
									   ? STEPS_PER_TASK
									   : 0,
						 .shards = shards,
						 .seed = 7 };

	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return trainer;
}

/* A hash of the bits of all parameters and buffers: equal bits, equal hash. */
static inline uint64_t parameters_hash(struct plait_trainer *trainer)
{
	int parameters = plait_trainer_parameters(trainer);
	uint64_t hash = 0;

	for (int i = 0; i < parameters + plait_trainer_buffers(trainer); i++) {
		struct plait_tensor t;
		int64_t bytes;
		uint32_t bits;

		if (i < parameters)
			plait_trainer_parameter(trainer, i, &t);
		else
			plait_trainer_buffer(trainer, i - parameters, &t);
		bytes = plait_shape_elements(t.ndim, t.dim) * (int64_t)plait_dtype_size(t.dtype);
		for (int64_t j = 0; j < bytes; j += (int64_t)sizeof bits) {
			memcpy(&bits, (char *)t.data + j, sizeof bits);
			hash = plait__key(hash, bits);
		}
	}
	return hash;
}

static inline bool parameters_finite(struct plait_trainer *trainer)
{
	for (int i = 0; i < plait_trainer_parameters(trainer); i++) {
		struct plait_tensor t;

		plait_trainer_parameter(trainer, i, &t);
		for (int64_t j = 0; j < plait_shape_elements(t.ndim, t.dim); j++)
			if (!isfinite(((float *)t.data)[j]))
				return false;
	}
	return true;
}

/* A hash of the parameters of net_make(6, words) after so many steps of ten samples without
 * trouble. */
static inline uint64_t hash_after(const char *words, const struct samples *s,
				  struct plait_optimizer optimizer, enum plait_granularity grain,
				  int shards, int64_t steps)
{
	struct samples part = { 0 };
	struct plait_graph *net = net_make(6, words, false);
	struct plait_trainer *trainer = trainer_make(net, optimizer, grain, shards);
	struct plait_tensor x = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { 10 * steps, 6 }, .data = s->x
	};
	struct plait_tensor y = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { 10 * steps }, .data = s->labels
	};
	struct plait_fit_options options = { .epochs = 1, .loader.batch_size = 10, .quiet = true };
	uint64_t hash;

	if (steps > 0 && (plait_dataset_from_memory(&part.set, &x, &y, 4) < 0 ||
			  plait_fit(trainer, part.set, &options) < 0))
		tap_bail_out("%s", plait_error_message());
	hash = parameters_hash(trainer);
	plait_dataset_destroy(part.set);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

/* The losses of a run as they come, with plait_fit's log_every = 1. */
#define LOSSES_MAX 4096
struct losses {
	int count;
	float loss[LOSSES_MAX];
	int64_t step[LOSSES_MAX];
	int epochs;
	double train_loss, validation_loss; /* of the last epoch */
	struct plait_metrics train, validation;
};

static inline int losses_take(void *user, const struct plait_event *event)
{
	struct losses *l = user;

	if (event->kind == PLAIT_EVENT_STEP && l->count < LOSSES_MAX) {
		l->step[l->count] = event->step;
		l->loss[l->count++] = event->loss;
	}
	if (event->kind == PLAIT_EVENT_EPOCH) {
		l->epochs++;
		l->train = *event->train;
		l->train_loss = plait_metrics_loss(event->train);
		l->validation_loss = event->validation ? plait_metrics_loss(event->validation) : 0;
		if (event->validation)
			l->validation = *event->validation;
	}
	return 0;
}

/* Whether two runs had the same losses, bit for bit. */
static inline bool losses_equal(const struct losses *a, const struct losses *b)
{
	return a->count == b->count &&
	       memcmp(a->loss, b->loss, (size_t)a->count * sizeof *a->loss) == 0 &&
	       a->epochs == b->epochs &&
	       memcmp(&a->train_loss, &b->train_loss, sizeof a->train_loss) == 0 &&
	       memcmp(&a->validation_loss, &b->validation_loss, sizeof a->validation_loss) == 0;
}

#endif
