/* SPDX-License-Identifier: MIT
 * What the figures of an epoch decide: whether it is the best one so far, and whether training
 * ends. */
#ifndef PLAIT__UNTIL_H
#define PLAIT__UNTIL_H

#include "src/trainer/trainer.h"

/* A figure of epochs. */
struct plait__figure {
	const char *name; /* in struct plait_metrics; NULL: there is none */
	bool validation;  /* it is of that */
	bool higher;      /* values that are higher are better */
};

struct plait__until {
	struct plait_until options;
	struct plait__figure monitor, target;
	int64_t since;        /* epochs since the best one */
	struct plait_end end; /* reason: PATIENCE or TARGET once the epochs ask for an end */
};

/* Whether the next epoch may begin only when the one before is judged. */
static inline bool plait__until_waits(const struct plait_until *options)
{
	return options->patience > 0 || options->target || options->keep_best;
}

/* Whether options are right for a graph: PLAIT_EINVAL. */
int plait__until_check(const struct plait_fit_options *options, const struct plait_graph *graph);

/* Begins with no epoch; options were checked. */
void plait__until_begin(struct plait__until *until, const struct plait_fit_options *options,
			const struct plait_graph *graph);

/* Judges an epoch, counted from 1; validation: NULL if it was cut.  Returns whether training is to
 * end; *best: whether it is better than all before. */
bool plait__until_judge(struct plait__until *until, int64_t epoch,
			const struct plait_metrics *train, const struct plait_metrics *validation,
			bool *best);

/* Forgets what was kept; makes room for the weights of the best epoch if keeps: PLAIT_ENOMEM
 * (best.c). */
int plait__best_open(struct plait_trainer *trainer, bool keeps);

/* Copies the weights that a validation would evaluate now.  No task may run. */
void plait__best_keep(struct plait_trainer *trainer, const struct plait__binding *train);

#endif
