/* SPDX-License-Identifier: MIT
 * Batchnorms that are computed with the convolution before them where nothing is trained: outputs
 * and losses beside PyTorch's in reference/folded.txt, which reference/folded.py wrote, by
 * plait_predict, plait_evaluate and a predictor; their bits; and what still computes the
 * convolution by itself. Samples, parameters and running values are made by formulas that both
 * have. */
#include "config.h"
#include "codelets/image/conv_batchnorm.h"
#include "codelets/ops.h"
#include "src/predictor/predictor.h"
#include "tests/nets.h"

enum { SAMPLES = 3, MOST = 4000 };

/* Relative to the largest number of a channel, or of all where there are no images.  A sum of up to
 * 288 terms in another order is off by some 288 units of 2^-24 at most, and 1e-6 was the worst
 * seen. */
#define TOLERANCE 2e-5

static bool on_gpu;

static void start(const char *policy, int cpus)
{
	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	on_gpu = plait_cuda_workers() > 0;
}

/* -- the formulas ------------------------------------------------------------------------------ */

static float whole(int64_t i, int64_t factor, int64_t modulus, int64_t number)
{
	return (float)((i * factor + 7 + 131 * number) % 10007 % modulus - modulus / 2);
}

static void fill_parameters(struct plait_trainer *trainer)
{
	struct plait_tensor t;

	for (int p = 0; p < plait_trainer_parameters(trainer); p++) {
		plait_trainer_parameter(trainer, p, &t);
		for (int64_t i = 0; i < plait_shape_elements(t.ndim, t.dim); i++)
			((float *)t.data)[i] = whole(i, 3571, 101, p) / 64;
	}
}

static void fill_buffers(struct plait_trainer *trainer, bool extreme)
{
	struct plait_tensor mean, var;

	for (int b = 0; b < plait_trainer_buffers(trainer); b += 3) {
		plait_trainer_buffer(trainer, b, &mean);
		plait_trainer_buffer(trainer, b + 1, &var);
		for (int64_t i = 0; i < mean.dim[0]; i++) {
			float m = whole(i, 3571, 41, b / 3) / 8;
			float v = (fabsf(whole(i, 7919, 33, b / 3)) + 8) / 16;

			((float *)mean.data)[i] = extreme && i % 4 == 0 ? m * 64 : m;
			((float *)var.data)[i] = extreme && i % 5 == 1   ? 0x1p-30f
						 : extreme && i % 3 == 0 ? 0
									 : v;
		}
	}
}

/* -- beside PyTorch ---------------------------------------------------------------------------- */

struct test {
	char name[32], shape[32], kind[16], words[400];
	int folded; /* batchnorms that are in a convolution */
	int ndim;
	int64_t dim[PLAIT_MAX_DIMS], outputs;
	double *expected, loss;
	struct plait_graph *net;
	struct plait_node *y;
	struct plait_dataset *set;
	float *x, *target;
};

static void build_net(struct test *t)
{
	t->net = plait_graph_create();
	t->y = plait_model(plait_input(t->net, PLAIT_F32, t->ndim, t->dim), t->words);
	if (!t->y)
		tap_bail_out("%s: %s", t->words, t->net->message);
	t->outputs = plait_node_elements(t->y);
	plait_mse(plait_flatten(t->y), plait_targets(t->net, t->outputs));
	plait_output(t->y);
}

static void build_set(struct test *t)
{
	struct plait_tensor x = { .dtype = PLAIT_F32, .ndim = 4, .dim = { SAMPLES } };
	struct plait_tensor target = { .dtype = PLAIT_F32, .ndim = 2, .dim = { SAMPLES } };
	int64_t inputs = plait_shape_elements(t->ndim, t->dim);

	t->x = malloc((size_t)(SAMPLES * inputs) * sizeof(float));
	t->target = malloc((size_t)(SAMPLES * t->outputs) * sizeof(float));
	for (int64_t i = 0; i < SAMPLES * inputs; i++)
		t->x[i] = whole(i, 7919, 7, 0);
	for (int64_t i = 0; i < SAMPLES * t->outputs; i++)
		t->target[i] = whole(i, 3571, 101, 0) / 16;
	memcpy(x.dim + 1, t->dim, 3 * sizeof *t->dim);
	x.data = t->x;
	target.dim[1] = t->outputs;
	target.data = t->target;
	if (plait_dataset_from_memory(&t->set, &x, &target, 0) < 0)
		tap_bail_out("%s", plait_error_message());
}

static void clear(struct test *t)
{
	plait_dataset_destroy(t->set);
	free(t->x);
	free(t->target);
	free(t->expected);
}

