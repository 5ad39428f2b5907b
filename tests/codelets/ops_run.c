/* SPDX-License-Identifier: MIT
 * Runs one node on the backend and distrusts it: outputs start as NaN and end in a guard,
 * inputs must stay what they were. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD 16 /* floats after an output */
#define GUARD_BYTE 0x7e

static const struct plait_op *ran[256];
static int ran_count;

bool bench_has_run(const struct plait_op *op)
{
	for (int i = 0; i < ran_count; i++)
		if (ran[i] == op)
			return true;
	return false;
}

/* Labels and weights are there for the whole batch: some ops read all of them. */
int64_t bench_elements(const struct bench *b, const struct plait_node *node)
{
	bool whole = node == b->graph->labels || node == b->graph->weights;

	return plait_node_elements(node) * (!node->batched ? 1 : whole ? b->batch : b->rows);
}

static size_t bytes_of(const struct bench *b, const struct plait_node *node)
{
	return (size_t)bench_elements(b, node) * plait_dtype_size(node->dtype);
}

void bench_set(struct bench *b, const struct plait_node *node, const double *numbers)
{
	int64_t n = bench_elements(b, node);
	float *host = malloc(bytes_of(b, node) + 1);

	b->value[node->id].exact = malloc((size_t)n * sizeof(double));
	for (int64_t i = 0; i < n; i++) {
		b->value[node->id].exact[i] = numbers[i];
		if (node->dtype == PLAIT_F32)
			host[i] = (float)numbers[i];
		if (node->dtype == PLAIT_I64)
			((int64_t *)(void *)host)[i] = (int64_t)numbers[i];
		if (node->dtype == PLAIT_I32)
			((int32_t *)(void *)host)[i] = (int32_t)numbers[i];
		if (node->dtype == PLAIT_U8)
			((uint8_t *)(void *)host)[i] = (uint8_t)numbers[i];
	}
	b->value[node->id].host = host;
	b->value[node->id].device = backend.upload(host, bytes_of(b, node));
}

/* Memory for the output: NaN everywhere (a quiet one, all bits set), then the guard. */
static void *fresh(size_t bytes)
{
	size_t guard = GUARD * sizeof(float);
	char *memory = malloc(bytes + guard);
	void *device;

	memset(memory, 0xff, bytes);
	memset(memory + bytes, GUARD_BYTE, guard);
	device = backend.upload(memory, bytes + guard);
	free(memory);
	return device;
}

/* Takes the output to the host; checks guard and that no element is as it was. */
static bool fetch(struct bench *b, const struct plait_node *node)
{
	size_t bytes = bytes_of(b, node), guard = GUARD * sizeof(float);
	unsigned char *memory = malloc(bytes + guard);
	const int32_t *bits = (const int32_t *)(const void *)memory;

	backend.download(memory, b->value[node->id].device, bytes + guard);
	b->value[node->id].host = memory;
	for (size_t i = 0; i < guard; i++) {
		if (memory[bytes + i] == GUARD_BYTE)
			continue;
		printf("# %s wrote behind its output\n", node->op->name);
		return false;
	}
	for (size_t i = 0; i < bytes / sizeof *bits; i++) {
		if (bits[i] != -1)
			continue;
		printf("# %s did not write element %zu\n", node->op->name, i);
		return false;
	}
	return true;
}

/* Inputs that the op updates are taken to the host, others must not have changed. */
static bool inputs_kept(struct bench *b, const struct plait_node *node)
{
	bool kept = true;

	for (int i = 0; i < node->ninputs; i++) {
		const struct plait_node *input = node->input[i];
		size_t bytes = bytes_of(b, input);
		void *now = malloc(bytes + 1);

		backend.download(now, b->value[input->id].device, bytes);
		if (node->op->updates >> i & 1)
			memcpy(b->value[input->id].host, now, bytes);
		else if (memcmp(now, b->value[input->id].host, bytes) != 0) {
			printf("# %s changed its input %d\n", node->op->name, i);
			kept = false;
		}
		free(now);
	}
	return kept;
}

static void *copy_of(const void *data, size_t bytes)
{
	void *copy = malloc(bytes + 1);

	memcpy(copy, data, bytes);
	return copy;
}

bool bench_run(struct bench *b, const struct plait_node *node)
{
	const void *in[MOST_INPUTS];
	struct plait_call call = { .node = node,
				   .in = in,
				   .rows = b->rows,
				   .batch = b->batch,
				   .first = b->batch - b->rows,
				   .training = !b->evaluates,
				   .seed = SEED,
				   .scalars = &b->scalars };
	const char *error;

	if (!bench_has_run(node->op))
		ran[ran_count++] = node->op;
	if (node->op->view) {
		void *host = b->value[node->input[0]->id].host;

		b->value[node->id].host = copy_of(host, bytes_of(b, node));
		b->value[node->id].device = backend.upload(host, bytes_of(b, node));
		return true;
	}
	for (int i = 0; i < node->ninputs; i++)
		in[i] = b->value[node->input[i]->id].device;
	if (!node->op->updates)
		call.out = b->value[node->id].device = fresh(bytes_of(b, node));
	plait__call_check(&call, node->op);
	error = backend.run(&call);
	if (error) {
		printf("# %s: %s\n", node->op->name, error);
		return false;
	}
	return inputs_kept(b, node) && (node->op->updates || fetch(b, node));
}

bool bench_compute(struct bench *b, const struct plait_node *node)
{
	int64_t n = bench_elements(b, node);
	double *exact = malloc((size_t)(n + 1) * sizeof *exact);

	b->value[node->id].exact = exact;
	if (!bench_run(b, node))
		return false;
	for (int64_t i = 0; i < n; i++)
		exact[i] = (double)((const float *)b->value[node->id].host)[i];
	return true;
}

void bench_destroy(struct bench *b)
{
	for (int i = 0; i < b->graph->nodes; i++) {
		free(b->value[i].host);
		free(b->value[i].exact);
		if (b->value[i].device)
			backend.release(b->value[i].device);
	}
	plait_graph_destroy(b->graph);
}

static bool is_off(double got, double expected, double bound)
{
	if (isnan(expected) || isnan(got))
		return !(isnan(expected) && isnan(got));
	if (isinf((float)expected))
		return got != (double)(float)expected;
	/* Whatever the op's own bound, its result was rounded to a float; the smallest ones
	 * may be taken for 0. */
	return !(fabs(got - expected) <= UNIT * (bound + fabs(expected)) + 1.2e-38);
}

int64_t compare(const char *what, int64_t n, const float *got, const double *expected,
		const double *bound, double all_bound)
{
	int64_t off = 0;

	for (int64_t i = 0; i < n; i++) {
		double b = bound ? bound[i] : all_bound;

		if (is_off((double)got[i], expected[i], b) && off++ == 0)
			printf("# %s: element %lld is %.9g, expected %.9g +- %.3g\n", what,
			       (long long)i, (double)got[i], expected[i],
			       UNIT * (b + fabs(expected[i])));
	}
	return off;
}

double some_number(uint64_t *state)
{
	float number;

	do {
		*state = *state * 6364136223846793005u + 1442695040888963407u;
		number = (float)(*state >> 40) * 0x1p-22f - 2.0f;
	} while (fabsf(number) < 0.01f);
	return (double)number;
}
