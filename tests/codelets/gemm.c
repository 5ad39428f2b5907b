/* SPDX-License-Identifier: MIT
 * Matrix products on the CPU against sums in double: oneDNN's and, for each width of vectors that
 * this CPU has, the kernels of small products. Every operand ends where readable memory ends. */
#include "config.h"
#include "codelets/shared/gemm.h"
#include "codelets/shared/gemm_small.h"
#include "tests/tap.h"

#include <dnnl.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define UNIT 0x1p-24 /* the largest relative error of one rounding to float */

typedef void (*kernel_fn)(const struct plait__product *product);

static const struct kind {
	const char *name;
	char ta, tb;
} kinds[] = { { "NT", 'N', 'T' }, { "NN", 'N', 'N' }, { "TN", 'T', 'N' } };

/* -- memory that ends at a page nobody may touch ------------------------------------------------
 */

static size_t room_of(int64_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return ((size_t)n * sizeof(float) + page - 1) / page * page;
}

static float *floats(int64_t n)
{
	size_t room = room_of(n), page = (size_t)sysconf(_SC_PAGESIZE);
	char *p =
		mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + room, page, PROT_NONE) != 0)
		tap_bail_out("no memory");
	return (float *)(p + room) - n;
}

static void release(float *p, int64_t n)
{
	size_t room = room_of(n), page = (size_t)sysconf(_SC_PAGESIZE);

	munmap((char *)(p + n) - room, room + page);
}

static float *numbers(int64_t n, uint64_t seed)
{
	float *p = floats(n);

	for (int64_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (float)((double)(seed >> 40) * 0x1p-22 - 2.0);
	}
	return p;
}

/* -- a case -------------------------------------------------------------------------------------
 */

struct size {
	int64_t m, n, k;
};

static struct plait__product make(const struct kind *kind, struct size s, bool bias)
{
	return (struct plait__product){ .m = s.m,
					.n = s.n,
					.k = s.k,
					.a = numbers(s.m * s.k, 1),
					.a_row = kind->ta == 'N' ? s.k : 1,
					.a_step = kind->ta == 'N' ? 1 : s.m,
					.b = numbers(s.n * s.k, 2),
					.transposed = kind->tb == 'T',
					.bias = bias ? numbers(s.n, 3) : NULL,
					.c = numbers(s.m * s.n, 4) };
}

static void destroy(const struct plait__product *p)
{
	release((float *)p->a, p->m * p->k);
	release((float *)p->b, p->n * p->k);
	if (p->bias)
		release((float *)p->bias, p->n);
	release(p->c, p->m * p->n);
}

/* Whether every element is the sum in double, but for the roundings: each term takes part in at
 * most k + 2, in whatever order they are added. */
static bool right(const struct plait__product *p)
{
	for (int64_t i = 0; i < p->m; i++)
		for (int64_t j = 0; j < p->n; j++) {
			double sum = p->bias ? (double)p->bias[j] : 0, size = fabs(sum);

			for (int64_t l = 0; l < p->k; l++) {
				double a = p->a[i * p->a_row + l * p->a_step];
				double b = p->transposed ? p->b[j * p->k + l] : p->b[l * p->n + j];

				sum += a * b;
				size += fabs(a * b);
			}
			if (!(fabs((double)p->c[i * p->n + j] - sum) <=
			      (double)(p->k + 2) * UNIT * size))
				return false;
		}
	return true;
}

static void by_gemm(const struct kind *kind, const struct plait__product *p)
{
	plait__gemm(PLAIT_PRECISION_FP32, kind->ta, kind->tb, p->m, p->n, p->k, p->a, p->b, p->bias,
		    p->c);
}

static bool case_is_right(kernel_fn kernel, const struct kind *kind, struct size s, bool bias)
{
	struct plait__product p = make(kind, s, bias);
	bool good;

	if (kernel)
		kernel(&p);
	else
		by_gemm(kind, &p);
	good = right(&p);
	if (!good)
		printf("# %s of %d x %d x %d%s\n", kind->name, (int)s.m, (int)s.n, (int)s.k,
		       bias ? " with a bias" : "");
	destroy(&p);
	return good;
}

/* -- what is checked ----------------------------------------------------------------------------
 */

/* All sizes around the widths of vectors and the heights of tiles. kernel NULL: plait__gemm. */
static void check_sizes(const char *name, kernel_fn kernel, const struct kind *kind)
{
	static const int64_t side[] = {
		1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 23, 31, 33, 50, 63
	};
	const size_t sides = sizeof side / sizeof *side;
	int wrong = 0;

	for (size_t i = 0; i < sides * sides * sides; i++) {
		struct size s = { side[i % sides], side[i / sides % sides],
				  side[i / sides / sides] };

		wrong += !case_is_right(kernel, kind, s, false);
		if (kind->tb == 'T')
			wrong += !case_is_right(kernel, kind, s, true);
	}
	is_int(wrong, 0, "%s, %s: right at all sizes up to 63", name, kind->name);
}

