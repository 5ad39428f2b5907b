/* SPDX-License-Identifier: MIT
 * Read this file first: a graph becomes trainable (create), then a run binds it to data
 * (bindings), a loop says in which order their steps go, and the executor submits them. */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/autodiff.h"
#include "src/executor/executor.h"
#include "src/gradient/optimizer.h"
#include "src/runtime/runtime.h"
#include "src/trainer/reporter.h"
#include "src/trainer/trainer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- create -------------------------------------------------------------------------- */

/* Loss, count of right answers, gradients, updates: what a step has besides the network. */
static int extend_graph(struct plait_graph *net, const struct plait_optimizer *optimizer)
{
	struct plait_node **gradient;
	int nodes, status;

	if (net->loss && net->labels && net->loss->input[1] == net->labels)
		net->accuracy = plait__accuracy(net->output, net->labels);
	nodes = net->nodes;
	gradient = plait__calloc((size_t)nodes, sizeof *gradient, "gradients");
	if (!gradient)
		return PLAIT_ENOMEM;
	status = plait__autodiff(net, gradient);
	/* The last layer's gradients are there first, so its update is appended first. */
	for (int i = nodes - 1; i >= 0 && status == 0; i--)
		if (gradient[i]) {
			plait__optimizer_append(optimizer, net->node[i], gradient[i]);
			status = plait_graph_status(net);
		}
	free(gradient);
	return status;
}

int plait_trainer_create(struct plait_trainer **trainer_p, struct plait_graph *net,
			 const struct plait_trainer_options *options)
{
	struct plait_trainer *trainer;
	int status = plait__runtime_require("plait_trainer_create");

	if (status == 0)
		status = plait_graph_status(net);
	if (status < 0)
		return status;
	if (net->has_trainer)
		return plait__error(PLAIT_ESTATE,
				    "plait_trainer_create: the graph has a trainer already");
	trainer = plait__calloc(1, sizeof *trainer, "a trainer");
	if (!trainer)
		return PLAIT_ENOMEM;
	trainer->graph = net;
	if (options)
		trainer->options = *options;
	if (trainer->options.shards < 0 || trainer->options.shards > 1024)
		status = plait__error(PLAIT_EINVAL, "%d shards, must be 1 to 1024, or 0 for auto",
				      trainer->options.shards);
	if (status == 0 && (unsigned)trainer->options.granularity > PLAIT_GRANULARITY_STEP)
		status = plait__error(PLAIT_EINVAL,
				      "granularity %d, must be one of PLAIT_GRANULARITY_*",
				      (int)trainer->options.granularity);
	if (status == 0)
		status = plait__optimizer_check(&trainer->options.optimizer);
	if (status == 0)
		status = extend_graph(net, &trainer->options.optimizer);
	if (status == 0)
		status = plait__store_create(&trainer->store, net, trainer->options.seed);
	if (status < 0) {
		free(trainer);
		return status;
	}
	net->has_trainer = true;
	*trainer_p = trainer;
	return 0;
}

void plait_trainer_destroy(struct plait_trainer *trainer)
{
	if (!trainer)
		return;
	plait__store_destroy(&trainer->store);
	free(trainer);
}

/* -- fit ----------------------------------------------------------------------------- */

static int check_fit(const struct plait_fit_options *options)
{
	if (options->epochs < 0)
		return plait__error(PLAIT_EINVAL, "%d epochs, must be at least 1", options->epochs);
	if (options->steps < 0)
		return plait__error(PLAIT_EINVAL, "%" PRId64 " steps, must be 0 (all) or more",
				    options->steps);
	if (options->step_seconds && options->steps == 0)
		return plait__error(PLAIT_EINVAL,
				    "step_seconds needs steps, to know how many it holds");
	if ((unsigned)options->overlap > PLAIT_OVERLAP_OFF)
		return plait__error(PLAIT_EINVAL, "overlap %d, must be one of PLAIT_OVERLAP_*",
				    (int)options->overlap);
	if (options->log_every < 0)
		return plait__error(PLAIT_EINVAL, "log_every is %" PRId64 ", must not be negative",
				    options->log_every);
	return 0;
}

static int fit(struct plait_trainer *trainer, const struct plait__loop *loop,
	       const struct plait_fit_options *options)
{
	struct plait__reporter *reporter = plait__reporter_create(options, loop);
	struct plait__observer observer;
	int status = 0;

	if (!reporter)
		return PLAIT_ENOMEM;
	observer = plait__reporter_observer(reporter);
	if (plait__reporter_begin(reporter, loop->binding[0]) == 0)
		status = plait__trainer_run(trainer, loop, &observer);
	plait__reporter_deliver(reporter);
	trainer->updates += reporter->step;
	if (options->metrics)
		*options->metrics = reporter->last_train;
	if (status == 0 && reporter->empty)
		status = plait__trainer_empty(reporter->empty);
	plait__reporter_destroy(reporter);
	if (status == 0 && plait__trainer_stopped(options))
		status = plait__error(PLAIT_EINTERRUPTED, "interrupted after %" PRId64 " steps",
				      trainer->updates);
	return status;
}

static int64_t epochs(const struct plait_fit_options *options, int64_t batches)
{
	if (options->epochs == 0 && options->steps > 0)
		return (options->steps + batches - 1) / batches;
	return options->epochs ? options->epochs : 1;
}