/* The largest error of n samples' outputs. */
static double error_of(const struct test *t, int n, const float *got)
{
	int64_t each = t->outputs, channels = t->y->ndim == 3 ? t->y->dim[0] : 1;
	double worst = 0;

	for (int64_t c = 0; c < channels; c++) {
		double largest = 0, off = 0;

		for (int64_t i = 0; i < n * each; i++) {
			if (i % each / (each / channels) != c)
				continue;
			largest = fmax(largest, fabs(t->expected[i]));
			off = fmax(off, fabs((double)got[i] - t->expected[i]));
			if (isnan(got[i]))
				return INFINITY;
		}
		worst = fmax(worst, off / largest);
	}
	return worst;
}

static struct plait_trainer *make(const struct test *t, enum plait_granularity grain, int shards,
				  enum plait_precision precision)
{
	struct plait_trainer_options options = { .optimizer = plait_sgd(0.1),
						 .granularity = grain,
						 .steps_per_task =
							 grain == PLAIT_GRANULARITY_RUN ? 2 : 0,
						 .shards = shards,
						 .precision = precision };
	struct plait_trainer *trainer = NULL;

	if (plait_trainer_create(&trainer, t->net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	fill_parameters(trainer);
	fill_buffers(trainer, strcmp(t->kind, "extreme") == 0);
	return trainer;
}

static int calls_of(const struct plait__plan *plan, const struct plait_op *op)
{
	int n = 0;

	for (int i = 0; i < plan->calls; i++)
		n += plan->call[i].op == op;
	return n;
}

static void test_predictor(const struct test *t, struct plait_trainer *trainer, float *out)
{
	struct plait_predictor_options options = { .samples = SAMPLES };
	struct plait_predictor *p = NULL;
	float one[MOST];
	double worst;

	is_int(plait_predictor_of(&p, trainer, &options), 0, "%s: a predictor", t->name);
	is_int(calls_of(p->plan, &plait__op_conv_batchnorm), t->folded,
	       "%s: so many batchnorms are in a convolution", t->name);
	plait_predictor_run(p, t->x, SAMPLES, out);
	worst = error_of(t, SAMPLES, out);
	is_near(worst, 0, TOLERANCE, "%s: a predictor as PyTorch, to %.1e", t->name, worst);
	plait_predictor_run(p, t->x, 1, one);
	worst = error_of(t, 1, one);
	is_near(worst, 0, TOLERANCE, "%s: of one sample too, to %.1e", t->name, worst);
	plait_predictor_destroy(p);
}

static void test_case(struct test *t)
{
	struct plait_fit_options options = { .loader.batch_size = SAMPLES, .quiet = true };
	struct plait_trainer *trainer;
	struct plait_metrics metrics = { 0 };
	float predicted[MOST], out[MOST];
	double worst;

	build_net(t);
	build_set(t);
	trainer = make(t, PLAIT_GRANULARITY_AUTO, 1, PLAIT_PRECISION_FP32);
	is_int(plait_predict(trainer, t->set, &options, predicted), 0, "%s: %s", t->name, t->words);
	worst = error_of(t, SAMPLES, predicted);
	is_near(worst, 0, TOLERANCE, "%s: predictions as PyTorch, to %.1e", t->name, worst);
	is_int(plait_evaluate(trainer, t->set, &options, &metrics), 0, "%s: evaluates", t->name);
	is_near(plait_metrics_loss(&metrics) / t->loss, 1, TOLERANCE, "%s: the loss is PyTorch's",
		t->name);
	test_predictor(t, trainer, out);
	if (!on_gpu)
		ok(memcmp(out, predicted, (size_t)(SAMPLES * t->outputs) * sizeof *out) == 0,
		   "%s: a predictor has the bits of plait_predict", t->name);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(t->net);
}

/* Scaled weights are rounded alike on CPUs and GPUs.  Of x, and of weights that are not scaled,
 * rounding changes nothing. */
static void test_rounded(struct test *t)
{
	struct plait_fit_options options = { .loader.batch_size = SAMPLES, .quiet = true };
	struct plait_predictor_options at_once = { .samples = SAMPLES,
						   .precision = PLAIT_PRECISION_BF16 };
	struct plait_predictor *p = NULL;
	struct plait_trainer *trainer;
	float predicted[MOST], out[MOST];
	struct plait__convolution c;
	double exact, worst;
	bool scales;

	build_net(t);
	c = plait__folded_sizes(t->y->stand_in, SAMPLES);
	scales = plait__normalization_scales_weights(&c);
	trainer = make(t, PLAIT_GRANULARITY_AUTO, 1, PLAIT_PRECISION_BF16);
	plait_predict(trainer, t->set, &options, predicted);
	plait_predictor_of(&p, trainer, &at_once);
	plait_predictor_run(p, t->x, SAMPLES, out);
	exact = error_of(t, SAMPLES, predicted);
	for (int64_t i = 0; i < SAMPLES * t->outputs; i++)
		t->expected[i] = (double)out[i];
	worst = error_of(t, SAMPLES, predicted);
	ok(exact < 0x1p-7 && (exact > TOLERANCE) == scales, "%s: in bfloat16 it is %.1e off",
	   t->name, exact);
	is_near(worst, 0, TOLERANCE, "%s: a predictor rounds alike, to %.1e", t->name, worst);
	plait_predictor_destroy(p);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(t->net);
}

/* -- bits -------------------------------------------------------------------------------------- */

struct outcome {
	double loss;
	float out[MOST];
};

static void compute(struct test *t, enum plait_granularity grain, int shards,
		    enum plait_precision precision, struct outcome *o)
{
	struct plait_fit_options options = { .loader.batch_size = SAMPLES - 1, .quiet = true };
	struct plait_metrics metrics = { 0 };
	struct plait_trainer *trainer;

	build_net(t);
	trainer = make(t, grain, shards, precision);
	memset(o, 0, sizeof *o);
	if (plait_predict(trainer, t->set, &options, o->out) < 0 ||
	    plait_evaluate(trainer, t->set, &options, &metrics) < 0)
		tap_bail_out("%s", plait_error_message());
	o->loss = plait_metrics_loss(&metrics);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(t->net);
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* In each precision: all grains, with one shard and with two. */
static void test_bits(struct test *t, const char *policy, int cpus, struct outcome first[2][2])
{
	static struct outcome o;

	for (int p = 0; p < 2; p++)
		for (int shards = 1; shards <= 2; shards++)
			for (int g = 0; g < grains_of(shards); g++) {
				struct outcome *kept = &first[p][shards - 1];

				compute(t, grains[g], shards,
					p ? PLAIT_PRECISION_BF16 : PLAIT_PRECISION_FP32, &o);
				if (kept->loss == 0)
					*kept = o;
				ok(same(&o, kept), "%s: %s, %d workers, %s, %s, %d shards: %s",
				   t->name, policy, cpus, grain_name[g], p ? "bf16" : "fp32",
				   shards, "the same bits");
			}
}

/* -- what computes the convolution ------------------------------------------------------------- */

/* A convolution whose value somebody else wants: batchnorm's own is what it was. */
static void test_read_twice(void)
{
	struct plait_graph *net[2];
	struct plait_predictor *p[4] = { NULL };
	float out[4][3 * 49], x[2 * 49];

	for (int i = 0; i < 2 * 49; i++)
		x[i] = whole(i, 7919, 7, 0);
	for (int i = 0; i < 2; i++) {
		struct plait_node *conv, *y;

		net[i] = plait_graph_create();
		conv = plait_model(plait_input(net[i], PLAIT_F32, 3, (int64_t[]){ 2, 7, 7 }),
				   "conv:3,3,pad=1");
		y = plait_batchnorm(conv, 1e-5, 0.1);
		plait_output(y);
		plait_predictor_create(&p[i], net[i], NULL, NULL);
		y = i == 0 ? plait_add(y, conv) : conv;
		plait_output(y);
		plait_predictor_create(&p[2 + i], net[i], NULL, NULL);
	}
	for (int i = 0; i < 4; i++)
		plait_predictor_run(p[i], x, 1, out[i]);
	is_int(p[0]->plan->calls - calls_of(p[0]->plan, &plait__op_channels_last) -
		       calls_of(p[0]->plan, &plait__op_contiguous),
	       1, "a convolution with a batchnorm is one call");
	is_int(calls_of(p[2]->plan, &plait__op_conv), 1,
	       "one that something else reads is another");
	is_int(calls_of(p[3]->plan, &plait__op_conv_batchnorm), 0, "alone it is no batchnorm's");
	for (int i = 0; i < 3 * 49; i++)
		out[3][i] += out[1][i];
	ok(memcmp(out[2], out[3], sizeof out[2]) == 0,
	   "the sum of both has the bits of the two networks' sum");
	for (int i = 0; i < 4; i++)
		plait_predictor_destroy(p[i]);
	for (int i = 0; i < 2; i++)
		plait_graph_destroy(net[i]);
}

/* Two convolutions, then their batchnorms, which are layers elsewhere: a stand-in is where the
 * batchnorm is, and reads the convolution's parameters there. */
static struct plait_graph *net_apart(const char *const place[4])
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 3, (int64_t[]){ 2, 5, 5 });
	struct plait_node *a = plait_model(x, "conv:4,3"), *b = plait_model(x, "conv:4,3,bias=0");
	struct plait_node *ya = plait_batchnorm(a, 1e-5, 0.1), *yb = plait_batchnorm(b, 1e-3, 0.1);
	struct plait_node *node[4] = { a, b, ya, yb };

	for (int i = 0; place && i < 4; i++)
		plait_place(node[i], place[i]);
	plait_cross_entropy(plait_model(plait_add(ya, yb), "flatten linear:3"), plait_labels(net));
	return net;
}

static void fit_apart(const struct samples *s, const char *const place[4], bool beside,
		      struct losses *losses)
{
	struct plait_graph *net = net_apart(place);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 1);
	struct plait_fit_options options = { .epochs = 3,
					     .loader.batch_size = 10,
					     .validation = s->set,
					     .overlap_validation = beside,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = losses };

