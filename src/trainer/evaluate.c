/* SPDX-License-Identifier: MIT
 * Evaluating and predicting: one pass over a data set, forward only. */
#include "config.h"
#include "src/executor/executor.h"
#include "src/executor/binding/memory.h"
#include "src/runtime/runtime.h"
#include "src/trainer/reporter.h"
#include "src/trainer/scoring/scoring.h"
#include "src/trainer/trainer.h"

#include <string.h>

/* Where plait_predict leaves its outputs. */
struct predictor {
	struct plait__collector collector;
	float *out;
};

static int tell_stall(void *user, const char *text)
{
	const struct plait__collector *c = user;
	struct plait_event event = { .kind = PLAIT_EVENT_STALL,
				     .member = c->member.number,
				     .member_name = c->member.name,
				     .step = c->steps,
				     .text = text };

	if (c->options->on_event)
		return c->options->on_event(c->options->user, &event);
	return c->options->quiet ? 0 : plait__progress(&(struct plait__progress){ 0 }, &event);
}

bool plait__trainer_stopped(const struct plait_fit_options *options)
{
	return options->stop && *options->stop;
}

bool plait__collector_cut(const struct plait__collector *c, const struct plait__binding *binding)
{
	return c->steps < binding->feed.batches && plait__trainer_stopped(c->options);
}

static unsigned step_done(struct plait__collector *c)
{
	c->steps++;
	return plait__trainer_stopped(c->options) ? PLAIT__STOP : 0;
}

static unsigned collect_metrics(void *user, const struct plait__step *step)
{
	struct plait__collector *c = user;
	int scored = c->scoring ? plait__scoring_add(c->scoring, step) : 0;

	PLAIT__ASSERT(scored == 0, "there is room for the scores of all samples");
	plait__metrics_add(c->metrics, step, c->last_end);
	c->last_end = step->end;
	return step_done(c);
}

struct plait__observer plait__collector_observer(struct plait__collector *collector)
{
	return (struct plait__observer){ .user = collector,
					 .done = collect_metrics,
					 .timeout = collector->options->loader.timeout,
					 .stall = tell_stall };
}

/* Copies a step's outputs, shard by shard, to where they belong in out. */
static unsigned collect_outputs(void *user, const struct plait__step *step)
{
	struct predictor *p = user;
	const struct plait__plan *plan = step->binding->plan;
	int64_t width = plait_node_elements(plan->graph->output);
	float *out = p->out + step->batch * plan->options.batch_size * width;

	PLAIT__ASSERT(plan->options.mode == PLAIT__PREDICT, "outputs are results of a prediction");
	PLAIT__ASSERT(plan->results == plan->options.split.shards, "each shard has an output");
	for (int s = 0; s < step->binding->plan->results; s++) {
		int64_t rows = plait__shard_rows(&plan->options.split, step->rows, s);

		memcpy(out, plait__step_result(step, s), (size_t)(rows * width) * sizeof *out);
		out += rows * width;
	}
	return step_done(&p->collector);
}

static int run_forward(struct plait_trainer *trainer, enum plait__mode mode,
		       struct plait_dataset *dataset, struct plait__collector *collector,
		       const struct plait__observer *observer)
{
	const struct plait_fit_options *options = collector->options;
	struct plait__binding binding = { 0 };
	struct plait__binding *const only = &binding;
	struct plait__loop loop = { .binding = &only, .bindings = 1, .epochs = 1 };
	int status;

	status = plait__trainer_hold(trainer);
	if (status < 0)
		return status;
	plait__trainer_let_go(trainer); /* an event handler may use the run */
	trainer->running = true;
	status = plait__trainer_bind(trainer, &binding, mode, dataset, options, NULL, NULL);
	if (status == 0 && options->print_plan)
		status = plait__bindings_print(&only, 1, options->print_plan);
	if (status == 0) {
		collector->last_end = starpu_timing_now();
		status = plait__trainer_run(trainer, &loop, observer);
	}
	if (status == 0 && plait__collector_cut(collector, &binding))
		status = plait__error(PLAIT_EINTERRUPTED, "interrupted");
	plait__binding_destroy(&binding);
	trainer->running = false;
	return status;
}

int plait_evaluate(struct plait_trainer *trainer, struct plait_dataset *dataset,
		   const struct plait_fit_options *options, struct plait_metrics *metrics)
{
	static const struct plait_fit_options defaults;
	struct plait__collector collector = { .options = options ? options : &defaults,
					      .metrics = metrics };
	struct plait__observer observer = plait__collector_observer(&collector);
	struct plait__scoring scoring;
	int status = plait__trainer_check(trainer, dataset, "plait_evaluate");

	if (status == 0 && !metrics)
		status = plait__error(PLAIT_EINVAL, "plait_evaluate: metrics is NULL");
	if (status == 0 && !trainer->graph->loss)
		status = plait__error(PLAIT_EINVAL, "plait_evaluate: the graph has no loss: end it "
						    "with plait_cross_entropy or plait_mse");
	if (status < 0)
		return status;
	*metrics = (struct plait_metrics){ .has_accuracy = trainer->graph->accuracy != NULL };
	status = plait__scoring_open(&scoring, collector.options->scores, trainer->graph, dataset,
				     false);
	if (scoring.to)
		collector.scoring = &scoring;
	if (status == 0)
		status = run_forward(trainer, PLAIT__EVALUATE, dataset, &collector, &observer);
	plait__scoring_close(&scoring);
	return status == 0 && metrics->samples == 0 ? plait__trainer_empty(dataset) : status;
}

int plait_predict(struct plait_trainer *trainer, struct plait_dataset *dataset,
		  const struct plait_fit_options *options, float *out)
{
	static const struct plait_fit_options defaults;
	struct predictor predictor = { .collector.options = options ? options : &defaults,
				       .out = out };
	struct plait__observer observer = plait__collector_observer(&predictor.collector);
	int status = plait__trainer_check(trainer, dataset, "plait_predict");

	if (status == 0 && !out)
		status = plait__error(PLAIT_EINVAL, "plait_predict: out is NULL");
	observer.done = collect_outputs;
	return status < 0 ? status
			  : run_forward(trainer, PLAIT__PREDICT, dataset, &predictor.collector,
					&observer);
}
