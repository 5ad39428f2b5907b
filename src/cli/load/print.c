/* SPDX-License-Identifier: MIT
 * What plait load prints. */
#include "config.h"
#include "src/cli/load/load.h"
#include "src/cli/memory.h"
#include "src/base/random.h"
#include "src/base/assert.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <stdio.h>

/* A worker's time for one sample. */
static double microseconds(const struct cli_load *run, double seconds)
{
	return run->stats.samples > 0 ? seconds * 1e6 / (double)run->stats.samples : 0;
}

/* A run that begins after the last batch of its last epoch reads nothing and takes no time. */
static double rate(int64_t samples, double seconds)
{
	return samples > 0 ? (double)samples / seconds : 0;
}

void cli_load_print_epoch(const struct cli_load *run, const struct plait_load_stats *stats,
			  double seconds, int64_t samples)
{
	struct plait_load_stats own = *stats;
	char verdict[160];

	/* Without hashes nothing is done with a batch, so all of the time is waiting. */
	if (!run->hash)
		own.wait_seconds = own.seconds;
	printf("Epoch %" PRId64 "/%" PRId64 "  %.3f s  %.0f samples/s", run->epoch + 1,
	       run->options->epochs, seconds, rate(samples, seconds));
	if (run->hash)
		printf("  hash %016" PRIx64, run->hash[run->epoch]);
	printf("\n  %s\n", plait_load_verdict(&own, verdict, sizeof verdict));
	fflush(stdout);
}

/* One hash for the run: that of its only epoch, or of the epochs' hashes. */
static uint64_t hash_all(const struct cli_load *run)
{
	uint64_t all = run->hash[run->first];

	PLAIT__ASSERT(run->first < run->epoch, "an epoch was read to its end");
	for (int64_t i = run->first + 1; i < run->epoch; i++)
		all = plait__key(all, run->hash[i]);
	return all;
}

static void put_hashes(struct cli_writer *out, const struct cli_load *run)
{
	if (run->epoch > run->first)
		cli_writer_hash(out, "hash", hash_all(run));
	else
		cli_writer_text(out, "hash", NULL);
	cli_writer_open(out, "epoch_hashes", '[');
	for (int64_t i = run->first; i < run->epoch; i++)
		cli_writer_hash(out, NULL, run->hash[i]);
	cli_writer_close(out, ']');
}

static void print_json(const struct cli_load *run)
{
	struct cli_writer out = { .file = stdout };
	const struct plait_load_stats *s = &run->stats;

	cli_writer_open(&out, NULL, '{');
	cli_writer_integer(&out, "samples", run->samples);
	cli_writer_real(&out, "seconds", "%.9g", run->seconds);
	cli_writer_real(&out, "samples_per_second", "%.6g", rate(run->samples, run->seconds));
	cli_writer_real(&out, "first_batch_ms", "%.3f", run->first_batch_ms);
	cli_writer_real(&out, "fetch_us", "%.4f", microseconds(run, s->fetch_seconds));
	cli_writer_real(&out, "decode_us", "%.4f", microseconds(run, s->decode_seconds));
	cli_writer_real(&out, "transform_us", "%.4f", microseconds(run, s->transform_seconds));
	cli_writer_integer(&out, "cache_samples", run->memory.cache_samples);
	cli_writer_integer(&out, "cache_bytes", run->memory.cache_bytes);
	cli_writer_integer(&out, "memory_limit", run->memory.limit);
	cli_bad_put_json(&out, &run->bad);
	if (run->hash)
		put_hashes(&out, run);
	cli_writer_close(&out, '}');
	putchar('\n');
}

static void print_summary(const struct cli_load *run)
{
	const struct plait_load_stats *s = &run->stats;

	printf("%" PRId64 " samples in %.3f s: %.0f samples/s; the first batch after %.1f ms\n",
	       run->samples, run->seconds, rate(run->samples, run->seconds), run->first_batch_ms);
	printf("Workers' time: fetch %.2f us, decode %.2f us, transform %.2f us a sample (%.0f "
	       "samples/s on one)\n",
	       microseconds(run, s->fetch_seconds), microseconds(run, s->decode_seconds),
	       microseconds(run, s->transform_seconds), rate(s->samples, s->load_seconds));
	cli_print_cache(&run->memory);
}

void cli_load_print(const struct cli_load *run)
{
	const struct cli_options *o = run->options;

	if (o->json) {
		print_json(run);
		return;
	}
	if (run->samples > 0)
		print_summary(run);
	if (run->epoch < o->epochs)
		printf("Stopped in epoch %" PRId64 "/%" PRId64 " after %" PRId64 " of %" PRId64
		       " batches\n",
		       run->epoch + 1, o->epochs, run->next, run->per_epoch);
	else if (run->batches == 0 && o->state) {
		plait__text_print(stdout, o->state);
		printf(": all %" PRId64 " epochs are done\n", o->epochs);
	}
}
