/* SPDX-License-Identifier: MIT
 * Layers on named workers: stages of a pipeline have the bits of shards, whatever the schedule, the
 * policy and the grain are, and a place that is not there is refused. */
#include "config.h"
#include "tests/trainer/trained.h"

enum { SHARDS = 4 };

/* Where the layers of linear, relu, linear, tanh, linear are, and in how many parts. */
struct placing {
	const char *words; /* NULL: not placed */
	int shards, microbatches;
	enum plait_pipeline_schedule schedule;
};

static void train(const struct samples *s, const struct placing *placing,
		  enum plait_granularity grain, struct trained *r)
{
	struct plait_graph *net = net_make(6, "linear:12 relu linear:9 tanh linear:4", false);
	struct plait_trainer *trainer = NULL;
	struct plait_trainer_options how = { .optimizer = plait_adam(1e-2),
					     .granularity = grain,
					     .shards = placing->shards,
					     .microbatches = placing->microbatches,
					     .pipeline_schedule = placing->schedule,
					     .seed = 7 };

	if ((placing->words && plait_place_words(net, placing->words) < 0) ||
	    plait_trainer_create(&trainer, net, &how) < 0)
		tap_bail_out("%s", plait_error_message());
	trained_run(s, net, trainer, BATCH, r);
}

/* "0-1:KIND0 2-:KIND1" and the like; on a GPU the second device is the first where there is only
 * one. */
static const char *placed(const char *format, const char *kind, char text[80])
{
	int devices = strcmp(kind, "cpu") == 0 ? plait_cpu_workers() : plait_cuda_workers();

	snprintf(text, 80, format, kind, kind, devices > 1 ? 1 : 0, kind);
	return text;
}

/* At every grain, or at one. */
static void test_bits(const struct samples *s, const char *policy, int cpus, bool all,
		      struct trained *first)
{
	static const char *const formats[] = { "0-1:%s0 2-:%s%d", "0:%s0 2-3:%s%d 4:%s0", "2-:%s" };
	static struct trained other;
	char text[80];

	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	if (first->losses.count == 0)
		train(s, &(struct placing){ .shards = SHARDS }, PLAIT_GRANULARITY_LAYER, first);
	for (int f = 0; f < 3; f++)
		for (int g = 0; g < grains_of(SHARDS); g++)
			for (int gpipe = 0; gpipe < 2; gpipe++) {
				if (!all && g != (f + gpipe) % grains_of(SHARDS))
					continue;
				const char *words =
					placed(formats[f],
					       plait_cuda_workers() > 0 ? "cuda" : "cpu", text);

				train(s,
				      &(struct placing){ words, f == 2 ? 2 : 1, f == 2 ? 2 : 4,
							 (enum plait_pipeline_schedule)gpipe },
				      grains[g], &other);
				ok(trained_equal(first, &other),
				   "%s, %d workers, %s, %s, %s: the bits of shards", policy, cpus,
				   words, grain_name[g],
				   plait_pipeline_schedule_name(
					   (enum plait_pipeline_schedule)gpipe));
			}
	plait_stop();
}

