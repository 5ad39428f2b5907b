/* SPDX-License-Identifier: MIT
 * A reporter watches a run of plait_fit: adds up metrics as steps are done, and hands events
 * to the thread that called, through a queue of fixed size. */
#ifndef PLAIT__REPORTER_H
#define PLAIT__REPORTER_H

#include "src/executor/executor.h"
#include "src/gradient/schedule.h"
#include "src/trainer/progress.h"
#include "src/trainer/trainer.h"
#include "src/trainer/until/until.h"

#define PLAIT__QUEUE 1024 /* events that may wait before training does */

struct plait__message {
	enum plait_event_kind kind;
	int64_t epoch, step, epoch_step;
	float loss;
	double lr, seconds;
	struct plait_metrics train, validation;
};

struct plait__reporter {
	const struct plait_fit_options *options;
	int64_t epochs, epoch_steps, steps;
	bool has_accuracy;
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
	float loss;   /* of the last one */
	double lr;    /* likewise */
	double begin; /* of the run */
	/* Of the last step done; second: of the last one that went beside training, or of the
	 * training before it. */
	double last_end[2];
	double last_wake; /* when the caller's thread was woken last */
	bool holds;       /* an epoch is to be judged before the next one begins */
	bool over;        /* the time is; under the executor's lock alone */
	bool failed;      /* a load did, or see empty; steps on their way still count */
	/* Of which no sample counted in an epoch, or NULL. */
	const struct plait_dataset *empty;
	size_t room, head, queued;
	struct plait__message queue[]; /* [room] */
};

/* NULL with the message kept when memory is out.  Whoever makes it sets trainer, binding
 * and pace, and who runs several member. */
struct plait__reporter *plait__reporter_create(const struct plait_fit_options *options,
					       const struct plait__loop *loop);
void plait__reporter_destroy(struct plait__reporter *reporter);

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