/* Long and wide ones, on both sides of what is small. */
static void check_long(const char *name, kernel_fn kernel, const struct kind *kind)
{
	static const struct size sizes[] = { { 1, 512, 784 }, { 1, 10, 512 },  { 3, 5, 1001 },
					     { 1, 1, 3001 },  { 100, 1, 333 }, { 17, 33, 207 },
					     { 17, 33, 209 }, { 5, 301, 19 },  { 2, 515, 13 },
					     { 1, 1027, 7 },  { 301, 9, 21 },  { 65, 129, 3 } };
	int wrong = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (!kernel || sizes[i].k < PLAIT__TURNED_K || kind->tb == 'T' || sizes[i].n > 16)
			wrong += !case_is_right(kernel, kind, sizes[i], kind->tb == 'T');
	is_int(wrong, 0, "%s, %s: right at long and wide sizes", name, kind->name);
}

/* A NaN of A shows in its row of C, one of B in its column, and nowhere else, although vectors are
 * read and written over the ends of rows. */
static void check_nan(const char *name, kernel_fn kernel, const struct kind *kind)
{
	static const struct size sizes[] = {
		{ 9, 3, 5 }, { 9, 3, 40 }, { 7, 20, 9 }, { 1, 50, 18 }
	};
	int wrong = 0;

	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		struct plait__product p = make(kind, sizes[s], false);
		int64_t i = p.m - 1, j = p.n / 2, l = p.k - 1;

		((float *)p.a)[i * p.a_row + l * p.a_step] = NAN;
		((float *)p.b)[p.transposed ? j * p.k : j] = NAN;
		kernel(&p);
		for (int64_t e = 0; e < p.m * p.n; e++)
			wrong += (e / p.n == i || e % p.n == j) != isnan(p.c[e]);
		destroy(&p);
	}
	is_int(wrong, 0, "%s, %s: a NaN stays in its row and column", name, kind->name);
}

/* Infinity times 0 would be NaN: what a kernel leaves out of a sum, it must not multiply by 0. */
static void check_infinity(const char *name, kernel_fn kernel, const struct kind *kind)
{
	int wrong = 0;

	for (int64_t l = 0; l < 37; l++) {
		struct plait__product p = make(kind, (struct size){ 2, 9, 37 }, false);

		((float *)p.a)[l * p.a_step] = INFINITY;
		((float *)p.b)[p.transposed ? l : l * p.n] = INFINITY;
		for (int64_t i = 0; i < p.n * p.k; i++)
			((float *)p.b)[i] = fabsf(p.b[i]) + 1;
		kernel(&p);
		for (int64_t j = 0; j < p.n; j++)
			wrong += !isinf(p.c[j]);
		wrong += !isinf(p.c[p.n]);
		destroy(&p);
	}
	is_int(wrong, 0, "%s, %s: infinite where a factor is", name, kind->name);
}

static void check(const char *name, kernel_fn kernel)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		check_sizes(name, kernel, &kinds[i]);
		check_long(name, kernel, &kinds[i]);
		if (!kernel)
			continue;
		check_nan(name, kernel, &kinds[i]);
		check_infinity(name, kernel, &kinds[i]);
	}
}

/* Products whose operands are copied before oneDNN reads them: right, and with the bits that oneDNN
 * computes from the operands as they lie. */
static void check_copied(const struct kind *kind)
{
	static const struct size sizes[] = {
		{ 16, 512, 16 },   { 64, 512, 512 },   { 33, 1024, 70 },  { 512, 512, 20 },
		{ 512, 512, 64 },  { 100, 1536, 129 }, { 1024, 512, 33 }, { 15, 512, 100 },
		{ 40, 512, 7000 }, { 40, 512, 9000 },  { 96, 520, 100 }
	};
	int wrong = 0, other = 0;

	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		struct plait__product p = make(kind, sizes[s], false);
		float *c = floats(p.m * p.n);

		wrong += !case_is_right(NULL, kind, sizes[s], false);
		by_gemm(kind, &p);
		dnnl_sgemm(kind->ta, kind->tb, p.m, p.n, p.k, 1.0f, p.a,
			   kind->ta == 'N' ? p.k : p.m, p.b, kind->tb == 'N' ? p.n : p.k, 0.0f, c,
			   p.n);
		other += memcmp(c, p.c, (size_t)(p.m * p.n) * sizeof *c) != 0;
		release(c, p.m * p.n);
		destroy(&p);
	}
	is_int(wrong, 0, "%s: right where rows are 2 KiB long", kind->name);
	is_int(other, 0, "%s: and the bits of oneDNN on the operands in place", kind->name);
}

