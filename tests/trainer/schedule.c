/* SPDX-License-Identifier: MIT
 * A schedule has its rate in every step: under every policy, number of workers, granularity and
 * prefetch depth a run has the bits of a loop of one's own that asks for each rate and sets it. */
#include "config.h"
#include "tests/trainer/schedule.h"

static const char *const policies[] = { "eager", "dmdas" };

static const struct tried tried[] = {
	{ "step:2,0.5", 5, { PLAIT_SGD, .lr = 0.2 }, false },
	{ "multistep:1,4", 0, { PLAIT_SGD, .lr = 0.5, .momentum = 0.5 }, true },
	{ "exponential:0.8", 0, { PLAIT_ADAM, .lr = 0.02 }, false },
	{ "linear", 7, { PLAIT_ADAM, .lr = 0.02 }, true },
	{ "cosine:0.001", 11, { PLAIT_ADAMW, .lr = 0.02 }, false },
	{ "cosine-restarts:1,2", 0, { PLAIT_SGD, .lr = 0.5 }, true },
	{ "onecycle:0.05", 0, { PLAIT_ADAM, .lr = 0.001 }, true },
	{ "onecycle:0.5", 0, { PLAIT_SGD, .lr = 0.1, .momentum = 0.9 }, false },
	{ "plateau:0,0.5,threshold=0.05", 3, { PLAIT_SGD, .lr = 0.5 }, true },
	{ "plateau:0,0.5,threshold=0.4", 0, { PLAIT_ADAM, .lr = 0.02 }, false },
	{ "lambda", 4, { PLAIT_SGD, .lr = 0.5 }, false },
};
enum { TRIED = sizeof tried / sizeof *tried };

struct work {
	struct samples train, validation;
	struct rates own[TRIED], rates;
};

/* -- a loop of one's own ------------------------------------------------------------------------
 */

static void set_numbers(struct plait_run *run, const struct tried *t, struct plait_optimizer o,
			const struct plait_schedule_run *at, int64_t step)
{
	struct plait_schedule s = schedule_of(t);

	o.lr = plait_schedule_lr(&s, at, step);
	if (o.kind == PLAIT_SGD && o.momentum > 0)
		o.momentum = plait_schedule_momentum(&s, at, step, o.momentum);
	else if (o.kind != PLAIT_SGD)
		o.beta1 = plait_schedule_momentum(&s, at, step, o.beta1);
	if (plait_run_set_optimizer(run, &o) < 0)
		tap_bail_out("%s", plait_error_message());
}

/* With the defaults of what the table leaves out. */
static struct plait_optimizer optimizer_of(const struct tried *t)
{
	struct plait_optimizer o = t->optimizer.kind == PLAIT_SGD    ? plait_sgd(t->optimizer.lr)
				   : t->optimizer.kind == PLAIT_ADAM ? plait_adam(t->optimizer.lr)
								     : plait_adamw(t->optimizer.lr);

	o.momentum = t->optimizer.momentum;
	return o;
}

static void end_epoch(struct work *work, struct plait_trainer *trainer, struct plait_run *run,
		      const struct tried *t, struct plait_schedule_run *at, struct rates *rates)
{
	struct plait_fit_options options = { .loader.batch_size = BATCH };
	struct plait_schedule s = schedule_of(t);
	struct losses *l = &rates->losses;

	if (plait_run_wait(run) < 0 || plait_run_metrics(run, &l->train) < 0)
		tap_bail_out("%s", plait_error_message());
	l->train_loss = plait_metrics_loss(&l->train);
	if (t->validates &&
	    plait_evaluate(trainer, work->validation.set, &options, &l->validation) < 0)
		tap_bail_out("%s", plait_error_message());
	if (t->validates)
		l->validation_loss = plait_metrics_loss(&l->validation);
	plait_schedule_epoch(&s, at, t->validates ? l->validation_loss : l->train_loss);
	rates->epoch_lr[l->epochs++] = rates->lr[l->count - 1];
}

