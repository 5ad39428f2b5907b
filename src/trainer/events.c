/* SPDX-License-Identifier: MIT
 * What a reporter tells: a message of its queue becomes an event. */
#include "config.h"
#include "src/trainer/reporter.h"

/* The limit may cut the last epoch short. */
static int64_t steps_of(const struct plait__reporter *s, int64_t epoch)
{
	int64_t left = s->steps - epoch * s->epoch_steps;

	return s->steps > 0 && left < s->epoch_steps ? left : s->epoch_steps;
}

static struct plait_event event_of(const struct plait__reporter *s, enum plait_event_kind kind,
				   int64_t epoch)
{
	return (struct plait_event){ .kind = kind,
				     .member = s->member.number,
				     .member_name = s->member.name,
				     .epochs = (int)s->epochs,
				     .epoch_steps = steps_of(s, epoch),
				     .has_grad_norm = s->has_grad_norm,
				     .schedule = &s->options->schedule };
}

/* An epoch is over.  Returns whether the run is to end; if not, the next one may begin. */
static bool judge(struct plait__reporter *s, struct plait_event *event)
{
	bool ends = plait__until_judge(&s->until, event->epoch, event->train, event->validation,
				       &event->best);

	if (event->best && s->options->until.keep_best)
		plait__best_keep(s->trainer, s->binding);
	if (ends)
		return true;
	STARPU_PTHREAD_MUTEX_LOCK(&s->mutex);
	s->holds = false;
	STARPU_PTHREAD_MUTEX_UNLOCK(&s->mutex);
	return false;
}

int plait__reporter_tell(struct plait__reporter *s, const struct plait__message *m,
			 const char *text)
{
	const struct plait_metrics *train = &m->train;
	double rate = train->seconds > 0 ? (double)train->steps / train->seconds : 0;
	struct plait_event event = event_of(s, m->kind, m->epoch);
	bool ends;

	event.epoch = (int)m->epoch + 1;
	event.step = m->step;
	event.epoch_step = m->epoch_step;
	event.loss = m->loss;
	event.grad_norm = (double)m->grad_norm;
	event.skipped = m->skipped;
	event.lr = m->lr;
	event.seconds = m->seconds;
	event.samples_per_second = plait_metrics_samples_per_second(train);
	event.train = m->kind == PLAIT_EVENT_STEP ? NULL : train;
	event.text = text;
	if (m->kind == PLAIT_EVENT_EPOCH && m->validation.steps > 0)
		event.validation = &m->validation;
	if (rate > 0)
		event.seconds_left = (double)(event.epoch_steps - m->epoch_step) / rate;
	ends = m->kind == PLAIT_EVENT_EPOCH && judge(s, &event);
	return s->on_event(s->user, &event) | ends;
}

int plait__reporter_begin(struct plait__reporter *s, const struct plait__binding *binding)
{
	const struct plait__split *split = &binding->plan->options.split;
	struct plait_loader_memory memory;
	struct plait_event event = event_of(s, PLAIT_EVENT_BEGIN, 0);

	event.memory = &memory;
	event.shards = plait__split_beside(split);
	event.microbatches = plait__split_microbatches(split);
	plait__load_memory_describe(&binding->load_memory, &binding->feed, &memory);
	return s->on_event(s->user, &event);
}

/* -- in the caller's thread ---------------------------------------------------------- */

int plait__reporter_deliver(struct plait__reporter *s, struct plait__message *progress)
{
	int stop = 0;

	STARPU_PTHREAD_MUTEX_LOCK(&s->mutex);
	while (s->queued > 0) {
		struct plait__message m = s->queue[s->head];

		s->head = (s->head + 1) % s->room;
		if (--s->queued == 0)
			s->head = 0; /* what is written next is in the caches */
		if (m.scores)
			plait__scoring_give(&s->scoring, m.scores);
		STARPU_PTHREAD_MUTEX_UNLOCK(&s->mutex);
		stop |= plait__reporter_tell(s, &m, NULL);
		STARPU_PTHREAD_MUTEX_LOCK(&s->mutex);
	}
	*progress = plait__reporter_state(s, PLAIT_EVENT_PROGRESS);
	progress->train = s->waits && s->train.steps == 0 ? s->epoch_told.train : s->train;
	STARPU_PTHREAD_MUTEX_UNLOCK(&s->mutex);
	return stop;
}

int plait__reporter_wake(void *user)
{
	struct plait__reporter *s = user;
	struct plait__message progress;
	int stop = plait__reporter_deliver(s, &progress);

	return progress.train.steps > 0 ? plait__reporter_tell(s, &progress, NULL) | stop : stop;
}

int plait__reporter_stall(void *user, const char *text)
{
	struct plait__reporter *s = user;
	struct plait__message progress;
	int stop = plait__reporter_deliver(s, &progress);

	progress.kind = PLAIT_EVENT_STALL;
	return plait__reporter_tell(s, &progress, text) | stop;
}
