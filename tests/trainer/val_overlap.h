/* SPDX-License-Identifier: MIT
 * Runs with validation after each epoch and beside the next one: what they tell, to be compared. */
#ifndef PLAIT_TESTS_VAL_OVERLAP_H
#define PLAIT_TESTS_VAL_OVERLAP_H

#include "tests/nets.h"

enum { FEATURES = 6, CLASSES = 4, BATCH = 8, MOST_EPOCHS = 8 };

struct told {
	struct losses losses; /* of steps */
	int epochs, out_of_turn, validated;
	struct plait_metrics train[MOST_EPOCHS], validation[MOST_EPOCHS]; /* by epoch */
	bool has[MOST_EPOCHS];                                            /* a validation */
	int64_t step[MOST_EPOCHS];
	int status;
	uint64_t hash; /* of the parameters */
	char message[256];
};

static inline int take(void *user, const struct plait_event *event)
{
	struct told *t = user;
	int at = event->epoch - 1;

	if (event->kind != PLAIT_EVENT_EPOCH || at >= MOST_EPOCHS)
		return losses_take(&t->losses, event);
	t->out_of_turn += at != t->epochs;
	t->epochs++;
	t->train[at] = *event->train;
	t->step[at] = event->step;
	t->has[at] = event->validation != NULL;
	if (event->validation)
		t->validation[at] = *event->validation;
	t->validated += t->has[at];
	return 0;
}

static inline bool metrics_equal(const struct plait_metrics *a, const struct plait_metrics *b)
{
	return a->steps == b->steps && a->samples == b->samples && a->correct == b->correct &&
	       a->metrics == b->metrics &&
	       memcmp(&a->loss_sum, &b->loss_sum, sizeof a->loss_sum) == 0 &&
	       memcmp(a->metric_sum, b->metric_sum, sizeof a->metric_sum) == 0;
}

/* Whether all numbers that two runs have told are the same, bit for bit. */
static inline bool told_equal(const struct told *a, const struct told *b)
{
	bool same = a->status == b->status && a->hash == b->hash && a->epochs == b->epochs &&
		    a->losses.count == b->losses.count &&
		    memcmp(a->losses.loss, b->losses.loss,
			   (size_t)a->losses.count * sizeof *a->losses.loss) == 0;

	for (int e = 0; e < a->epochs && same; e++)
		same = a->has[e] == b->has[e] && a->step[e] == b->step[e] &&
		       metrics_equal(&a->train[e], &b->train[e]) &&
		       (!a->has[e] || metrics_equal(&a->validation[e], &b->validation[e]));
	return same;
}

static inline void run_told(struct plait_dataset *train, struct plait_optimizer optimizer,
			    enum plait_granularity grain, int shards,
			    struct plait_fit_options options, struct told *told)
{
	struct plait_graph *net = plait_graph_create();
	int64_t features = FEATURES;
	struct plait_node *x =
		dropping_branches(plait_input(net, PLAIT_F32, 1, &features), CLASSES, 0.1f);
	struct plait_trainer *trainer;

	plait_metric_word(x, plait_labels(net), NULL, "topk:2");
	plait_cross_entropy(x, plait_labels(net));
	trainer = trainer_make(net, optimizer, grain, shards);
	memset(told, 0, sizeof *told);
	options.loader.batch_size = BATCH;
	options.log_every = 1;
	options.on_event = take;
	options.user = told;
	told->status = plait_fit(trainer, train, &options);
	snprintf(told->message, sizeof told->message, "%s",
		 told->status < 0 ? plait_error_message() : "");
	told->hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

#endif
