/* SPDX-License-Identifier: MIT
 * Rounding to bfloat16, of every kind of float, against the distances to its neighbours in double;
 * and products of rounded factors against sums in double. */
#include "config.h"
#include "codelets/dnnl/gemm_bf16.h"
#include "codelets/dnnl/thread.h"
#include "codelets/shared/bf16.h"
#include "codelets/shared/gemm.h"
#include "src/base/random.h"
#include "tests/tap.h"

#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define UNIT 0x1p-24 /* the largest relative error of one rounding to float */

static float float_of(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static uint32_t bits_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

/* -- rounding ------------------------------------------------------------------------------- */

/* A number of bfloat16 as a double; infinity is where the next number would be. */
static double value_of(uint32_t upper)
{
	double x = (double)float_of(upper);

	return isinf(x) ? copysign(0x1p128, x) : x;
}

/* What a float is to become, which is not a NaN. */
static uint32_t expected(uint32_t bits)
{
	uint32_t below = bits & 0xffff0000, above = below + 0x10000;
	double x, down, up;

	if (isinf(float_of(bits)))
		return bits;
	x = (double)float_of(bits);
	down = fabs(x - value_of(below));
	up = fabs(value_of(above) - x);
	if (down != up)
		return down < up ? below : above;
	return below >> 16 & 1 ? above : below;
}

enum { LOWER = 7 };
static const uint32_t lower[LOWER] = { 0, 1, 0x7fff, 0x8000, 0x8001, 0xabcd, 0xffff };

/* Both functions on n floats; how many results are wrong. */
static int wrong_of(int64_t n, const float *x, float *rounded, uint16_t *packed)
{
	int wrong = 0;

	plait__bf16_round(n, x, rounded);
	plait__bf16_pack(n, x, packed);
	for (int64_t i = 0; i < n; i++) {
		uint32_t got = bits_of(rounded[i]);

		if (isnan(x[i]))
			wrong += !isnan(rounded[i]) || signbit(x[i]) != signbit(rounded[i]);
		else
			wrong += got != expected(bits_of(x[i]));
		wrong += got != (uint32_t)packed[i] << 16;
	}
	return wrong;
}

/* All upper halves, with what decides how they are rounded. */
static void check_floats(void)
{
	const int64_t n = LOWER << 16;
	float *x = malloc((size_t)n * sizeof *x), *y = malloc((size_t)n * sizeof *y);
	uint16_t *packed = malloc((size_t)n * sizeof *packed);
	int64_t kind[5] = { 0 };

	for (int64_t i = 0; i < n; i++) {
		x[i] = float_of((uint32_t)(i / LOWER) << 16 | lower[i % LOWER]);
		switch (fpclassify(x[i])) {
		case FP_ZERO:
			kind[0]++;
			break;
		case FP_SUBNORMAL:
			kind[1]++;
			break;
		case FP_NORMAL:
			kind[2]++;
			break;
		case FP_INFINITE:
			kind[3]++;
			break;
		default:
			kind[4]++;
		}
	}
	ok(kind[0] == 2 && kind[1] > 1000 && kind[2] > 100000 && kind[3] == 2 && kind[4] > 1000,
	   "zeros, subnormal and normal numbers, infinities and NaNs are rounded");
	is_int(wrong_of(n, x, y, packed), 0, "each to the nearest, NaN to NaN, or packed likewise");
	free(x);
	free(y);
	free(packed);
}

static void check_examples(void)
{
	const float x[] = { 1.00390625f,     1.01171875f,   0x1.fep127f,
			    0x1.fffffep127f, 0x1.feffp127f, -0.0f,
			    INFINITY,        -INFINITY,     float_of(0x7f800001) };
	float y[9];

	plait__bf16_round(9, x, y);
	ok(y[0] == 1 && y[1] == 1.015625f, "1 + 2^-8 is rounded to 1, 1 + 3 2^-8 to 1 + 2^-6");
	ok(y[2] == x[2] && isinf(y[3]) && y[4] == x[2],
	   "the largest number stays, and what is nearer to 2^128 is infinite");
	ok(y[5] == 0 && signbit(y[5]) && y[6] == INFINITY && y[7] == -INFINITY,
	   "-0 and infinities stay");
	ok(isnan(y[8]), "a NaN with its last bit alone is not made an infinity");
}

/* Lengths around those of vectors; what is behind the end is not written. */
static void check_lengths(void)
{
	float x[70], y[71];
	uint16_t packed[71];
	int wrong = 0;

	for (int i = 0; i < 70; i++)
		x[i] = plait__uniform(plait__random(1, (uint64_t)i)) - 0.5f;
	for (int64_t n = 0; n <= 70; n++) {
		y[n] = 5;
		packed[n] = 5;
		wrong += wrong_of(n, x, y, packed) + (y[n] != 5) + (packed[n] != 5);
	}
	is_int(wrong, 0, "0 to 70 floats, and none behind them");
}

/* -- products ------------------------------------------------------------------------------- */

struct size {
	int64_t m, n, k;
};

static const char kinds[][3] = { "NT", "NN", "TN" };

/* On both sides of what is small; with rows that would meet in the cache; of several panels, the
 * last of which is narrower. */
static const struct size sizes[] = { { 1, 1, 1 },      { 3, 5, 7 },      { 32, 10, 50 },
				     { 17, 33, 209 },  { 1, 10, 512 },   { 33, 65, 129 },
				     { 64, 512, 100 }, { 512, 100, 64 }, { 20, 1500, 900 },
				     { 3, 130, 17000 } };

/* A product and its factors; b: [n,k] where it is transposed. */
struct product {
	char ta, tb;
	struct size s;
	float *a, *b, *bias, *c;
};

static float *numbers(int64_t n, uint64_t seed)
{
	float *x = malloc((size_t)n * sizeof *x);

	for (int64_t i = 0; i < n; i++)
		x[i] = 4 * plait__uniform(plait__random(seed, (uint64_t)i)) - 2;
	return x;
}

static struct product make(const char *kind, struct size s)
{
	return (struct product){ kind[0],
				 kind[1],
				 s,
				 numbers(s.m * s.k, 1),
				 numbers(s.n * s.k, 2),
				 numbers(s.n, 3),
				 numbers(s.m * s.n, 4) };
}

static void destroy(struct product *p)
{
	free(p->a);
	free(p->b);
	free(p->bias);
	free(p->c);
}

static void compute(const struct product *p, enum plait_precision precision)
{
	plait__gemm(precision, p->ta, p->tb, p->s.m, p->s.n, p->s.k, p->a, p->b, p->bias, p->c);
}

static double rounded(float x)
{
	return (double)float_of(expected(bits_of(x)));
}

/* Whether each element is the sum in double of rounded factors.  Products of them are exact in
 * float32; each takes part in at most k + 2 roundings, in whatever order they are added. */
static bool right(const struct product *p, bool bias)
{
	struct size s = p->s;

	for (int64_t i = 0; i < s.m; i++)
		for (int64_t j = 0; j < s.n; j++) {
			double sum = bias ? (double)p->bias[j] : 0, all = fabs(sum);

			for (int64_t l = 0; l < s.k; l++) {
				double a = rounded(p->a[p->ta == 'N' ? i * s.k + l : l * s.m + i]);
				double b = rounded(p->b[p->tb == 'T' ? j * s.k + l : l * s.n + j]);

				sum += a * b;
				all += fabs(a * b);
			}
			if (!(fabs((double)p->c[i * s.n + j] - sum) <=
			      (double)(s.k + 2) * UNIT * all))
				return false;
		}
	return true;
}

static void round_all(float *x, int64_t n)
{
	plait__bf16_round(n, x, x);
}

/* Where a CPU has no instructions for it, bfloat16 is float32 of factors rounded before. */
static bool as_rounded_before(struct product *p)
{
	size_t bytes = (size_t)(p->s.m * p->s.n) * sizeof(float);
	float *c = malloc(bytes);
	bool same;

	memcpy(c, p->c, bytes);
	round_all(p->a, p->s.m * p->s.k);
	round_all(p->b, p->s.n * p->s.k);
	compute(p, PLAIT_PRECISION_FP32);
	same = memcmp(c, p->c, bytes) == 0;
	free(c);
	return same;
}

static void check_products(const char *kind)
{
	int wrong = 0, other = 0, unrounded = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct product p = make(kind, sizes[i]);

		compute(&p, PLAIT_PRECISION_BF16);
		if (!right(&p, true)) {
			printf("# %s of %d x %d x %d\n", kind, (int)p.s.m, (int)p.s.n, (int)p.s.k);
			wrong++;
		}
		if (!plait_cpu_has_bf16())
			other += !as_rounded_before(&p);
		destroy(&p);
		p = make(kind, sizes[i]);
		compute(&p, PLAIT_PRECISION_FP32);
		/* In longer sums more roundings are allowed than bfloat16 makes a difference. */
		unrounded += p.s.k < 1000 && right(&p, true);
		destroy(&p);
	}
	is_int(wrong, 0, "%s: products are those of rounded factors", kind);
	is_int(other, 0, "%s: with the bits of float32, where a CPU computes in that", kind);
	is_int(unrounded, 0, "%s: of which fp32 has none", kind);
}

