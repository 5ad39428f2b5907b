/* SPDX-License-Identifier: MIT
 * Validation beside the next epoch: the same training alone, with validation after each epoch, and
 * with it beside the next one, in turn.  A step is one task, so training keeps one worker busy, and
 * loads that spin for a part of a step keep another one busy for so long.  Needs two cores.
 *
 * usage: val_overlap [SHARE [LOAD [JOB]]]     samples of validation, as a share of those of
 * training, 0.25; what a load takes of a step's time, 0.6; wide.  Prints "alone_ms X ms", "after_ms
 * X ms" and "beside_ms X ms" of an epoch, "after X times" and "beside X times" that of training
 *        alone, "run X times" the whole run, the last validation included, and "idle_percent X %"
 * of the workers' time in training alone */
#include "config.h"
#include "tests/bench/job.h"

#include <stdlib.h>

enum { ROUNDS = 9, EPOCHS = 7 };

struct epochs {
	bool overlaps;
	int count;
	double seconds[EPOCHS]; /* of each but the first, from the end of the one before */
	double busy;            /* the share of the workers' time in the last one */
	int epoch;
};

static int take(void *user, const struct plait_event *event)
{
	struct epochs *e = user;

	if (event->kind != PLAIT_EVENT_EPOCH)
		return 0;
	/* The first one has no validation beside it. */
	if (e->epoch++ > 0)
		e->seconds[e->count++] =
			event->train->seconds +
			(event->validation && !e->overlaps ? event->validation->seconds : 0);
	e->busy = (event->train->load.compute_seconds + event->train->load.load_seconds) /
		  (event->train->seconds * plait_cpu_workers());
	return 0;
}

/* Seconds of an epoch, the median, and of the whole run; and how busy the workers were. */
struct figures {
	double epoch, run, busy;
};

static struct figures train(struct bench *b, struct plait_dataset *validation, bool overlaps,
			    double load_delay)
{
	struct epochs epochs = { .overlaps = overlaps };
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader.batch_size = b->job->batch,
					     .loader.shuffle = true,
					     .loader.load_delay = load_delay,
					     .validation = validation,
					     .overlap_validation = overlaps,
					     .on_event = take,
					     .user = &epochs };
	double begin = bench_now(), run;

	bench_check(plait_fit(b->trainer, b->data, &options), "fit");
	run = bench_now() - begin;
	return (struct figures){ bench_median(epochs.seconds, epochs.count), run, epochs.busy };
}

/* The first samples of the training, which take as long as others. */
static struct plait_dataset *part_of(const struct bench *b, int64_t samples)
{
	struct plait_dataset *part = NULL;
	struct plait_tensor x = { .dtype = PLAIT_F32,
				  .ndim = 2,
				  .dim = { samples, b->job->features },
				  .data = b->x },
			    y = { .dtype = PLAIT_I32, .ndim = 1, .dim = { samples }, .data = b->y };

	bench_check(plait_dataset_from_memory(&part, &x, &y, b->job->classes), "data");
	return part;
}

int main(int argc, char **argv)
{
	const struct job *job = job_find(argc > 3 ? argv[3] : "wide");
	double share = argc > 1 ? atof(argv[1]) : 0.25, load = argc > 2 ? atof(argv[2]) : 0.6;
	int64_t steps = (job->samples + job->batch - 1) / job->batch;
	enum { ALONE, AFTER, BESIDE, WAYS };
	double epoch[WAYS][ROUNDS], ratio[WAYS][ROUNDS], run[ROUNDS], busy[ROUNDS];
	struct bench b = bench_start(
		job, &(struct plait_trainer_options){ .optimizer = plait_adam(0.001),
						      .granularity = PLAIT_GRANULARITY_STEP,
						      .shards = 1 });
	struct plait_dataset *part = part_of(&b, (int64_t)(share * (double)job->samples));

	load *= train(&b, NULL, false, 0).epoch / (double)steps;
	for (int i = 0; i < ROUNDS; i++) {
		struct figures figures[WAYS];

		for (int way = ALONE; way < WAYS; way++) {
			figures[way] = train(&b, way == ALONE ? NULL : part, way == BESIDE, load);
			epoch[way][i] = figures[way].epoch;
			ratio[way][i] = figures[way].epoch / figures[ALONE].epoch;
		}
		run[i] = figures[BESIDE].run / figures[ALONE].run;
		busy[i] = figures[ALONE].busy;
	}
	printf("alone_ms %.2f ms\n", bench_median(epoch[ALONE], ROUNDS) * 1e3);
	printf("after_ms %.2f ms\n", bench_median(epoch[AFTER], ROUNDS) * 1e3);
	printf("beside_ms %.2f ms\n", bench_median(epoch[BESIDE], ROUNDS) * 1e3);
	printf("after %.3f times\n", bench_median(ratio[AFTER], ROUNDS));
	printf("beside %.3f times\n", bench_median(ratio[BESIDE], ROUNDS));
	printf("run %.3f times\n", bench_median(run, ROUNDS));
	printf("idle_percent %.1f %%\n", 100 - 100 * bench_median(busy, ROUNDS));
	plait_dataset_destroy(part);
	bench_stop(&b);
	return 0;
}
