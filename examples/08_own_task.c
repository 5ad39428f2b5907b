/* SPDX-License-Identifier: MIT
 * 8. A task of your own beside training.
 *
 * Whatever watches training, a histogram of what the network sees, a drift detector, can be a
 * task: it reads the batch where it lies, runs where there is time, and holds nobody up but the
 * load that will fill that slot again, which waits until it has been read.  New here:
 *   - on_submit, where tasks of your own join each step
 *   - a codelet that reads a batch and adds to a handle of yours, in the order of the steps
 *   - finding it in a trace, beside Plait's own tasks:
 *
 *       plait trace -- examples/08_own_task
 *
 * usage: 08_own_task [SAMPLES] [STEPS] */
#include <plait.h>

#include <starpu.h>
#include <stdlib.h>

#define FEATURES 16
#define CLASSES 4

/* What it counts: samples of each class, and the sum of their features. */
struct histogram {
	int64_t samples[CLASSES];
	double sum[CLASSES];
};

/* Where in a batch the labels are, and how many samples it has: a step's own, freed by StarPU. */
struct where {
	size_t labels_offset;
	int64_t samples;
};

static void count(void *buffers[], void *arg)
{
	const unsigned char *batch = (const unsigned char *)STARPU_VECTOR_GET_PTR(buffers[0]);
	struct histogram *histogram = (struct histogram *)STARPU_VARIABLE_GET_PTR(buffers[1]);
	const struct where *where = arg;
	const int32_t *labels = (const int32_t *)(batch + where->labels_offset);
	const float *x = (const float *)batch;

	for (int64_t i = 0; i < where->samples; i++) {
		histogram->samples[labels[i]]++;
		for (int f = 0; f < FEATURES; f++)
			histogram->sum[labels[i]] += x[i * FEATURES + f];
	}
}

/* It may run on a CPU alone: on a machine with a GPU StarPU finds the batch in main memory, where
 * it was loaded.  Models are for policies that plan; colours for those who look at traces. */
static struct starpu_perfmodel model = { .type = STARPU_HISTORY_BASED, .symbol = "histogram" };
static struct starpu_codelet codelet = {
	.name = "histogram",
	.cpu_funcs = { count },
	.nbuffers = 2,
	.modes = { STARPU_R, STARPU_RW },
	.model = &model,
	.color = 0xaa3377,
};

/* Called when a step's tasks were submitted; submits one more and returns at once. */
static int on_submit(void *user, const struct plait_submitted *step)
{
	struct where *where = malloc(sizeof *where);
	struct starpu_task *task = starpu_task_create();

	if (!where)
		return -1;
	*where = (struct where){ .labels_offset = step->labels_offset, .samples = step->samples };
	task->cl = &codelet;
	task->name = codelet.name;
	task->handles[0] = step->batch;
	task->handles[1] = *(starpu_data_handle_t *)user;
	task->cl_arg = where;
	task->cl_arg_free = 1;
	return plait_submit(task);
}

static int train(struct plait_trainer *trainer, struct plait_dataset *data, int64_t steps,
		 struct histogram *histogram)
{
	starpu_data_handle_t handle;
	int status;

	starpu_variable_data_register(&handle, STARPU_MAIN_RAM, (uintptr_t)histogram,
				      sizeof *histogram);
	starpu_data_set_name(handle, "histogram");
	status = plait_fit(trainer, data,
			   &(struct plait_fit_options){ .steps = steps,
							.loader.batch_size = 32,
							.loader.shuffle = true,
							.quiet = true,
							.on_submit = on_submit,
							.submit_user = &handle });
	/* plait_fit waits for all tasks, ours too, so this does not. */
	starpu_data_unregister(handle);
	return status;
}

int main(int argc, char **argv)
{
	int samples = argc > 1 ? atoi(argv[1]) : 4000;
	int64_t steps = argc > 2 ? atoll(argv[2]) : 500;
	struct plait_dataset *data = NULL;
	struct plait_trainer *trainer = NULL;
	struct histogram histogram = { 0 };
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ FEATURES });
	char spec[64];
	int status = plait_start(NULL);

	plait_cross_entropy(plait_model(x, "linear:64 relu linear:4"), plait_labels(net));
	snprintf(spec, sizeof spec, "synthetic:%d,%d,%d", samples, FEATURES, CLASSES);
	if (status == 0)
		status = plait_dataset_open(&data, spec);
	if (status == 0)
		status = plait_trainer_create(
			&trainer, net,
			&(struct plait_trainer_options){ .optimizer = plait_adam(0.001) });
	if (status == 0)
		status = train(trainer, data, steps, &histogram);
	for (int c = 0; c < CLASSES && status == 0; c++)
		printf("class %d: %lld samples, mean %.3f\n", c, (long long)histogram.samples[c],
		       histogram.sum[c] / (double)histogram.samples[c] / FEATURES);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(data);
	plait_stop();
	return status < 0;
}