/* oneDNN's matmul, which is used for bfloat16 where the CPU has it.  How it is called is tried with
 * floats as well. */
static void check_matmul(const char *kind, bool packed)
{
	int wrong = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct product p = make(kind, sizes[i]);
		struct plait__product q = {
			.m = p.s.m, .n = p.s.n, .k = p.s.k, .a = p.a, .b = p.b, .c = p.c
		};

		for (int turn = 0; turn < 2; turn++) {
			plait__gemm_bf16_matmul(kind[0], kind[1], &q, packed);
			wrong += !right(&p, false);
		}
		destroy(&p);
	}
	is_int(wrong, 0, "%s: matmul of %s", kind, packed ? "bfloat16" : "rounded floats");
}

/* oneDNN may have been told not to use what the CPU has. */
static void check_cpu(void)
{
#ifdef __x86_64__
	ok(!plait_cpu_has_bf16() || __builtin_cpu_supports("avx512bf16"),
	   "only a CPU with AVX512_BF16 has bfloat16");
#else
	ok(!plait_cpu_has_bf16(), "no other CPU has bfloat16");
#endif
}

static void check_bfloat16(const char *kind)
{
	if (plait_cpu_has_bf16())
		check_matmul(kind, true);
	else
		tap_skip("%s: this CPU has no instructions for bfloat16", kind);
}

