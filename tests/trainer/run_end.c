/* SPDX-License-Identifier: MIT
 * How a run ends whose steps a program drives: a loss that is not finite, a bad sample, a flag,
 * wrong use; and two of them at once. */
#include "config.h"
#include "tests/trainer/run.h"

#include <pthread.h>
#include <unistd.h>

/* -- the end ----------------------------------------------------------------------------- */

static void test_not_finite(enum plait_granularity grain, const char *name, int shards)
{
	struct job job = job_make(200, plait_sgd(1e30), grain, shards);
	struct plait_run *run =
		open_run(&job, (struct plait_run_options){ .loader.batch_size = 10 });
	int status = step_on(run, 19);
	float loss = 0;

	is_int(status < 0 ? status : plait_run_wait(run), PLAIT_ENAN, "%s, %d shards: not finite",
	       name, shards);
	contains(plait_error_message(), "step 2 ", "in step 2");
	is_int(plait_run_loss(run, 1, &loss), 0, "step 1 has a loss");
	ok(isfinite(loss), "which is finite");
	refused(plait_run_step(run), PLAIT_ENAN, "2.linear", "another step");
	is_int(plait_run_done(run), 1, "one step counts");
	is_int(plait_run_close(run), PLAIT_ENAN, "closing says so too");
	ok(parameters_hash(job.trainer) ==
		   hash_after(WORDS, &job.s, plait_sgd(1e30), grain, shards, 1),
	   "the parameters are those of step 1");
	is_int(plait_trainer_steps(job.trainer), 1, "the trainer has counted one");
	job_free(&job);
}

static int read_slowly(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	volatile int *hold = user;

	(void)key;
	(void)target;
	while (index == 17 && *hold == 1)
		usleep(1000);
	if (index == 17 && *hold == 2)
		return -1;
	for (int f = 0; f < 6; f++)
		((float *)x)[f] = (float)((index + f) % 5);
	*label = (int32_t)(index % 4);
	return 0;
}

/* hold 1: sample 17 hangs; 2: it cannot be read. */
static struct job job_with_callback(volatile int *hold)
{
	struct job job = { .net = net_make(6, WORDS, false) };
	struct plait_dataset_info info = { .spec = "slow",
					   .samples = 40,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 6 },
					   .classes = 4 };

	job.trainer = trainer_make(job.net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	if (plait_dataset_from_callback(&job.s.set, &info, read_slowly, (void *)hold) < 0)
		tap_bail_out("%s", plait_error_message());
	return job;
}

static void test_bad_sample(void)
{
	volatile int hold = 2;
	struct job job = job_with_callback(&hold);
	struct plait_run *run =
		open_run(&job, (struct plait_run_options){ .loader.batch_size = 4 });
	float loss;

	step_on(run, 10);
	is_int(plait_run_loss(run, 4, &loss), 0, "steps before the bad sample's are done");
	refused(plait_run_wait(run), PLAIT_EDATA, "17", "the wait");
	refused(plait_run_step(run), PLAIT_EDATA, "17", "another step");
	is_int(plait_run_close(run), PLAIT_EDATA, "closing says so too");
	is_int(plait_trainer_steps(job.trainer), 4, "four steps were made");
	job_free(&job);
}

static void *let_go(void *hold)
{
	usleep(400 * 1000);
	*(volatile int *)hold = 0;
	return NULL;
}

/* A wait for a sample that hangs ends by the flag, by the timeout, and by plait_run_stop. */
static void test_interrupted(void)
{
	volatile int hold = 1, stop = 0;
	struct job job = job_with_callback(&hold);
	struct plait_run *run = open_run(&job, (struct plait_run_options){ .loader.batch_size = 4,
									   .loader.timeout = 0.1,
									   .stop = &stop });
	pthread_t thread;
	float loss;

	is_int(step_on(run, 8), 0, "eight steps are submitted");
	refused(plait_run_loss(run, 5, &loss), PLAIT_ETIMEOUT, "sample 17", "the fifth loss");
	stop = 1;
	refused(plait_run_loss(run, 5, &loss), PLAIT_EINTERRUPTED, "stopped", "with the flag set");
	refused(plait_run_step(run), PLAIT_EINTERRUPTED, "stopped", "a step");
	is_int(plait_run_loss(run, 4, &loss), 0, "what was done before is still told");
	pthread_create(&thread, NULL, let_go, (void *)&hold);
	is_int(plait_run_close(run), PLAIT_EINTERRUPTED, "closing waits for what hangs");
	pthread_join(thread, NULL);
	is_int(hold, 0, "and only for that");
	ok(plait_trainer_steps(job.trainer) >= 4, "the steps in flight were made");
	job_free(&job);
}

