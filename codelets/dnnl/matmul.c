/* SPDX-License-Identifier: MIT
 * A primitive of oneDNN belongs to sizes; each thread keeps those that it has used (thread.h). */
#include "config.h"
#include "codelets/dnnl/matmul.h"
#include "codelets/dnnl/description.h"
#include "src/base/base.h"

#include <plait/tensor.h>
#include <stdlib.h>

/* A value of oneDNN's for a CPU has the bits of those for all that this CPU can do. */
bool plait_cpu_has_bf16(void)
{
	return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) ==
	       dnnl_cpu_isa_avx512_core_bf16;
}

struct plait__matmul_kernel {
	dnnl_primitive_t primitive;
	dnnl_memory_t a, b, c, scratch; /* scratch NULL: it needs none */
	size_t scratch_bytes;
};

/* oneDNN 3 made operation descriptors arguments. */
#if DNNL_VERSION_MAJOR >= 3
static dnnl_status_t describe(owned *d, const dnnl_dim_t *dim, int64_t dtype,
			      const dnnl_dim_t *stride)
{
	return dnnl_memory_desc_create_with_strides(d, 2, dim, (dnnl_data_type_t)dtype, stride);
}
static dnnl_status_t primitive_desc(dnnl_primitive_desc_t *desc, const owned *a, const owned *b,
				    const owned *c, dnnl_primitive_attr_t attr)
{
	return dnnl_matmul_primitive_desc_create(desc, plait__dnnl_engine(), *a, *b, NULL, *c,
						 attr);
}
#else
static dnnl_status_t describe(owned *d, const dnnl_dim_t *dim, int64_t dtype,
			      const dnnl_dim_t *stride)
{
	return dnnl_memory_desc_init_by_strides(d, 2, dim, (dnnl_data_type_t)dtype, stride);
}
static dnnl_status_t primitive_desc(dnnl_primitive_desc_t *desc, const owned *a, const owned *b,
				    const owned *c, dnnl_primitive_attr_t attr)
{
	dnnl_matmul_desc_t op;
	dnnl_status_t status = dnnl_matmul_desc_init(&op, a, b, NULL, c);

	return status == dnnl_success
		       ? dnnl_primitive_desc_create(desc, &op, attr, plait__dnnl_engine(), NULL)
		       : status;
}
#endif

static void make_memory(dnnl_memory_t *memory, description d)
{
	plait__dnnl_must(dnnl_memory_create(memory, d, plait__dnnl_engine(), DNNL_MEMORY_NONE),
			 "memory");
}

static void make_primitive(struct plait__matmul_kernel *k, const owned *a, const owned *b,
			   const owned *c)
{
	dnnl_primitive_desc_t desc;
	dnnl_primitive_attr_t attr;
	description scratch;

	plait__dnnl_must(dnnl_primitive_attr_create(&attr), "attributes");
	plait__dnnl_must(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user),
			 "attributes");
	plait__dnnl_must(primitive_desc(&desc, a, b, c, attr), "a matmul");
	plait__dnnl_must(dnnl_primitive_create(&k->primitive, desc), "a matmul");
	scratch = dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
	k->scratch_bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
	if (k->scratch_bytes > 0)
		make_memory(&k->scratch, scratch);
	dnnl_primitive_desc_destroy(desc);
	dnnl_primitive_attr_destroy(attr);
}

static void *create(const int64_t *words)
{
	const struct plait__matmul *m = (const struct plait__matmul *)words;
	struct plait__matmul_kernel *k = calloc(1, sizeof *k);
	owned a, b, c;

	plait__dnnl_must(k ? dnnl_success : dnnl_out_of_memory, "a kernel");
	plait__dnnl_must(describe(&a, (dnnl_dims_t){ m->m, m->k }, m->dtype,
				  (dnnl_dims_t){ m->a_row, m->a_column }),
			 "a matrix");
	plait__dnnl_must(describe(&b, (dnnl_dims_t){ m->k, m->n }, m->dtype,
				  (dnnl_dims_t){ m->b_row, m->b_column }),
			 "a matrix");
	plait__dnnl_must(
		describe(&c, (dnnl_dims_t){ m->m, m->n }, dnnl_f32, (dnnl_dims_t){ m->c_row, 1 }),
		"a matrix");
	make_primitive(k, &a, &b, &c);
	make_memory(&k->a, of(&a));
	make_memory(&k->b, of(&b));
	make_memory(&k->c, of(&c));
	forget(&a);
	forget(&b);
	forget(&c);
	return k;
}

static void destroy(void *thing)
{
	struct plait__matmul_kernel *k = thing;

	dnnl_primitive_destroy(k->primitive);
	dnnl_memory_destroy(k->a);
	dnnl_memory_destroy(k->b);
	dnnl_memory_destroy(k->c);
	if (k->scratch)
		dnnl_memory_destroy(k->scratch);
	free(k);
}

static const struct plait__dnnl_kind kind = { sizeof(struct plait__matmul) / sizeof(int64_t),
					      create, destroy };

const struct plait__matmul_kernel *plait__matmul_find(const struct plait__matmul *sizes)
{
	return plait__dnnl_kept(&kind, (const int64_t *)sizes);
}

size_t plait__matmul_scratch(const struct plait__matmul_kernel *k)
{
	return k->scratch_bytes;
}

void plait__matmul_run(const struct plait__matmul_kernel *k, const void *a, const void *b, float *c,
		       void *scratch)
{
	dnnl_exec_arg_t arg[] = { { DNNL_ARG_SRC, k->a },
				  { DNNL_ARG_WEIGHTS, k->b },
				  { DNNL_ARG_DST, k->c },
				  { DNNL_ARG_SCRATCHPAD, k->scratch } };

	set(k->a, a);
	set(k->b, b);
	set(k->c, c);
	if (k->scratch)
		set(k->scratch, scratch);
	plait__dnnl_must(
		dnnl_primitive_execute(k->primitive, plait__dnnl_stream(), k->scratch ? 4 : 3, arg),
		"a matmul");
}
