/* SPDX-License-Identifier: MIT
 * Training and prediction with products of factors rounded to bfloat16: bits of their own, which
 * nothing changes that changes none in float32, and the same files of weights. */
#include "config.h"
#include "tests/files.h"
#include "tests/trainer/trained.h"

enum { FEATURES = 40 };
/* Products on both sides of what oneDNN computes. */
#define WORDS "linear:300 relu linear:20 tanh linear:4"

static struct plait_trainer *make(struct plait_graph *net, struct plait_trainer_options options,
				  enum plait_precision precision)
{
	struct plait_trainer *trainer = NULL;

	options.optimizer = plait_adam(1e-2);
	options.precision = precision;
	options.seed = 7;
	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return trainer;
}

static void train(const struct samples *s, struct plait_trainer_options options,
		  enum plait_precision precision, struct trained *r)
{
	struct plait_graph *net = net_make(FEATURES, WORDS, false);
	int64_t batches = options.accumulate > 0 ? options.accumulate : 1;

	trained_run(s, net, make(net, options, precision), BATCH / batches, r);
}

/* -- bits ----------------------------------------------------------------------------------- */

/* What a way to train is called, and what it has the bits of: one shard or two. */
static const struct way {
	const char *name;
	int parts;
	struct plait_trainer_options options;
} ways[] = {
	{ "a task a step", 1, { .granularity = PLAIT_GRANULARITY_STEP } },
	{ "a task an op", 1, { .granularity = PLAIT_GRANULARITY_OP } },
	{ "a task a layer", 1, { .granularity = PLAIT_GRANULARITY_LAYER } },
	{ "a task a phase", 1, { .granularity = PLAIT_GRANULARITY_PHASE } },
	{ "a task of two steps", 1, { .granularity = PLAIT_GRANULARITY_RUN, .steps_per_task = 2 } },
	{ "two shards", 2, { .granularity = PLAIT_GRANULARITY_LAYER, .shards = 2 } },
	{ "two replicas", 2, { .granularity = PLAIT_GRANULARITY_LAYER, .replicas = 2 } },
	{ "two microbatches", 2, { .granularity = PLAIT_GRANULARITY_PHASE, .microbatches = 2 } },
	{ "two batches", 2, { .granularity = PLAIT_GRANULARITY_STEP, .accumulate = 2 } },
};

static bool equal(const struct trained *a, const struct trained *b, int parts)
{
	/* Replicas and batches that are added up validate in other parts. */
	if (parts > 1)
		return memcmp(a->losses.loss, b->losses.loss, sizeof a->losses.loss) == 0 &&
		       a->hash == b->hash;
	return trained_equal(a, b);
}

static void test_bits(const struct samples *s, const char *policy, int cpus,
		      struct trained first[3])
{
	struct trained *r = malloc(sizeof *r);

	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct trained *like = &first[ways[i].parts];

		train(s, ways[i].options, PLAIT_PRECISION_BF16, r);
		if (like->losses.count == 0)
			*like = *r;
		ok(equal(r, like, ways[i].parts), "%s, %d CPU workers, %s: the same bits", policy,
		   cpus, ways[i].name);
	}
	free(r);
	plait_stop();
}

static void test_precisions(const struct samples *s, const struct trained *bf16)
{
	struct trained *fp32 = malloc(sizeof *fp32), *tf32 = malloc(sizeof *tf32);
	const struct losses *a = &fp32->losses, *b = &bf16->losses;

	train(s, ways[0].options, PLAIT_PRECISION_FP32, fp32);
	train(s, ways[0].options, PLAIT_PRECISION_TF32, tf32);
	ok(a->count == b->count && a->loss[0] != b->loss[0] && fp32->hash != bf16->hash,
	   "fp32 has others");
	/* Factors are off by up to 2^-9, a sum of many of them by less. */
	is_near(a->loss[0], b->loss[0], 0.01, "and the same loss but for rounding");
	ok(trained_equal(fp32, tf32) == (plait_cuda_workers() == 0),
	   "tf32 has those of fp32 on a CPU alone");
	free(fp32);
	free(tf32);
}

/* -- predictors ----------------------------------------------------------------------------- */

