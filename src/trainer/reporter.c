/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/trainer/reporter.h"
#include "src/trainer/trainer.h"

#include <stdlib.h>
#include <string.h>

#define WAKE_MICROSECONDS 100e3 /* how often progress is told */

/* -- in a worker, the executor's lock held ------------------------------------------- */

static void push(struct plait__reporter *s, struct plait__message m)
{
	PLAIT__ASSERT(s->queued < s->room, "the queue has room for what the steps in flight tell");
	s->queue[(s->head + s->queued++) % s->room] = m;
}

struct plait__message plait__reporter_state(const struct plait__reporter *s,
					    enum plait_event_kind kind)
{
	return (struct plait__message){ .kind = kind,
					.epoch = s->epoch,
					.step = s->step,
					.epoch_step = s->epoch_step,
					.loss = s->loss,
					.grad_norm = s->grad_norm,
					.skipped = s->skipped,
					.lr = s->lr,
					.seconds = (s->last_end[0] - s->begin) * 1e-6 };
}

/* Training of an epoch is over.  What it was waits for its validation. */
static void close_training(struct plait__reporter *s)
{
	PLAIT__ASSERT(!s->waits, "an epoch is told before the next one is over");
	s->epoch_told = plait__reporter_state(s, PLAIT_EVENT_EPOCH);
	s->epoch_told.train = s->train;
	s->waits = true;
	memset(&s->train, 0, sizeof s->train);
	if (s->overlaps)
		s->last_end[1] = s->last_end[0];
}

static void push_epoch(struct plait__reporter *s, double end)
{
	s->epoch_told.validation = s->validation;
	s->epoch_told.scores = plait__scoring_take(&s->scoring);
	s->epoch_told.seconds = (end - s->begin) * 1e-6;
	push(s, s->epoch_told);
	s->holds = plait__until_waits(&s->options->until);
	s->last_train = s->epoch_told.train;
	s->waits = false;
	memset(&s->validation, 0, sizeof s->validation);
}

static void count(struct plait__reporter *s, const struct plait__step *step, bool training)
{
	struct plait_metrics *metrics = training ? &s->train : &s->validation;
	bool beside = s->overlaps && !training;

	metrics->has_accuracy = s->has_accuracy;
	plait__metrics_add(metrics, step, s->last_end[beside]);
	metrics->load.divided |= s->member.number > 0;
	s->last_end[beside] = step->end;
	if (beside) /* nobody waits for its batches */
		metrics->load.wait_seconds = 0;
	if (!training) {
		s->unscored = s->scoring.to && plait__scoring_add(&s->scoring, step) < 0;
		return;
	}
	s->epoch = step->epoch;
	s->epoch_step = step->batch + 1;
	s->loss = step->loss;
	s->grad_norm = step->grad_norm;
	s->skipped = step->skipped;
	s->lr = step->scalars.lr;
	if (s->options->step_seconds && s->step <= s->steps)
		s->options->step_seconds[s->step - 1] = (step->end - s->begin) * 1e-6;
	if (s->options->log_every > 0 && s->step % s->options->log_every == 0)
		push(s, plait__reporter_state(s, PLAIT_EVENT_STEP));
}

/* Whether the time is over, which ends the run: within the training of an epoch or between two. */
static bool is_over(struct plait__reporter *s, double now)
{
	double limit = s->options->until.max_seconds;

	s->over |= limit > 0 && now - s->begin >= limit * 1e6;
	return s->over;
}

static unsigned step_done(void *user, const struct plait__step *step)
{
	struct plait__reporter *s = user;
	bool training = step->binding->plan->options.mode == PLAIT__TRAIN;
	bool last = step->batch + 1 == step->binding->feed.batches, cut;
	unsigned flags = 0;

	STARPU_PTHREAD_MUTEX_LOCK(&s->mutex);
	PLAIT__ASSERT(step->end >= s->last_end[s->overlaps && !training], "steps end in order");
	s->step += training;
	PLAIT__ASSERT(!training || step->count + 1 == s->step, "training steps are told in order");
	cut = training && s->step == s->steps && !last;
	last |= cut;
	s->failed |= plait__step_status(step) < 0;
	if (!s->failed)
		count(s, step, training);
	if (s->unscored) {
		s->failed = true;
		flags = PLAIT__STOP;
	}
	/* A mean loss of nothing would be told as NaN, and the run as a success. */
	if (!s->failed && last && (training ? &s->train : &s->validation)->samples == 0) {
		s->failed = true;
		s->empty = step->binding->feed.dataset;
		s->all_skipped = training && s->train.skipped > 0;
		flags = PLAIT__STOP;
	}
	if (!s->failed && last && training)
		close_training(s);
	if (!s->failed && last && (cut || training != s->validates)) {
		if (s->epoch_told.epoch_step == s->epoch_steps)
			plait__pace_epoch(s->pace,
					  plait_metrics_loss(training ? &s->epoch_told.train
								      : &s->validation));
		push_epoch(s, step->end);
		flags = PLAIT__WAKE;
	}
	if ((training || last) && is_over(s, step->end))
		flags |= PLAIT__STOP;
	if (s->queued >= PLAIT__QUEUE / 4 || step->end - s->last_wake > WAKE_MICROSECONDS) {
		flags = PLAIT__WAKE;
		s->last_wake = step->end;
	}
	if (s->options->stop && *s->options->stop)
		flags |= PLAIT__STOP;
	STARPU_PTHREAD_MUTEX_UNLOCK(&s->mutex);
	return flags;
}

