/* SPDX-License-Identifier: MIT
 * Making a reporter, and freeing it. */
#include "config.h"
#include "src/trainer/reporter.h"
#include "src/trainer/trainer.h"

#include <stdlib.h>

static int say_nothing(void *user, const struct plait_event *event)
{
	(void)user;
	(void)event;
	return 0;
}

/* Events that what is in flight may tell, at most: a burst ends one epoch, and tells of every
 * log_every-th step; and the epoch that is told at the end. */
static size_t in_flight(const struct plait_fit_options *options,
			const struct plait__binding *binding)
{
	size_t each = 1;

	if (options->log_every > 0)
		each += 1 + (size_t)((binding->steps - 1) / options->log_every);
	return (size_t)binding->window * each + 1;
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
