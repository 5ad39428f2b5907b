/* SPDX-License-Identifier: MIT
 * Members of pools that differ in many ways, and how each trains alone. */
#ifndef PLAIT_TESTS_POOL_H
#define PLAIT_TESTS_POOL_H

#include "tests/nets.h"

enum { POOL_FEATURES = 6, POOL_CLASSES = 4 };

/* What one member is. */
struct kind {
	const char *words; /* NULL: branching_net */
	struct plait_optimizer optimizer;
	enum plait_granularity grain;
	int shards;
	uint64_t seed;
	struct plait_fit_options options;
	int microbatches;
	const char *place; /* words; NULL: where there is a worker */
};

/* A member with all that it owns. */
struct entry {
	struct plait_graph *net;
	struct plait_trainer *trainer;
	struct plait_fit_options options;
	struct losses losses;
	int member;     /* that its events told; -1: several */
	char name[64];  /* likewise */
	int stop_after; /* steps told, then the handler says stop; 0: never */
};

static inline int entry_event(void *user, const struct plait_event *event)
{
	struct entry *entry = user;

	if (entry->member == 0)
		entry->member = event->member;
	if (entry->member != event->member)
		entry->member = -1;
	snprintf(entry->name, sizeof entry->name, "%s",
		 event->member_name ? event->member_name : "");
	losses_take(&entry->losses, event);
	return entry->stop_after > 0 && entry->losses.count >= entry->stop_after;
}

static inline void entry_make(struct entry *entry, const struct kind *kind)
{
	struct plait_trainer_options trainer = {
		.optimizer = kind->optimizer,
		.granularity = kind->grain,
		.steps_per_task = kind->grain == PLAIT_GRANULARITY_RUN ? STEPS_PER_TASK : 0,
		.shards = kind->shards,
		.microbatches = kind->microbatches,
		.seed = kind->seed
	};

	memset(entry, 0, sizeof *entry);
	entry->net = kind->words ? net_make(POOL_FEATURES, kind->words, false)
				 : branching_net(POOL_FEATURES, POOL_CLASSES);
	entry->options = kind->options;
	entry->options.log_every = 1;
	entry->options.on_event = entry_event;
	entry->options.user = entry;
	if (kind->place && plait_place_words(entry->net, kind->place) < 0)
		tap_bail_out("%s", plait_error_message());
	if (plait_trainer_create(&entry->trainer, entry->net, &trainer) < 0)
		tap_bail_out("%s", plait_error_message());
}

static inline void entry_free(struct entry *entry)
{
	plait_trainer_destroy(entry->trainer);
	plait_graph_destroy(entry->net);
}

static inline struct plait_pool_member entry_member(struct entry *entry, struct plait_dataset *set)
{
	return (struct plait_pool_member){ .trainer = entry->trainer,
					   .dataset = set,
					   .options = &entry->options };
}

/* What a member does without the others. */
struct alone {
	int status;
	struct losses losses;
	uint64_t hash;
};

static inline void train_alone(struct alone *alone, const struct kind *kind,
			       struct plait_dataset *set)
{
	struct entry *entry = malloc(sizeof *entry);

	entry_make(entry, kind);
	alone->status = plait_fit(entry->trainer, set, &entry->options);
	alone->losses = entry->losses;
	alone->hash = parameters_hash(entry->trainer);
	entry_free(entry);
	free(entry);
}

static inline bool as_alone(const struct entry *entry, const struct alone *alone)
{
	return losses_equal(&entry->losses, &alone->losses) &&
	       parameters_hash(entry->trainer) == alone->hash;
}

#endif
