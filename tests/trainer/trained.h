/* SPDX-License-Identifier: MIT
 * What a network was trained to, to be compared bit for bit with the same one trained in another
 * way. */
#ifndef PLAIT_TESTS_TRAINED_H
#define PLAIT_TESTS_TRAINED_H

#include "tests/nets.h"

/* Of 4 classes, in 7 batches of 16, the last of 2 samples, in which some shards are empty. */
enum { SAMPLES = 98, BATCH = 16, EPOCHS = 2 };

struct trained {
	struct losses losses;
	uint64_t hash;
	float out[SAMPLES * 4];
};

/* Trains with validation on the same samples, predicts them, and destroys trainer and network. */
static inline void trained_run_for(const struct samples *s, struct plait_graph *net,
				   struct plait_trainer *trainer, int64_t batch, int epochs,
				   struct trained *r)
{
	struct plait_fit_options options = { .epochs = epochs,
					     .loader = { .batch_size = batch, .shuffle = true },
					     .validation = s->set,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = &r->losses };

	memset(r, 0, sizeof *r);
	if (plait_fit(trainer, s->set, &options) < 0 ||
	    plait_predict(trainer, s->set, &options, r->out) < 0)
		tap_bail_out("%s", plait_error_message());
	r->hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static inline void trained_run(const struct samples *s, struct plait_graph *net,
			       struct plait_trainer *trainer, int64_t batch, struct trained *r)
{
	trained_run_for(s, net, trainer, batch, EPOCHS, r);
}

static inline bool trained_equal(const struct trained *a, const struct trained *b)
{
	return losses_equal(&a->losses, &b->losses) && a->hash == b->hash &&
	       memcmp(a->out, b->out, sizeof a->out) == 0;
}

#endif