static void predict(struct plait_trainer *trainer, const struct samples *s,
		    enum plait_precision precision, float *out)
{
	struct plait_predictor_options options = { .samples = BATCH, .precision = precision };
	struct plait_predictor *p = NULL;

	if (plait_predictor_of(&p, trainer, &options) < 0 ||
	    plait_predictor_run(p, s->x, SAMPLES, out) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_predictor_destroy(p);
}

static void test_predictors(const struct samples *s)
{
	static float wanted[SAMPLES * 4], got[SAMPLES * 4], plain[SAMPLES * 4];
	struct plait_fit_options options = { .loader.batch_size = BATCH };
	struct plait_graph *net = net_make(FEATURES, WORDS, false);
	struct plait_trainer *trainer = make(net, ways[0].options, PLAIT_PRECISION_BF16);

	if (plait_predict(trainer, s->set, &options, wanted) < 0)
		tap_bail_out("%s", plait_error_message());
	predict(trainer, s, PLAIT_PRECISION_BF16, got);
	predict(trainer, s, PLAIT_PRECISION_FP32, plain);
	if (plait_cuda_workers() == 0)
		ok(memcmp(got, wanted, sizeof got) == 0, "a predictor has the bits of the trainer");
	ok(memcmp(got, plain, sizeof got) != 0, "and with fp32 others");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* The gradient of a bias is a sum of dy as it is, not as products read it. */
static void test_bias(void)
{
	static float out[SAMPLES * 4];
	struct samples s = samples_make(SAMPLES, FEATURES, 0, 4, 1);
	struct plait_graph *net = net_make(FEATURES, "linear:4", true);
	struct plait_trainer_options options = { .optimizer = plait_sgd(1),
						 .precision = PLAIT_PRECISION_BF16 };
	struct plait_fit_options fit = { .loader.batch_size = SAMPLES, .steps = 1, .quiet = true };
	struct plait_trainer *trainer = NULL;
	struct plait_tensor bias;
	double before[4], worst = 0;

	if (plait_trainer_create(&trainer, net, &options) < 0 ||
	    plait_trainer_parameter(trainer, 1, &bias) < 0 ||
	    plait_predict(trainer, s.set, &fit, out) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int j = 0; j < 4; j++)
		before[j] = (double)((float *)bias.data)[j];
	if (plait_fit(trainer, s.set, &fit) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int j = 0; j < 4; j++) {
		double sum = 0;

		for (int i = 0; i < SAMPLES; i++)
			sum += 2.0 / (SAMPLES * 4) *
			       ((double)out[i * 4 + j] - (double)s.targets[i * 4 + j]);
		worst = fmax(worst, fabs(before[j] - sum - (double)((float *)bias.data)[j]));
	}
	/* Floats below 1, and sums of a hundred below 0.01; of dy rounded it is off by 1e-5. */
	is_near(worst, 0, 1e-6, "the gradient of a bias is not rounded: off by %.1e", worst);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* -- what is kept, what is told --------------------------------------------------------------- */

static void test_files(const struct samples *s)
{
	const char *path[2] = { files_path("fp32.safetensors"), files_path("bf16.safetensors") };
	struct plait_fit_options fit = { .loader.batch_size = BATCH, .steps = 2, .quiet = true };
	struct plait_graph *net = net_make(FEATURES, WORDS, false);
	size_t size[2];
	void *bytes[2];
	uint64_t hash;

	for (int i = 0; i < 2; i++) {
		struct plait_trainer *trainer =
			make(net, ways[0].options, i ? PLAIT_PRECISION_BF16 : PLAIT_PRECISION_FP32);

		plait_trainer_save(trainer, path[i]);
		bytes[i] = files_read(i ? "bf16.safetensors" : "fp32.safetensors", &size[i]);
		plait_trainer_destroy(trainer);
	}
	ok(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0,
	   "the same weights are the same file");
	free(bytes[0]);
	free(bytes[1]);

	struct plait_trainer *trainer = make(net, ways[0].options, PLAIT_PRECISION_BF16);

	if (plait_fit(trainer, s->set, &fit) < 0 || plait_trainer_save(trainer, path[1]) < 0)
		tap_bail_out("%s", plait_error_message());
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	trainer = make(net, ways[0].options, PLAIT_PRECISION_FP32);
	is_int(plait_trainer_load(trainer, path[1]), 0, "weights of bf16 are loaded by fp32");
	ok(parameters_hash(trainer) == hash, "and none is rounded");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

struct symbols {
	int count;
	char text[16][64];
};

static void take(void *user, const char *symbol, const char *name)
{
	struct symbols *all = user;

	(void)name;
	if (all->count < 16)
		snprintf(all->text[all->count++], sizeof *all->text, "%s", symbol);
}

static void test_told(const struct samples *s, enum plait_precision precision, const char *told,
		      struct symbols *symbols)
{
	struct plait_graph *net = net_make(FEATURES, WORDS, false);
	struct plait_trainer *trainer = make(net, ways[2].options, precision);
	struct plait_fit_options fit = { .loader.batch_size = BATCH, .steps = 1, .quiet = true };
	char *text = NULL;
	size_t size = 0;

	if (plait_trainer_codelets(trainer, s->set, &fit, take, symbols) < 0)
		tap_bail_out("%s", plait_error_message());
	fit.print_plan = open_memstream(&text, &size);
	if (plait_fit(trainer, s->set, &fit) < 0)
		tap_bail_out("%s", plait_error_message());
	fclose(fit.print_plan);
	if (told)
		contains(text, told, "the plan says %s", told);
	else
		ok(!strstr(text, "precision"), "the plan does not speak of fp32");
	free(text);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* Symbols of what computes, and not of what loads, begin with a phase. */
static int shared(const struct symbols *a, const struct symbols *b)
{
	int same = 0;

	for (int i = 0; i < a->count; i++)
		for (int j = 0; j < b->count; j++)
			same += (strncmp(a->text[i], "fwd", 3) == 0 ||
				 strncmp(a->text[i], "bwd", 3) == 0) &&
				strcmp(a->text[i], b->text[j]) == 0;
	return same;
}

/* -- what is wrong ---------------------------------------------------------------------------- */

static void test_wrong(const struct samples *s)
{
	struct plait_graph *net = net_make(FEATURES, "linear:4", false);
	struct plait_trainer_options options = { .precision = (enum plait_precision)3 };
	struct plait_predictor_options bad = { .precision = (enum plait_precision) - 1 };
	struct plait_fit_options fit = { .loader.batch_size = BATCH, .quiet = true };
	struct plait_trainer *trainer = NULL;
	struct plait_predictor *p = NULL;
	struct plait_tensor weight;

	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "precision 3",
		"a precision that is none");
	trainer = make(net, ways[0].options, PLAIT_PRECISION_BF16);
	refused(plait_predictor_of(&p, trainer, &bad), PLAIT_EINVAL, "precision -1",
		"a predictor's");
	plait_trainer_parameter(trainer, 0, &weight);
	((float *)weight.data)[0] = 0x1.fffffep127f; /* infinite when it is rounded */
	refused(plait_fit(trainer, s->set, &fit), PLAIT_ENAN,
		"first seen in the output of 0.linear", "a weight that becomes infinite");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

int main(void)
{
	struct trained *first = calloc(3, sizeof *first);
	struct samples s = samples_make(SAMPLES, FEATURES, 4, 0, 1);
	struct symbols symbols[2] = { { 0 } };

	is_string(plait_precision_name(PLAIT_PRECISION_BF16), "bf16", "a name");
	is_string(plait_precision_name((enum plait_precision)3), "?", "of what is none");
	test_bits(&s, "eager", 1, first);
	test_bits(&s, "lws", 2, first);
	ok(first[1].hash != first[2].hash, "two parts have other bits than one");
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_precisions(&s, &first[1]);
	test_predictors(&s);
	test_bias();
	test_files(&s);
	test_wrong(&s);
	plait_stop();
	for (int i = 0; i < 2; i++) {
		if (plait_start(NULL) < 0)
			tap_bail_out("%s", plait_error_message());
		test_told(&s, i ? PLAIT_PRECISION_BF16 : PLAIT_PRECISION_FP32,
			  i ? "precision bf16" : NULL, &symbols[i]);
		plait_stop();
	}
	ok(symbols[0].count > 3 && symbols[0].count == symbols[1].count &&
		   shared(&symbols[0], &symbols[1]) == 0,
	   "performance models are of one precision");
	samples_free(&s);
	free(first);
	return tap_done();
}