static void loop(struct work *work, const struct tried *t, struct rates *rates)
{
	struct plait_graph *net = branching_net(6, 4);
	struct plait_optimizer o = optimizer_of(t);
	struct plait_trainer *trainer = trainer_make(net, o, PLAIT_GRANULARITY_LAYER, 1);
	struct plait_run_options options = { .loader = { .batch_size = BATCH, .shuffle = true } };
	struct plait_schedule_run at = { .lr = o.lr, .epoch_steps = BATCHES, .total_steps = STEPS };
	struct plait_schedule s = schedule_of(t);
	struct losses *l = &rates->losses;
	struct plait_run *run = NULL;

	if (plait_run_open(&run, trainer, work->train.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	while (l->count < STEPS) {
		set_numbers(run, t, o, &at, l->count);
		rates->lr[l->count] = plait_schedule_lr(&s, &at, l->count);
		if (plait_run_step(run) != 0)
			continue; /* an epoch ends: the same step once more */
		l->count++;
		plait_run_loss(run, l->count, &l->loss[l->count - 1]);
		if (l->count % BATCHES == 0)
			end_epoch(work, trainer, run, t, &at, rates);
	}
	plait_run_close(run);
	rates->hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* -- plait_fit ----------------------------------------------------------------------------------
 */

static void fit(struct work *work, const struct tried *t, enum plait_granularity grain,
		int prefetch, struct rates *rates)
{
	struct plait_graph *net = branching_net(6, 4);
	struct plait_trainer *trainer = trainer_make(net, optimizer_of(t), grain, 1);
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader.shuffle = true,
					     .loader.prefetch = prefetch,
					     .validation =
						     t->validates ? work->validation.set : NULL };

	memset(rates, 0, sizeof *rates);
	fit_on(trainer, t, work->train.set, options, rates);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* Half of the ways to save time, and others under the next policy or with one more worker; on a
 * GPU, which may be the host's, one depth. */
static void test_all(struct work *work, const char *policy, int cpus)
{
	int last = plait_cuda_workers() > 0 ? 2 : 9;

	for (int i = 0; i < TRIED; i++) {
		int differ = 0, runs = 0;

		for (int g = 0; g < grains_of(1); g++)
			for (int prefetch = 2; prefetch <= last; prefetch += 7) {
				if (last > 2 && (g + cpus + prefetch) % 2 == 0)
					continue;
				fit(work, &tried[i], grains[g], prefetch, &work->rates);
				differ += !rates_equal(&work->rates, &work->own[i]);
				runs++;
			}
		is_int(differ, 0,
		       "%s, %d CPU workers, \"%s\", warm-up %d: %d runs with the bits of a loop",
		       policy, cpus, tried[i].word, (int)tried[i].warmup, runs);
	}
}

/* The comparison must be able to fail, and plateaus must be some. */
static void test_rates(const struct work *work)
{
	for (int i = 0; i < TRIED; i++) {
		const struct rates *own = &work->own[i];
		int changes = 0;

		for (int t = 1; t < STEPS; t++)
			changes += own->lr[t] != own->lr[t - 1];
		ok(changes >= 2, "\"%s\": the rate changes %d times", tried[i].word, changes);
		ok(own->losses.loss[STEPS - 1] < own->losses.loss[0],
		   "\"%s\": the loss falls from %g to %g", tried[i].word,
		   (double)own->losses.loss[0], (double)own->losses.loss[STEPS - 1]);
		for (int j = 0; j < i; j++)
			ok(own->hash != work->own[j].hash, "\"%s\" and \"%s\" train otherwise",
			   tried[i].word, tried[j].word);
	}
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	work->train = samples_make(SAMPLES, 6, 4, 0, 1);
	work->validation = samples_make(VALIDATION, 6, 4, 0, 2);
	for (size_t p = 0; p < sizeof policies / sizeof *policies; p++)
		for (int cpus = 1; cpus <= 2; cpus++) {
			if (plait_start(&(struct plait_start_options){ .policy = policies[p],
								       .cpu_workers = cpus }) < 0)
				tap_bail_out("%s", plait_error_message());
			for (int i = 0; i < TRIED && work->own[i].losses.count == 0; i++)
				loop(work, &tried[i], &work->own[i]);
			test_all(work, policies[p], cpus);
			plait_stop();
		}
	test_rates(work);
	samples_free(&work->train);
	samples_free(&work->validation);
	free(work);
	return tap_done();
}
