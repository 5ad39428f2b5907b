/* SPDX-License-Identifier: MIT
 * Rows of tests/api_null.c for trainers. */
#include "config.h"
#include "tests/api_null.h"
#include "tests/files.h"

static void count_codelet(void *user, const char *symbol, const char *name)
{
	int *count = user;

	(void)symbol;
	(void)name;
	if (count)
		++*count;
}

static void create_rows(struct plait_graph *net)
{
	struct plait_trainer_options options = { .shards = -1 };
	struct plait_trainer *trainer = NULL;

	REFUSES(PLAIT_EINVAL, plait_trainer_create(&trainer, net, &options));
	options = (struct plait_trainer_options){ .granularity = (enum plait_granularity) - 1 };
	REFUSES(PLAIT_EINVAL, plait_trainer_create(&trainer, net, &options));
	options = (struct plait_trainer_options){ .optimizer = { .kind = 99 } };
	REFUSES(PLAIT_EINVAL, plait_trainer_create(&trainer, net, &options));
	options = (struct plait_trainer_options){ .optimizer = plait_sgd(-1) };
	REFUSES(PLAIT_EINVAL, plait_trainer_create(&trainer, net, &options));
	options = (struct plait_trainer_options){ 0 };
	REFUSES(PLAIT_EINVAL, plait_trainer_create(NULL, net, &options));
	REFUSES(PLAIT_EINVAL, plait_trainer_create(&trainer, NULL, &options));
	api_holds(trainer == NULL, "nothing is set where something is refused");
	GIVES(0, plait_trainer_create(&trainer, net, NULL));
	plait_trainer_destroy(trainer);
}

static void run_rows(struct plait_trainer *trainer, struct plait_dataset *set)
{
	struct plait_fit_options options = { .quiet = true };
	struct plait_metrics metrics;
	float out[6 * 2];

	REFUSES(PLAIT_EINVAL, plait_fit(NULL, set, &options));
	REFUSES(PLAIT_EINVAL, plait_fit(trainer, NULL, &options));
	GIVES(0, plait_fit(trainer, set, NULL));
	REFUSES(PLAIT_EINVAL, plait_evaluate(NULL, set, &options, &metrics));
	REFUSES(PLAIT_EINVAL, plait_evaluate(trainer, NULL, &options, &metrics));
	REFUSES(PLAIT_EINVAL, plait_evaluate(trainer, set, &options, NULL));
	GIVES(0, plait_evaluate(trainer, set, NULL, &metrics));
	REFUSES(PLAIT_EINVAL, plait_predict(NULL, set, &options, out));
	REFUSES(PLAIT_EINVAL, plait_predict(trainer, NULL, &options, out));
	REFUSES(PLAIT_EINVAL, plait_predict(trainer, set, &options, NULL));
	GIVES(0, plait_predict(trainer, set, NULL, out));
}

/* plait_trainer_codelets refuses what plait_fit does. */
static void fit_option_rows(struct plait_trainer *trainer, struct plait_dataset *set)
{
	const struct plait_fit_options bad[] = {
		{ .epochs = -1 },
		{ .steps = -1 },
		{ .log_every = -1 },
		{ .overlap = (enum plait_overlap)99 },
		{ .step_seconds = (double[]){ 0 } },
		{ .overlap_validation = true },
		{ .schedule = { .kind = (enum plait_schedule_kind)99 } },
		{ .schedule = { .warmup = -1 } },
		{ .validation = set, .overlap_validation = true, .overlap = PLAIT_OVERLAP_LOAD },
		{ .loader.batch_size = -1 }
	};
	int count = 0;
	double seconds = -1;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		REFUSES(PLAIT_EINVAL, plait_fit(trainer, set, &bad[i]));
		REFUSES(PLAIT_EINVAL, plait_trainer_estimate(trainer, set, &bad[i], &seconds));
		REFUSES(PLAIT_EINVAL,
			plait_trainer_codelets(trainer, set, &bad[i], count_codelet, &count));
	}
	REFUSES(PLAIT_EINVAL, plait_trainer_codelets(NULL, set, bad, count_codelet, &count));
	REFUSES(PLAIT_EINVAL, plait_trainer_codelets(trainer, NULL, bad, count_codelet, &count));
	REFUSES(PLAIT_EINVAL, plait_trainer_codelets(trainer, set, NULL, NULL, &count));
	api_holds(count == 0, "nothing is visited where something is refused");
	REFUSES(PLAIT_EINVAL, plait_trainer_estimate(NULL, set, bad, &seconds));
	REFUSES(PLAIT_EINVAL, plait_trainer_estimate(trainer, NULL, bad, &seconds));
	api_holds(seconds < 0, "nothing is estimated where something is refused");
	GIVES(0, plait_trainer_estimate(trainer, set, NULL, &seconds));
	GIVES(0, plait_trainer_codelets(trainer, set, NULL, count_codelet, &count));
	api_holds(count > 0, "codelets are visited");
}

