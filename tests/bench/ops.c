/* SPDX-License-Identifier: MIT
 * What each op's CPU kernel costs by itself: every node of one training step of some networks, and
 * the updates of all optimizers; one thread, data in cache as far as it fits.  No task, no StarPU.
 */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/autodiff.h"
#include "src/gradient/optimizer.h"

#include <omp.h>
#include <plait/ops.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_INPUTS 8 /* of an op */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The graph of one step: network, loss, accuracy, gradients, Adam. */
static struct plait_graph *build(int64_t features, const char *words)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_model(plait_input(graph, PLAIT_F32, 1, &features), words);
	struct plait_node **gradient = calloc(1000, sizeof *gradient);
	struct plait_optimizer adam = plait_adam(1e-3);
	int nodes;

	plait_cross_entropy(x, plait_labels(graph));
	plait__accuracy(x, plait_labels(graph));
	nodes = graph->nodes;
	if (plait__autodiff(graph, gradient, NULL) < 0)
		exit(1);
	for (int i = 0; i < nodes; i++)
		if (gradient[i])
			plait__optimizer_append(&adam, graph->node[i], gradient[i]);
	free(gradient);
	return graph;
}

/* Memory for a node's value, filled with what is harmless as any of them. */
static void *value(const struct plait_node *node, int64_t rows)
{
	int64_t n = plait_node_elements(node) * (node->batched ? rows : 1);
	float *p = aligned_alloc(PLAIT__ALIGN, plait__align((size_t)n * sizeof *p));

	for (int64_t i = 0; i < n; i++)
		p[i] = (float)(i * 7919 % 1000) * 1e-3f;
	if (node->dtype == PLAIT_I32)
		memset(p, 0, (size_t)n * sizeof *p);
	return p;
}

/* The fastest of five runs of about 20 ms, in seconds a call. */
static double measure(const struct plait_op *op, const struct plait_call *call)
{
	double best = 1e9, start, seconds;
	int64_t times = 1;

	for (int run = 0; run < 5;) {
		start = now();
		for (int64_t i = 0; i < times; i++)
			op->cpu(call);
		seconds = now() - start;
		if (seconds < 0.02) {
			times *= 2;
			continue;
		}
		best = seconds / (double)times < best ? seconds / (double)times : best;
		run++;
	}
	return best;
}

static void bench(int64_t features, const char *words, int64_t rows)
{
	struct plait_graph *graph = build(features, words);
	const struct plait_optimizer adam = plait_adam(1e-3);
	struct plait_scalars scalars;
	void **memory = calloc((size_t)graph->nodes, sizeof *memory);
	double total = 0;
	char shape[64];

	plait__optimizer_scalars(&adam, 1, &scalars);
	printf("%lld features, \"%s\", batch %lld\n%-18s %-14s %9s %9s %9s\n", (long long)features,
	       words, (long long)rows, "op", "shape", "us", "GFLOP/s", "GB/s");
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];
		const void *in[MOST_INPUTS];
		struct plait_call call = { .node = node,
					   .in = in,
					   .rows = rows,
					   .batch = rows,
					   .training = true,
					   .scalars = &scalars };
		struct plait_cost cost;
		double seconds;

		memory[i] = value(node, rows);
		if (!node->op->cpu)
			continue;
		for (int j = 0; j < node->ninputs; j++)
			in[j] = memory[node->input[j]->id];
		call.out = memory[i];
		seconds = measure(node->op, &call);
		node->op->cost(node, rows, &cost);
		if (node->op->updates)
			node = node->input[0];
		printf("%-18s %-14s %9.3f %9.2f %9.2f\n", call.node->op->name,
		       plait_shape_text(node->ndim, node->dim, shape, sizeof shape), seconds * 1e6,
		       cost.flops / seconds * 1e-9, cost.bytes / seconds * 1e-9);
		total += seconds;
	}
	printf("%-33s %9.3f\n\n", "a step", total * 1e6);
	for (int i = 0; i < graph->nodes; i++)
		free(memory[i]);
	free(memory);
	plait_graph_destroy(graph);
}

