/* SPDX-License-Identifier: MIT
 * How tests cut a batch into parts, and a trainer that computes it so. */
#ifndef PLAIT_TESTS_SPLIT_H
#define PLAIT_TESTS_SPLIT_H

#include "tests/trainer/trained.h"

/* As in struct plait_trainer_options, and 0 means the same. */
struct split {
	const char *name;
	int shards, size[BATCH]; /* if size[0] is 0, all have the same */
	int microbatches, accumulate, replicas;
	size_t bucket_bytes;
	enum plait_pipeline_schedule schedule;
	double clip_norm, clip_value, skip_outliers;
	bool placed;                      /* the test is to place the network in two stages */
	struct plait_optimizer optimizer; /* without kind: Adam */
};

static inline struct plait_trainer *
split_trainer(struct plait_graph *net, const struct split *split, enum plait_granularity grain)
{
	struct plait_trainer *trainer = NULL;
	int size[BATCH];
	struct plait_trainer_options options = {
		.optimizer = split->optimizer.kind ? split->optimizer : plait_adam(1e-2),
		.granularity = grain,
		.steps_per_task = grain == PLAIT_GRANULARITY_RUN ? STEPS_PER_TASK : 0,
		.shards = split->shards,
		.shard_sizes = split->size[0] ? size : NULL,
		.microbatches = split->microbatches,
		.accumulate = split->accumulate,
		.pipeline_schedule = split->schedule,
		.replicas = split->replicas,
		.bucket_bytes = split->bucket_bytes,
		.clip_norm = split->clip_norm,
		.clip_value = split->clip_value,
		.skip_outliers = split->skip_outliers,
		.seed = 7
	};

	memcpy(size, split->size, sizeof size);
	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s: %s", split->name ? split->name : "a split",
			     plait_error_message());
	memset(size, -1, sizeof size); /* they are copied */
	return trainer;
}

/* Samples of each batch that is loaded, so that an update sees BATCH of them. */
static inline int64_t split_batch(const struct split *split)
{
	return BATCH / (split->accumulate > 0 ? split->accumulate : 1);
}

#endif
