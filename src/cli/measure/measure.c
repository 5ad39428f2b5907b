/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/measure/measure.h"
#include "src/cli/complain.h"
#include "src/cli/job/job.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <stdlib.h>

#define LEAST_WARMUP 24

int64_t cli_measure_warmup(const struct cli_options *options)
{
	int64_t tenth = options->steps / 10;

	return tenth > LEAST_WARMUP ? tenth : LEAST_WARMUP;
}

/* -- training ------------------------------------------------------------------------------- */

struct totals {
	const struct cli_measure_job *what;
	double seconds, wait_seconds, loss;
};

static int on_event(void *user, const struct plait_event *event)
{
	struct totals *totals = user;

	if (event->kind == PLAIT_EVENT_STALL)
		cli_stalled(event->text);
	if (event->kind == PLAIT_EVENT_BEGIN)
		plait_worker_use_reset();
	if (event->kind == PLAIT_EVENT_EPOCH) {
		totals->seconds += event->train->seconds;
		totals->wait_seconds += event->train->load.wait_seconds;
		totals->loss = plait_metrics_loss(event->train);
	}
	return totals->what->seconds > 0 && event->seconds > totals->what->seconds &&
	       event->step > totals->what->warmup;
}

/* Takes what workers did in so many steps, which took so many seconds. */
static void take_workers(struct cli_measure *m, int64_t steps, double seconds)
{
	double tasks = 0, busy = 0;

	m->workers = (int)starpu_worker_get_count();
	PLAIT__ASSERT(m->workers <= STARPU_NMAXWORKERS, "every worker has a figure");
	for (int i = 0; i < m->workers; i++) {
		struct plait_worker_use use;

		plait_worker_use_get(i, &use);
		m->idle_percent[i] = 100 * (1 - use.busy_seconds / seconds);
		tasks += (double)use.tasks;
		busy += use.busy_seconds;
	}
	m->tasks_per_second = tasks / seconds;
	m->task_us = busy / (double)steps * 1e6;
}

static int train(struct cli_job *job, const struct cli_measure_job *what, struct cli_measure *m)
{
	int64_t all = what->warmup + what->steps;
	double *done = plait__calloc((size_t)all, sizeof *done, "step times"), seconds;
	struct totals totals = { .what = what };
	int status;

	PLAIT__ASSERT(what->warmup > 0 && what->steps > 0, "steps that count follow others");
	if (!done)
		return cli_failed(PLAIT_ENOMEM);
	job->fit.epochs = 0;
	job->fit.steps = all;
	job->fit.step_seconds = done;
	job->fit.on_event = on_event;
	job->fit.user = &totals;
	status = plait_fit(job->trainer, job->data, &job->fit);
	while (all > what->warmup && done[all - 1] <= 0) /* it was ended before */
		all--;
	/* Steps in flight are noted together: with few of them no time may be between the first and
	 * the last. */
	seconds = all > what->warmup ? done[all - 1] - done[what->warmup - 1] : 0;
	if (status == 0 && all > what->warmup && !(seconds > 0)) {
		cli_complain("%" PRId64 " steps were too few to measure: --steps wants more",
			     what->steps);
		free(done);
		return CLI_FAILED;
	}
	if (status == 0 && all > what->warmup) {
		m->steps = all - what->warmup;
		m->step_us = seconds / (double)m->steps * 1e6;
		m->load_wait_percent = 100 * totals.wait_seconds / totals.seconds;
		m->loss = (float)totals.loss;
		take_workers(m, all, done[all - 1]);
	}
	free(done);
	m->no_room = status == PLAIT_ENOMEM && what->may_not_fit;
	return status < 0 && !m->no_room ? cli_failed(status) : CLI_DONE;
}

/* -- loading alone ---------------------------------------------------------------------------- */

static int read_batches(struct plait_loader *loader, const struct cli_measure_job *what,
			struct cli_measure *m)
{
	double begin = 0;
	int status = 0;

	for (int64_t i = 0; i < what->warmup + what->steps && status >= 0; i += status == 0) {
		struct plait_batch batch;

		if (i == what->warmup)
			begin = starpu_timing_now();
		status = plait_loader_next(loader, &batch);
		if (status == 0)
			plait_loader_release(loader);
	}
	m->steps = what->steps;
	m->step_us = (starpu_timing_now() - begin) / (double)what->steps;
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

static int load(const struct cli_job *job, const struct cli_measure_job *what,
		struct cli_measure *m)
{
	struct plait_loader *loader;
	struct plait_loader_options options = job->fit.loader;
	int status;

	options.load_once = false;
	if (options.dtype == PLAIT_U8) /* the network normalises */
		options.normalize = (struct plait_normalize){ 0 };
	status = plait_loader_create(&loader, job->data, &options);
	if (status < 0)
		return cli_failed(status);
	status = read_batches(loader, what, m);
	plait_loader_destroy(loader);
	return status;
}

/* -- both ------------------------------------------------------------------------------------- */

static int work(void *user, void *result)
{
	const struct cli_measure_job *what = user;
	struct cli_measure *m = result;
	struct cli_job job;
	int status = cli_job_open(&job, CLI_TRAIN, what->options);

	job.quiet = true;
	if (status == CLI_DONE) {
		m->cpu_workers = plait_cpu_workers();
		m->cuda_workers = plait_cuda_workers();
		status = what->kind == CLI_MEASURE_TRAIN ? train(&job, what, m)
							 : load(&job, what, m);
	}
	if (m->step_us > 0)
		m->samples_per_second = (double)job.fit.loader.batch_size *
					(double)what->options->accumulate / m->step_us * 1e6;
	return cli_job_close(&job, status);
}

struct cli_child_result cli_measure(const struct cli_measure_job *job,
				    const struct cli_setting *setting, double limit, int output,
				    struct cli_measure *measure)
{
	struct cli_child child = { .work = work,
				   .user = (void *)job,
				   .result_size = sizeof *measure,
				   .setting = setting,
				   .limit = limit,
				   .output = output };

	PLAIT__ASSERT(!starpu_is_initialized(), "StarPU is started in the child alone");
	return cli_child_run(&child, measure);
}
