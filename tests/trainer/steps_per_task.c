/* SPDX-License-Identifier: MIT
 * Tasks that compute several steps: whatever their number, each step is told by itself, and losses
 * and parameters have the bits of one step a task. */
#include "config.h"
#include "tests/nets.h"

#define WORDS "linear:16 relu linear:4"
#define BATCH 10

/* 21 batches, the last of 3 samples; 6 batches of validation, the last of 7. */
enum { SAMPLES = 203, VALIDATION = 57, EPOCHS = 3, BATCHES = 21 };

struct work {
	struct samples train, validation;
	struct losses control, losses;
	uint64_t hash; /* of the parameters of control */
	double seconds[EPOCHS * BATCHES];
};

static struct plait_trainer_options grain_of(int steps)
{
	return (struct plait_trainer_options){
		.optimizer = plait_adam(1e-2),
		.granularity = steps > 1 ? PLAIT_GRANULARITY_RUN : PLAIT_GRANULARITY_STEP,
		.steps_per_task = steps > 1 ? steps : 0,
		.seed = 7,
	};
}

static struct plait_trainer *create(struct plait_graph *net, struct plait_trainer_options options)
{
	struct plait_trainer *trainer = NULL;

	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return trainer;
}

static void release(struct plait_graph *net, struct plait_trainer *trainer)
{
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* Trains by options, which lack data and events; returns the status. */
static int train(struct work *work, int steps, struct plait_fit_options options,
		 struct losses *losses, uint64_t *hash)
{
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer = create(net, grain_of(steps));
	int status;

	memset(losses, 0, sizeof *losses);
	options.loader.batch_size = BATCH;
	options.loader.shuffle = true;
	options.validation = work->validation.set;
	options.log_every = 1;
	options.on_event = losses_take;
	options.user = losses;
	status = plait_fit(trainer, work->train.set, &options);
	*hash = parameters_hash(trainer);
	release(net, trainer);
	return status;
}

/* -- bits ------------------------------------------------------------------------------- */

static void test_bits(struct work *work)
{
	static const int steps[] = { 2, 3, 5, 21, 1000 };
	uint64_t hash;

	train(work, 1, (struct plait_fit_options){ .epochs = EPOCHS }, &work->control, &work->hash);
	is_int(work->control.count, EPOCHS * BATCHES, "one step a task: all are told");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		for (int prefetch = 2; prefetch <= 6; prefetch += 4)
			for (int chunk = 0; chunk <= 7; chunk += 7) {
				train(work, steps[i],
				      (struct plait_fit_options){ .epochs = EPOCHS,
								  .loader.prefetch = prefetch,
								  .loader.chunk = chunk },
				      &work->losses, &hash);
				ok(losses_equal(&work->losses, &work->control) &&
					   hash == work->hash,
				   "%d steps a task, prefetch %d, chunk %d: the same bits",
				   steps[i], prefetch, chunk);
			}
}

/* -- every step is told ------------------------------------------------------------------ */

static void test_told(struct work *work)
{
	uint64_t hash;
	int wrong = 0;

	for (int i = 0; i < EPOCHS * BATCHES; i++)
		work->seconds[i] = -1;
	train(work, 4,
	      (struct plait_fit_options){ .steps = EPOCHS * BATCHES,
					  .step_seconds = work->seconds },
	      &work->losses, &hash);
	for (int i = 0; i < work->losses.count; i++)
		wrong += work->losses.step[i] != i + 1;
	is_int(wrong, 0, "steps are told in order");
	for (int i = 0; i < EPOCHS * BATCHES; i++)
		wrong += work->seconds[i] < (i > 0 ? work->seconds[i - 1] : 0);
	is_int(wrong, 0, "and none ends before the one before it");
	is_int(work->losses.train.samples, SAMPLES, "the samples of an epoch are counted");
	is_int(work->losses.train.load.batches, BATCHES, "and its batches");
	is_int(work->losses.validation.steps, 6, "those of validation as well");
}

/* A limit within a task's steps. */
static void test_limit(struct work *work)
{
	uint64_t hash, control;

	for (int limit = 1; limit <= 2 * BATCHES; limit += 5) {
		train(work, 1, (struct plait_fit_options){ .steps = limit }, &work->control,
		      &control);
		train(work, 4, (struct plait_fit_options){ .steps = limit }, &work->losses, &hash);
		ok(work->losses.count == limit && losses_equal(&work->losses, &work->control) &&
			   hash == control,
		   "a run of %d steps ends with this step", limit);
	}
}

struct stopper {
	struct losses losses;
	volatile int stop;
	int64_t at;
};

static int stop_at(void *user, const struct plait_event *event)
{
	struct stopper *s = user;

	losses_take(&s->losses, event);
	s->stop |= event->kind == PLAIT_EVENT_STEP && event->step >= s->at;
	return 0;
}

/* Whichever step the run ends with, its parameters are those after so many steps. */
static void test_stop(struct work *work)
{
	static struct stopper s;
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer = create(net, grain_of(5));
	struct plait_fit_options options = { .epochs = 200,
					     .loader = { .batch_size = BATCH, .shuffle = true },
					     .log_every = 1,
					     .on_event = stop_at,
					     .user = &s,
					     .stop = &s.stop };
	struct plait_graph *again = net_make(6, WORDS, false);
	struct plait_trainer *control = create(again, grain_of(1));

	s = (struct stopper){ .at = 13 };
	is_int(plait_fit(trainer, work->train.set, &options), PLAIT_EINTERRUPTED, "stopped");
	is_int(plait_trainer_steps(trainer), s.losses.count, "after the steps that were told");
	ok(s.losses.count >= 13, "not before the stop");
	options = (struct plait_fit_options){ .steps = s.losses.count,
					      .loader = options.loader,
					      .quiet = true };
	plait_fit(control, work->train.set, &options);
	ok(parameters_hash(trainer) == parameters_hash(control),
	   "with the parameters after so many steps");
	release(net, trainer);
	release(again, control);
}

/* -- evaluating and predicting ------------------------------------------------------------- */

static void test_forward(struct work *work)
{
	static float out[2][SAMPLES * 4];
	struct plait_metrics metrics[2];
	struct plait_fit_options options = { .loader.batch_size = BATCH };

	for (int i = 0; i < 2; i++) {
		struct plait_graph *net = net_make(6, WORDS, false);
		struct plait_trainer *trainer = create(net, grain_of(i ? 4 : 1));

		is_int(plait_evaluate(trainer, work->train.set, &options, &metrics[i]), 0,
		       "evaluates");
		is_int(plait_predict(trainer, work->train.set, &options, out[i]), 0, "predicts");
		release(net, trainer);
	}
	ok(memcmp(out[0], out[1], sizeof out[0]) == 0, "every output is the same");
	ok(memcmp(&metrics[0].loss_sum, &metrics[1].loss_sum, sizeof(double)) == 0 &&
		   metrics[0].correct == metrics[1].correct && metrics[1].samples == SAMPLES,
	   "and so are loss and right answers");
}

/* -- auto --------------------------------------------------------------------------------- */

static int submitted(void *user, const struct plait_submitted *step)
{
	int64_t *steps = user;

	return step->step == ++*steps ? 0 : -1;
}

/* What --print-plan shows of the granularity. */
static void plan_of(struct plait_dataset *set, enum plait_granularity grain,
		    struct plait_fit_options options, char text[256])
{
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer_options o = grain_of(9);
	struct plait_trainer *trainer;
	FILE *file = tmpfile();

	o.granularity = grain;
	trainer = create(net, o);
	options.loader.batch_size = BATCH;
	options.print_plan = file;
	options.quiet = true;
	is_int(plait_fit(trainer, set, &options), 0, "a run whose plan is printed");
	rewind(file);
	if (!fgets(text, 256, file))
		*text = '\0';
	fclose(file);
	release(net, trainer);
}

static int make_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	(void)user;
	(void)key;
	(void)target;
	for (int i = 0; i < 6; i++)
		((float *)x)[i] = (float)(index % 7);
	*label = (int32_t)(index % 4);
	return 0;
}