static void test_stop(void)
{
	struct job job = job_make(200, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_run *run = open_run(&job, (struct plait_run_options){ 0 });
	float loss;

	step_on(run, 4);
	plait_run_wait(run);
	plait_run_stop(run);
	for (int i = 1; i <= 4; i++)
		is_int(plait_run_loss(run, i, &loss), 0, "step %d still has its loss", i);
	refused(plait_run_step(run), PLAIT_EINTERRUPTED, "4 steps", "a step after plait_run_stop");
	is_int(plait_run_close(run), 0, "nothing was dropped");
	plait_run_close(NULL);
	plait_run_stop(NULL);
	job_free(&job);
}

static int end_at_five(void *user, const struct plait_submitted *step)
{
	(void)user;
	return step->step == 5;
}

/* A submission that fails does not take the losses of the steps before it. */
static void test_on_submit(void)
{
	struct job job = job_make(200, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_run *run =
		open_run(&job, (struct plait_run_options){ .on_submit = end_at_five });
	float loss;

	step_on(run, 6);
	is_int(plait_run_loss(run, 4, &loss), 0, "step 4 has its loss");
	refused(plait_run_wait(run), PLAIT_ERUNTIME, "step 5", "on_submit ended step 5");
	is_int(plait_run_close(run), PLAIT_ERUNTIME, "closing says so too");
	job_free(&job);
}

/* Closing waits for a sample that hangs for longer than the timeout. */
static void test_close_waits(void)
{
	volatile int hold = 1;
	struct job job = job_with_callback(&hold);
	struct plait_run *run = open_run(
		&job, (struct plait_run_options){ .loader = { .batch_size = 4, .timeout = 0.05 } });
	pthread_t thread;

	step_on(run, 10);
	pthread_create(&thread, NULL, let_go, (void *)&hold);
	is_int(plait_run_close(run), 0, "closing waits longer than the timeout");
	pthread_join(thread, NULL);
	is_int(plait_trainer_steps(job.trainer), 10, "all ten steps were made");
	job_free(&job);
}

static void test_wrong(void)
{
	struct job job = job_make(200, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_run_options bad = { .loader.batch_size = -1 };
	struct plait_run *run = NULL;
	float loss;
	int late = 0;

	refused(plait_run_open(&run, job.trainer, job.s.set, &bad), PLAIT_EINVAL, "batch size",
		"a wrong batch size");
	ok(!run, "nothing is set");
	run = open_run(&job, (struct plait_run_options){ 0 });
	refused(plait_run_loss(run, 1, &loss), PLAIT_EINVAL, "step 1", "a step to come");
	plait_run_step(run);
	refused(plait_run_loss(run, 0, &loss), PLAIT_EINVAL, "step 0", "step 0");
	for (int i = 0; i < PLAIT_RUN_LOSSES + 600; i++) {
		plait_run_step(run);
		late += plait_run_done(run) > plait_run_submitted(run);
	}
	is_int(late, 0, "no more are ever done than submitted");
	plait_run_wait(run);
	refused(plait_run_loss(run, 1, &loss), PLAIT_EINVAL, "further back", "a loss of long ago");
	is_int(plait_run_loss(run, plait_run_done(run), &loss), 0, "the last one is there");
	plait_run_close(run);
	job_free(&job);
}

/* -- threads ----------------------------------------------------------------------------- */

struct threaded {
	struct plait_run *run;
	int64_t steps;
	int status;
};

static void *step_in_thread(void *arg)
{
	struct threaded *t = arg;

	for (int64_t i = 0; i < t->steps && t->status >= 0; i++)
		t->status = plait_run_step(t->run);
	return NULL;
}

/* Two runs at once, each stepped by a thread that has not opened it. */
static void test_threads(void)
{
	struct job job[2], alone[2];
	struct threaded t[2];
	const struct plait_run_options defaults = { .stop = NULL };
	pthread_t thread[2];

	for (int i = 0; i < 2; i++) {
		job[i] = job_make(200 + 40 * i, plait_adam(1e-2), grains[i * 2], 1 + i);
		alone[i] = job_make(200 + 40 * i, plait_adam(1e-2), grains[i * 2], 1 + i);
		t[i] = (struct threaded){ .run = open_run(&alone[i], defaults), .steps = 100 };
		step_in_thread(&t[i]);
		plait_run_close(t[i].run);
	}
	for (int i = 0; i < 2; i++) {
		t[i] = (struct threaded){ .run = open_run(&job[i], defaults), .steps = 100 };
		pthread_create(&thread[i], NULL, step_in_thread, &t[i]);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		ok(t[i].status >= 0, "run %d was stepped by a thread of its own", i + 1);
		is_int(plait_run_close(t[i].run), 0, "closed");
		ok(parameters_hash(job[i].trainer) == parameters_hash(alone[i].trainer),
		   "its parameters are those of a run alone");
		job_free(&job[i]);
		job_free(&alone[i]);
	}
}

struct fitted {
	struct job *job;
	int status;
};

static void *fit_in_thread(void *arg)
{
	struct fitted *f = arg;
	struct plait_fit_options options = { .epochs = 6,
					     .loader = { .batch_size = 10, .shuffle = true },
					     .validation = f->job->s.set,
					     .quiet = true };

	f->status = plait_fit(f->job->trainer, f->job->s.set, &options);
	return NULL;
}

static volatile int predicting;

/* Counts outputs that differ from the first. */
static void *predict_in_thread(void *arg)
{
	struct plait_predictor *p = arg;
	const float x[6] = { 1, -2, 3, -4, 5, -6 };
	float first[4], out[4];
	intptr_t wrong = 0;

	plait_predictor_run(p, x, 1, first);
	while (predicting) {
		plait_predictor_run(p, x, 1, out);
		wrong += memcmp(first, out, sizeof out) != 0;
	}
	return (void *)wrong;
}

/* Two trainings of plait_fit and a predictor at once. */
static void test_fits_at_once(void)
{
	struct job job[2], alone[2];
	struct fitted f[2];
	pthread_t thread[2], predicts;
	struct plait_predictor *p = NULL;
	void *wrong = NULL;

	for (int i = 0; i < 2; i++) {
		job[i] = job_make(300 - 40 * i, plait_adam(1e-2), grains[3 * i], 1 + i);
		alone[i] = job_make(300 - 40 * i, plait_adam(1e-2), grains[3 * i], 1 + i);
		f[i] = (struct fitted){ .job = &alone[i] };
		fit_in_thread(&f[i]);
	}
	plait_predictor_of(&p, alone[0].trainer, NULL);
	predicting = 1;
	pthread_create(&predicts, NULL, predict_in_thread, p);
	for (int i = 0; i < 2; i++) {
		f[i] = (struct fitted){ .job = &job[i] };
		pthread_create(&thread[i], NULL, fit_in_thread, &f[i]);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		is_int(f[i].status, 0, "plait_fit in thread %d", i + 1);
		ok(parameters_hash(job[i].trainer) == parameters_hash(alone[i].trainer),
		   "has the parameters of one alone");
	}
	predicting = 0;
	pthread_join(predicts, &wrong);
	is_int((intptr_t)wrong, 0, "a predictor beside them has the same outputs all the time");
	plait_predictor_destroy(p);
	for (int i = 0; i < 2; i++) {
		job_free(&job[i]);
		job_free(&alone[i]);
	}
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= 3; shards += 2)
		for (int g = 0; g < grains_of(shards); g++)
			test_not_finite(grains[g], grain_name[g], shards);
	test_bad_sample();
	test_interrupted();
	test_stop();
	test_on_submit();
	test_close_waits();
	test_wrong();
	test_threads();
	for (int i = 0; i < 5; i++)
		test_fits_at_once();
	plait_stop();
	return tap_done();
}
