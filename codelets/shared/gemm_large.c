/* SPDX-License-Identifier: MIT
 * dnnl_sgemm is the same in oneDNN 2 and 3, and a call of it costs less than a matmul primitive
 * where matrices are small.
 *
 * Its kernels for AVX2 read a matrix where it lies. Rows that begin a multiple of 2 KiB apart fall
 * into a few sets of the first cache, and throw each other out. Such are the weights of each layer
 * of 512 or 1024. So B is copied first to rows that are a little longer, as every library does
 * that packs its operands. On an AMD EPYC of family 25 with oneDNN 2.6, one thread, GFLOP/s:
 *
 *              m     n     k   in place  copied
 *       NN    64   512   512         53      78
 *       NN   256   512   512         59      87
 *       NN    64  1024  1024         40      77
 *       NN    16   512   512         56      66
 *       TN   512   512    64         60      76
 *       TN   512   512   256         61      83
 *       TN  1024  1024   256         83      86
 *       NT   256   512   512         82
 *
 * What is computed stays the same, in the same order, and so do the bits. */
#include "config.h"
#include "codelets/shared/gemm_large.h"
#include "codelets/dnnl/thread.h"
#include "src/base/base.h"

#include <pthread.h>
#include <string.h>

/* In floats: what is between two rows that meet in the cache; what is added to a row; columns of B
 * that are copied at once; and the most that is copied. */
enum { MEET = 512, PAD = 16, PANEL = 128, ROOM = 1 << 20 };
/* Fewer rows or terms are computed before a copy pays. */
enum { FEW = 16 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool in_place; /* no copies: wider kernels pack what they read themselves */

static void begin(void)
{
	dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();

	in_place = isa < dnnl_cpu_isa_avx || isa >= dnnl_cpu_isa_avx512_core;
}

/* Memory of this thread for so many floats, but for more than ROOM. NULL: there is none. */
static float *room(int64_t floats)
{
	return floats <= ROOM ? plait__thread_memory((size_t)floats * sizeof(float)) : NULL;
}

/* Copies rows of so many columns, row floats apart, to rows PAD floats longer than columns. */
static void copy(int64_t rows, int64_t columns, const float *from, int64_t row, float *to)
{
	for (int64_t i = 0; i < rows; i++)
		memcpy(to + i * (columns + PAD), from + i * row, (size_t)columns * sizeof *to);
}

int64_t plait__gemm_row(int64_t columns)
{
	return columns % MEET == 0 ? columns + PAD : columns;
}

void plait__gemm_columns(char ta, char tb, const struct plait__product *p, struct plait__operand a,
			 struct plait__operand b, int64_t n, float *c)
{
	dnnl_status_t status =
		dnnl_sgemm(ta, tb, p->m, n, p->k, 1.0f, a.at, a.row, b.at, b.row, 0.0f, c, p->n);

	/* It refuses only a wrong letter or leading dimension. */
	PLAIT__ASSERT(status == dnnl_success,
		      "oneDNN takes the letters and leading dimensions above");
	(void)status;
}

/* A few columns of B at a time. False: there is no room. */
static bool by_panels(const struct plait__product *p)
{
	struct plait__operand a = { p->a, p->k }, b = { NULL, PANEL + PAD };
	float *copied = room(p->k * b.row);

	if (!copied)
		return false;
	b.at = copied;
	for (int64_t j = 0; j < p->n; j += PANEL) {
		copy(p->k, PANEL, p->b + j, p->n, copied);
		plait__gemm_columns('N', 'N', p, a, b, PANEL, p->c + j);
	}
	return true;
}

/* All columns at once, and those of A, too, if they meet: of a transposed A, oneDNN packs large
 * products itself, and these it must be shown whole. False: there is no room. */
static bool transposed(const struct plait__product *p)
{
	bool meets = p->m % MEET == 0;
	struct plait__operand a = { p->a, meets ? p->m + PAD : p->m }, b = { NULL, p->n + PAD };
	float *copied = room(p->k * (b.row + (meets ? a.row : 0)));

	if (!copied)
		return false;
	b.at = copied;
	copy(p->k, p->n, p->b, p->n, copied);
	if (meets) {
		a.at = copied + p->k * b.row;
		copy(p->k, p->m, p->a, p->m, copied + p->k * b.row);
	}
	plait__gemm_columns('T', 'N', p, a, b, p->n, p->c);
	return true;
}

void plait__gemm_large(char ta, char tb, const struct plait__product *p)
{
	pthread_once(&once, begin);
	if (!in_place && tb == 'N' && p->n % MEET == 0 && p->m >= FEW && p->k >= FEW &&
	    (ta == 'N' ? by_panels(p) : transposed(p)))
		return;
	plait__gemm_columns(ta, tb, p, (struct plait__operand){ p->a, ta == 'N' ? p->k : p->m },
			    (struct plait__operand){ p->b, tb == 'N' ? p->n : p->k }, p->n, p->c);
}
