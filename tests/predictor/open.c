/* SPDX-License-Identifier: MIT
 * Predictors from a file of weights alone: what its metadata say is what is computed, and files
 * that do not say enough, or are damaged, are refused by name. */
#include "config.h"
#include "tests/files.h"
#include "tests/nets.h"

#include <unistd.h>

#define FILE_NAME "open.safetensors"

/* What goes into a file; NULL: no such text. */
struct text {
	const char *model, *input, *loss, *classes;
};

/* Weights of WORDS for `features` numbers, with other texts beside them. */
static const char *save(int64_t features, const char *words, const struct text *t)
{
	struct plait_graph *net = net_make(features, words, true);
	struct plait_trainer *trainer = NULL;
	const char *path = files_path(FILE_NAME);

	if (plait_trainer_create(&trainer, net, &(struct plait_trainer_options){ .seed = 3 }) < 0 ||
	    plait_trainer_set_metadata(trainer, "plait.model", t->model) < 0 ||
	    plait_trainer_set_metadata(trainer, "plait.input", t->input) < 0 ||
	    plait_trainer_set_metadata(trainer, "plait.loss", t->loss) < 0 ||
	    plait_trainer_set_metadata(trainer, "plait.classes", t->classes) < 0 ||
	    plait_trainer_save(trainer, path) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return path;
}

static struct plait_predictor *open_or_bail(const char *path,
					    const struct plait_predictor_options *options)
{
	struct plait_predictor *p = NULL;

	if (plait_predictor_open(&p, path, options) < 0)
		tap_bail_out("%s", plait_error_message());
	return p;
}

/* Its outputs are those of a predictor of the graph `words`, bit for bit. */
static void test_same(const char *saved, const char *words, const struct text *t)
{
	static const float x[12] = { 1, -2, 3, -4, 5, -6, 0.5f, 0.25f, 0, 1, 2, 3 };
	struct plait_predictor_options options = { .samples = 2, .threads = 1 };
	const char *path = save(6, saved, t);
	struct plait_graph *net = plait_graph_create();
	struct plait_predictor *p = open_or_bail(path, &options), *other = NULL;
	float out[8], wanted[8];

	plait_model(plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 }), words);
	if (plait_predictor_create(&other, net, path, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_predictor_inputs(p), 6, "%s: inputs", words);
	is_int(plait_predictor_outputs(p), 4, "outputs");
	plait_predictor_run(p, x, 2, out);
	plait_predictor_run(other, x, 2, wanted);
	ok(memcmp(out, wanted, sizeof out) == 0, "%s: outputs as of a graph",
	   t->loss ? t->loss : "no loss");
	plait_predictor_destroy(other);
	plait_predictor_destroy(p);
	plait_graph_destroy(net);
	unlink(path);
}

static void test_names(void)
{
	const char *path = save(2, "linear:3",
				&(struct text){ "linear:3", "[2]", "cross-entropy", "a\\x0ab\nc" });
	struct plait_predictor *p = open_or_bail(path, NULL);

	is_string(plait_predictor_class_name(p, 0), "a\nb", "a name");
	is_string(plait_predictor_class_name(p, 1), "c", "another");
	is_string(plait_predictor_class_name(p, 2), "2", "one without is called by its number");
	ok(!plait_predictor_class_name(p, 3) && !plait_predictor_class_name(p, -1) &&
		   !plait_predictor_class_name(p, INT64_MAX),
	   "there are no others");
	plait_predictor_destroy(p);
	path = save(2, "linear:11", &(struct text){ "linear:11", "[2]", "cross-entropy", NULL });
	p = open_or_bail(path, NULL);
	is_string(plait_predictor_class_name(p, 0), "0", "without names the first is 0");
	is_string(plait_predictor_class_name(p, 10), "10", "and the last 10");
	plait_predictor_destroy(p);
	path = save(2, "linear:3", &(struct text){ "linear:3", "[2]", "mse", "a\nb" });
	p = open_or_bail(path, NULL);
	ok(!plait_predictor_class_name(p, 0), "numbers are no classes");
	plait_predictor_destroy(p);
}

