/* SPDX-License-Identifier: MIT
 * Matrix products by Plait beside dnnl_sgemm's, one thread, in one process and in turn:
 *   products                       some products of small networks
 *   products all [WIDTH]           all sizes of a grid that are small for Plait: how they compare
 * in the mean, and which lose WIDTH is that of Plait's vectors, 4, 8 or 16; oneDNN's are limited by
 * ONEDNN_MAX_CPU_ISA (AVX2).
 *   products bf16                  with --precision bf16 beside fp32, of larger networks too */
#include "config.h"
#include "codelets/shared/gemm.h"
#include "codelets/shared/gemm_small.h"

#include <dnnl.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 9

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct job {
	const char *kind; /* NT: y = x W', NN: dx = dy W, TN: dW = dy' x */
	int64_t m, n, k;
	const float *a, *b;
	float *c;
};

static void (*kernel)(const struct plait__product *product); /* NULL: plait__gemm */

static struct plait__product product(const struct job *j)
{
	bool turned = j->kind[0] == 'T';

	return (struct plait__product){ .m = j->m,
					.n = j->n,
					.k = j->k,
					.a = j->a,
					.a_row = turned ? 1 : j->k,
					.a_step = turned ? j->m : 1,
					.b = j->b,
					.transposed = j->kind[1] == 'T',
					.c = j->c };
}

static void by_gemm(enum plait_precision precision, const struct job *j)
{
	plait__gemm(precision, j->kind[0], j->kind[1], j->m, j->n, j->k, j->a, j->b, NULL, j->c);
}

static void fp32(const struct job *j)
{
	struct plait__product p = product(j);

	if (kernel)
		kernel(&p);
	else
		by_gemm(PLAIT_PRECISION_FP32, j);
}

static void bf16(const struct job *j)
{
	by_gemm(PLAIT_PRECISION_BF16, j);
}

static void onednn(const struct job *j)
{
	dnnl_sgemm(j->kind[0], j->kind[1], j->m, j->n, j->k, 1, j->a,
		   j->kind[0] == 'N' ? j->k : j->m, j->b, j->kind[1] == 'N' ? j->n : j->k, 0, j->c,
		   j->n);
}

static double seconds(void (*run)(const struct job *), const struct job *j, int64_t times)
{
	double start = now();

	for (int64_t i = 0; i < times; i++)
		run(j);
	return (now() - start) / (double)times;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What is measured, and what beside it. */
static void (*ours)(const struct job *j) = fp32, (*theirs)(const struct job *j) = onednn;

struct result {
	double ours, theirs, ratio; /* the fastest of each, in seconds; the median of the ratios */
};

static struct result measure(const struct job *j)
{
	struct result r = { .ours = 1, .theirs = 1 };
	double ratio[ROUNDS];
	int64_t times;

	ours(j);
	theirs(j);
	times = 1 + (int64_t)(1e-4 / seconds(theirs, j, 3));
	for (int i = 0; i < ROUNDS; i++) {
		double other = seconds(theirs, j, times), own = seconds(ours, j, times);

		r.ours = fmin(r.ours, own);
		r.theirs = fmin(r.theirs, other);
		ratio[i] = own / other;
	}
	qsort(ratio, ROUNDS, sizeof *ratio, compare);
	r.ratio = ratio[ROUNDS / 2];
	return r;
}

static void print(const struct job *j, struct result r)
{
	printf("%s %5d %5d %5d %9.3f %8.1f %9.3f %7.2f\n", j->kind, (int)j->m, (int)j->n, (int)j->k,
	       r.ours * 1e6, 2e-9 * (double)(j->m * j->n * j->k) / r.ours, r.theirs * 1e6, r.ratio);
}

struct sizes {
	const char *kind;
	int64_t m, n, k;
};

static void some(struct job j, const struct sizes *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		j.kind = jobs[i].kind;
		j.m = jobs[i].m;
		j.n = jobs[i].n;
		j.k = jobs[i].k;
		print(&j, measure(&j));
	}
}

