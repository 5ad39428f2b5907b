/* SPDX-License-Identifier: MIT
 * plait load: the loader alone, as a program with a loop of its own uses it. */
#include "config.h"
#include "src/cli/load/load.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/files/files.h"
#include "src/cli/interrupt.h"
#include "src/cli/memory.h"
#include "src/cli/job/job.h"
#include "src/cli/job/open.h"
#include "src/cli/job/start.h"
#include "src/cli/job/transforms.h"
#include "src/base/base.h"
#include "src/base/hash.h"

#include <inttypes.h>
#include <starpu.h>
#include <stdlib.h>

static int create_loader(struct cli_load *run)
{
	const struct cli_options *o = run->options;
	struct plait_loader_options options = cli_loader_options(o);
	int status;

	options.load_once = false; /* every batch's bytes are looked at */
	options.sampler = run->sampler.sampler;
	options.transform = run->transform;
	options.bad = run->bad;
	status = plait_loader_create(&run->loader, run->data, &options);
	if (status < 0)
		return cli_failed(status);
	run->per_epoch = plait_loader_batches(run->loader);
	return CLI_DONE;
}

static int open_loader(struct cli_load *run)
{
	int status = cli_start(run->options, false);
	double before;

	if (status < 0)
		return cli_failed(status);
	status = cli_data_open(&run->data, run->options->data, run->options);
	if (status == CLI_DONE)
		status = cli_transform_parse(&run->transform, "--transform",
					     run->options->transform);
	if (status == CLI_DONE)
		status = cli_sampler_make(&run->sampler, run->options, run->data);
	if (status == CLI_DONE)
		status = cli_bad_make(&run->bad, run->options);
	run->begin = starpu_timing_now();
	if (status == CLI_DONE)
		status = create_loader(run);
	if (status != CLI_DONE)
		return status;
	if (!run->options->json) {
		plait_loader_memory(run->loader, &run->memory);
		cli_print_loader(&run->memory);
	}
	/* The check that the data has not changed does not count as loading. */
	before = starpu_timing_now();
	status = cli_load_resume(run);
	run->begin += starpu_timing_now() - before;
	return status;
}

static uint64_t hash_batch(const struct plait_batch *batch, int64_t elements, int64_t targets)
{
	size_t rows = (size_t)batch->samples;
	struct plait__hash hash;

	PLAIT__ASSERT(!batch->x != !batch->bytes, "a batch has floats or bytes");
	plait__hash_start(&hash);
	if (batch->x)
		plait__hash_add(&hash, batch->x, rows * (size_t)elements * sizeof *batch->x);
	else
		plait__hash_add(&hash, batch->bytes, rows * (size_t)elements);
	if (batch->labels)
		plait__hash_add(&hash, batch->labels, rows * sizeof *batch->labels);
	if (batch->targets)
		plait__hash_add(&hash, batch->targets,
				rows * (size_t)targets * sizeof *batch->targets);
	if (batch->weights)
		plait__hash_add(&hash, batch->weights, rows * sizeof *batch->weights);
	return plait__hash_end(&hash);
}

/* Whether --batches are read and more of the epoch is left. */
static bool enough(const struct cli_load *run)
{
	return run->options->batches > 0 && run->batches >= run->options->batches &&
	       run->next < run->per_epoch;
}

/* Reads what is left of an epoch.  Returns PLAIT_END after its last batch, 0 after --batches, or
 * an error. */
static int read_epoch(struct cli_load *run, int64_t elements)
{
	int64_t targets = plait_dataset_info(run->data)->targets;
	struct plait_batch batch;
	int status = 0;

	while (!cli_stop && status == 0 && !enough(run)) {
		status = plait_loader_next(run->loader, &batch);
		if (status != 0)
			break;
		if (run->first_batch_ms <= 0)
			run->first_batch_ms = (starpu_timing_now() - run->begin) / 1e3;
		if (run->hash)
			run->running =
				plait__key(run->running, hash_batch(&batch, elements, targets));
		run->samples += batch.valid;
		run->batches++;
		run->next++;
		PLAIT__ASSERT(
			run->next <= run->per_epoch && batch.valid <= batch.samples,
			"an epoch has no more batches, and a batch no more samples, than was said");
		plait_loader_release(run->loader);
		status = cli_load_save_soon(run);
	}
	if (status == PLAIT_ETIMEOUT)
		cli_stalled(plait_error_message());
	return status == 0 && cli_stop ? PLAIT_EINTERRUPTED : status;
}

