/* SPDX-License-Identifier: MIT
 * What loader and trainer refuse: the status, and a message that names what is wrong.  Nothing
 * hangs, and nothing is half-built: after every refusal the same objects work. */
#include "config.h"
#include "tests/nets.h"

#include <unistd.h>

#define WORDS "linear:8 relu linear:4"

/* -- data and options of a run ------------------------------------------------------- */

struct runs {
	struct samples good, wide, five, targets, plain;
	struct plait_trainer *trainer;
	struct plait_graph *net;
	float out[64 * 4];
};

/* Training, evaluating and predicting refuse alike. */
static void run_refused(struct runs *r, struct plait_dataset *set, struct plait_fit_options options,
			int status, const char *part, const char *what)
{
	struct plait_metrics metrics;
	char text[100];

	options.quiet = true;
	snprintf(text, sizeof text, "fit, %s", what);
	refused(plait_fit(r->trainer, set, &options), status, part, text);
	snprintf(text, sizeof text, "evaluate, %s", what);
	refused(plait_evaluate(r->trainer, set, &options, &metrics), status, part, text);
	if (status == PLAIT_ELABEL || strstr(what, "labels"))
		return; /* which predicting does not read */
	snprintf(text, sizeof text, "predict, %s", what);
	refused(plait_predict(r->trainer, set, &options, r->out), status, part, text);
}

static void fit_refused(struct runs *r, struct plait_fit_options options, int status,
			const char *part, const char *what)
{
	options.quiet = true;
	refused(plait_fit(r->trainer, r->good.set, &options), status, part, what);
}

static void test_data(struct runs *r)
{
	struct plait_fit_options none = { 0 };

	run_refused(r, r->wide.set, none, PLAIT_ESHAPE,
		    "samples are [7], the network's input is [6]", "other shapes");
	run_refused(r, r->five.set, none, PLAIT_ELABEL,
		    "labels are 0 to 4, the network has 4 outputs", "too many classes");
	run_refused(r, r->plain.set, none, PLAIT_EINVAL, "no class labels", "a set without labels");
	none.quiet = true;
	is_int(plait_predict(r->trainer, r->plain.set, NULL, r->out), 0,
	       "predicting needs no labels");
	none.validation = r->wide.set;
	fit_refused(r, none, PLAIT_ESHAPE, "[7]", "a validation set of another shape");
	none.validation = r->five.set;
	fit_refused(r, none, PLAIT_ELABEL, "0 to 4", "a validation set of too many classes");
}

static void test_run_options(struct runs *r)
{
#define REFUSED(status, part, what, ...) \
	run_refused(r, r->good.set, (struct plait_fit_options){ __VA_ARGS__ }, status, part, what)
	REFUSED(PLAIT_EINVAL, "batch size -3", "a batch of -3", .loader.batch_size = -3);
	REFUSED(PLAIT_EINVAL, "-2 load workers", "workers below 0", .loader.workers = -2);
	REFUSED(PLAIT_EINVAL, "prefetch 1", "one slot", .loader.prefetch = 1);
	REFUSED(PLAIT_EINVAL, "prefetch 1025", "too many slots", .loader.prefetch = 1025);
	REFUSED(PLAIT_EINVAL, "std of channel 0", "a std of 0",
		.loader.normalize = { .channels = 1 });
	REFUSED(PLAIT_EINVAL, "17 channels", "too many channels",
		.loader.normalize = { .channels = 17 });
	REFUSED(PLAIT_ESHAPE, "2 channels", "channels that are not there",
		.loader.normalize = { .channels = 2, .std = { 1, 1 } });
	REFUSED(PLAIT_EINVAL, "3 shards of a batch of 2", "more shards than samples",
		.loader.batch_size = 2);
#undef REFUSED
	fit_refused(r, (struct plait_fit_options){ .epochs = -1 }, PLAIT_EINVAL, "-1 epochs",
		    "epochs below 0");
	fit_refused(r, (struct plait_fit_options){ .log_every = -1 }, PLAIT_EINVAL, "log_every",
		    "log_every below 0");
	fit_refused(r,
		    (struct plait_fit_options){ .loader.batch_size = 65, .loader.drop_last = true },
		    PLAIT_EINVAL, "64 samples are fewer than the batch size 65",
		    "nothing but a short batch to drop");
}

