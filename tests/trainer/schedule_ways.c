/* SPDX-License-Identifier: MIT
 * Schedules in all the ways in which a training can go: in parts of a batch, by accumulated
 * batches, in replicas, in a pool, with validation beside it, in several calls, cut short, and
 * wrong. */
#include "config.h"
#include "tests/trainer/schedule.h"

static struct samples train, validation;
static struct rates a, b;

static struct plait_trainer *create(struct plait_graph *net, struct plait_optimizer optimizer,
				    struct plait_trainer_options options)
{
	struct plait_trainer *trainer = NULL;

	options.optimizer = optimizer;
	options.seed = 7;
	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return trainer;
}

/* One training, from the beginning. */
static void run(const struct tried *t, struct plait_trainer_options how,
		struct plait_fit_options options, struct rates *rates)
{
	struct plait_graph *net = branching_net(6, 4);
	struct plait_trainer *trainer = create(net, t->optimizer, how);

	memset(rates, 0, sizeof *rates);
	if (t->validates)
		options.validation = validation.set;
	fit_on(trainer, t, train.set, options, rates);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* How many of the rates that were told are not the schedule's. */
static int wrong_rates(const struct tried *t, int64_t epoch_steps, int64_t total, int64_t first,
		       const struct rates *rates)
{
	struct plait_schedule s = schedule_of(t);
	struct plait_schedule_run at = { .lr = t->optimizer.lr,
					 .epoch_steps = epoch_steps,
					 .total_steps = total };
	int wrong = 0;

	for (int i = 0; i < rates->losses.count; i++) {
		double lr = plait_schedule_lr(&s, &at, first + i);

		wrong += memcmp(&lr, &rates->lr[i], sizeof lr) != 0;
	}
	return wrong;
}

/* -- parts of a batch ---------------------------------------------------------------------------
 */

/* N shards, N replicas, N microbatches and N accumulated batches of an N-th are the same training:
 * a step is an update. */
static void test_parts(void)
{
	static const struct tried tried[] = {
		{ "cosine", 9, { PLAIT_ADAM, .lr = 0.02 }, false },
		{ "step:2,0.5", 0, { PLAIT_SGD, .lr = 0.5, .momentum = 0.5 }, true },
		{ "onecycle:0.05", 0, { PLAIT_ADAM, .lr = 0.001 }, false },
		{ "plateau:0,0.5,threshold=0.2", 0, { PLAIT_SGD, .lr = 0.5 }, true },
	};
	const struct plait_fit_options whole = { .epochs = EPOCHS };
	const struct plait_fit_options half = { .epochs = EPOCHS, .loader.batch_size = BATCH / 2 };

	for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
		const struct tried *t = &tried[i];

		run(t, (struct plait_trainer_options){ .shards = 2 }, whole, &a);
		is_int(a.losses.count, STEPS, "%s: all steps of 2 shards are told", t->word);
		run(t, (struct plait_trainer_options){ .microbatches = 2 }, whole, &b);
		ok(rates_equal(&a, &b), "%s: 2 microbatches have the same bits", t->word);
		run(t, (struct plait_trainer_options){ .replicas = 2, .bucket_bytes = 64 }, whole,
		    &b);
		ok(rates_equal(&a, &b), "%s: 2 replicas, too", t->word);
		/* Validation has batches of its own size, and adds its losses up in another order.
		 */
		if (t->validates)
			continue;
		run(t, (struct plait_trainer_options){ .accumulate = 2 }, half, &b);
		ok(rates_equal(&a, &b), "%s: 2 batches of an update, too", t->word);
		is_int(wrong_rates(t, BATCHES, STEPS, 0, &b), 0, "%s: its rates count updates",
		       t->word);
	}
}

/* -- validation beside training -----------------------------------------------------------------
 */

static void test_overlapped(void)
{
	const struct tried t = { "multistep:2,4,gamma=0.3", 3, { PLAIT_ADAM, .lr = 0.02 }, true };
	const struct tried plateau = { "plateau", 0, { PLAIT_ADAM, .lr = 0.02 }, true };
	struct plait_fit_options options = { .epochs = EPOCHS };

	run(&t, (struct plait_trainer_options){ 0 }, options, &a);
	is_int(wrong_rates(&t, BATCHES, STEPS, 0, &a), 0, "validated after each epoch: rates");
	options.overlap_validation = true;
	run(&t, (struct plait_trainer_options){ 0 }, options, &b);
	ok(rates_equal(&a, &b), "and beside the next one: all numbers are the same");
	run(&plateau, (struct plait_trainer_options){ 0 }, options, &b);
	is_int(b.status, PLAIT_EINVAL, "a plateau cannot wait for what comes later");
	contains(b.message, "a plateau waits for the loss of validation", "and says so");
}

