/* SPDX-License-Identifier: MIT
 * A run whose steps a program drives: its losses are plait_fit's, the learning rate changes from a
 * step on, and what may be done between steps. */
#include "config.h"
#include "tests/files.h"
#include "tests/trainer/run.h"

#include <unistd.h>

/* -- losses ------------------------------------------------------------------------------ */

static void test_losses(enum plait_granularity grain, const char *name, int shards)
{
	static struct losses fitted;
	struct job a = job_make(200, plait_adam(1e-2), grain, shards), b = a;
	struct plait_loader_options loader = { .batch_size = 32, .shuffle = true, .seed = 3 };
	struct plait_fit_options fit = { .epochs = 3,
					 .loader = loader,
					 .log_every = 1,
					 .on_event = losses_take,
					 .user = &fitted };
	struct plait_run *run;
	struct plait_metrics metrics;
	bool equal = true;
	float loss;

	b = job_make(200, plait_adam(1e-2), grain, shards);
	memset(&fitted, 0, sizeof fitted);
	plait_fit(a.trainer, a.s.set, &fit);
	run = open_run(&b, (struct plait_run_options){ .loader = loader });
	for (int e = 0; e < 3; e++)
		is_int(step_on(run, 100), PLAIT_END, "%s, %d shards: epoch %d ends", name, shards,
		       e + 1);
	is_int(plait_run_submitted(run), 21, "seven steps an epoch");
	for (int i = 0; i < 21; i++)
		equal &= plait_run_loss(run, i + 1, &loss) == 0 &&
			 memcmp(&loss, &fitted.loss[i], sizeof loss) == 0;
	ok(equal, "the losses are those of plait_fit, bit for bit");
	is_int(plait_run_wait(run), 0, "waiting");
	is_int(plait_run_done(run), 21, "all are done");
	is_int(plait_run_metrics(run, &metrics), 0, "metrics");
	is_int(metrics.samples, 600, "of all samples");
	plait_run_metrics(run, &metrics);
	is_int(metrics.steps, 0, "and of none twice");
	is_int(plait_run_close(run), 0, "closed");
	ok(parameters_hash(a.trainer) == parameters_hash(b.trainer), "so are the parameters");
	is_int(plait_trainer_steps(b.trainer), 21, "the trainer has counted them");
	job_free(&a);
	job_free(&b);
}

/* Adam's numbers depend on how many updates there were. */
static void test_goes_on(void)
{
	struct job a = job_make(200, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct job b = job_make(200, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_fit_options fit = { .epochs = 2, .loader.batch_size = 20, .quiet = true };
	struct plait_run_options options = { .loader.batch_size = 20 };
	struct plait_run *run;

	plait_fit(a.trainer, a.s.set, &fit);
	plait_fit(a.trainer, a.s.set, &fit);
	plait_fit(b.trainer, b.s.set, &fit);
	run = open_run(&b, options);
	step_on(run, 11);
	step_on(run, 11);
	is_int(plait_run_close(run), 0, "closed without a wait before");
	ok(parameters_hash(a.trainer) == parameters_hash(b.trainer),
	   "a run goes on where plait_fit ended");
	job_free(&a);
	job_free(&b);
}

/* -- the learning rate ------------------------------------------------------------------- */

/* Ten steps at one rate and ten at another are two trainings of plait_fit, the second of which
 * begins with the parameters of the first. */
static void test_learning_rate(enum plait_granularity grain, const char *name, double decay)
{
	struct job whole = job_make(200, plait_sgd(0.1), grain, 0);
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *first = trainer_make(net, plait_sgd(0.1), grain, 0), *second;
	struct plait_run *run;
	struct plait_optimizer later = plait_sgd(0.025), momentum = plait_sgd(0.1);
	struct plait_tensor x = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { 100, 6 }, .data = whole.s.x
	};
	struct plait_tensor y = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { 100 }, .data = whole.s.labels
	};
	struct plait_fit_options fit = { .loader.batch_size = 10, .quiet = true };
	struct plait_dataset *half = NULL;
	const char *path = files_path("weights.safetensors");

	later.weight_decay = decay;
	momentum.momentum = 0.9;
	plait_dataset_from_memory(&half, &x, &y, 4);
	plait_fit(first, half, &fit);
	plait_trainer_save(first, path);
	plait_trainer_destroy(first);
	plait_dataset_destroy(half);
	second = trainer_make(net, later, grain, 0);
	plait_trainer_load(second, path);
	x.data = whole.s.x + 100 * 6;
	y.data = whole.s.labels + 100;
	plait_dataset_from_memory(&half, &x, &y, 4);
	plait_fit(second, half, &fit);

	run = open_run(&whole, (struct plait_run_options){ .loader.batch_size = 10 });
	step_on(run, 10);
	is_int(decay > 0 ? plait_run_set_optimizer(run, &later) : plait_run_set_lr(run, 0.025), 0,
	       "%s: another learning rate, weight decay %g", name, decay);
	refused(plait_run_set_optimizer(run, &momentum), PLAIT_EINVAL, "momentum",
		"a momentum where there was none");
	refused(plait_run_set_lr(run, -1), PLAIT_EINVAL, "lr", "a negative one");
	refused(plait_run_set_lr(run, NAN), PLAIT_EINVAL, "lr", "none");
	step_on(run, 10);
	plait_run_close(run);
	ok(parameters_hash(whole.trainer) == parameters_hash(second),
	   "the steps submitted before have the old rate, those after it the new one");
	plait_dataset_destroy(half);
	plait_trainer_destroy(second);
	plait_graph_destroy(net);
	job_free(&whole);
	unlink(path);
}