/* A network whose second half is on another kind of device than the first. */
static void test_mixed(const struct samples *s, const struct trained *first)
{
	static const char *const words[] = { "0-1:cpu0 2-:cuda0", "0-1:cuda0 2-:cpu0", "0-:cpu",
					     "2-3:cpu1" };
	static struct trained mixed, again;

	if (plait_start(&(struct plait_start_options){ .cpu_workers = 2 }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 4 && plait_cuda_workers() > 0; i++) {
		struct placing placing = { words[i], 1, SHARDS, PLAIT_PIPELINE_1F1B };

		train(s, &placing, PLAIT_GRANULARITY_STEP, &mixed);
		train(s, &placing, PLAIT_GRANULARITY_STEP, &again);
		ok(trained_equal(&mixed, &again), "%s: the same bits again", words[i]);
		/* CPU and GPU round sums of 16 terms differently, 14 steps long. */
		is_near(mixed.losses.train_loss, first->losses.train_loss, 1e-4,
			"%s: the loss of one kind of device", words[i]);
	}
	if (plait_cuda_workers() == 0)
		tap_skip("no GPU, so that all stages are on CPUs");
	plait_stop();
}

static int try_to_train(const struct samples *s, struct plait_node *(*place)(struct plait_node *))
{
	struct plait_graph *net = plait_graph_create();
	int64_t features = 6;
	struct plait_node *x = plait_linear(plait_input(net, PLAIT_F32, 1, &features), 4);
	struct plait_trainer *trainer = NULL;
	int status;

	plait_cross_entropy(place(x), plait_labels(net));
	status = plait_trainer_create(
		&trainer, net, &(struct plait_trainer_options){ .optimizer = plait_sgd(0.1) });
	if (status == 0)
		status = plait_fit(trainer, s->set, &(struct plait_fit_options){ .quiet = true });
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return status;
}

static struct plait_node *on_cpu0(struct plait_node *x)
{
	return plait_place(x, "cpu0");
}

static struct plait_node *on_cpu99(struct plait_node *x)
{
	return plait_place(x, "cpu99");
}

static struct plait_node *on_cuda99(struct plait_node *x)
{
	return plait_place(x, "cuda99");
}

static struct plait_node *on_tpu(struct plait_node *x)
{
	return plait_place(x, "tpu0");
}

static struct plait_node *on_nothing(struct plait_node *x)
{
	return plait_place(x, NULL);
}

static void test_no_layer(void)
{
	struct plait_graph *net = plait_graph_create();
	int64_t features = 6;
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, &features);

	ok(!plait_place(x, "cpu0"), "an input cannot be placed");
	refused(plait_graph_status(net), PLAIT_EINVAL, "belongs to no layer", "its graph");
	ok(!plait_place(NULL, "cpu0"), "NULL in gives NULL out");
	plait_graph_destroy(net);
}

static void test_words(void)
{
	static const struct {
		const char *words, *says;
	} wrong[] = { { "0-1", "no LAYERS:DEVICE" },
		      { "0:gpu0", "no device" },
		      { "0:cpu0x", "no device" },
		      { "5:cpu0", "has 0 to 4" },
		      { "3-2:cpu0", "has 0 to 4" },
		      { "-3:cpu0", "has 0 to 4" },
		      { "a:cpu0", "has 0 to 4" },
		      { "0-9:cpu0", "has 0 to 4" },
		      { ":cpu0", "has 0 to 4" },
		      { "0:", "no device" },
		      { "0-1-2:cpu0", "has 0 to 4" },
		      { "0:cpu00000", "no device" },
		      { "0:cpu0 0:cpu0", "layer 0 is placed twice" },
		      { "0-2:cpu0 1-:cpu1", "layer 1 is placed twice" } };
	struct plait_graph *net = net_make(6, "linear:12 relu linear:9 tanh linear:4", false);

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		refused(plait_place_words(net, wrong[i].words), PLAIT_EINVAL, wrong[i].says,
			wrong[i].words);
	is_int(plait_place_words(net, " 0:cpu0\t1-3:cpu 4-:any "), 0, "words with blanks between");
	is_int(plait_place_words(net, ""), 0, "no words");
	is_int(plait_place_words(net, "0-:cpu1"), 0, "other words place layers anew");
	plait_graph_destroy(net);
}

static void test_refused(const struct samples *s)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(try_to_train(s, on_cpu0), 0, "a layer on cpu0");
	refused(try_to_train(s, on_cpu99), PLAIT_EINVAL, "placed on cpu99",
		"a CPU worker that is not there");
	refused(try_to_train(s, on_cuda99), PLAIT_EINVAL, "placed on cuda99",
		"a GPU that is not there");
	refused(try_to_train(s, on_tpu), PLAIT_EINVAL, "is no device", "a device of another kind");
	refused(try_to_train(s, on_nothing), PLAIT_EINVAL, "device is NULL", "no device");
	test_no_layer();
	test_words();
	plait_stop();
}

int main(void)
{
	static const struct {
		const char *policy;
		int cpus;
	} runs[] = { { "eager", 1 }, { "eager", 2 },  { "lws", 2 },   { "prio", 2 },
		     { "dmdas", 2 }, { "random", 2 }, { "plait", 2 }, { "plait", 4 } };
	static struct trained first;
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);

	for (size_t r = 0; r < sizeof runs / sizeof *runs; r++)
		test_bits(&s, runs[r].policy, runs[r].cpus, r < 2, &first);
	test_mixed(&s, &first);
	test_refused(&s);
	samples_free(&s);
	return tap_done();
}
