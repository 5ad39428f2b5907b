/* SPDX-License-Identifier: MIT
 * Rounding is a copy, so it also makes rows longer that would meet in the cache (gemm_large.c says
 * why).  B, in which a layer's weights are, is copied some columns at a time, or a thread would
 * keep a copy of the largest layer; A has a row for each sample.  That changes no order of sums.
 *
 * On an EPYC of family 25 with AVX2, one thread, where factors are multiplied as floats, products
 * of a layer 784-512 take 1.15 of fp32's time forward and 1.01 for the weight's gradient (batch
 * 32), of 512-512 1.09 and 1.01 (batch 64), and small ones of 10-50 1.2 to 1.4: `products bf16` of
 * tests/bench. */
#include "config.h"
#include "codelets/dnnl/gemm_bf16.h"
#include "codelets/dnnl/matmul.h"
#include "codelets/dnnl/thread.h"
#include "codelets/shared/bf16.h"
#include "codelets/shared/gemm_large.h"
#include "src/base/base.h"

#include <plait/tensor.h>

/* Elements of B that are copied at once, but for the least number of columns. */
enum { ROOM = 1 << 20, COLUMNS = 64 };

enum way {
	BY_SGEMM = 1, /* of floats */
	BY_MATMUL,    /* of floats */
	BY_BF16,      /* matmul, of bfloat16 */
};

/* The copies of a product's factors, whose rows are as those in memory, but may be longer. */
struct copies {
	char ta, tb;
	const struct plait__product *p;
	enum way way;
	size_t element;            /* bytes */
	int64_t a_rows, a_columns; /* of A as it lies in memory */
	int64_t columns;           /* of op(B) that are copied at once */
	int64_t a_row, b_row;      /* elements of a copied row */
	size_t a_bytes, b_bytes;   /* aligned */
	char *a, *b, *scratch;     /* one behind the other */
};

static int64_t row_of(int64_t columns, enum way way)
{
	return way == BY_SGEMM ? plait__gemm_row(columns) : columns;
}

static struct copies copies_of(char ta, char tb, const struct plait__product *p, enum way way)
{
	int64_t fit = ROOM / p->k / COLUMNS * COLUMNS, columns = fit > COLUMNS ? fit : COLUMNS;
	struct copies c = { .ta = ta,
			    .tb = tb,
			    .p = p,
			    .way = way,
			    .element = way == BY_BF16 ? sizeof(uint16_t) : sizeof(float),
			    .a_rows = ta == 'N' ? p->m : p->k,
			    .a_columns = ta == 'N' ? p->k : p->m,
			    .columns = columns < p->n ? columns : p->n };

	c.a_row = row_of(c.a_columns, way);
	c.b_row = row_of(tb == 'N' ? c.columns : p->k, way);
	c.a_bytes = plait__align((size_t)(c.a_rows * c.a_row) * c.element);
	c.b_bytes = plait__align((size_t)((tb == 'N' ? p->k : c.columns) * c.b_row) * c.element);
	return c;
}

/* The kernel for so many columns of op(B). */
static const struct plait__matmul_kernel *find_matmul(const struct copies *c, int64_t columns)
{
	struct plait__matmul sizes = { .m = c->p->m,
				       .n = columns,
				       .k = c->p->k,
				       .a_row = c->ta == 'N' ? c->a_row : 1,
				       .a_column = c->ta == 'N' ? 1 : c->a_row,
				       .b_row = c->tb == 'N' ? c->b_row : 1,
				       .b_column = c->tb == 'N' ? 1 : c->b_row,
				       .c_row = c->p->n,
				       .dtype = c->way == BY_BF16 ? dnnl_bf16 : dnnl_f32 };

	return plait__matmul_find(&sizes);
}

