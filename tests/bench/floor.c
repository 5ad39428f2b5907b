/* SPDX-License-Identifier: MIT
 * What oneDNN alone needs for a network's convolutions, forward and backward: a loop over its
 * primitives, in the formats that it likes best, without a conversion between two of them.  Each
 * thread has its share of the batch, as a shard has it.  The median of some steps, of the slowest
 * thread.
 *
 * usage: floor JOB [THREADS [layers]]     prints "floor_us X us"; layers: of each, too */
#include "config.h"
#include "codelets/dnnl/kernel.h"
#include "codelets/image/conv.h"
#include "codelets/ops.h"
#include "tests/bench/job.h"

#include <omp.h>
#include <pthread.h>
#include <stdlib.h>

enum { STEPS = 15, MOST = 128, THREADS = 64 };

/* A convolution in its directions; NULL: its input has no gradient. */
struct layer {
	const char *name;
	struct plait__convolution sizes;
	struct plait__kernel *kernel[3];
	double seconds[3][STEPS];
};

struct worker {
	pthread_t thread;
	struct layer layer[MOST];
	int layers;
	double seconds[STEPS];
};

static pthread_barrier_t barrier;

static void run(struct layer *layer, enum plait__direction direction)
{
	static const int name[][3] = {
		[PLAIT__FORWARD] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
		[PLAIT__BY_DATA] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
		[PLAIT__BY_WEIGHTS] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
	};
	const struct plait__kernel *k = layer->kernel[direction];
	dnnl_exec_arg_t arg[] = { { name[direction][0], k->x },
				  { name[direction][1], k->w },
				  { name[direction][2], k->y },
				  { DNNL_ARG_SCRATCHPAD, k->scratch } };

	plait__dnnl_must(
		dnnl_primitive_execute(k->primitive, plait__dnnl_stream(), k->scratch ? 4 : 3, arg),
		"a convolution");
}

static void timed(struct layer *layer, enum plait__direction direction, int step)
{
	double start = bench_now();

	if (layer->kernel[direction])
		run(layer, direction);
	layer->seconds[direction][step] = bench_now() - start;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	omp_set_num_threads(1);
	for (int i = 0; i < w->layers; i++)
		for (int d = 0; d < 3; d++)
			if (d != PLAIT__BY_DATA || i > 0) /* the first layer reads the input */
				w->layer[i].kernel[d] = plait__kernel_create(
					&w->layer[i].sizes, (enum plait__direction)d, false, false);
	for (int step = 0; step < STEPS; step++) {
		double start;

		pthread_barrier_wait(&barrier);
		start = bench_now();
		for (int i = 0; i < w->layers; i++)
			timed(&w->layer[i], PLAIT__FORWARD, step);
		for (int i = w->layers - 1; i >= 0; i--) {
			timed(&w->layer[i], PLAIT__BY_DATA, step);
			timed(&w->layer[i], PLAIT__BY_WEIGHTS, step);
		}
		w->seconds[step] = bench_now() - start;
	}
	return NULL;
}

static void find_layers(struct worker *w, const struct plait_graph *net, int64_t rows)
{
	for (int i = 0; i < net->nodes && w->layers < MOST; i++) {
		const struct plait_node *node = net->node[i];

		if (node->op != &plait__op_conv)
			continue;
		w->layer[w->layers++] = (struct layer){ .name = node->name,
							.sizes = plait__conv_sizes(
								node, node->input[0], node, rows) };
	}
}

static void print_layer(const struct worker *w, int i)
{
	static const char *const name[] = { "forward", "by data", "by weights" };
	struct layer layer = w->layer[i];

	printf("# %-24s", layer.name);
	for (int d = 0; d < 3; d++)
		printf(" %s %8.0f", name[d], bench_median(layer.seconds[d], STEPS) * 1e6);
	printf(" us\n");
}

int main(int argc, char **argv)
{
	const struct job *job = job_find(argc > 1 ? argv[1] : "cnn");
	int threads = argc > 2 ? atoi(argv[2]) : 1;
	static struct worker worker[THREADS];
	double slowest[STEPS] = { 0 };
	struct plait_graph *net = plait_graph_create();

	if (!job || threads < 1 || threads > THREADS)
		return fprintf(stderr, "usage: floor JOB [THREADS [layers]]\n"), 2;
	plait_model(job_input(net, job), job->words);
	bench_check(plait_graph_status(net), job->words);
	pthread_barrier_init(&barrier, NULL, (unsigned)threads);
	for (int t = 0; t < threads; t++) {
		find_layers(&worker[t], net, (job->batch + t) / threads);
		pthread_create(&worker[t].thread, NULL, work, &worker[t]);
	}
	for (int t = 0; t < threads; t++) {
		pthread_join(worker[t].thread, NULL);
		for (int step = 0; step < STEPS; step++)
			if (worker[t].seconds[step] > slowest[step])
				slowest[step] = worker[t].seconds[step];
	}
	for (int i = 0; i < worker[0].layers && argc > 3; i++)
		print_layer(&worker[0], i);
	printf("floor_us %.3f us\n", bench_median(slowest, STEPS) * 1e6);
	plait_graph_destroy(net);
	return 0;
}