static const struct {
	const char *name;
	struct plait_optimizer optimizer;
} rules[] = {
	{ "sgd", { .kind = PLAIT_SGD } },
	{ "sgd, momentum", { .kind = PLAIT_SGD, .momentum = 0.9 } },
	{ "adam", { .kind = PLAIT_ADAM } },
	{ "adamw", { .kind = PLAIT_ADAMW } },
	{ "rmsprop", { .kind = PLAIT_RMSPROP } },
	{ "rmsprop, momentum", { .kind = PLAIT_RMSPROP, .momentum = 0.9 } },
	{ "rmsprop, centered", { .kind = PLAIT_RMSPROP, .centered = true } },
	{ "adagrad", { .kind = PLAIT_ADAGRAD } },
	{ "nadam", { .kind = PLAIT_NADAM } },
	{ "lamb", { .kind = PLAIT_LAMB } },
	{ "lion", { .kind = PLAIT_LION } },
	{ "muon", { .kind = PLAIT_MUON } },
};

/* The update of a parameter [rows, columns]. */
static void bench_update(int rule, int64_t rows, int64_t columns)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_optimizer o = rules[rule].optimizer;
	struct plait_node *w, *update;
	struct plait_scalars scalars;
	const void *in[MOST_INPUTS];
	struct plait_call call = { .in = in, .rows = 1, .batch = 1, .scalars = &scalars };
	struct plait_cost cost;
	size_t bytes;
	double seconds;

	if (plait__optimizer_check(&o) < 0)
		exit(1);
	w = plait_parameter(graph, "w", 2, (int64_t[]){ rows, columns }, 1);
	update = plait__optimizer_append(&o, w, plait__state(w));
	plait__optimizer_scalars(&o, 1, &scalars);
	call.node = update;
	for (int i = 0; i < update->ninputs; i++)
		in[i] = value(update->input[i], 1);
	bytes = update->op->cpu_scratch ? update->op->cpu_scratch(update, 1) : 0;
	call.scratch = bytes > 0 ? aligned_alloc(PLAIT__ALIGN, bytes) : NULL;
	seconds = measure(update->op, &call);
	update->op->cost(update, 1, &cost);
	printf("%-18s %6d x %-6d %10.3f %9.2f %9.2f\n", rules[rule].name, (int)rows, (int)columns,
	       seconds * 1e6, cost.flops / seconds * 1e-9, cost.bytes / seconds * 1e-9);
	for (int i = 0; i < update->ninputs; i++)
		free((void *)in[i]);
	free(call.scratch);
	plait_graph_destroy(graph);
}

/* In the second cache, and in no cache of most CPUs. */
static void bench_updates(void)
{
	static const int64_t sizes[][2] = { { 64, 256 }, { 512, 784 }, { 4096, 4096 } };

	printf("%-18s %-15s %10s %9s %9s\n", "update", "shape", "us", "GFLOP/s", "GB/s");
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (size_t r = 0; r < sizeof rules / sizeof *rules; r++)
			if (s < 2 || rules[r].optimizer.kind != PLAIT_MUON) /* it takes minutes */
				bench_update((int)r, sizes[s][0], sizes[s][1]);
}

int main(void)
{
	omp_set_num_threads(1);
	bench_updates();
	bench(10, "linear:50 relu linear:2", 32);
	bench(784, "linear:200 relu linear:100 relu linear:60 relu linear:30 relu linear:10", 100);
	bench(784, "linear:512 relu linear:512 relu linear:10", 128);
	bench(784, "linear:512 gelu linear:512 tanh linear:512 sigmoid linear:1000 softmax", 128);
	bench(512, "linear:512 layernorm linear:10", 128);
	bench(16384, "reshape:64x16x16 conv:64,1 groupnorm:8 flatten linear:10", 32);
	return 0;
}