static void own_run_rows(struct plait_trainer *trainer, struct plait_dataset *set)
{
	struct plait_run_options bad = { .overlap = (enum plait_overlap)99 },
				 none = { .stop = NULL };
	struct plait_metrics metrics;
	struct plait_run *run = NULL;
	struct plait_optimizer other = plait_adam(-1);
	struct plait_tensor tensor;
	struct plait_slot slot;
	float loss;

	REFUSES(PLAIT_EINVAL, plait_run_open(NULL, trainer, set, &none));
	REFUSES(PLAIT_EINVAL, plait_run_open(&run, NULL, set, &none));
	GIVES(0, plait_run_open(&run, trainer, NULL, &none));
	REFUSES(PLAIT_EINVAL, plait_run_slot(NULL, &slot));
	REFUSES(PLAIT_EINVAL, plait_run_slot(run, NULL));
	GIVES(0, plait_run_slot(run, &slot));
	REFUSES(PLAIT_EINVAL, plait_run_submit(NULL, 1));
	REFUSES(PLAIT_EINVAL, plait_run_submit(run, -1));
	GIVES(0, plait_run_close(run));
	run = NULL;
	REFUSES(PLAIT_EINVAL, plait_run_open(&run, trainer, set, &bad));
	api_holds(run == NULL, "nothing is set where something is refused");
	GIVES(0, plait_run_open(&run, trainer, set, NULL));
	REFUSES(PLAIT_EINVAL, plait_run_step(NULL));
	GIVES(0, plait_run_step(run));
	GIVES(0, plait_run_submitted(NULL));
	GIVES(0, plait_run_done(NULL));
	REFUSES(PLAIT_EINVAL, plait_run_loss(NULL, 1, &loss));
	REFUSES(PLAIT_EINVAL, plait_run_loss(run, 1, NULL));
	REFUSES(PLAIT_EINVAL, plait_run_loss(run, -1, &loss));
	REFUSES(PLAIT_EINVAL, plait_run_loss(run, 2, &loss));
	REFUSES(PLAIT_EINVAL, plait_run_metrics(NULL, &metrics));
	REFUSES(PLAIT_EINVAL, plait_run_metrics(run, NULL));
	REFUSES(PLAIT_EINVAL, plait_run_set_lr(NULL, 0.1));
	REFUSES(PLAIT_EINVAL, plait_run_set_lr(run, -1));
	REFUSES(PLAIT_EINVAL, plait_run_set_optimizer(NULL, &other));
	REFUSES(PLAIT_EINVAL, plait_run_set_optimizer(run, NULL));
	REFUSES(PLAIT_EINVAL, plait_run_set_optimizer(run, &other));
	REFUSES(PLAIT_EINVAL, plait_run_wait(NULL));
	REFUSES(PLAIT_EINVAL, plait_run_value(NULL, "0.weight", &tensor));
	REFUSES(PLAIT_EINVAL, plait_run_value(run, NULL, &tensor));
	REFUSES(PLAIT_EINVAL, plait_run_value(run, "0.weight", NULL));
	IGNORES(plait_run_stop(NULL));
	GIVES(0, plait_run_close(NULL));
	GIVES(0, plait_run_close(run));
}

