/* SPDX-License-Identifier: MIT
 * How a run ends before its time: a loss that is not finite, a stop flag, an event handler that
 * says so. */
#include "config.h"
#include "tests/nets.h"

#define WORDS "linear:16 relu linear:4"

/* -- a loss that is not finite ------------------------------------------------------- */

/* With this rate the first update makes the parameters enormous, and the second loss infinite. */
static void test_diverges(enum plait_granularity grain, const char *name, int shards)
{
	static struct losses losses;
	struct samples s = samples_make(200, 6, 4, 0, 1);
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer = trainer_make(net, plait_sgd(1e30), grain, shards);
	struct plait_fit_options options = { .epochs = 2,
					     .loader.batch_size = 10,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = &losses };

	memset(&losses, 0, sizeof losses);
	is_int(plait_fit(trainer, s.set, &options), PLAIT_ENAN,
	       "%s, %d shards, lr 1e30: not finite", name, shards);
	contains(plait_error_message(), "step 2", "in step 2");
	contains(plait_error_message(), "2.linear", "first in the last layer");
	is_int(losses.count, 1, "one step is told before it");
	ok(parameters_finite(trainer) &&
		   parameters_hash(trainer) ==
			   hash_after(WORDS, &s, plait_sgd(1e30), grain, shards, 1),
	   "the parameters are those of step 1");
	is_int(plait_fit(trainer, s.set, &options), PLAIT_ENAN, "going on fails in its first step");
	contains(plait_error_message(), "step 1 ", "which is number 1 of its run");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* The 37th sample is in the fourth batch of ten. */
static void test_bad_input(enum plait_granularity grain, const char *name, int shards, bool targets)
{
	struct samples s = samples_make(100, 6, 4, targets ? 4 : 0, 1);
	struct plait_graph *net = net_make(6, WORDS, targets);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-3), grain, shards);
	struct plait_fit_options options = { .loader.batch_size = 10, .quiet = true };

	if (targets)
		s.targets[36 * 4 + 1] = INFINITY;
	else
		s.x[36 * 6 + 2] = NAN;
	is_int(plait_fit(trainer, s.set, &options), PLAIT_ENAN,
	       "%s, %d shards: a NaN among the data", name, shards);
	contains(plait_error_message(), "step 4", "in step 4");
	contains(plait_error_message(), targets ? "target" : "input", "told what of");
	contains(plait_error_message(), "sample 36", "of sample 36");
	if (!targets)
		ok(parameters_hash(trainer) ==
			   hash_after(WORDS, &s, plait_adam(1e-3), grain, shards, 3),
		   "the parameters are those of step 3");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* A network that starts with an op without parameters: nothing holds its first task back. */
static void test_early_start(void)
{
	struct samples s = samples_make(100, 6, 4, 0, 1);
	struct plait_graph *net = net_make(6, "relu " WORDS, false);
	struct plait_trainer *trainer = trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_OP, 0);
	struct plait_fit_options options = { .loader.batch_size = 10, .quiet = true };

	s.x[55 * 6] = INFINITY;
	is_int(plait_fit(trainer, s.set, &options), PLAIT_ENAN, "relu first: not finite");
	contains(plait_error_message(), "step 6", "in step 6, and not in one that started earlier");
	ok(parameters_finite(trainer), "the parameters are finite");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* -- stopped ------------------------------------------------------------------------- */

struct stopper {
	int64_t stop_at; /* step */
	volatile int flag;
	bool by_event;
	int64_t last; /* step told */
	int events_after;
};

static int stop_event(void *user, const struct plait_event *event)
{
	struct stopper *s = user;

	if (event->kind != PLAIT_EVENT_STEP)
		return 0;
	s->events_after += s->flag;
	s->last = event->step;
	if (event->step >= s->stop_at)
		s->flag = 1;
	return s->by_event && event->step >= s->stop_at;
}

static void test_stop(bool by_event)
{
	struct stopper stopper = { .stop_at = 40, .by_event = by_event };
	struct samples s = samples_make(1000, 6, 4, 0, 1);
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_LAYER, 0);
	struct plait_fit_options options = { .epochs = 1000,
					     .loader.batch_size = 10,
					     .log_every = 1,
					     .on_event = stop_event,
					     .user = &stopper,
					     .stop = by_event ? NULL : &stopper.flag };
	int status = plait_fit(trainer, s.set, &options);

	is_int(status, by_event ? 0 : PLAIT_EINTERRUPTED, "%s stops the run",
	       by_event ? "an event handler" : "the stop flag");
	ok(stopper.last >= 40 && stopper.last < 100000, "at step %lld, well before its end",
	   (long long)stopper.last);
	if (stopper.last <= 100)
		ok(parameters_hash(trainer) == hash_after(WORDS, &s, plait_adam(1e-2),
							  PLAIT_GRANULARITY_LAYER, 0, stopper.last),
		   "the parameters are those of the last step told");
	else
		ok(parameters_finite(trainer), "the parameters are finite");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

static void test_stopped_at_once(void)
{
	static const int flag = 1;
	struct samples s = samples_make(1000, 6, 4, 0, 1);
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_LAYER, 0);
	struct plait_fit_options options = { .epochs = 1000, .quiet = true, .stop = &flag };
	struct plait_metrics metrics;
	float *out = malloc(1000 * 4 * sizeof *out);

	is_int(plait_fit(trainer, s.set, &options), PLAIT_EINTERRUPTED,
	       "a flag that was up before: fit");
	is_int(plait_evaluate(trainer, s.set, &options, &metrics), PLAIT_EINTERRUPTED, "evaluate");
	is_int(plait_predict(trainer, s.set, &options, out), PLAIT_EINTERRUPTED, "predict");
	free(out);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= 3; shards += 2)
		for (int g = 0; g < grains_of(shards); g++) {
			test_diverges(grains[g], grain_name[g], shards);
			test_bad_input(grains[g], grain_name[g], shards, false);
		}
	test_bad_input(PLAIT_GRANULARITY_LAYER, "layer", 2, true);
	test_early_start();
	test_stop(false);
	test_stop(true);
	test_stopped_at_once();
	plait_stop();
	return tap_done();
}
