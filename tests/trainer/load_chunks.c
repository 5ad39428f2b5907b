/* SPDX-License-Identifier: MIT
 * The load of a task of several steps is cut into chunks by what a sample takes, even where a batch
 * is a single sample. */
#include "config.h"
#include "tests/nets.h"

#include <time.h>

/* More than a chunk is to take. */
#define SAMPLE_NANOSECONDS 400000

static int read_slowly(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	const struct timespec time = { .tv_nsec = SAMPLE_NANOSECONDS };

	(void)user, (void)key, (void)target;
	nanosleep(&time, NULL);
	*(float *)x = (float)index;
	*label = (int32_t)(index % 2);
	return 0;
}

/* Symbols of codelets that fill chunks; the length of a chunk is in them. */
struct symbols {
	char text[512];
};

static void take_load(void *user, const char *symbol, const char *name)
{
	struct symbols *symbols = user;
	size_t used = strlen(symbols->text);

	if (strcmp(name, "load") == 0)
		snprintf(symbols->text + used, sizeof symbols->text - used, "%s ", symbol);
}

/* Codelets live until StarPU is down, so each call has a StarPU of its own. */
static struct symbols symbols_of(int64_t chunk)
{
	struct plait_dataset_info info = { .spec = "slow",
					   .samples = 8,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 1 },
					   .classes = 2 };
	struct plait_dataset *set = NULL;
	struct plait_graph *net = net_make(1, "linear:2", false);
	struct plait_trainer_options run = { .optimizer = plait_sgd(0.1),
					     .granularity = PLAIT_GRANULARITY_RUN,
					     .steps_per_task = 4 };
	struct plait_fit_options options = { .loader = { .batch_size = 1, .chunk = chunk } };
	struct plait_trainer *trainer = NULL;
	struct symbols symbols = { "" };

	if (plait_start(NULL) < 0 ||
	    plait_dataset_from_callback(&set, &info, read_slowly, NULL) < 0 ||
	    plait_trainer_create(&trainer, net, &run) < 0 ||
	    plait_trainer_codelets(trainer, set, &options, take_load, &symbols) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(set);
	plait_stop();
	return symbols;
}

int main(void)
{
	struct symbols one = symbols_of(1), all = symbols_of(4), measured = symbols_of(0);

	ok(strcmp(one.text, all.text) != 0, "chunks of one sample have a model of their own");
	is_string(measured.text, one.text,
		  "each of four slow samples is a chunk, though a batch has but one");
	return tap_done();
}
