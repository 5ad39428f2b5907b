/* SPDX-License-Identifier: MIT
 * When a training ends before its last epoch, and which weights are kept.
 *
 *     struct plait_end end;
 *     struct plait_fit_options options = {
 *             .epochs = 100, .validation = test, .end = &end,
 *             .until = { .patience = 5, .keep_best = true } };
 *
 *     plait_fit(trainer, train, &options);
 *     plait_trainer_save_best(trainer, "best.safetensors");
 *
 * A figure of an epoch is named as --log names it: "loss", "accuracy" and the metrics of
 * plait_metric() are of the training, and with "val_" before the name of the validation. */
#ifndef PLAIT_UNTIL_H
#define PLAIT_UNTIL_H

#include <plait/base.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_trainer;

/** Which values of a figure are the better ones. */
enum plait_better {
	/* Its name says it: LOWER for a loss and mae, HIGHER for accuracy and topk.  Of other
	 * metrics nobody knows: PLAIT_EINVAL. */
	PLAIT_BETTER_BY_NAME = 0,
	PLAIT_BETTER_LOWER,
	PLAIT_BETTER_HIGHER,
};

/** Zero: training goes on to its last epoch, and no weights are kept. */
struct plait_until {
	/* The figure by which an epoch is better than another; NULL: "val_loss" with a validation,
	 * else "loss". */
	const char *monitor;
	enum plait_better better;
	/* Ends after so many epochs that follow each other and none of which is better than all
	 * before: torch's Lightning and Keras call it EarlyStopping, with min_delta 0.  An epoch
	 * whose figure is equal or NaN is not better.  0: never. */
	int64_t patience;
	/* Keeps a copy of the weights of the best epoch for plait_trainer_save_best: what its
	 * validation has evaluated.  Takes their memory once more. */
	bool keep_best;
	/* Ends after the epoch in which this figure is at least as good as the value.  NULL: there
	 * is no target. */
	const char *target;
	double target_value;
	enum plait_better target_better;
	/* Ends when so many seconds have passed since the first submission: after the steps that
	 * are under way, in the middle of an epoch too.  That epoch is told with what was trained
	 * of it, and validated.  An epoch whose training is done is validated first.  0: no limit.
	 */
	double max_seconds;
};

/** Why a training has ended. */
enum plait_end_reason {
	PLAIT_END_DONE = 0,    /* all its epochs, or steps, are done */
	PLAIT_END_PATIENCE,    /* until.patience */
	PLAIT_END_TARGET,      /* until.target is reached, in the last epoch too */
	PLAIT_END_MAX_TIME,    /* until.max_seconds */
	PLAIT_END_HANDLER,     /* on_event asked for it */
	PLAIT_END_INTERRUPTED, /* stop did */
	PLAIT_END_FAILED,      /* the call has returned another error */
};

/** What a training came to. */
struct plait_end {
	enum plait_end_reason reason;
	int64_t epochs;     /* that were told */
	int64_t best_epoch; /* by until.monitor, from 1; 0: no epoch had that figure */
	double best;        /* the figure then; NaN */
	bool reached;       /* until.target is, in some epoch */
	double target_best; /* the best value that its figure had; NaN: none, or there is no target
			     */
};

/** "done", "patience", "target", "max_time", "handler", "interrupted" or "failed", as --log has
 *  it; NULL for what is no reason. */
PLAIT_API const char *plait_end_name(enum plait_end_reason reason);

/** Writes the weights that until.keep_best has kept in the trainer's last plait_fit, with the
 *  buffers of that epoch, as plait_trainer_save does.  In an event handler, too: in that of an
 *  epoch with event->best they are those of this epoch.  Errors: PLAIT_ESTATE (none are kept),
 *  PLAIT_EINVAL (trainer or path is NULL), those of plait_trainer_save. */
PLAIT_API int plait_trainer_save_best(const struct plait_trainer *trainer, const char *path);

#ifdef __cplusplus
}
#endif
#endif
