/* SPDX-License-Identifier: MIT
 * What tests of learning rates share: trainings with a schedule, and the same as a loop of one's
 * own that sets each rate by hand. */
#ifndef PLAIT_TESTS_TRAINER_SCHEDULE_H
#define PLAIT_TESTS_TRAINER_SCHEDULE_H

#include "tests/nets.h"

/* 12 batches, the last of 3 samples; of validation 3. */
enum { SAMPLES = 91, VALIDATION = 19, BATCH = 8, EPOCHS = 6, BATCHES = 12, STEPS = 72 };

/* A schedule that is tried, with an optimizer that can follow it. */
struct tried {
	const char *word; /* "lambda": a function */
	int64_t warmup;
	struct plait_optimizer optimizer;
	bool validates;
};

/* What a run tells of its steps and epochs. */
struct rates {
	struct losses losses;
	double lr[LOSSES_MAX], epoch_lr[EPOCHS * 4];
	uint64_t hash; /* of the parameters */
	int status;
	char message[256];
};

static inline double halves(int64_t step, void *user)
{
	(void)user;
	return 1 / (1 + (double)step / 16);
}

static inline struct plait_schedule schedule_of(const struct tried *t)
{
	struct plait_schedule s;

	if (strcmp(t->word, "lambda") == 0)
		s = plait_lambda_lr(halves, NULL);
	else if (plait_schedule_parse(&s, t->word) < 0)
		tap_bail_out("%s", plait_error_message());
	s.warmup = t->warmup;
	return s;
}

static inline int rates_take(void *user, const struct plait_event *event)
{
	struct rates *r = user;

	if (event->kind == PLAIT_EVENT_STEP && r->losses.count < LOSSES_MAX)
		r->lr[r->losses.count] = event->lr;
	if (event->kind == PLAIT_EVENT_EPOCH && r->losses.epochs < EPOCHS * 4)
		r->epoch_lr[r->losses.epochs] = event->lr;
	return losses_take(&r->losses, event);
}

/* The bits of all that two runs have told, and of what they made. */
static inline bool rates_equal(const struct rates *a, const struct rates *b)
{
	return a->status == b->status && a->hash == b->hash &&
	       losses_equal(&a->losses, &b->losses) &&
	       memcmp(a->lr, b->lr, (size_t)a->losses.count * sizeof *a->lr) == 0 &&
	       memcmp(a->epoch_lr, b->epoch_lr, (size_t)a->losses.epochs * sizeof *a->epoch_lr) ==
		       0;
}

/* Trains on; options lack the schedule and who is told.  What is told is added. */
static inline void fit_on(struct plait_trainer *trainer, const struct tried *t,
			  struct plait_dataset *set, struct plait_fit_options options,
			  struct rates *rates)
{
	options.schedule = schedule_of(t);
	if (options.loader.batch_size == 0)
		options.loader.batch_size = BATCH;
	options.log_every = 1;
	options.on_event = rates_take;
	options.user = rates;
	rates->status = plait_fit(trainer, set, &options);
	snprintf(rates->message, sizeof rates->message, "%s",
		 rates->status < 0 ? plait_error_message() : "");
	rates->hash = parameters_hash(trainer);
}

#endif
