/* SPDX-License-Identifier: MIT
 * Events of a run: every step is told once and in order however slow the listener is. */
#include "config.h"
#include "tests/nets.h"

#include <time.h>

struct listener {
	long step_ns, progress_ns, epoch_ns; /* how slow it is */
	int64_t begins, steps, epochs, progress;
	int64_t latest; /* training step of the event before */
	int disorder, wrong;
	int64_t log_every, epoch_steps;
	bool validates;
};

static void sleep_ns(long ns)
{
	if (ns > 0)
		nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

static int listen_to(void *user, const struct plait_event *event)
{
	struct listener *l = user;

	l->disorder += event->step < l->latest;
	l->latest = event->step;
	switch (event->kind) {
	case PLAIT_EVENT_BEGIN:
		l->begins++;
		l->disorder += l->steps + l->epochs + l->progress > 0;
		l->wrong += event->memory->slots < 2 || event->memory->slot_bytes <= 0;
		break;
	case PLAIT_EVENT_STEP:
		l->steps++;
		l->disorder += event->step != l->steps * l->log_every;
		l->wrong +=
			event->train != NULL || event->validation != NULL || !isfinite(event->loss);
		l->wrong += event->epoch != (event->step - 1) / l->epoch_steps + 1;
		l->wrong += event->epoch_step != (event->step - 1) % l->epoch_steps + 1;
		sleep_ns(l->step_ns);
		break;
	case PLAIT_EVENT_EPOCH:
		l->epochs++;
		l->disorder +=
			event->epoch != l->epochs || event->step != l->epochs * l->epoch_steps;
		l->wrong += event->train->steps != l->epoch_steps;
		l->wrong += l->validates != (event->validation != NULL);
		sleep_ns(l->epoch_ns);
		break;
	case PLAIT_EVENT_STALL:
		l->wrong++; /* without a timeout */
		break;
	case PLAIT_EVENT_PROGRESS:
		l->progress++;
		l->wrong += event->train->steps != event->epoch_step ||
			    event->epoch_steps != l->epoch_steps;
		sleep_ns(l->progress_ns);
		break;
	}
	return 0;
}

static void test(const char *what, struct listener l, int epochs, int prefetch, int64_t samples,
		 bool validation)
{
	struct samples s = samples_make(samples, 4, 2, 0, 1);
	struct plait_graph *net = net_make(4, "linear:2", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.01), PLAIT_GRANULARITY_STEP, 0);
	struct plait_fit_options options = { .epochs = epochs,
					     .loader.batch_size = 8,
					     .loader.prefetch = prefetch,
					     .log_every = l.log_every,
					     .validation = validation ? s.set : NULL,
					     .on_event = listen_to,
					     .user = &l };
	int64_t steps;

	l.epoch_steps = (samples + 7) / 8;
	l.validates = validation;
	steps = epochs * l.epoch_steps;
	is_int(plait_fit(trainer, s.set, &options), 0, "%s", what);
	is_int(l.begins, 1, "the beginning is told");
	is_int(l.steps, steps / l.log_every, "%lld of %lld steps are told",
	       (long long)(steps / l.log_every), (long long)steps);
	is_int(l.epochs, epochs, "%d epochs are told", epochs);
	is_int(l.disorder, 0, "nothing is told twice or late");
	is_int(l.wrong, 0, "each event holds what belongs to it");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test("fast, every step", (struct listener){ .log_every = 1 }, 20, 4, 1600, false);
	test("fast, every seventh step", (struct listener){ .log_every = 7 }, 21, 4, 1600, true);
	/* While the listener sleeps, thousands of these steps could be done: more than queue. */
	test("slow at every step", (struct listener){ .log_every = 1, .step_ns = 20000 }, 10, 4,
	     1600, true);
	test("very slow at progress", (struct listener){ .log_every = 1, .progress_ns = 60000000 },
	     10, 4, 8000, false);
	test("very slow at the end of an epoch",
	     (struct listener){ .log_every = 1, .epoch_ns = 60000000 }, 10, 4, 8000, true);
	/* Two events a step, and more steps in flight than events have room. */
	test("one step an epoch, 1024 slots", (struct listener){ .log_every = 1, .step_ns = 50000 },
	     5000, 1024, 8, false);
	test("with validation", (struct listener){ .log_every = 1, .progress_ns = 60000000 }, 3000,
	     1024, 8, true);
	plait_stop();
	return tap_done();
}