	memset(losses, 0, sizeof *losses);
	is_int(plait_fit(trainer, s->set, &options), 0, "batchnorms that are elsewhere: trains");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static void test_apart(void)
{
	static const char *const cpus[4] = { "cpu0", "cpu1", "cpu1", "cpu0" };
	static const char *const gpus[4] = { "cuda0", "cuda1", "cuda1", "cuda0" };
	struct samples s = samples_make(40, 50, 3, 0, 1);
	static struct losses here, apart;

	fit_apart(&s, NULL, false, &here);
	for (int beside = 0; beside < 2; beside++) {
		if (on_gpu && plait_cuda_workers() < 2)
			continue;
		fit_apart(&s, on_gpu ? gpus : cpus, beside, &apart);
		ok(losses_equal(&apart, &here),
		   "placed apart, validation %s training: the same bits",
		   beside ? "beside" : "behind");
	}
	samples_free(&s);
}

/* Training that goes wrong is repeated on the host, where no stand-in is computed: this one's
 * variance is negative, and a loss is too large for other reasons. */
static void test_diagnosis(void)
{
	struct samples s = samples_make(40, 50, 3, 0, 1);
	struct plait_graph *net =
		net_make(50, "reshape:2x5x5 conv:4,3 batchnorm relu flatten linear:3", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(1e38), PLAIT_GRANULARITY_AUTO, 1);
	struct plait_fit_options options = { .loader.batch_size = 10, .quiet = true };
	struct plait_tensor var;

	plait_trainer_buffer(trainer, 1, &var);
	is_string(var.name, "2.running_var", "the buffer is there");
	for (int i = 0; i < 4; i++)
		((float *)var.data)[i] = -1;
	is_int(plait_fit(trainer, s.set, &options), PLAIT_ENAN, "training goes wrong");
	ok(!strstr(plait_error_message(), "conv_batchnorm"), "%s", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* -- reading ----------------------------------------------------------------------------------- */

static bool read_case(FILE *file, struct test *t)
{
	char *line = NULL, *at, *end;
	size_t size = 0;
	bool found = false;
	int n = 0;

	memset(t, 0, sizeof *t);
	while (!found && getline(&line, &size, file) > 0)
		found = sscanf(line, "case %31s %31s %15s %d %399[^\n]", t->name, t->shape, t->kind,
			       &t->folded, t->words) == 5;
	if (!found) {
		free(line);
		return false;
	}
	for (at = t->shape; *at && t->ndim < 3; at = *end ? end + 1 : end)
		t->dim[t->ndim++] = strtoll(at, &end, 10);
	t->expected = malloc(MOST * sizeof *t->expected);
	if (getline(&line, &size, file) < 0)
		tap_bail_out("folded.txt ends within a case");
	for (at = line; n < MOST; at = end, n++) {
		t->expected[n] = strtod(at, &end);
		if (end == at)
			break;
	}
	if (n >= MOST || getline(&line, &size, file) < 0)
		tap_bail_out("folded.txt ends within a case, or has more outputs than %d", MOST);
	t->loss = strtod(line, NULL);
	free(line);
	return true;
}

static const struct {
	const char *policy;
	int cpus;
} ways[] = { { "eager", 2 }, { "plait", 1 }, { "lws", 3 }, { "dmdas", 2 } };

int main(void)
{
	static struct outcome first[2][2];
	const char *source = getenv("SRC");
	char path[1024];
	int cases = 0;
	struct test t, last = { 0 };
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/reference/folded.txt", source ? source : ".");
	file = fopen(path, "r");
	if (!file)
		tap_bail_out("%s cannot be read", path);
	start(NULL, 2);
	for (; read_case(file, &t); cases++) {
		test_case(&t);
		/* A GPU's depthwise kernels are no products, and round nothing. */
		if (t.folded == 1 && !(on_gpu && strcmp(t.name, "depthwise") == 0))
			test_rounded(&t);
		clear(&last);
		last = t;
	}
	fclose(file);
	ok(cases > 0, "%d cases", cases);
	test_read_twice();
	test_apart();
	test_diagnosis();
	plait_stop();
	for (size_t i = 0; i < sizeof ways / sizeof *ways && (i == 0 || !on_gpu); i++) {
		start(ways[i].policy, ways[i].cpus);
		test_bits(&last, ways[i].policy, ways[i].cpus, first);
		plait_stop();
	}
	clear(&last);
	return tap_done();
}