/* Epochs that wait to be told, with the scores of all their samples. */
#define MOST_SCORED 2

/* A slow event handler holds training back rather than lose an event: the queue has room
 * for what the steps in flight may still tell. */
static bool has_room(void *user)
{
	struct plait__reporter *s = user;
	bool room;

	STARPU_PTHREAD_MUTEX_LOCK(&s->mutex);
	room = s->queued < PLAIT__QUEUE && !s->holds &&
	       plait__scoring_waiting(&s->scoring) < MOST_SCORED;
	STARPU_PTHREAD_MUTEX_UNLOCK(&s->mutex);
	return room;
}

/* -- in the caller's thread ---------------------------------------------------------- */

bool plait__reporter_cut(struct plait__reporter *s)
{
	/* Of an epoch that went on beside the next one the snapshot is gone. */
	memset(&s->validation, 0, sizeof s->validation);
	if (s->overlaps && s->waits && s->train.steps > 0)
		push_epoch(s, s->last_end[0]);
	if (!s->waits && s->train.steps > 0)
		close_training(s);
	s->overlaps = false;
	s->last_end[1] = s->last_end[0] = starpu_timing_now();
	if (s->waits && !s->validates)
		push_epoch(s, s->last_end[0]);
	return s->waits;
}

void plait__reporter_end(struct plait__reporter *s)
{
	if (s->overlaps && s->waits) {
		memset(&s->validation, 0, sizeof s->validation);
		push_epoch(s, s->last_end[0]);
	}
	plait__reporter_deliver(s, &(struct plait__message){ 0 });
}

/* In whichever thread submits, the executor's lock held. */
static int tell_submitted(void *user, const struct plait__step *step)
{
	const struct plait__reporter *s = user;

	return plait__trainer_submitted(step, s->options->on_submit, s->options->submit_user);
}

/* -- the reporter -------------------------------------------------------------------- */

static int say_nothing(void *user, const struct plait_event *event)
{
	(void)user;
	(void)event;
	return 0;
}

/* Events that what is in flight may tell, at most: a burst ends one epoch, and tells of every
 * log_every-th step; and the epochs that are told at the end. */
static size_t in_flight(const struct plait_fit_options *options,
			const struct plait__binding *binding)
{
	size_t each = 1;

	if (options->log_every > 0)
		each += 1 + (size_t)((binding->steps - 1) / options->log_every);
	return (size_t)binding->window * each + 2;
}

/* What there is to score is in the validation. */
static int open_scoring(struct plait__reporter *s, const struct plait__loop *loop)
{
	const struct plait__binding *validation = loop->binding[loop->bindings - 1];

	return plait__scoring_open(&s->scoring, s->validates ? s->options->scores : NULL,
				   validation->plan->graph, validation->feed.dataset, true);
}

int plait__reporter_create(struct plait__reporter **reporter_p,
			   const struct plait_fit_options *options, const struct plait__loop *loop)
{
	size_t room = PLAIT__QUEUE + in_flight(options, loop->binding[0]);
	struct plait__reporter *s =
		plait__calloc(1, sizeof *s + room * sizeof *s->queue, "a reporter");
	int status;

	if (!s)
		return PLAIT_ENOMEM;
	s->options = options;
	s->epochs = loop->epochs;
	s->epoch_steps = loop->binding[0]->feed.batches;
	s->steps = loop->steps;
	s->validates = loop->bindings > 1;
	s->overlaps = loop->overlaps;
	s->has_accuracy = loop->binding[0]->plan->graph->accuracy != NULL;
	s->has_grad_norm = loop->binding[0]->plan->clip_result >= 0;
	plait__until_begin(&s->until, options, loop->binding[0]->plan->graph);
	s->on_event = options->on_event ? options->on_event
		      : options->quiet  ? say_nothing
					: plait__progress;
	/* The default one draws, and needs to know what. */
	s->user = s->on_event == plait__progress ? &s->progress : options->user;
	s->room = room;
	STARPU_PTHREAD_MUTEX_INIT(&s->mutex, NULL);
	s->begin = s->last_end[0] = s->last_end[1] = s->last_wake = starpu_timing_now();
	status = open_scoring(s, loop);
	if (status < 0)
		plait__reporter_destroy(s);
	else
		*reporter_p = s;
	return status;
}

void plait__reporter_destroy(struct plait__reporter *s)
{
	plait__progress_clear(&s->progress);
	plait__scoring_close(&s->scoring);
	STARPU_PTHREAD_MUTEX_DESTROY(&s->mutex);
	free(s);
}

struct plait__observer plait__reporter_observer(struct plait__reporter *s)
{
	return (struct plait__observer){ .user = s,
					 .done = step_done,
					 .ready = has_room,
					 .submitted = s->options->on_submit ? tell_submitted : NULL,
					 .wake = plait__reporter_wake,
					 .timeout = s->options->loader.timeout,
					 .stall = plait__reporter_stall };
}