/* -- several calls, and a limit -----------------------------------------------------------------
 */

/* Ends a call when three epochs are told. */
static int stop_after(void *user, const struct plait_event *event)
{
	rates_take(user, event);
	return event->kind == PLAIT_EVENT_EPOCH && event->epoch == 3;
}

/* Two calls are one training: without shuffling they have its bits. */
static void test_calls(void)
{
	static const struct tried tried[] = {
		{ "cosine:total_steps=72", 9, { PLAIT_ADAM, .lr = 0.02 }, false },
		{ "step:2,0.5", 20, { PLAIT_SGD, .lr = 0.5, .momentum = 0.5 }, false },
		{ "onecycle:0.05,total_steps=72", 0, { PLAIT_ADAM, .lr = 0.001 }, false },
		{ "plateau:1,0.5,threshold=0.2", 0, { PLAIT_SGD, .lr = 0.5 }, true },
		{ "plateau:0,0.5,threshold=0.3,cooldown=1", 0, { PLAIT_SGD, .lr = 0.5 }, false },
	};

	for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
		const struct tried *t = &tried[i];
		struct plait_graph *net = branching_net(6, 4);
		struct plait_trainer *trainer =
			create(net, t->optimizer, (struct plait_trainer_options){ 0 });
		struct plait_fit_options options = { .validation =
							     t->validates ? validation.set : NULL };

		memset(&b, 0, sizeof b);
		for (int epochs = 1; epochs <= 3; epochs++) {
			options.epochs = epochs;
			fit_on(trainer, t, train.set, options, &b);
		}
		plait_trainer_destroy(trainer);
		plait_graph_destroy(net);
		run(t, (struct plait_trainer_options){ 0 },
		    (struct plait_fit_options){ .epochs = EPOCHS }, &a);
		is_int(b.losses.count, STEPS, "%s: three calls have as many steps", t->word);
		ok(rates_equal(&a, &b), "%s: they have the bits of one", t->word);
	}
}

enum { MANY = 300 * BATCHES }; /* steps */

