/* SPDX-License-Identifier: MIT
 * 1. A task by hand.
 *
 * StarPU runs tasks.  You say what a task does (a codelet), which data it reads and writes
 * (handles), and submit it; StarPU works out from the data alone which task must wait for
 * which, and gives those that need not wait to whatever worker is free.  Everything else in
 * this course, whole trainings included, is made of such tasks, so here is one without any
 * help.  This program shows:
 *   - a codelet: what to do, and how it uses its data
 *   - a handle: data that StarPU watches over
 *   - order without waiting: the reader is submitted at once and still comes last
 *
 * usage: 01_task [ELEMENTS] */
#include <plait.h>

#include <starpu.h>
#include <stdlib.h>

/* What the tasks do.  A worker thread calls these with pointers to the data. */
static void scale(void *buffers[], void *arg)
{
	float *x = (float *)STARPU_VECTOR_GET_PTR(buffers[0]);
	size_t n = STARPU_VECTOR_GET_NX(buffers[0]);
	const float *factor = arg;

	for (size_t i = 0; i < n; i++)
		x[i] *= *factor;
}

static void sum(void *buffers[], void *arg)
{
	const float *x = (const float *)STARPU_VECTOR_GET_PTR(buffers[0]);
	size_t n = STARPU_VECTOR_GET_NX(buffers[0]);
	double *total = arg;

	*total = 0;
	for (size_t i = 0; i < n; i++)
		*total += x[i];
}

/* The codelets: one buffer each, read and written by the first, only read by the second.
 * cuda_funcs would stand beside cpu_funcs; StarPU then chooses, and moves the data. */
static struct starpu_codelet scale_codelet = {
	.name = "scale",
	.cpu_funcs = { scale },
	.nbuffers = 1,
	.modes = { STARPU_RW },
};
static struct starpu_codelet sum_codelet = {
	.name = "sum",
	.cpu_funcs = { sum },
	.nbuffers = 1,
	.modes = { STARPU_R },
};

/* Submits codelet(handle, arg) and returns at once: the task may run now or later. */
static int submit(struct starpu_codelet *codelet, starpu_data_handle_t handle, void *arg)
{
	struct starpu_task *task = starpu_task_create();

	task->cl = codelet;
	task->handles[0] = handle;
	task->cl_arg = arg;
	return starpu_task_submit(task);
}

static int run(float *x, size_t n)
{
	starpu_data_handle_t handle;
	float twice = 2, thrice = 3;
	double total = 0;
	int status;

	for (size_t i = 0; i < n; i++)
		x[i] = 1;
	/* From here to the unregistration the memory is StarPU's. */
	starpu_vector_data_register(&handle, STARPU_MAIN_RAM, (uintptr_t)x, (uint32_t)n, sizeof *x);

	/* Three tasks on one vector.  Nobody says "after": the first two write what the third
	 * reads, so they run in this order, on whichever worker. */
	status = submit(&scale_codelet, handle, &twice);
	if (status == 0)
		status = submit(&scale_codelet, handle, &thrice);
	if (status == 0)
		status = submit(&sum_codelet, handle, &total);

	starpu_task_wait_for_all();
	starpu_data_unregister(handle);
	if (status == 0)
		printf("sum of %zu ones, times 2, times 3: %g\n", n, total);
	return status;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	float *x = malloc(n * sizeof *x);

	if (!x || n == 0 || plait_start(&(struct plait_start_options){ .cuda_workers = -1 }) < 0) {
		fprintf(stderr, "%s\n", plait_error_message());
		free(x);
		return 1;
	}
	printf("%d workers, policy %s\n", plait_cpu_workers(), plait_policy());
	/* Plait keeps idle workers asleep; its own functions wake them when they need them. */
	starpu_resume();
	int status = run(x, n);

	starpu_pause();
	plait_stop();
	free(x);
	return status != 0;
}