static void test_null(struct runs *r)
{
	struct plait_metrics metrics;

	refused(plait_fit(NULL, r->good.set, NULL), PLAIT_EINVAL, "trainer is NULL",
		"fit without a trainer");
	refused(plait_fit(r->trainer, NULL, NULL), PLAIT_EINVAL, "data set is NULL",
		"fit without data");
	refused(plait_evaluate(r->trainer, NULL, NULL, &metrics), PLAIT_EINVAL, "data set",
		"evaluate without data");
	refused(plait_evaluate(r->trainer, r->good.set, NULL, NULL), PLAIT_EINVAL, "metrics",
		"evaluate into nothing");
	refused(plait_predict(r->trainer, r->good.set, NULL, NULL), PLAIT_EINVAL, "out is NULL",
		"predict into nothing");
	refused(plait_trainer_save(r->trainer, NULL), PLAIT_EINVAL, "path is NULL", "save nowhere");
	refused(plait_trainer_load(NULL, "x"), PLAIT_EINVAL, "trainer is NULL",
		"load into nothing");
}

static void test_targets(struct runs *r)
{
	struct plait_graph *net = net_make(6, WORDS, true);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 0);

	refused(plait_fit(trainer, r->good.set, NULL), PLAIT_EINVAL, "no target vectors",
		"mse without targets");
	refused(plait_fit(trainer, r->targets.set, NULL), PLAIT_ESHAPE,
		"targets have 3 values, the graph wants 4", "targets of another size");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* -- from inside a run --------------------------------------------------------------- */

static int intrude(void *user, const struct plait_event *event)
{
	struct runs *r = user;
	struct plait_metrics metrics;

	if (event->kind != PLAIT_EVENT_STEP)
		return 0;
	refused(plait_fit(r->trainer, r->good.set, NULL), PLAIT_ESTATE, "in a run",
		"fit from an event handler");
	refused(plait_evaluate(r->trainer, r->good.set, NULL, &metrics), PLAIT_ESTATE, "in a run",
		"evaluate");
	refused(plait_predict(r->trainer, r->good.set, NULL, r->out), PLAIT_ESTATE, "in a run",
		"predict");
	refused(plait_trainer_save(r->trainer, "errors-test.safetensors"), PLAIT_ESTATE, "in a run",
		"save");
	refused(plait_trainer_load(r->trainer, "errors-test.safetensors"), PLAIT_ESTATE, "in a run",
		"load");
	return 0;
}

static void test_intruder(struct runs *r)
{
	struct plait_fit_options options = { .log_every = 2, .on_event = intrude, .user = r };

	is_int(plait_fit(r->trainer, r->good.set, &options), 0, "the run itself ends well");
}

/* -- files --------------------------------------------------------------------------- */

static void load_refused(struct runs *r, const char *path, int status, const char *part,
			 const char *what)
{
	uint64_t before = parameters_hash(r->trainer);

	refused(plait_trainer_load(r->trainer, path), status, part, what);
	ok(parameters_hash(r->trainer) == before, "%s: nothing has changed", what);
}

/* Saves a trainer of other words, for this one to refuse. */
static void load_other(struct runs *r, const char *words, const char *part, const char *what)
{
	static const char path[] = "errors-test.safetensors";
	struct plait_graph *net = net_make(6, words, false);
	struct plait_trainer *other = trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 0);

	is_int(plait_trainer_save(other, path), 0, "save of \"%s\"", words);
	load_refused(r, path, PLAIT_ESHAPE, part, what);
	unlink(path);
	plait_trainer_destroy(other);
	plait_graph_destroy(net);
}

