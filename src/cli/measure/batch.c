/* SPDX-License-Identifier: MIT
 * --batch-size auto: short runs with powers of two, from the largest one that fits downwards. */
#include "config.h"
#include "src/cli/options/grain.h"
#include "src/cli/measure/measure.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/cli/interrupt.h"
#include "src/cli/output.h"

#include <inttypes.h>
#include <unistd.h>

#define LARGEST 65536
/* Of each run: steps before those that count, more than are in flight; those that count; seconds
 * after which fewer count; seconds, beside those that opening the data takes, after which a batch
 * is too slow to be of use. */
#define WARMUP 16
#define STEPS 200
#define ENOUGH 1
#define TOO_LONG 30

struct choice {
	struct cli_options options; /* of the runs */
	int64_t samples;            /* of an epoch */
	double limit;               /* seconds */
	int output, tried;
	bool slow;    /* one took too long to be measured */
	bool no_room; /* some above the largest that was tried do not fit */
	int64_t largest, smallest, best;
	double rate; /* of the best: samples a second */
};

static int count_samples(const struct cli_options *options, struct choice *choice)
{
	double begin = starpu_timing_now();
	struct plait_dataset *data;
	int status = plait_dataset_open(&data, options->data);

	if (status < 0)
		return cli_failed(status);
	choice->samples = plait_dataset_info(data)->samples;
	if (options->subset[1] > 0 && options->subset[1] <= choice->samples)
		choice->samples = options->subset[1] - options->subset[0];
	if (options->rank[1] > 1)
		choice->samples = (choice->samples + options->rank[1] - 1) / options->rank[1];
	plait_dataset_destroy(data);
	choice->limit = TOO_LONG + 2e-6 * (starpu_timing_now() - begin);
	return CLI_DONE;
}

/* Samples that a batch has at least: no shard may be empty. */
static int64_t least(const struct choice *choice)
{
	return cli_shards_least(&choice->options.shards, choice->options.microbatches);
}

/* Samples in a step: fewer than the batch on average, where the last one of an epoch is short. */
static double samples_of_step(const struct choice *choice, int64_t batch)
{
	batch *= choice->options.accumulate;
	int64_t steps = (choice->samples + batch - 1) / batch;

	return choice->options.drop_last || choice->options.pad_last
		       ? (double)batch
		       : (double)choice->samples / (double)steps;
}

/* Returns the samples a second of a run, 0 for one that does not fit or is too slow, or -1 with the
 * exit status in *status. */
static double measure(struct choice *choice, int64_t batch, int *status)
{
	struct cli_measure_job job = { .kind = CLI_MEASURE_TRAIN,
				       .options = &choice->options,
				       .warmup = WARMUP,
				       .steps = STEPS,
				       .seconds = ENOUGH,
				       .may_not_fit = true };
	struct cli_measure m = { 0 };
	struct cli_child_result result;

	choice->options.batch_size = batch;
	result = cli_measure(&job, NULL, choice->limit, choice->output, &m);
	if (result.end == CLI_CHILD_INTERRUPTED) {
		*status = cli_stopped_early();
		return -1;
	}
	if (result.end == CLI_CHILD_FAILED) {
		cli_complain("%s", result.why);
		*status = result.status;
		return -1;
	}
	choice->slow |= result.end == CLI_CHILD_TIMEOUT;
	choice->no_room |= choice->tried == 0 && m.no_room;
	return m.step_us > 0 ? samples_of_step(choice, batch) / m.step_us * 1e6 : 0;
}

/* Smaller batches are slower in the end: it stops where one is half as fast as the best. */
static int try_all(struct choice *choice)
{
	int64_t batch = LARGEST;
	int status = CLI_DONE;
	double rate;

	while (batch > 1 && batch > choice->samples)
		batch /= 2;
	if (batch < least(choice)) {
		cli_complain(
			"--batch-size auto: batches have at most %" PRId64
			" samples here, which are fewer than --shards and --microbatches need, "
			"%" PRId64,
			batch, least(choice));
		return CLI_USAGE;
	}
	for (; batch >= least(choice); batch /= 2) {
		if (!choice->options.quiet)
			cli_output_progress("train: measuring batches of %" PRId64, batch);
		rate = measure(choice, batch, &status);
		cli_output_progress(NULL);
		if (rate < 0)
			return status;
		if (rate == 0)
			continue;
		if (choice->tried++ == 0)
			choice->largest = batch;
		choice->smallest = batch;
		if (rate < choice->rate / 2)
			break;
		if (rate > choice->rate) {
			choice->rate = rate;
			choice->best = batch;
		}
	}
	if (choice->best > 0)
		return CLI_DONE;
	cli_complain("--batch-size auto: %s",
		     choice->slow ? "batches are too slow to be measured: give the size"
				  : "no batch fits in memory: --batch-size 1 tells what is needed");
	return CLI_FAILED;
}

int cli_choose_batch(struct cli_options *options)
{
	struct choice choice = { .options = *options };
	int status;

	if (options->batch_size > 0)
		return CLI_DONE;
	choice.options.save = choice.options.log = NULL;
	choice.options.print_plan = false;
	choice.output = cli_output_scratch();
	if (choice.output < 0)
		return CLI_FAILED;
	status = count_samples(options, &choice);
	if (status == CLI_DONE)
		status = try_all(&choice);
	close(choice.output);
	if (status != CLI_DONE)
		return status;
	options->batch_size = choice.best;
	if (!options->quiet)
		printf("Batch size: %" PRId64 ", %.0f samples/s, the fastest of %d from %" PRId64
		       " to %" PRId64 "%s\n",
		       choice.best, choice.rate, choice.tried, choice.smallest, choice.largest,
		       choice.no_room ? "; larger ones do not fit" : "");
	return CLI_DONE;
}
