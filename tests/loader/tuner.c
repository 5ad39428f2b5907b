/* SPDX-License-Identifier: MIT
 * The tuner alone: its choices for loads and consumers of known times; and the verdict on an epoch.
 */
#include "config.h"
#include "src/loader/tuner.h"
#include "tests/tap.h"

#include <plait/loader.h>

#include <string.h>

/* Adds some batches of the same times. */
static void feed(struct plait__tuner *tuner, int batches, double busy, double wait, double own)
{
	for (int i = 0; i < batches; i++)
		plait__tuner_add(tuner, busy, wait, own);
}

static struct plait__tuner start(int workers)
{
	struct plait__tuner tuner;

	plait__tuner_init(&tuner, true, workers, true, 8, 10);
	return tuner;
}

static void test_workers(void)
{
	struct plait__tuner tuner = start(8);

	is_int(tuner.workers, 8, "it begins with all workers");
	is_int(tuner.depth, 4, "and four slots");
	feed(&tuner, 8, 800, 0, 1000);
	is_int(tuner.workers, 1, "0.8 ms of loading for 1 ms of computing: one worker, soon");
	feed(&tuner, 32, 2500, 0, 1000);
	is_int(tuner.workers, 3, "2.5 ms for 1 ms: three, at once");
	feed(&tuner, 32, 800, 0, 1000);
	is_int(tuner.workers, 3, "less is not taken at once again");
	feed(&tuner, 32, 800, 0, 1000);
	is_int(tuner.workers, 1, "but when it is enough for a while");
	feed(&tuner, 32, 2500, 0, 1000);
	feed(&tuner, 32, 2500, 100, 1000);
	is_int(tuner.workers, 4, "one more when its consumer waits all the same");
	feed(&tuner, 320, 100000, 9000, 1000);
	is_int(tuner.workers, 8, "never more than there are");
	tuner = start(8);
	feed(&tuner, 320, 50, 0, 1000);
	is_int(tuner.workers, 8, "short loads are not limited");
	tuner = start(2);
	feed(&tuner, 8, 30e3, 0, 60e3);
	is_int(tuner.workers, 1, "long steps: it need not see many");
	tuner = start(2);
	feed(&tuner, 320, 500, 500, 0);
	is_int(tuner.workers, 2, "a consumer without work of its own gets all");
}

static void test_depth(void)
{
	struct plait__tuner tuner = start(2);

	for (int i = 0; i < 128; i++)
		plait__tuner_add(&tuner, i % 16 ? 500 : 4200, 0, 1000);
	is_int(tuner.depth, 7, "now and then a load of 4.2 steps: slots for five, and two");
	feed(&tuner, 96, 500, 0, 1000);
	is_int(tuner.depth, 4, "few again when all are equal");
	for (int i = 0; i < 128; i++)
		plait__tuner_add(&tuner, i % 16 ? 500 : 14000, 0, 1000);
	is_int(tuner.depth, 8, "no more than there are");
	feed(&tuner, 96, 9000, 5000, 1000);
	is_int(tuner.depth, 4, "where loading is too slow, slots do not help");
	tuner = start(2);
	for (int i = 0; i < 128; i++)
		plait__tuner_add(&tuner, i % 16 ? 5 : 900, 0, 10);
	is_int(tuner.depth, 4, "a short load that takes long now and then is the system's doing");
	plait__tuner_init(&tuner, true, 16, true, 8, 1);
	feed(&tuner, 64, 90000, 5000, 1000);
	is_int(tuner.depth, 8, "but each worker needs one to write to");
}

static void test_fixed(void)
{
	struct plait__tuner tuner;

	plait__tuner_init(&tuner, false, 3, false, 6, 10);
	feed(&tuner, 320, 200, 0, 100000);
	is_int(tuner.workers, 3, "what was asked for stays: workers");
	is_int(tuner.depth, 6, "and slots");
}

/* A consumer that waits for the time that loading is too slow by, whatever is chosen. */
static void test_settles(void)
{
	int restless = 0, starved = 0;

	for (int tenths = 1; tenths <= 79; tenths++) {
		struct plait__tuner tuner = start(8);
		double needed = tenths / 10.0, own = 1000, busy = needed * own;
		int changes = 0;

		for (int i = 0; i < 3200; i++) {
			double pace = busy / tuner.workers;
			int before = tuner.workers;

			plait__tuner_add(&tuner, busy, pace > own ? pace - own : 0, own);
			changes += i > 1600 && tuner.workers != before;
		}
		restless += changes > 0;
		starved += busy / tuner.workers > own;
	}
	is_int(restless, 0, "0.1 to 7.9 cores of loading: it settles");
	is_int(starved, 0, "and the consumer never waits");
}