static void pool_rows(struct plait_trainer *trainer, struct plait_dataset *set)
{
	struct plait_fit_options bad = { .steps = -1 }, good = { .steps = 2, .quiet = true };
	struct plait_pool_member member = { .trainer = trainer, .dataset = set, .options = &good };
	float memory[4096], *outputs = memory;
	struct plait_tensor tensor;
	double loss;

	REFUSES(PLAIT_EINVAL, plait_pool_run(NULL, 1));
	REFUSES(PLAIT_EINVAL, plait_pool_run(&member, 0));
	GIVES(0, plait_pool_run(&member, 1));
	REFUSES(PLAIT_EINVAL, plait_pool_fit(NULL, 1, set, &good, &loss));
	REFUSES(PLAIT_EINVAL, plait_pool_fit(&trainer, 0, set, &good, &loss));
	REFUSES(PLAIT_EINVAL, plait_pool_fit(&trainer, 1, NULL, &good, &loss));
	REFUSES(PLAIT_EINVAL, plait_pool_fit(&trainer, 1, set, &bad, &loss));
	GIVES(0, plait_pool_fit(&trainer, 1, set, NULL, &loss));
	GIVES(0, plait_pool_fit(&trainer, 1, set, &good, NULL));
	REFUSES(PLAIT_ESTATE, plait_trainer_gradient(trainer, 0, &tensor));
	REFUSES(PLAIT_EINVAL, plait_pool_forward(NULL, 1, set, &good, &outputs, &loss));
	REFUSES(PLAIT_EINVAL, plait_pool_forward(&trainer, 1, NULL, &good, &outputs, &loss));
	GIVES(0, plait_pool_forward(&trainer, 1, set, NULL, &outputs, &loss));
	GIVES(0, plait_pool_forward(&trainer, 1, set, &good, NULL, &loss));
	GIVES(0, plait_pool_forward(&trainer, 1, set, &good, &outputs, NULL));
	REFUSES(PLAIT_EINVAL, plait_pool_backward(NULL, 1, set, &good, &loss));
	REFUSES(PLAIT_EINVAL, plait_pool_backward(&trainer, 1, NULL, &good, &loss));
	GIVES(0, plait_pool_backward(&trainer, 1, set, NULL, &loss));
	GIVES(0, plait_pool_backward(&trainer, 1, set, &good, NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_gradient(NULL, 0, &tensor));
	REFUSES(PLAIT_EINVAL, plait_trainer_gradient(trainer, 0, NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_gradient(trainer, -1, &tensor));
	GIVES(0, plait_trainer_gradient(trainer, 0, &tensor));
}

static void predictor_rows(struct plait_graph *net, struct plait_trainer *trainer)
{
	struct plait_predictor_options bad = { .samples = -1 }, good = { .samples = 2 };
	const char *path = files_path("predictor.safetensors");
	struct plait_predictor *p = NULL;
	const float x[64] = { 0 };
	float out[64];

	api_made(plait_trainer_save(trainer, path));
	REFUSES(PLAIT_EINVAL, plait_predictor_create(NULL, net, path, &good));
	REFUSES(PLAIT_EINVAL, plait_predictor_create(&p, NULL, path, &good));
	REFUSES(PLAIT_EINVAL, plait_predictor_create(&p, net, NULL, &bad));
	REFUSES(PLAIT_EINVAL, plait_predictor_open(NULL, path, &good));
	REFUSES(PLAIT_EINVAL, plait_predictor_open(&p, NULL, &good));
	REFUSES(PLAIT_EFORMAT, plait_predictor_open(&p, path, NULL));
	REFUSES(PLAIT_EINVAL, plait_predictor_of(NULL, trainer, &good));
	REFUSES(PLAIT_EINVAL, plait_predictor_of(&p, NULL, &good));
	REFUSES(PLAIT_EINVAL, plait_predictor_of(&p, trainer, &bad));
	api_holds(p == NULL, "nothing is set where something is refused");
	GIVES(0, plait_predictor_create(&p, net, NULL, &good));
	plait_predictor_destroy(p);
	GIVES(0, plait_predictor_create(&p, net, path, NULL));
	plait_predictor_destroy(p);
	GIVES(0, plait_predictor_of(&p, trainer, NULL));
	REFUSES(PLAIT_EINVAL, plait_predictor_run(NULL, x, 1, out));
	REFUSES(PLAIT_EINVAL, plait_predictor_run(p, NULL, 1, out));
	REFUSES(PLAIT_EINVAL, plait_predictor_run(p, x, 1, NULL));
	REFUSES(PLAIT_EINVAL, plait_predictor_run(p, x, -1, out));
	GIVES(0, plait_predictor_inputs(NULL));
	GIVES(0, plait_predictor_outputs(NULL));
	GIVES_NULL(plait_predictor_class_name(NULL, 0));
	GIVES_NULL(plait_predictor_class_name(p, 0));
	GIVES_NULL(plait_predictor_class_name(p, -1));
	IGNORES(plait_predictor_destroy(NULL));
	plait_predictor_destroy(p);
}

/* Without a trainer. */
static void scores_rows(void)
{
	struct plait_scores_options options = { .kind = PLAIT_SCORES_NUMBERS, .outputs = 1 };
	struct plait_scores_rows rows = { .outputs = (float[]){ 1 }, .targets = (float[]){ 2 } };
	struct plait_scores_result result;
	struct plait_scores *scores = NULL;

	REFUSES(PLAIT_EINVAL, plait_scores_create(NULL, &options));
	REFUSES(PLAIT_EINVAL, plait_scores_create(&scores, NULL));
	api_holds(scores == NULL, "nothing is set where something is refused");
	GIVES(0, plait_scores_create(&scores, &options));
	REFUSES(PLAIT_EINVAL, plait_scores_add(NULL, &rows));
	REFUSES(PLAIT_EINVAL, plait_scores_add(scores, NULL));
	GIVES(0, plait_scores_add(scores, &rows));
	REFUSES(PLAIT_EINVAL, plait_scores_result(NULL, &result));
	REFUSES(PLAIT_EINVAL, plait_scores_result(scores, NULL));
	GIVES(0, plait_scores_result(scores, &result));
	GIVES_NAN(plait_scores_top(NULL, 1));
	IGNORES(plait_scores_reset(NULL));
	IGNORES(plait_scores_destroy(NULL));
	plait_scores_destroy(scores);
}

static void parameter_rows(struct plait_trainer *trainer, struct plait_dataset *set)
{
	const char *path = files_path("null.safetensors");
	struct plait_fit_options options = { .quiet = true };
	struct plait_tensor tensor;

	GIVES(0, plait_trainer_codelets(trainer, set, &options, count_codelet, NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_codelets(trainer, set, &options, NULL, &options));
	REFUSES(PLAIT_EINVAL, plait_trainer_estimate(trainer, set, &options, NULL));
	GIVES(0, plait_trainer_buffers(NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_buffer(NULL, 0, &tensor));
	REFUSES(PLAIT_EINVAL, plait_trainer_buffer(trainer, 0, NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_buffer(trainer, 0, &tensor));
	GIVES(0, plait_trainer_parameters(NULL));
	GIVES(0, plait_trainer_steps(NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_parameter(NULL, 0, &tensor));
	REFUSES(PLAIT_EINVAL, plait_trainer_parameter(trainer, 0, NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_parameter(trainer, -1, &tensor));
	REFUSES(PLAIT_EINVAL, plait_trainer_parameter(trainer, 2, &tensor));
	REFUSES(PLAIT_EINVAL, plait_trainer_set_metadata(NULL, "k", "v"));
	REFUSES(PLAIT_EINVAL, plait_trainer_set_metadata(trainer, NULL, "v"));
	GIVES(0, plait_trainer_set_metadata(trainer, "k", NULL));
	GIVES_NULL(plait_trainer_metadata(NULL, "k"));
	GIVES_NULL(plait_trainer_metadata(trainer, NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_save(NULL, path));
	REFUSES(PLAIT_EINVAL, plait_trainer_save(trainer, NULL));
	REFUSES(PLAIT_EINVAL, plait_trainer_save_best(NULL, path));
	REFUSES(PLAIT_EINVAL, plait_trainer_save_best(trainer, NULL));
	GIVES_NULL(plait_end_name((enum plait_end_reason) - 1));
	REFUSES(PLAIT_EINVAL, plait_trainer_load(NULL, path));
	REFUSES(PLAIT_EINVAL, plait_trainer_load(trainer, NULL));
	IGNORES(plait_trainer_destroy(NULL));
}

void api_trainer_rows(struct plait_graph *net, struct plait_dataset *set)
{
	struct plait_trainer *trainer = NULL;

	create_rows(net);
	api_made(plait_trainer_create(&trainer, net, NULL));
	run_rows(trainer, set);
	fit_option_rows(trainer, set);
	own_run_rows(trainer, set);
	pool_rows(trainer, set);
	predictor_rows(net, trainer);
	parameter_rows(trainer, set);
	scores_rows();
	plait_trainer_destroy(trainer);
}
