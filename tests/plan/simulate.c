/* SPDX-License-Identifier: MIT
 * Simulated steps take what can be worked out by hand: chains, shards beside each other, and the
 * bubble of a pipeline, (stages - 1) / (microbatches + stages - 1). */
#include "config.h"
#include "src/plan/simulate.h"
#include "tests/plan/plans.h"

/* A plan of a network of so many equal layers, one a stage if it is placed. */
struct pipeline {
	struct samples data;
	struct plait_graph *net;
	struct plait_trainer *trainer;
	struct plait__feed loader;
	struct plait__plan *plan;
};

static struct pipeline make(const char *place, struct plait__split split,
			    enum plait_pipeline_schedule schedule)
{
	struct plait_loader_options loader = { .batch_size = 16 };
	struct pipeline p = { .data = samples_make(32, 4, 4, 0, 1),
			      .net = net_make(4, "linear:4 linear:4 linear:4 linear:4", false) };
	struct plait__plan_options options = { .mode = PLAIT__TRAIN,
					       .granularity = PLAIT_GRANULARITY_PHASE,
					       .split = split,
					       .schedule = schedule,
					       .batch_size = 16,
					       .slot = &p.loader.layout };

	if (plait_place_words(p.net, place) < 0)
		tap_bail_out("%s", plait_error_message());
	p.trainer = trainer_make(p.net, plait_sgd(0.1), PLAIT_GRANULARITY_PHASE, 1);
	if (plait__feed_init(&p.loader, p.data.set, &loader, PLAIT__LABELS, 1) < 0 ||
	    plait__plan_create(&p.plan, p.net, &p.trainer->store, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return p;
}

static void destroy(struct pipeline *p)
{
	plait__plan_destroy(p->plan);
	plait__feed_fini(&p->loader);
	plait_trainer_destroy(p->trainer);
	plait_graph_destroy(p->net);
	samples_free(&p->data);
}

/* With a second for a forward, two for a backward and none for an update, of each segment. */
static struct plait__prediction simulate(const struct plait__plan *plan, int cpus)
{
	struct plait__machine machine = { .cpus = cpus };
	struct plait__prediction prediction;
	double seconds[plan->segments];

	for (int i = 0; i < plan->segments; i++)
		seconds[i] = plan->segment[i].phase == PLAIT_BACKWARD ? 2
			     : plan->segment[i].phase == PLAIT_UPDATE ? 0
								      : 1;
	if (plait__plan_simulate(plan, seconds, &machine, &prediction) < 0)
		tap_bail_out("%s", plait_error_message());
	return prediction;
}

static void test_pipelines(void)
{
	static const struct {
		const char *place;
		int stages;
	} cases[] = { { "0-:cpu0", 1 },
		      { "0-1:cpu0 2-:cpu1", 2 },
		      { "0:cpu0 1:cpu1 2-:cpu2", 3 },
		      { "0:cpu0 1:cpu1 2:cpu2 3:cpu3", 4 } };

	for (int c = 0; c < 4; c++)
		for (int microbatches = 1; microbatches <= 8; microbatches *= 2)
			for (int gpipe = 0; gpipe < 2; gpipe++) {
				struct pipeline p =
					make(cases[c].place,
					     (struct plait__split){ .shards = microbatches,
								    .microbatches = microbatches },
					     (enum plait_pipeline_schedule)gpipe);
				int stages = cases[c].stages;
				struct plait__prediction got = simulate(p.plan, 4);
				double wanted = (stages - 1.0) / (microbatches + stages - 1.0);

				is_int(p.plan->stages, stages, "%s: the stages", cases[c].place);
				is_int(got.workers, stages, "%s: a worker each", cases[c].place);
				/* Sums of whole seconds are exact, and a quotient of them is not.
				 */
				is_near(plait__prediction_bubble(&got), wanted, 1e-12,
					"%s, %d microbatches, %s: the bubble", cases[c].place,
					microbatches,
					plait_pipeline_schedule_name(
						(enum plait_pipeline_schedule)gpipe));
				destroy(&p);
			}
}

static void test_shards(void)
{
	for (int shards = 1; shards <= 8; shards *= 2)
		for (int cpus = 1; cpus <= 8; cpus *= 2) {
			struct pipeline p = make("", (struct plait__split){ .shards = shards },
						 PLAIT_PIPELINE_1F1B);
			struct plait__prediction got = simulate(p.plan, cpus);
			int beside = shards < cpus ? shards : cpus;

			is_near(got.work_seconds, 3 * shards, 1e-12, "%d shards: their work",
				shards);
			is_near(got.step_seconds, 3.0 * shards / beside, 1e-12,
				"%d shards on %d workers: the step", shards, cpus);
			destroy(&p);
		}
}

/* StarPU may have been given a GPU whose number is more than there are. */
static void test_numbers(void)
{
	struct pipeline p =
		make("0-1:cpu0 2-:cuda7", (struct plait__split){ .shards = 2, .microbatches = 2 },
		     PLAIT_PIPELINE_1F1B);
	struct plait__machine machine = { .cpus = 1, .gpus = 2, .gpu = (int[]){ 3, 7 } };
	struct plait__prediction got;
	double seconds[16];

	PLAIT__ASSERT(p.plan->segments <= 16, "a plan of two stages is small");
	plait__plan_estimate(p.plan, seconds);
	if (plait__plan_simulate(p.plan, seconds, &machine, &got) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(got.workers, 2, "a GPU is found by its number");
	destroy(&p);
}

/* What StarPU spends on a task counts, and more where the task has driven StarPU's data out of the
 * caches of a CPU: wholly, as 10 MB do, or in part. */
static void test_overhead(void)
{
	struct pipeline p = make("", (struct plait__split){ .shards = 1 }, PLAIT_PIPELINE_1F1B);
	struct plait__machine machine = { .cpus = 1, .task_seconds = 0.5, .cold_seconds = 2 };
	double seconds[16] = { 0 }, cold = 0;
	struct plait__prediction got;

	PLAIT__ASSERT(p.plan->segments > 1 && p.plan->segments <= 16, "a plan is small");
	for (int i = 0; i < p.plan->segments; i++) {
		double part = i == 0 ? 10 : 1.0 / (i + 1);

		p.plan->segment[i].cost.bytes = part * PLAIT__COLD_BYTES;
		cold += part < 1 ? part : 1;
	}
	if (plait__plan_simulate(p.plan, seconds, &machine, &got) < 0)
		tap_bail_out("%s", plait_error_message());
	/* Rounding of a sum of doubles around 10. */
	is_near(got.step_seconds, 0.5 * p.plan->segments + 2 * cold, 1e-12,
		"what tasks drive out of caches is read again");
	machine = (struct plait__machine){ .gpus = 1, .task_seconds = 0.5, .cold_seconds = 2 };
	if (plait__plan_simulate(p.plan, seconds, &machine, &got) < 0)
		tap_bail_out("%s", plait_error_message());
	is_near(got.step_seconds, 0.5 * p.plan->segments, 1e-12,
		"what a GPU computes passes through no cache of a CPU");
	destroy(&p);
}

/* A chain takes its work and its tasks; a schedule that keeps fewer microbatches takes less
 * memory. */
static void test_rest(void)
{
	struct plait__split four = { .shards = 4, .microbatches = 4 };
	struct pipeline p = make("0-1:cpu0 2-:cpu1", four, PLAIT_PIPELINE_1F1B);
	struct pipeline g = make("0-1:cpu0 2-:cpu1", four, PLAIT_PIPELINE_GPIPE);
	struct plait__machine machine = { .cpus = 1, .task_seconds = 0.5 };
	struct pipeline one = make("", (struct plait__split){ .shards = 1 }, PLAIT_PIPELINE_1F1B);
	struct plait__prediction got;
	double seconds[16];

	PLAIT__ASSERT(one.plan->segments <= 16, "a plan of phases is small");
	plait__plan_estimate(one.plan, seconds);
	if (plait__plan_simulate(one.plan, seconds, &machine, &got) < 0)
		tap_bail_out("%s", plait_error_message());
	/* Rounding of a sum of doubles around 1. */
	is_near(got.step_seconds, got.work_seconds + 0.5 * one.plan->segments, 1e-12,
		"a chain takes its work and its tasks");
	for (int i = 0; i < one.plan->segments; i++)
		ok(seconds[i] > 0, "%s takes time", one.plan->segment[i].name);
	ok(plait__plan_bytes(p.plan, PLAIT__VALUES) < plait__plan_bytes(g.plan, PLAIT__VALUES),
	   "1f1b keeps fewer activations than gpipe");
	destroy(&one);
	destroy(&p);
	destroy(&g);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_pipelines();
	test_shards();
	test_numbers();
	test_overhead();
	test_rest();
	plait_stop();
	return tap_done();
}