/* The same operands at other addresses give the same bits. */
static void check_places(const struct kind *kind)
{
	struct plait__product p = make(kind, (struct size){ 32, 50, 10 }, kind->tb == 'T'), q = p;
	float *a = floats(p.m * p.k + 3), *b = floats(p.n * p.k + 1), *c = floats(p.m * p.n + 2);

	ok(plait__gemm_is_small(&p), "%s: 32 x 50 x 10 is small", kind->name);
	q.a = memcpy(a, p.a, (size_t)(p.m * p.k) * sizeof *a);
	q.b = memcpy(b, p.b, (size_t)(p.n * p.k) * sizeof *b);
	q.c = c;
	by_gemm(kind, &p);
	by_gemm(kind, &q);
	ok(memcmp(p.c, q.c, (size_t)(p.m * p.n) * sizeof *c) == 0,
	   "%s: the same bits at other addresses", kind->name);
	plait__gemm_small(&q);
	ok(memcmp(p.c, q.c, (size_t)(p.m * p.n) * sizeof *c) == 0,
	   "%s: a small product is computed by the kernels of small ones", kind->name);
	release(a, p.m * p.k + 3);
	release(b, p.n * p.k + 1);
	release(c, p.m * p.n + 2);
	destroy(&p);
}

static void check_empty(void)
{
	float bias[3] = { 1, 2, 3 }, c[6] = { 9, 9, 9, 9, 9, 9 };

	plait__gemm(PLAIT_PRECISION_FP32, 'N', 'T', 0, 3, 5, NULL, bias, bias, c);
	ok(c[0] == 9, "no rows: nothing is written");
	plait__gemm(PLAIT_PRECISION_FP32, 'N', 'T', 2, 3, 0, NULL, NULL, bias, c);
	ok(c[0] == 1 && c[2] == 3 && c[3] == 1 && c[5] == 3, "k = 0: the bias");
	plait__gemm(PLAIT_PRECISION_FP32, 'T', 'N', 2, 3, 0, NULL, NULL, NULL, c);
	ok(c[0] == 0 && c[5] == 0, "k = 0 without a bias: 0");
}

/* -- what is done beforehand --------------------------------------------------------------------
 */

/* Calls of dnnl_sgemm, each of which comes here first: the linker sees to it. */
static int by_onednn;

dnnl_status_t __real_dnnl_sgemm(char ta, char tb, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k,
				float alpha, const float *a, dnnl_dim_t lda, const float *b,
				dnnl_dim_t ldb, float beta, float *c, dnnl_dim_t ldc);
dnnl_status_t __wrap_dnnl_sgemm(char ta, char tb, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k,
				float alpha, const float *a, dnnl_dim_t lda, const float *b,
				dnnl_dim_t ldb, float beta, float *c, dnnl_dim_t ldc);

dnnl_status_t __wrap_dnnl_sgemm(char ta, char tb, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k,
				float alpha, const float *a, dnnl_dim_t lda, const float *b,
				dnnl_dim_t ldb, float beta, float *c, dnnl_dim_t ldc)
{
	by_onednn++;
	return __real_dnnl_sgemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/* A linear layer and its gradients, of a batch of so many samples. */
static int warm_up_calls(int64_t inputs, int64_t outputs, int64_t samples)
{
	by_onednn = 0;
	plait__gemm_warm_up(PLAIT_PRECISION_FP32, 'N', 'T', samples, outputs, inputs);
	plait__gemm_warm_up(PLAIT_PRECISION_FP32, 'N', 'N', samples, inputs, outputs);
	plait__gemm_warm_up(PLAIT_PRECISION_FP32, 'T', 'N', outputs, inputs, samples);
	return by_onednn;
}

static void check_warm_up(void)
{
	is_int(warm_up_calls(10, 10, 10), 0, "small products: oneDNN is not asked for its kernels");
	is_int(warm_up_calls(10, 0, 10) + warm_up_calls(0, 10, 10), 0, "nor for empty ones");
	ok(warm_up_calls(784, 512, 128) > 0, "large ones: it is");
	is_int(warm_up_calls(784, 512, 128), 0, "once");
}

int main(void)
{
	check_warm_up();
	omp_set_num_threads(1); /* as in a worker */
	check("plait__gemm", NULL);
	check("vectors of 4", plait__gemm_4);
#ifdef __x86_64__
	if (plait__gemm_has_8())
		check("vectors of 8", plait__gemm_8);
	else
		tap_skip("vectors of 8: this CPU has no AVX2");
	if (plait__gemm_has_16())
		check("vectors of 16", plait__gemm_16);
	else
		tap_skip("vectors of 16: this CPU has no AVX-512");
#endif
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		check_copied(&kinds[i]);
		check_places(&kinds[i]);
	}
	check_empty();
	return tap_done();
}