static int bind_and_fit(struct plait_trainer *trainer, struct plait_dataset *dataset,
			const struct plait_fit_options *options)
{
	struct plait__binding train = { 0 }, validation = { 0 };
	struct plait__loop loop = { .binding = { &train, &validation },
				    .bindings = 1,
				    .steps = options->steps,
				    .scalars = plait__optimizer_scalars,
				    .rule = &trainer->options.optimizer,
				    .updates = trainer->updates };
	int status = plait__trainer_bind(trainer, &train, PLAIT__TRAIN, dataset, options, NULL);

	if (status == 0)
		loop.epochs = epochs(options, train.feed.batches);
	if (status == 0 && options->validation) {
		loop.bindings = 2;
		status = plait__trainer_bind(trainer, &validation, PLAIT__EVALUATE,
					     options->validation, options, &train);
	}
	if (status == 0 && options->print_plan)
		plait__plan_print(train.plan, train.load_memory.slots, plait_cpu_workers(),
				  options->print_plan);
	if (status == 0)
		status = fit(trainer, &loop, options);
	plait__binding_destroy(&validation); /* it borrows handles of train */
	plait__binding_destroy(&train);
	return status;
}

int plait_fit(struct plait_trainer *trainer, struct plait_dataset *dataset,
	      const struct plait_fit_options *options)
{
	static const struct plait_fit_options defaults;
	int status = plait__trainer_check(trainer, dataset, "plait_fit");

	if (!options)
		options = &defaults;
	if (status == 0)
		status = check_fit(options);
	if (status < 0)
		return status;
	trainer->running = true;
	status = bind_and_fit(trainer, dataset, options);
	trainer->running = false;
	return status;
}

/* -- evaluate and predict ------------------------------------------------------------ */

struct collector {
	const struct plait_fit_options *options;
	struct plait_metrics *metrics; /* evaluate */
	float *out;                    /* predict */
	double last_end;
	int64_t steps;
};

static bool always_ready(void *user)
{
	(void)user;
	return true;
}

static int nothing_to_tell(void *user)
{
	(void)user;
	return 0;
}

static int tell_stall(void *user, const char *text)
{
	struct collector *c = user;

	return plait__trainer_stall(c->options, c->steps, text);
}

static unsigned step_done(struct collector *c)
{
	c->steps++;
	return plait__trainer_stopped(c->options) ? PLAIT__STOP : 0;
}

static unsigned collect_metrics(void *user, const struct plait__step *step)
{
	struct collector *c = user;

	plait__metrics_add(c->metrics, step, c->last_end);
	c->last_end = step->end;
	return step_done(c);
}

/* Copies a step's outputs, shard by shard, to where they belong in out. */
static unsigned collect_outputs(void *user, const struct plait__step *step)
{
	struct collector *c = user;
	const struct plait__plan *plan = step->binding->plan;
	int64_t width = plait__node_elements(plan->graph->output);
	float *out = c->out + step->batch * plan->options.batch_size * width;

	for (int s = 0; s < step->binding->plan->results; s++) {
		int64_t rows = plait__shard_rows(step->rows, s, plan->options.shards);

		memcpy(out, plait__binding_result(step->binding, step->entry, s),
		       (size_t)(rows * width) * sizeof *out);
		out += rows * width;
	}
	return step_done(c);
}

static int run_forward(struct plait_trainer *trainer, enum plait__mode mode,
		       struct plait_dataset *dataset, const struct plait_fit_options *options,
		       struct plait__observer *observer)
{
	struct plait__binding binding = { 0 };
	struct plait__loop loop = { .binding = { &binding }, .bindings = 1, .epochs = 1 };
	int status;

	observer->ready = always_ready;
	observer->wake = nothing_to_tell;
	observer->timeout = options->loader.timeout;
	observer->stall = tell_stall;
	trainer->running = true;
	status = plait__trainer_bind(trainer, &binding, mode, dataset, options, NULL);
	if (status == 0 && options->print_plan)
		plait__plan_print(binding.plan, binding.load_memory.slots, plait_cpu_workers(),
				  options->print_plan);
	if (status == 0) {
		((struct collector *)observer->user)->last_end = starpu_timing_now();
		status = plait__trainer_run(trainer, &loop, observer);
	}
	plait__binding_destroy(&binding);
	trainer->running = false;
	if (status == 0 && plait__trainer_stopped(options))
		status = plait__error(PLAIT_EINTERRUPTED, "interrupted");
	return status;
}

int plait_evaluate(struct plait_trainer *trainer, struct plait_dataset *dataset,
		   const struct plait_fit_options *options, struct plait_metrics *metrics)
{
	static const struct plait_fit_options defaults;
	struct collector collector = { .options = options ? options : &defaults,
				       .metrics = metrics };
	struct plait__observer observer = { .user = &collector, .done = collect_metrics };
	int status = plait__trainer_check(trainer, dataset, "plait_evaluate");

	if (status == 0 && !metrics)
		status = plait__error(PLAIT_EINVAL, "plait_evaluate: metrics is NULL");
	if (status < 0)
		return status;
	*metrics = (struct plait_metrics){ .has_accuracy = trainer->graph->accuracy != NULL };
	status = run_forward(trainer, PLAIT__EVALUATE, dataset, collector.options, &observer);
	return status == 0 && metrics->samples == 0 ? plait__trainer_empty(dataset) : status;
}

int plait_predict(struct plait_trainer *trainer, struct plait_dataset *dataset,
		  const struct plait_fit_options *options, float *out)
{
	static const struct plait_fit_options defaults;
	struct collector collector = { .options = options ? options : &defaults, .out = out };
	struct plait__observer observer = { .user = &collector, .done = collect_outputs };
	int status = plait__trainer_check(trainer, dataset, "plait_predict");

	if (status == 0 && !out)
		status = plait__error(PLAIT_EINVAL, "plait_predict: out is NULL");
	return status < 0 ? status
			  : run_forward(trainer, PLAIT__PREDICT, dataset, collector.options,
					&observer);
}