static void test_auto(struct work *work)
{
	struct plait_dataset_info info = { .spec = "made",
					   .samples = SAMPLES,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 6 },
					   .classes = 4 };
	struct plait_dataset *made = NULL;
	int64_t steps = 0;
	char text[256];

	if (plait_dataset_from_callback(&made, &info, make_sample, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	plan_of(work->train.set, PLAIT_GRANULARITY_RUN, (struct plait_fit_options){ 0 }, text);
	contains(text, "granularity run:9,", "as many steps a task as were asked for");
	plan_of(work->train.set, PLAIT_GRANULARITY_RUN,
		(struct plait_fit_options){ .on_submit = submitted, .submit_user = &steps }, text);
	contains(text, "granularity step,", "whoever is told of each step has each by itself");
	is_int(steps, BATCHES, "all were told");
	plan_of(made, PLAIT_GRANULARITY_AUTO, (struct plait_fit_options){ 0 }, text);
	contains(text, "granularity step,", "auto: nobody knows how long a function takes");
	plan_of(work->train.set, PLAIT_GRANULARITY_AUTO,
		(struct plait_fit_options){ .loader.load_delay = 1e-6 }, text);
	contains(text, "granularity step,", "nor whether it is to be delayed");
	plan_of(work->train.set, PLAIT_GRANULARITY_AUTO,
		(struct plait_fit_options){ .overlap = PLAIT_OVERLAP_LOAD }, text);
	contains(text, "granularity step,", "nor where the phases of a step are kept apart");
	plan_of(work->train.set, PLAIT_GRANULARITY_AUTO, (struct plait_fit_options){ 0 }, text);
	contains(text, plait_cuda_workers() > 0 ? "granularity step," : "granularity run:7,",
		 "a third of the batches, as the limit is 9, on a CPU");
	plait_dataset_destroy(made);
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	work->train = samples_make(SAMPLES, 6, 4, 0, 1);
	work->validation = samples_make(VALIDATION, 6, 4, 0, 2);
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_bits(work);
	test_told(work);
	test_limit(work);
	test_stop(work);
	test_forward(work);
	test_auto(work);
	plait_stop();
	samples_free(&work->train);
	samples_free(&work->validation);
	free(work);
	return tap_done();
}
