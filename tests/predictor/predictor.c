/* SPDX-License-Identifier: MIT
 * Predictors: their outputs are plait_predict's and a reference's, from a file and from a trainer,
 * by several threads, without plait_start, without allocating. */
#include "config.h"
#include "tests/files.h"
#include "tests/nets.h"

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#define WORDS "linear:16 relu linear:4"
#define SAMPLES 37

static struct plait_graph *lossless(const char *words)
{
	struct plait_graph *net = plait_graph_create();
	int64_t features = 6;

	plait_model(plait_input(net, PLAIT_F32, 1, &features), words);
	return net;
}

static struct plait_predictor *open_predictor(struct plait_graph *net, const char *path,
					      int64_t samples, int threads)
{
	struct plait_predictor_options options = { .samples = samples, .threads = threads };
	struct plait_predictor *p = NULL;

	if (plait_predictor_create(&p, net, path, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return p;
}

/* -- values ------------------------------------------------------------------------------ */

/* The parameters that are drawn from seed 0, in double precision. */
static void test_reference(void)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);
	struct plait_graph *net = lossless(WORDS);
	struct plait_predictor *p = open_predictor(net, NULL, 0, 1);
	struct plait_tensor t[4];
	struct plait_graph *same = net_make(6, WORDS, false);
	struct plait_trainer *trainer = NULL;
	float out[4];
	double worst = 0;

	is_int(plait_predictor_outputs(p), 4, "four outputs");
	if (plait_start(NULL) < 0 || plait_trainer_create(&trainer, same, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 4; i++)
		plait_trainer_parameter(trainer, i, &t[i]);
	for (int n = 0; n < SAMPLES; n++) {
		double h[16];

		plait_predictor_run(p, s.x + (ptrdiff_t)n * 6, 1, out);
		for (int j = 0; j < 16; j++) {
			h[j] = ((float *)t[1].data)[j];
			for (int k = 0; k < 6; k++)
				h[j] += (double)s.x[n * 6 + k] * ((float *)t[0].data)[j * 6 + k];
			h[j] = h[j] > 0 ? h[j] : 0;
		}
		for (int c = 0; c < 4; c++) {
			double y = ((float *)t[3].data)[c];

			for (int j = 0; j < 16; j++)
				y += h[j] * ((float *)t[2].data)[c * 16 + j];
			worst = fmax(worst, fabs(y - out[c]));
		}
	}
	/* 22 products and sums of numbers below 1, each rounded to 24 bits. */
	ok(worst < 22 * 0x1p-24, "the outputs are a reference's, to %g", worst);
	plait_trainer_destroy(trainer);
	plait_stop();
	plait_graph_destroy(same);
	plait_predictor_destroy(p);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* With batches of as many samples, bit for bit; words: without a loss. */
static void test_predict(const char *words, int64_t batch)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);
	struct plait_graph *net = net_make(6, words, false), *bare = lossless(words);
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_fit_options options = { .epochs = 2, .loader.batch_size = 8, .quiet = true };
	struct plait_predictor_options at_once = { .samples = batch };
	const char *path = files_path("predictor.safetensors");
	struct plait_predictor *from_file, *of = NULL;
	float wanted[SAMPLES * 4], got[SAMPLES * 4];

	plait_fit(trainer, s.set, &options);
	plait_trainer_save(trainer, path);
	options.loader.batch_size = batch;
	plait_predict(trainer, s.set, &options, wanted);
	from_file = open_predictor(bare, path, batch, 0);
	is_int(plait_predictor_run(from_file, s.x, SAMPLES, got), 0, "%s, %d at once", words,
	       (int)batch);
	ok(memcmp(got, wanted, sizeof got) == 0, "a graph without a loss, weights of a file");
	is_int(plait_predictor_of(&of, trainer, &at_once), 0, "the trainer's");
	plait_fit(trainer, s.set, &options);
	plait_predictor_run(of, s.x, SAMPLES, got);
	ok(memcmp(got, wanted, sizeof got) == 0, "has the parameters of when it was made");
	plait_predictor_run(of, s.x, 0, NULL);
	plait_predictor_destroy(of);
	plait_predictor_destroy(from_file);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_graph_destroy(bare);
	samples_free(&s);
	unlink(path);
}

/* -- other graphs ------------------------------------------------------------------------ */

/* Bytes in, an output in the middle, one that is a view, and a network without parameters. */
static void test_graphs(void)
{
	const float scale = 2, shift = -1;
	const uint8_t pixels[8] = { 0, 51, 102, 153, 204, 255, 0, 255 };
	const float x[6] = { -1, 2, -3, 4, -5, 6 };
	int64_t image[3] = { 1, 2, 2 }, features = 6;
	struct plait_graph *net = plait_graph_create();
	struct plait_predictor *p;
	struct plait_node *last;
	float out[12];

	plait_flatten(plait_normalize(plait_input(net, PLAIT_U8, 3, image), 1, &scale, &shift));
	p = open_predictor(net, NULL, 1, 1);
	plait_predictor_run(p, pixels, 2, out);
	is_near(out[1], 2 * 0.2 - 1, 1e-6, "a byte is normalised"); /* a few roundings */
	is_near(out[7], 1, 1e-6, "that of the second sample too");
	plait_predictor_destroy(p);
	plait_graph_destroy(net);

	net = plait_graph_create();
	plait_linear(plait_output(plait_relu(plait_input(net, PLAIT_F32, 1, &features))), 3);
	p = open_predictor(net, NULL, 1, 1);
	is_int(plait_predictor_outputs(p), 6, "the output is where plait_output says");
	plait_predictor_run(p, x, 1, out);
	ok(out[0] == 0 && out[1] == 2 && out[5] == 6, "and its values");
	plait_predictor_destroy(p);
	ok(!plait_output(plait_labels(net)), "labels are no output");
	contains(plait_graph_status(net) < 0 ? plait_error_message() : "", "a source",
		 "which the graph keeps");
	plait_graph_destroy(net);
	net = plait_graph_create();
	last = plait_linear(plait_input(net, PLAIT_F32, 1, &features), 64);
	p = open_predictor(net, NULL, 1, 1);
	plait_predictor_destroy(p);
	plait_linear(last, 4);
	p = open_predictor(net, NULL, 1, 1);
	is_int(plait_predictor_outputs(p), 4, "a layer that was appended later is the output");
	plait_predictor_destroy(p);
	plait_graph_destroy(net);
}