static void add_stats(struct plait_load_stats *sum, const struct plait_load_stats *stats)
{
	sum->samples += stats->samples;
	sum->load_seconds += stats->load_seconds;
	sum->fetch_seconds += stats->fetch_seconds;
	sum->decode_seconds += stats->decode_seconds;
	sum->transform_seconds += stats->transform_seconds;
}

static void finish_epoch(struct cli_load *run, const struct plait_load_stats *stats, double seconds,
			 int64_t samples)
{
	PLAIT__ASSERT(run->epoch < run->options->epochs, "there is a hash for each epoch");
	if (run->hash)
		run->hash[run->epoch] = run->running;
	if (!run->options->json)
		cli_load_print_epoch(run, stats, seconds, samples);
	run->epoch++;
	run->next = 0;
	run->running = 0;
}

static int read_epochs(struct cli_load *run)
{
	int64_t dim[PLAIT_MAX_DIMS], elements;
	double begin = run->begin, end = begin;
	struct plait_load_stats stats;
	int ndim, status = plait_sample_shape(run->data, run->transform, &ndim, dim);

	if (status < 0)
		return cli_failed(status);
	elements = plait_shape_elements(ndim, dim);
	status = PLAIT_END;
	while (status == PLAIT_END && run->epoch < run->options->epochs) {
		int64_t before = run->samples;

		status = read_epoch(run, elements);
		end = starpu_timing_now();
		plait_loader_stats(run->loader, &stats);
		add_stats(&run->stats, &stats);
		if (status == PLAIT_END) {
			finish_epoch(run, &stats, (end - begin) / 1e6, run->samples - before);
			begin = end;
		}
		if (status >= 0 || status == PLAIT_EINTERRUPTED) {
			int saved = cli_load_save(run);

			status = saved < 0 ? saved : status;
		}
	}
	run->seconds = (end - run->begin) / 1e6;
	if (status == PLAIT_EINTERRUPTED) {
		cli_complain("interrupted after %" PRId64 " samples, in epoch %" PRId64
			     " after %" PRId64 " of %" PRId64 " batches",
			     run->samples, run->epoch + 1, run->next, run->per_epoch);
		return CLI_INTERRUPTED;
	}
	return status < 0 ? cli_bad_failed(&run->bad, status) : CLI_DONE;
}

int cli_load(int argc, char **argv)
{
	struct cli_options options;
	struct cli_load run = { .options = &options };
	int status = cli_options_parse(&options, CLI_LOAD, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_ends();
	status = options.state ? cli_files_lock("load", "--state", options.state) : CLI_DONE;
	if (status != CLI_DONE)
		return status;
	if (options.hash) {
		run.hash = plait__calloc((size_t)options.epochs, sizeof *run.hash, "hashes");
		if (!run.hash)
			return cli_failed(PLAIT_ENOMEM);
	}
	status = open_loader(&run);
	if (status == CLI_DONE)
		status = read_epochs(&run);
	if (run.loader)
		plait_loader_memory(run.loader, &run.memory);
	/* What is loaded ahead may find bad samples too. */
	plait_loader_destroy(run.loader);
	if (status == CLI_DONE)
		cli_load_print(&run);
	cli_bad_print(&run.bad);
	cli_bad_free(&run.bad);
	cli_sampler_free(&run.sampler);
	plait_transform_destroy(run.transform);
	plait_dataset_destroy(run.data);
	plait_stop();
	free(run.hash);
	return status;
}