static void small(struct job j)
{
	static const struct sizes jobs[] = {
		{ "NT", 32, 50, 10 },  { "NT", 32, 2, 50 },   { "NN", 32, 50, 2 },
		{ "TN", 2, 50, 32 },   { "TN", 50, 10, 32 },  { "NT", 1, 50, 10 },
		{ "NT", 1, 2, 50 },    { "NT", 1, 10, 512 },  { "NT", 1, 512, 784 },
		{ "NT", 100, 10, 30 }, { "NN", 100, 30, 10 }, { "TN", 10, 30, 100 },
	};

	some(j, jobs, sizeof jobs / sizeof *jobs);
}

static void rounded(struct job j)
{
	static const struct sizes jobs[] = {
		{ "NT", 32, 50, 10 },      { "NN", 32, 50, 10 },      { "TN", 50, 10, 32 },
		{ "NT", 32, 512, 784 },    { "TN", 512, 784, 32 },    { "NT", 64, 512, 512 },
		{ "NN", 64, 512, 512 },    { "TN", 512, 512, 64 },    { "NT", 256, 512, 512 },
		{ "NN", 256, 512, 512 },   { "TN", 512, 512, 256 },   { "NT", 256, 1000, 1000 },
		{ "NN", 256, 1000, 1000 }, { "TN", 1000, 1000, 256 },
	};

	ours = bf16;
	theirs = fp32;
	some(j, jobs, sizeof jobs / sizeof *jobs);
}

static void all(struct job j)
{
	static const int64_t rows[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256 };
	static const int64_t side[] = { 1, 2, 5, 10, 16, 30, 50, 64, 100, 128, 200, 256, 512, 784 };
	static const char *const kinds[] = { "NT", "NN", "TN" };
	const int sides = sizeof side / sizeof *side;
	double sum = 0;
	int smalls = 0;

	for (int i = 0; i < 3 * 9 * sides * sides; i++) {
		int64_t r = rows[i / 3 % 9], x = side[i / 27 % sides], y = side[i / 27 / sides];
		bool turned = i % 3 == 2;
		struct plait__product p;
		struct result result;

		j.kind = kinds[i % 3];
		j.m = turned ? x : r;
		j.n = turned ? y : x;
		j.k = turned ? r : y;
		p = product(&j);
		if (!plait__gemm_is_small(&p))
			continue;
		result = measure(&j);
		if (result.ratio > 1.05)
			print(&j, result);
		sum += log(result.ratio);
		smalls++;
	}
	printf("%d products, %.3f of oneDNN's time in the mean\n", smalls, exp(sum / smalls));
}

static float *floats(void)
{
	const size_t n = 1000 * 1000;
	float *p = aligned_alloc(256, n * sizeof *p);

	for (size_t i = 0; p && i < n; i++)
		p[i] = (float)(i * 7919 % 1000) * 1e-3f - 0.5f;
	return p;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *width = argc > 2 ? argv[2] : "";
	struct job j = { .a = floats(), .b = floats(), .c = floats() };

	if (!j.a || !j.b || !j.c)
		return 1;
	omp_set_num_threads(1);
	plait__gemm_warm_up(PLAIT_PRECISION_FP32, 'N', 'N', 512, 512, 512);
#ifdef __x86_64__
	kernel = strcmp(width, "16") == 0  ? plait__gemm_16
		 : strcmp(width, "8") == 0 ? plait__gemm_8
					   : NULL;
#endif
	if (strcmp(width, "4") == 0)
		kernel = plait__gemm_4;
	printf("%-2s %5s %5s %5s %9s %8s %9s %7s\n", "", "m", "n", "k", "us", "GFLOP/s",
	       strcmp(what, "bf16") == 0 ? "fp32 us" : "oneDNN us", "ratio");
	if (strcmp(what, "all") == 0)
		all(j);
	else if (strcmp(what, "bf16") == 0)
		rounded(j);
	else
		small(j);
	free((float *)j.a);
	free((float *)j.b);
	free(j.c);
	return 0;
}
