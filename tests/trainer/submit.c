/* SPDX-License-Identifier: MIT
 * Tasks of a program's own beside each step: they see every batch whole, whatever is loaded
 * meanwhile.  And slots that are filled once. */
#include "config.h"
#include "tests/nets.h"

#include <plait.h>
#include <starpu.h>

enum { SAMPLES = 40, FEATURES = 3, BATCH = 8, STEPS = 23 };

/* -- own tasks --------------------------------------------------------------------------------- */

struct seen {
	double sum;
	int64_t labels, samples;
};

struct submitter {
	starpu_data_handle_t seen;
	int64_t steps, fail_at;
	int disorder;
};

struct where {
	size_t labels_offset;
	int64_t samples;
};

static void look(void *buffers[], void *arg)
{
	const float *x = (const float *)STARPU_VECTOR_GET_PTR(buffers[0]);
	struct seen *seen = (struct seen *)STARPU_VARIABLE_GET_PTR(buffers[1]);
	const struct where *where = arg;
	const int32_t *labels = (const int32_t *)((const char *)x + where->labels_offset);

	for (int64_t i = 0; i < where->samples * FEATURES; i++)
		seen->sum += (double)x[i];
	for (int64_t i = 0; i < where->samples; i++)
		seen->labels += labels[i];
	seen->samples += where->samples;
}

static struct starpu_codelet codelet = {
	.name = "look", .cpu_funcs = { look }, .nbuffers = 2, .modes = { STARPU_R, STARPU_RW }
};

static int on_submit(void *user, const struct plait_submitted *step)
{
	struct submitter *s = user;
	struct where *where = malloc(sizeof *where);
	struct starpu_task *task = starpu_task_create();

	s->disorder += step->step != ++s->steps || step->epoch != (step->step - 1) / 5 + 1 ||
		       step->samples != BATCH || step->targets_offset != 0;
	*where = (struct where){ step->labels_offset, step->samples };
	task->cl = &codelet;
	task->handles[0] = step->batch;
	task->handles[1] = s->seen;
	task->cl_arg = where;
	task->cl_arg_free = 1;
	return plait_submit(task) < 0 || step->step == s->fail_at;
}

/* Sample i has features i, label i mod 2. */
static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	(void)key;
	(void)target;
	if (user)
		__atomic_add_fetch((int64_t *)user, 1, __ATOMIC_RELAXED);
	for (int f = 0; f < FEATURES; f++)
		((float *)x)[f] = (float)index;
	*label = (int32_t)(index % 2);
	return 0;
}

static struct plait_dataset *open_samples(int64_t *reads)
{
	struct plait_dataset *set;
	struct plait_dataset_info info = {
		.samples = SAMPLES, .dtype = PLAIT_F32, .ndim = 1, .dim = { FEATURES }, .classes = 2
	};

	if (plait_dataset_from_callback(&set, &info, read_sample, reads) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

static int fit(struct plait_dataset *set, struct submitter *submitter, struct seen *seen)
{
	struct plait_graph *net = net_make(FEATURES, "linear:2", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(1e-6), PLAIT_GRANULARITY_LAYER, 0);
	int status;

	starpu_variable_data_register(&submitter->seen, STARPU_MAIN_RAM, (uintptr_t)seen,
				      sizeof *seen);
	status = plait_fit(trainer, set,
			   &(struct plait_fit_options){ .steps = STEPS,
							.loader.batch_size = BATCH,
							.loader.prefetch = 2,
							.loader.shuffle = true,
							.quiet = true,
							.on_submit = on_submit,
							.submit_user = submitter });
	starpu_data_unregister(submitter->seen);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return status;
}

static void test_submit(void)
{
	struct plait_dataset *set = open_samples(NULL);
	struct submitter submitter = { 0 };
	struct seen seen = { 0 };

	is_int(fit(set, &submitter, &seen), 0, "a run with tasks of its own");
	is_int(submitter.steps, STEPS, "one for each step");
	is_int(submitter.disorder, 0, "told in order, with what belongs to it");
	is_int(seen.samples, STEPS * BATCH, "all samples were seen");
	/* Four whole epochs of 0 + ... + 39 three times; the fifth's three batches are of other
	 * samples, a function of the seed, so only their number is known. */
	ok(seen.sum >= 4 * 3 * 780 && seen.sum <= 4 * 3 * 780 + 3 * 24 * 39,
	   "with their values: %g", seen.sum);
	ok(seen.labels >= 4 * 20 && seen.labels <= 4 * 20 + 20, "and labels");
	submitter = (struct submitter){ .fail_at = 7 };
	seen = (struct seen){ 0 };
	refused(fit(set, &submitter, &seen), PLAIT_ERUNTIME, "step 7", "a hook that fails");
	is_int(submitter.steps, 7, "and nothing is submitted after it");
	is_int(seen.samples, 7 * BATCH, "what was submitted was waited for");
	plait_dataset_destroy(set);
}

/* -- slots that are filled once ------------------------------------------------------------- */

static void test_load_once(void)
{
	int64_t reads = 0, after_two = 0;
	struct plait_dataset *set = open_samples(&reads);
	struct plait_loader *loader;
	float first[2][BATCH * FEATURES];
	int differ = 0, status = 0;

	if (plait_loader_create(&loader, set,
				&(struct plait_loader_options){ .batch_size = BATCH,
								.prefetch = 2,
								.chunk = 3,
								.shuffle = true,
								.load_once = true }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 12 && status >= 0; i += status == 0) {
		struct plait_batch batch;

		status = plait_loader_next(loader, &batch);
		if (status != 0)
			continue;
		if (i < 2)
			memcpy(first[i], batch.x, sizeof *first);
		else
			differ += memcmp(first[i % 2], batch.x, sizeof *first) != 0;
		if (i == 1)
			after_two = reads;
		plait_loader_release(loader);
	}
	is_int(status, 0, "twelve batches from two slots that are filled once");
	is_int(differ, 0, "what was loaded first is given again and again");
	is_int(reads, after_two, "and nothing more was read");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_submit();
	test_load_once();
	plait_stop();
	return tap_done();
}