/* What the kernels need besides, of which the last one may have fewer columns. */
static size_t scratch_of(const struct copies *c)
{
	int64_t rest = c->p->n % c->columns;
	size_t scratch = 0, last = 0;

	if (c->way == BY_SGEMM)
		return 0;
	scratch = plait__matmul_scratch(find_matmul(c, c->columns));
	if (rest > 0)
		last = plait__matmul_scratch(find_matmul(c, rest));
	return scratch > last ? scratch : last;
}

static char *memory_of(size_t bytes)
{
	char *memory = plait__thread_memory(bytes);

	plait__dnnl_must(memory ? dnnl_success : dnnl_out_of_memory, "rounded factors");
	return memory;
}

/* Rounds rows of so many columns, row apart, to rows to_row apart. */
static void copy(const struct copies *c, int64_t rows, int64_t columns, const float *from,
		 int64_t row, char *to, int64_t to_row)
{
	if (columns == row && columns == to_row) { /* no gaps: one row */
		columns *= rows;
		rows = 1;
	}
	for (int64_t i = 0; i < rows; i++, from += row, to += (size_t)to_row * c->element)
		if (c->way == BY_BF16)
			plait__bf16_pack(columns, from, (uint16_t *)to);
		else
			plait__bf16_round(columns, from, (float *)to);
}

static void copy_columns(const struct copies *c, int64_t first, int64_t columns)
{
	const struct plait__product *p = c->p;

	if (c->tb == 'N')
		copy(c, p->k, columns, p->b + first, p->n, c->b, c->b_row);
	else
		copy(c, columns, p->k, p->b + first * p->k, p->k, c->b, c->b_row);
}

static void multiply(const struct copies *c, int64_t columns, float *to)
{
	if (c->way == BY_SGEMM)
		plait__gemm_columns(
			c->ta, c->tb, c->p, (struct plait__operand){ (float *)c->a, c->a_row },
			(struct plait__operand){ (float *)c->b, c->b_row }, columns, to);
	else
		plait__matmul_run(find_matmul(c, columns), c->a, c->b, to, c->scratch);
}

static void compute(char ta, char tb, const struct plait__product *p, enum way way)
{
	struct copies c = copies_of(ta, tb, p, way);

	c.a = memory_of(c.a_bytes + c.b_bytes + scratch_of(&c));
	c.b = c.a + c.a_bytes;
	c.scratch = c.b + c.b_bytes;
	copy(&c, c.a_rows, c.a_columns, p->a, c.a_columns, c.a, c.a_row);
	for (int64_t first = 0; first < p->n; first += c.columns) {
		int64_t columns = p->n - first < c.columns ? p->n - first : c.columns;

		copy_columns(&c, first, columns);
		multiply(&c, columns, p->c + first);
	}
}

void plait__gemm_bf16_large(char ta, char tb, const struct plait__product *p)
{
	compute(ta, tb, p, plait_cpu_has_bf16() ? BY_BF16 : BY_SGEMM);
}

void plait__gemm_bf16_matmul(char ta, char tb, const struct plait__product *p, bool packed)
{
	compute(ta, tb, p, packed ? BY_BF16 : BY_MATMUL);
}

void plait__gemm_bf16_small(const struct plait__product *p)
{
	struct plait__product rounded = *p;
	size_t a_bytes = plait__align((size_t)(p->m * p->k) * sizeof(float));
	char *memory = memory_of(a_bytes + (size_t)(p->k * p->n) * sizeof(float));

	rounded.a = (float *)memory;
	rounded.b = (float *)(memory + a_bytes);
	plait__bf16_round(p->m * p->k, p->a, (float *)memory);
	plait__bf16_round(p->k * p->n, p->b, (float *)(memory + a_bytes));
	plait__gemm_small(&rounded);
}

bool plait__gemm_bf16_warm_up(char ta, char tb, const struct plait__product *p)
{
	struct copies c = copies_of(ta, tb, p, BY_BF16);

	if (!plait_cpu_has_bf16())
		return false;
	scratch_of(&c);
	return true;
}