/* -- between steps ----------------------------------------------------------------------- */

static void test_between(enum plait_granularity grain, const char *name)
{
	struct job a = job_make(200, plait_adam(1e-2), grain, 2);
	struct job b = job_make(200, plait_adam(1e-2), grain, 2);
	struct plait_run_options options = { .loader.batch_size = 20 };
	struct plait_fit_options whole = { .loader.batch_size = 50 };
	struct plait_run *run = open_run(&a, options), *second = NULL;
	struct plait_metrics beside, after;
	const char *path = files_path("between.safetensors");
	float out[200 * 4], again[200 * 4];

	step_on(run, 7);
	is_int(plait_evaluate(a.trainer, a.s.set, &whole, &beside), 0, "%s: evaluate", name);
	is_int(plait_predict(a.trainer, a.s.set, &whole, out), 0, "predict");
	is_int(plait_trainer_save(a.trainer, path), 0, "save");
	refused(plait_fit(a.trainer, a.s.set, NULL), PLAIT_ESTATE, "open run", "plait_fit");
	refused(plait_run_open(&second, a.trainer, a.s.set, NULL), PLAIT_ESTATE, "open run",
		"a second run");
	step_on(run, 3);
	plait_run_close(run);
	is_int(plait_trainer_load(b.trainer, path), 0, "what was saved");
	plait_evaluate(b.trainer, b.s.set, &whole, &after);
	plait_predict(b.trainer, b.s.set, &whole, again);
	is_near(plait_metrics_loss(&beside), plait_metrics_loss(&after), 0,
		"the loss is that after the seventh step");
	ok(memcmp(out, again, sizeof out) == 0, "and so are the outputs");
	/* Going on in b repeats what a did after it: SGD would, Adam's state is not saved. */
	ok(parameters_hash(a.trainer) != parameters_hash(b.trainer), "the steps went on");
	run = open_run(&a, options);
	step_on(run, 5);
	is_int(plait_trainer_load(a.trainer, path), 0, "load");
	is_int(plait_run_wait(run), 0, "wait");
	ok(parameters_hash(a.trainer) == parameters_hash(b.trainer), "the parameters of the file");
	plait_run_close(run);
	job_free(&a);
	job_free(&b);
	unlink(path);
}

/* What a program writes into a parameter is what the next step reads. */
static void test_written(void)
{
	struct job job = job_make(200, plait_sgd(0.5), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_run *run = open_run(&job, (struct plait_run_options){ 0 });
	struct plait_tensor tensor;
	float loss = -1;

	step_on(run, 3);
	plait_run_wait(run);
	for (int i = 0; i < plait_trainer_parameters(job.trainer); i++) {
		plait_trainer_parameter(job.trainer, i, &tensor);
		memset(tensor.data, 0,
		       (size_t)plait_shape_elements(tensor.ndim, tensor.dim) * sizeof(float));
	}
	step_on(run, 1);
	plait_run_loss(run, 4, &loss);
	is_near(loss, log(4), 1e-6, "of zeros the loss is log 4"); /* one rounding of a float */
	plait_run_close(run);
	job_free(&job);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= 3; shards += 2)
		for (int g = 0; g < grains_of(shards); g++)
			test_losses(grains[g], grain_name[g], shards);
	test_goes_on();
	for (int g = 0; g < grains_of(1); g++) {
		test_learning_rate(grains[g], grain_name[g], 0);
		test_learning_rate(grains[g], grain_name[g], 0.1);
	}
	for (int g = 0; g < grains_of(2); g++)
		test_between(grains[g], grain_name[g]);
	test_written();
	plait_stop();
	return tap_done();
}