static void test_wrong(void)
{
	struct plait_graph *empty = plait_graph_create(), *net = lossless(WORDS),
			   *other = lossless("linear:5"), *two = plait_graph_create();
	struct plait_predictor_options bad = { .samples = -1 };
	struct plait_predictor *p = NULL;
	const char *path = files_path("wrong.safetensors");
	int64_t one = 1;

	plait_add(plait_input(two, PLAIT_F32, 1, &one), plait_input(two, PLAIT_F32, 1, &one));
	refused(plait_predictor_create(&p, empty, NULL, NULL), PLAIT_EINVAL, "computes nothing",
		"an empty graph");
	refused(plait_predictor_create(&p, two, NULL, NULL), PLAIT_EINVAL, "2 inputs",
		"two inputs");
	plait_flatten(plait_input(empty, PLAIT_F32, 1, &one));
	refused(plait_predictor_create(&p, empty, NULL, NULL), PLAIT_EINVAL, "add layers",
		"a graph of a view alone");
	refused(plait_predictor_create(&p, net, NULL, &bad), PLAIT_EINVAL, "-1 samples",
		"no samples at once");
	bad = (struct plait_predictor_options){ .samples = INT64_C(1) << 56 };
	refused(plait_predictor_create(&p, net, NULL, &bad), PLAIT_ENOMEM, "do not fit",
		"more samples than can be counted in bytes");
	bad = (struct plait_predictor_options){ .threads = -1 };
	refused(plait_predictor_create(&p, net, NULL, &bad), PLAIT_EINVAL, "-1 threads",
		"no threads");
	refused(plait_predictor_create(&p, net, files_path("nowhere"), NULL), PLAIT_EIO, "nowhere",
		"no file");
	files_write("wrong.safetensors", "no", 2);
	refused(plait_predictor_create(&p, net, path, NULL), PLAIT_EFORMAT, "wrong",
		"another kind of file");
	ok(!p, "nothing is set");
	plait_graph_destroy(empty);
	plait_graph_destroy(net);
	plait_graph_destroy(other);
	plait_graph_destroy(two);
	unlink(path);
}

/* -- many calls -------------------------------------------------------------------------- */

struct caller {
	struct plait_predictor *p;
	const float *x, *wanted;
	int wrong;
};

static void *call_often(void *arg)
{
	struct caller *c = arg;
	float out[5 * 4];

	for (int i = 0; i < 4000; i++) {
		int first = i % (SAMPLES - 5), samples = 1 + i % 5;

		plait_predictor_run(c->p, c->x + (ptrdiff_t)first * 6, samples, out);
		/* One sample at a time, so the bits do not depend on how many are given. */
		c->wrong += memcmp(out, c->wanted + (ptrdiff_t)first * 4,
				   (size_t)samples * 4 * sizeof *out) != 0;
	}
	return NULL;
}

/* More threads than there are places. */
static void test_threads(int places)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);
	struct plait_graph *net = lossless(WORDS);
	struct plait_predictor *p = open_predictor(net, NULL, 1, places);
	float wanted[SAMPLES * 4];
	struct caller caller[4];
	pthread_t thread[4];

	plait_predictor_run(p, s.x, SAMPLES, wanted);
	for (int i = 0; i < 4; i++) {
		caller[i] = (struct caller){ p, s.x, wanted, 0 };
		pthread_create(&thread[i], NULL, call_often, &caller[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		is_int(caller[i].wrong, 0, "%d places: thread %d has the right outputs", places, i);
	}
	plait_predictor_destroy(p);
	plait_graph_destroy(net);
	samples_free(&s);
}

static void test_allocates_nothing(void)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);
	struct plait_graph *net = lossless(WORDS);
	struct plait_predictor *p = open_predictor(net, NULL, 8, 2);
	float out[SAMPLES * 4];
	size_t before;

	plait_predictor_run(p, s.x, SAMPLES, out);
	before = mallinfo2().uordblks;
	for (int i = 0; i < 10000; i++)
		plait_predictor_run(p, s.x, 1 + i % SAMPLES, out);
	is_int(mallinfo2().uordblks, before, "nothing stays allocated");
	plait_predictor_destroy(p);
	plait_graph_destroy(net);
	samples_free(&s);
}

int main(void)
{
	test_reference();
	test_graphs();
	test_wrong();
	test_threads(1);
	test_threads(4);
	test_allocates_nothing();
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int64_t batch = 1; batch <= 64; batch *= 4) {
		test_predict(WORDS, batch);
		test_predict("linear:20 gelu linear:9 tanh linear:4 softmax", batch);
	}
	plait_stop();
	return tap_done();
}