/* What was stopped goes on where it was: its end is that of the training. */
static void test_stopped(void)
{
	const struct tried t = { "linear", 0, { PLAIT_SGD, .lr = 0.5 }, false };
	struct plait_graph *net = branching_net(6, 4);
	struct plait_trainer *trainer =
		create(net, t.optimizer, (struct plait_trainer_options){ 0 });
	/* So slow that it cannot be over before it is stopped. */
	struct plait_fit_options options = { .epochs = MANY / BATCHES,
					     .schedule = plait_linear_lr(1, 0),
					     .loader.batch_size = BATCH,
					     .loader.load_delay = 0.5e-3,
					     .log_every = 1,
					     .on_event = stop_after,
					     .user = &a };
	int64_t done;

	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	is_int(plait_fit(trainer, train.set, &options), 0, "a handler stops a run");
	done = plait_trainer_steps(trainer);
	ok(done >= 3 * BATCHES && done < MANY, "it ends after %d steps", (int)done);
	is_int(wrong_rates(&t, BATCHES, MANY, 0, &a), 0, "rates were those of the whole");
	options = (struct plait_fit_options){ .steps = MANY - done };
	fit_on(trainer, &t, train.set, options, &b);
	is_int(b.losses.count, MANY - done, "the rest is done");
	is_int(wrong_rates(&t, BATCHES, MANY, done, &b), 0, "and has the rest of the rates");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static void test_limit(void)
{
	const struct tried t = { "cosine", 0, { PLAIT_ADAM, .lr = 0.02 }, false };
	const struct tried plateau = {
		"plateau:0,0.5,threshold=0.4", 0, { PLAIT_SGD, .lr = 0.5 }, false
	};

	run(&t, (struct plait_trainer_options){ 0 },
	    (struct plait_fit_options){ .epochs = EPOCHS, .steps = 30 }, &a);
	is_int(a.losses.count, 30, "a limit cuts a run in an epoch");
	is_int(wrong_rates(&t, BATCHES, 30, 0, &a), 0, "and is where the cosine ends");
	run(&t, (struct plait_trainer_options){ 0 }, (struct plait_fit_options){ .steps = 30 }, &b);
	ok(rates_equal(&a, &b), "so it is without a number of epochs");
	run(&plateau, (struct plait_trainer_options){ 0 },
	    (struct plait_fit_options){ .steps = 60 }, &a);
	is_int(a.losses.count, 60, "a plateau has a limit, too");
}

/* -- a pool -------------------------------------------------------------------------------------
 */

enum { MEMBERS = 4 };

static void test_pool(void)
{
	static const struct tried tried[MEMBERS] = {
		{ "plateau:0,0.5,threshold=0.2", 0, { PLAIT_SGD, .lr = 0.5 }, true },
		{ "cosine", 5, { PLAIT_ADAM, .lr = 0.02 }, true },
		{ "constant", 0, { PLAIT_ADAM, .lr = 0.01 }, true },
		{ "plateau:1,0.1", 0, { PLAIT_ADAM, .lr = 0.02 }, true },
	};
	static struct rates rates[MEMBERS];
	struct plait_pool_member member[MEMBERS];
	struct plait_fit_options options[MEMBERS];
	struct plait_graph *net[MEMBERS];
	struct plait_trainer *trainer;

	for (int i = 0; i < MEMBERS; i++) {
		net[i] = branching_net(6, 4);
		options[i] = (struct plait_fit_options){ .epochs = EPOCHS,
							 .loader.batch_size = BATCH,
							 .loader.prefetch = 3,
							 .schedule = schedule_of(&tried[i]),
							 .validation = validation.set,
							 .log_every = 1,
							 .on_event = rates_take,
							 .user = &rates[i] };
		trainer = create(net[i], tried[i].optimizer, (struct plait_trainer_options){ 0 });
		member[i] = (struct plait_pool_member){ .trainer = trainer,
							.dataset = train.set,
							.options = &options[i] };
	}
	is_int(plait_pool_run(member, MEMBERS), 0, "a pool of schedules trains");
	for (int i = 0; i < MEMBERS; i++) {
		rates[i].hash = parameters_hash(member[i].trainer);
		run(&tried[i], (struct plait_trainer_options){ 0 },
		    (struct plait_fit_options){ .epochs = EPOCHS }, &a);
		ok(rates_equal(&a, &rates[i]), "%s: the member has the bits that it has alone",
		   tried[i].word);
		plait_trainer_destroy(member[i].trainer);
		plait_graph_destroy(net[i]);
	}
}

/* -- what is wrong ------------------------------------------------------------------------------
 */

static double breaks(int64_t step, void *user)
{
	return step < 17 ? 1 : *(const double *)user;
}

static void test_wrong(void)
{
	const struct tried cycle = { "onecycle:0.5", 0, { PLAIT_SGD, .lr = 0.5 }, false };
	const struct tried kept = {
		"onecycle:0.5,cycle_momentum=0", 0, { PLAIT_SGD, .lr = 0.5 }, false
	};
	double bad[] = { NAN, -1, INFINITY };

	run(&cycle, (struct plait_trainer_options){ 0 }, (struct plait_fit_options){ 0 }, &a);
	is_int(a.status, PLAIT_EINVAL, "one cycle needs a momentum");
	contains(a.message, "the optimizer has none", "and says so");
	run(&kept, (struct plait_trainer_options){ 0 }, (struct plait_fit_options){ 0 }, &a);
	is_int(a.status, 0, "unless it leaves it alone");
	for (int i = 0; i < 3; i++) {
		struct plait_graph *net = branching_net(6, 4);
		struct plait_trainer *trainer =
			create(net, plait_sgd(0.1), (struct plait_trainer_options){ 0 });
		struct plait_fit_options options = { .epochs = EPOCHS,
						     .loader.batch_size = BATCH,
						     .schedule = plait_lambda_lr(breaks, &bad[i]),
						     .quiet = true };

		refused(plait_fit(trainer, train.set, &options), PLAIT_EINVAL,
			"the learning rate of step 18 is ", "a function that gives no rate");
		is_int(plait_trainer_steps(trainer), 17, "the steps before are done");
		options.schedule = (struct plait_schedule){ 0 };
		is_int(plait_fit(trainer, train.set, &options), 0, "and it can be trained on");
		plait_trainer_destroy(trainer);
		plait_graph_destroy(net);
	}
}

/* Where there is none nothing changes: the optimizer's rate is told. */
static void test_none(void)
{
	const struct tried t = { "constant", 0, { PLAIT_ADAM, .lr = 0.02 }, false };
	int wrong = 0;

	run(&t, (struct plait_trainer_options){ 0 }, (struct plait_fit_options){ .epochs = 2 }, &a);
	for (int i = 0; i < a.losses.count; i++)
		wrong += a.lr[i] != 0.02;
	ok(wrong == 0 && a.epoch_lr[1] == 0.02, "without a schedule the optimizer's rate is told");
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	train = samples_make(SAMPLES, 6, 4, 0, 1);
	validation = samples_make(VALIDATION, 6, 4, 0, 2);
	test_parts();
	test_overlapped();
	test_calls();
	test_stopped();
	test_limit();
	test_pool();
	test_wrong();
	test_none();
	samples_free(&train);
	samples_free(&validation);
	plait_stop();
	return tap_done();
}