static void test_files(struct runs *r)
{
	struct plait_tensor tensor;
	FILE *file = fopen("errors-test.junk", "w");

	fputs("not a safetensors file, for sure", file);
	fclose(file);
	load_refused(r, "no/such/file.safetensors", PLAIT_EIO, "no/such/file.safetensors",
		     "a file that is not there");
	load_refused(r, "errors-test.junk", PLAIT_EFORMAT, "errors-test.junk", "a file of junk");
	unlink("errors-test.junk");
	load_other(r, "linear:8 relu linear:5", "2.weight is [5,8], the network's is [4,8]",
		   "another shape");
	load_other(r, "linear:8", "no tensor 2.weight", "a tensor is missing");
	load_other(r, "linear:8 relu linear:4 linear:4", "holds 3.weight", "a tensor too many");
	refused(plait_trainer_save(r->trainer, "no/such/folder/x.safetensors"), PLAIT_EIO,
		"no/such/folder", "a folder that is not there");
	refused(plait_trainer_parameter(r->trainer, -1, &tensor), PLAIT_EINVAL, "parameter -1",
		"parameter -1");
	refused(plait_trainer_parameter(r->trainer, 4, &tensor), PLAIT_EINVAL, "there are 4",
		"parameter 4 of 4");
	is_int(plait_trainer_parameter(r->trainer, 3, &tensor), 0, "parameter 3 is there");
	is_string(tensor.name, "2.bias", "and is the last bias");
}

/* -- loaders ------------------------------------------------------------------------- */

static void test_loader(struct runs *r)
{
	static const struct {
		struct plait_loader_options options;
		int status;
		const char *part, *what;
	} bad[] = {
		{ { .batch_size = -1 }, PLAIT_EINVAL, "batch size -1", "a loader's batch of -1" },
		{ { .batch_size = INT64_MAX },
		  PLAIT_ENOMEM,
		  "does not fit in memory",
		  "a loader's batch beyond memory" },
		{ { .workers = -1 }, PLAIT_EINVAL, "-1 load workers", "a loader's workers" },
		{ { .prefetch = 1 }, PLAIT_EINVAL, "prefetch 1", "a loader's slots" },
		{ { .batch_size = 100, .drop_last = true },
		  PLAIT_EINVAL,
		  "64 samples are fewer",
		  "nothing but a short batch" },
		{ { .normalize = { .channels = 1, .std = { -1 } } },
		  PLAIT_EINVAL,
		  "std of channel 0",
		  "a loader's std" },
		{ { .normalize = { .channels = 4, .std = { 1, 1, 1, 1 } } },
		  PLAIT_ESHAPE,
		  "4 channels",
		  "its channels" },
	};
	struct plait_loader *loader = NULL;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		refused(plait_loader_create(&loader, r->good.set, &bad[i].options), bad[i].status,
			bad[i].part, bad[i].what);
		ok(!loader, "%s: no loader", bad[i].what);
	}
	refused(plait_loader_create(&loader, NULL, NULL), PLAIT_EINVAL, "data set is NULL",
		"a loader of nothing");
}

int main(void)
{
	struct runs *r = calloc(1, sizeof *r);

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	r->net = net_make(6, WORDS, false);
	r->trainer = trainer_make(r->net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 3);
	r->good = samples_make(64, 6, 4, 0, 1);
	r->wide = samples_make(64, 7, 4, 0, 1);
	r->five = samples_make(64, 6, 5, 0, 1);
	r->targets = samples_make(64, 6, 0, 3, 1);
	r->plain = samples_make(64, 6, 0, 0, 1);
	test_data(r);
	test_run_options(r);
	test_null(r);
	test_targets(r);
	test_intruder(r);
	test_files(r);
	test_loader(r);
	is_int(plait_fit(r->trainer, r->good.set, &(struct plait_fit_options){ .quiet = true }), 0,
	       "after all that the trainer trains");
	plait_trainer_destroy(r->trainer);
	plait_graph_destroy(r->net);
	samples_free(&r->good);
	samples_free(&r->wide);
	samples_free(&r->five);
	samples_free(&r->targets);
	samples_free(&r->plain);
	free(r);
	plait_stop();
	return tap_done();
}