/* What is no number stays so, and what is too large becomes infinite; a bias is not rounded. */
static void check_special(void)
{
	static const struct size all[] = { { 3, 4, 5 }, { 40, 50, 60 } };

	for (size_t i = 0; i < 2; i++) {
		struct product p = make("NT", all[i]);
		int64_t n = p.s.n, k = p.s.k;
		const float bias = 1 + 0x1p-20f;
		int wrong = 0;

		for (int64_t e = 0; e < p.s.n * k; e++)
			p.b[e] = 1;
		memset(p.a, 0, (size_t)(p.s.m * k) * sizeof *p.a);
		p.a[0] = NAN;
		p.a[k] = 0x1.fffffep127f;
		for (int64_t j = 0; j < n; j++)
			p.bias[j] = bias;
		compute(&p, PLAIT_PRECISION_BF16);
		for (int64_t j = 0; j < n; j++)
			wrong += !isnan(p.c[j]) + (p.c[n + j] != INFINITY) +
				 (p.c[2 * n + j] != bias);
		is_int(wrong, 0, "%d x %d: NaN stays, too large is infinite, the bias is whole",
		       (int)p.s.m, (int)n);
		destroy(&p);
	}
}

static void check_tf32(void)
{
	struct product p = make("NT", sizes[5]), q = make("NT", sizes[5]);

	compute(&p, PLAIT_PRECISION_FP32);
	compute(&q, PLAIT_PRECISION_TF32);
	ok(memcmp(p.c, q.c, (size_t)(p.s.m * p.s.n) * sizeof *p.c) == 0,
	   "tf32 on a CPU has the bits of fp32");
	destroy(&p);
	destroy(&q);
}

/* -- memory --------------------------------------------------------------------------------- */

struct other {
	struct product p;
	void *memory;
};

static void *work(void *argument)
{
	struct other *other = argument;

	omp_set_num_threads(1);
	compute(&other->p, PLAIT_PRECISION_BF16);
	other->memory = plait__thread_memory(1);
	return NULL;
}

static void check_memory(void)
{
	struct product p = make("NN", sizes[8]);
	struct other other = { .p = make("NN", sizes[8]) };
	void *memory;
	pthread_t thread;

	compute(&p, PLAIT_PRECISION_BF16);
	memory = plait__thread_memory(1);
	compute(&p, PLAIT_PRECISION_BF16);
	ok(memory && memory == plait__thread_memory(1), "the next product takes the same memory");
	ok((uintptr_t)memory % 64 == 0, "which is aligned");
	if (pthread_create(&thread, NULL, work, &other) != 0 || pthread_join(thread, NULL) != 0)
		tap_bail_out("no thread");
	ok(other.memory && other.memory != memory, "another thread has its own");
	ok(memcmp(p.c, other.p.c, (size_t)(p.s.m * p.s.n) * sizeof *p.c) == 0,
	   "and computes the same bits");
	destroy(&p);
	destroy(&other.p);
}

int main(void)
{
	omp_set_num_threads(1); /* as in a worker */
	check_floats();
	check_examples();
	check_lengths();
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		plait__gemm_warm_up(PLAIT_PRECISION_BF16, kinds[i][0], kinds[i][1], 64, 512, 512);
		check_products(kinds[i]);
		check_matmul(kinds[i], false);
		check_bfloat16(kinds[i]);
	}
	check_cpu();
	check_special();
	check_tf32();
	check_memory();
	return tap_done();
}