/* Files that are whole, and say too little or another thing than their weights. */
static void test_refused(void)
{
	static const struct {
		struct text text;
		int status;
		const char *message;
	} cases[] = {
		{ { NULL, "[6]", "mse", NULL }, PLAIT_EFORMAT, "no usable plait.model" },
		{ { "linear:4", NULL, "mse", NULL }, PLAIT_EFORMAT, "no usable plait.input" },
		{ { "linear:4", "[6]", NULL, NULL }, PLAIT_EFORMAT, "no usable plait.loss" },
		{ { "linear:4", "[6]", "hinge", "a" }, PLAIT_EFORMAT, "no usable plait.loss" },
		{ { "linear:4", "", "mse", NULL }, PLAIT_EFORMAT, "no usable plait.input" },
		{ { "linear:4", "[]", "mse", NULL }, PLAIT_EFORMAT, "no usable plait.input" },
		{ { "linear:4", "6", "mse", NULL }, PLAIT_EFORMAT, "no usable plait.input" },
		{ { "linear:4", "[6", "mse", NULL }, PLAIT_EFORMAT, "no usable plait.input" },
		{ { "linear:4", "[6]]", "mse", NULL }, PLAIT_EFORMAT, "no usable plait.input" },
		{ { "linear:4", "[-6]", "mse", NULL }, PLAIT_EFORMAT, "no usable plait.input" },
		{ { "linear:4", "[6,]", "mse", NULL }, PLAIT_EFORMAT, "no usable plait.input" },
		{ { "linear:4", "[1,1,1,1,1,1,1,1,1,6]", "mse", NULL },
		  PLAIT_EFORMAT,
		  "no usable plait.input" },
		{ { "linear:4", "[99999999999999999999]", "mse", NULL },
		  PLAIT_EFORMAT,
		  "no usable plait.input" },
		{ { "linear:4", "[0]", "mse", NULL }, PLAIT_ESHAPE, "shape [0]" },
		{ { "linear:4 swish", "[6]", "mse", NULL }, PLAIT_EINVAL, "swish" },
		{ { "", "[6]", "mse", NULL }, PLAIT_EINVAL, "" },
		{ { "linear:5", "[6]", "mse", NULL }, PLAIT_ESHAPE, "0.weight is [4,6]" },
		{ { "linear:4", "[7]", "mse", NULL }, PLAIT_ESHAPE, "0.weight is [4,6]" },
		{ { "linear:4 linear:4", "[6]", "mse", NULL }, PLAIT_ESHAPE, "no tensor 1.weight" },
		{ { "relu", "[6]", "mse", NULL }, PLAIT_ESHAPE, "holds 0.weight" },
		{ { "relu", "[2,3]", "cross-entropy", NULL }, PLAIT_EFORMAT, "output is [2,3]" },
		{ { "linear:4", "[6]", "cross-entropy", "a\nb\nc\nd\ne" },
		  PLAIT_EFORMAT,
		  "at most 4 names of classes, one for each output, found 5" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plait_predictor *p = NULL;
		const char *path = save(6, "linear:4", &cases[i].text);

		refused(plait_predictor_open(&p, path, NULL), cases[i].status, cases[i].message,
			cases[i].message);
		contains(plait_error_message(), i == 15 ? "" : path, "%zu: it names the file", i);
		ok(!p, "nothing is set");
	}
}

static void test_wrong(void)
{
	struct plait_predictor *p = NULL;
	struct plait_predictor_options bad = { .samples = -1 };
	const char *path = save(6, "linear:4", &(struct text){ "linear:4", "[6]", "mse", NULL });

	refused(plait_predictor_open(&p, path, &bad), PLAIT_EINVAL, "-1 samples", "an option");
	refused(plait_predictor_open(&p, files_path("nowhere"), NULL), PLAIT_EIO, "nowhere",
		"no file");
	refused(plait_predictor_open(&p, NULL, NULL), PLAIT_EINVAL, "path is NULL", "no path");
	refused(plait_predictor_open(NULL, path, NULL), PLAIT_EINVAL, "predictor_p is NULL",
		"no place for it");
	ok(!p, "nothing is set");
}

/* Whatever a damaged file says of its network, the message names it. */
static int attempt(const void *user)
{
	const char *path = user;
	struct plait_predictor *p = NULL;
	int status =
		plait_predictor_open(&p, path, &(struct plait_predictor_options){ .threads = 1 });
	int64_t inputs = plait_predictor_inputs(p), outputs = plait_predictor_outputs(p);
	float *x = calloc((size_t)inputs + 1, sizeof *x),
	      *out = calloc((size_t)outputs + 1, sizeof *out);

	if (p && x && out)
		plait_predictor_run(p, x, 1, out);
	free(x);
	free(out);
	plait_predictor_destroy(p);
	return status == PLAIT_ESHAPE || status == PLAIT_EINVAL || status == PLAIT_ENOMEM
		       ? PLAIT_EFORMAT
		       : status;
}

static void test_damaged(void)
{
	const char *path = save(
		6, "linear:16 relu linear:4",
		&(struct text){ "linear:16 relu linear:4", "[6]", "cross-entropy", "cat\ndog" });
	size_t size;
	void *bytes = files_read(FILE_NAME, &size);

	is_int(files_truncate(FILE_NAME, bytes, size, true, attempt, path), 0, "every length");
	is_int(files_mutate(FILE_NAME, bytes, size, 2000, attempt, path), 0, "changed 2000 times");
	free(bytes);
}

int main(void)
{
	static const char net[] = "linear:16 relu linear:4";

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_same(net, "linear:16 relu linear:4 softmax",
		  &(struct text){ net, "[6]", "cross-entropy", NULL });
	test_same(net, "linear:16 relu linear:4 softmax",
		  &(struct text){ net, "[6]", NULL, "a\nb\nc\nd" });
	test_same("linear:4 softmax", "linear:4 softmax",
		  &(struct text){ "linear:4 softmax ", "[6]", "cross-entropy", NULL });
	test_same("linear:4 log-softmax", "linear:4 log_softmax softmax",
		  &(struct text){ "linear:4 log-softmax", "[6]", "nll", NULL });
	test_same(net, net, &(struct text){ net, "[6]", "mse", NULL });
	test_same(net, net, &(struct text){ net, "[6]", "huber", NULL });
	test_same(net, "linear:16 relu linear:4 sigmoid",
		  &(struct text){ net, "[6]", "bce", NULL });
	test_same("linear:4 sigmoid", "linear:4 sigmoid",
		  &(struct text){ "linear:4 sigmoid", "[6]", "bce", NULL });
	test_same("linear:8 residual{relu linear:4|linear:4}",
		  "linear:8 residual{ relu linear:4 | linear:4 } softmax",
		  &(struct text){ "linear:8\nresidual{relu linear:4|linear:4} # of old", "[6]",
				  "cross-entropy", NULL });
	test_same("residual{linear:4 softmax|linear:4}",
		  "residual{linear:4 softmax|linear:4} softmax",
		  &(struct text){ "residual{linear:4 softmax|linear:4}", "[6]", "cross-entropy",
				  NULL });
	test_same("flatten linear:4", "flatten linear:4",
		  &(struct text){ "flatten linear:4", "[1,2,3]", "mse", NULL });
	test_names();
	test_refused();
	test_wrong();
	test_damaged();
	plait_stop();
	return tap_done();
}
