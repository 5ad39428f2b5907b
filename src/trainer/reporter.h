/* SPDX-License-Identifier: MIT
 * A reporter watches a run of plait_fit: adds up metrics as steps are done, and hands events
 * to the thread that called, through a queue of fixed size. */
#ifndef PLAIT__REPORTER_H
#define PLAIT__REPORTER_H

#include "src/executor/executor.h"
#include "src/gradient/schedule.h"
#include "src/trainer/progress.h"
#include "src/trainer/scoring/scoring.h"
#include "src/trainer/trainer.h"
#include "src/trainer/until/until.h"

#define PLAIT__QUEUE 1024 /* events that may wait before training does */

struct plait__message {
	enum plait_event_kind kind;
	int64_t epoch, step, epoch_step;
	float loss, grad_norm;
	bool skipped;
	double lr, seconds;
	struct plait_metrics train, validation;
	struct plait_scores *scores; /* of validation, or NULL */
};

struct plait__reporter {
	const struct plait_fit_options *options;
	int64_t epochs, epoch_steps, steps;
	bool has_accuracy, has_grad_norm;
	bool validates, overlaps; /* the loop does */
	plait_event_fn on_event;
	void *user;
	struct plait__progress progress; /* of the default on_event */
	struct plait__member_name member;
	struct plait_trainer *trainer;        /* whose best weights are kept, */
	const struct plait__binding *binding; /* which this trains */
	struct plait__until until;            /* judges epochs, in the caller's thread */
	struct plait__pace
		*pace; /* that is told the loss of each epoch; under the executor's lock */

	starpu_pthread_mutex_t mutex; /* for all below: workers write, the caller's thread reads */
	struct plait_metrics train, validation, last_train;
	struct plait__message epoch_told; /* where an epoch waits for its validation: what it is */
	bool waits;
	int64_t step; /* training steps done in this run */
	int64_t epoch, epoch_step;
	float loss, grad_norm; /* of the last one */
	bool skipped;          /* likewise */
	double lr;             /* likewise */
	double begin;          /* of the run */
	/* Of the last step done; second: of the last one that went beside training, or of the
	 * training before it. */
	double last_end[2];
	double last_wake; /* when the caller's thread was woken last */
	bool holds;       /* an epoch is to be judged before the next one begins */
	bool over;        /* the time is; under the executor's lock alone */
	/* A load did, or scores, or see empty; steps on their way still count. */
	bool failed;
	struct plait__scoring scoring; /* of validation */
	bool unscored;                 /* there was no memory for it */
	/* Of which no sample counted in an epoch, or NULL. */
	const struct plait_dataset *empty;
	bool all_skipped; /* and because no loss was finite */
	size_t room, head, queued;
	struct plait__message queue[]; /* [room] */
};

/* Whoever makes it sets pace, and who runs several member.  Errors:
 * PLAIT_ENOMEM; PLAIT_EINVAL (scores); *reporter_p is set only on success. */
int plait__reporter_create(struct plait__reporter **reporter_p,
			   const struct plait_fit_options *options, const struct plait__loop *loop);
void plait__reporter_destroy(struct plait__reporter *reporter);

/* How far training is. */
struct plait__message plait__reporter_state(const struct plait__reporter *reporter,
					    enum plait_event_kind kind);

/* Tells what is queued, then how far training is at that very moment, so that no event is older
 * than the one before it. */
int plait__reporter_deliver(struct plait__reporter *reporter, struct plait__message *progress);

/* What the executor calls (events.c): when there is something to tell, and when nothing moves. */
int plait__reporter_wake(void *user);
int plait__reporter_stall(void *user, const char *text);

/* Tells a message, with text, and judges an epoch first; nonzero if that or the event handler asked
 * to stop. */
int plait__reporter_tell(struct plait__reporter *reporter, const struct plait__message *message,
			 const char *text);

/* Tells that the run begins; nonzero if the event handler asked to stop. */
int plait__reporter_begin(struct plait__reporter *reporter, const struct plait__binding *binding);

/* The reporter as the executor's observer. */
struct plait__observer plait__reporter_observer(struct plait__reporter *reporter);

/* The run is over: delivers what is still queued, and an epoch whose validation was to go beside
 * the next one and was cut, without it. */
void plait__reporter_end(struct plait__reporter *reporter);

/* The run was ended within an epoch, or before its validation was over, and nothing is in flight:
 * closes what there is of it.  Returns whether its validation is to run now, alone. */
bool plait__reporter_cut(struct plait__reporter *reporter);

/* Adds what the graph's own metrics are in a done step. */
void plait__metrics_measure(struct plait_metrics *metrics, const struct plait__step *step);

/* Adds a done step to metrics, with them: previous is when the step before it was done. */
void plait__metrics_add(struct plait_metrics *metrics, const struct plait__step *step,
			double previous);

#endif