static const char *verdict(struct plait_load_stats stats)
{
	static char text[160];

	return plait_load_verdict(&stats, text, sizeof text);
}

static void test_verdict(void)
{
	struct plait_load_stats stats = { .batches = 100,
					  .seconds = 1.55,
					  .wait_seconds = 0.55,
					  .load_seconds = 3.1,
					  .fetch_seconds = 0.2,
					  .decode_seconds = 2.573,
					  .transform_seconds = 0.327,
					  .workers = 2 };

	is_string(verdict(stats),
		  "input-bound: waited 35 % of the time; decode is 83 % of loading, which would "
		  "take 3.1 cores to keep up and has 2.0",
		  "loading that takes 3.1 s for 1 s of computing elsewhere");
	stats.compute_seconds = 0.5;
	is_string(verdict(stats),
		  "input-bound: waited 35 % of the time; decode is 83 % of loading, which would "
		  "take 3.1 cores to keep up and has 1.5",
		  "and computing that takes half a core");
	stats.wait_seconds = 0;
	stats.load_seconds = 0.738;
	stats.compute_seconds = 0;
	is_string(verdict(stats),
		  "compute-bound: waited 0 % of the time; loading could be 4.2 times as fast",
		  "loading in no hurry");
	stats.load_seconds = 0.01;
	is_string(verdict(stats),
		  "compute-bound: waited 0 % of the time; loading could be over 100 times as fast",
		  "hardly any loading");
	stats.wait_seconds = 0.05;
	is_string(verdict(stats),
		  "compute-bound: waited 3 % of the time; loading could be over 100 times as fast",
		  "waiting, but not for want of cores");
	stats.wait_seconds = 0.31;
	is_string(verdict(stats),
		  "input-bound: waited 20 % of the time, though not for want of cores: as for the "
		  "first batches, or for workers that compute",
		  "but waiting long is");
	stats.compute_seconds = 3.2;
	stats.wait_seconds = 0;
	is_string(
		verdict(stats),
		"compute-bound: waited 0 % of the time; loading and computing keep all cores busy",
		"no core left over");
	stats.compute_seconds = 1.5;
	is_string(verdict(stats),
		  "compute-bound: waited 0 % of the time; one of 2 workers computes at a time, "
		  "shards would let more: --shards 2",
		  "a chain of tasks of 15 ms a step");
	stats.divided = true;
	is_string(verdict(stats),
		  "compute-bound: waited 0 % of the time; loading could be over 100 times as fast",
		  "one that has its shards, or is placed");
	stats.divided = false;
	stats.workers = 1;
	is_string(verdict(stats),
		  "compute-bound: waited 0 % of the time; loading could be 5.0 times as fast",
		  "one worker has no other beside it");
	stats.workers = 2;
	stats.batches = 10000;
	is_string(verdict(stats),
		  "compute-bound: waited 0 % of the time; loading could be over 100 times as fast",
		  "steps of 155 us are not worth shards");
	stats.batches = 100;
	stats.fetch_seconds = 3.1 * 0.9;
	stats.decode_seconds = 0;
	stats.load_seconds = 3.1;
	stats.wait_seconds = 1.54;
	is_string(verdict(stats),
		  "input-bound: waited 99 % of the time; fetch is 90 % of loading, which keeps 2.0 "
		  "of 2 cores busy",
		  "a consumer that does nothing has no pace");
	stats.fetch_seconds = stats.load_seconds = 0.05;
	is_string(verdict(stats),
		  "input-bound: waited 99 % of the time, though not for want of cores: as for the "
		  "first batches, or for workers that compute",
		  "and one that waits for workers to wake up");
	is_string(verdict((struct plait_load_stats){ .workers = 2 }), "nothing was loaded",
		  "nothing was loaded");
}

/* Words and figures agree, whatever the figures are. */
static void test_verdicts(void)
{
	int wrong = 0;

	for (int i = 0; i < 4096; i++) {
		struct plait_load_stats any = { .batches = 100,
						.seconds = 1,
						.wait_seconds = (i % 16) / 15.0,
						.load_seconds = (i / 16 % 16 + 0.5) / 4,
						.fetch_seconds = 1e-3,
						.compute_seconds = (i / 256) / 8.0,
						.workers = 2 };
		const char *text = verdict(any);

		wrong += (any.wait_seconds > 0.1) != (strncmp(text, "input", 5) == 0) &&
			 !(any.wait_seconds > 0.01 && strncmp(text, "input", 5) == 0);
		wrong += strlen(text) > 150 || strstr(text, "0.0 times") ||
			 strstr(text, "0.9 times");
	}
	is_int(wrong, 0, "the verdict follows from the waiting");
}

int main(void)
{
	test_workers();
	test_depth();
	test_fixed();
	test_settles();
	test_verdict();
	test_verdicts();
	return tap_done();
}
