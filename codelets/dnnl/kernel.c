/* SPDX-License-Identifier: MIT
 * Makes primitives of oneDNN's version 2 or 3, whose calls differ where descriptions are made. */
#include "config.h"
#include "codelets/dnnl/kernel.h"
#include "codelets/dnnl/description.h"
#include "src/base/base.h"

#include <stdlib.h>
#include <string.h>

/* tests/bench/floor.c compiles this with formats and memory of oneDNN's choice. */
#ifndef PLAIT__IMAGES
#define PLAIT__IMAGES dnnl_nhwc
#define PLAIT__MEMORY DNNL_MEMORY_NONE
#endif

void plait__kernel_destroy(struct plait__kernel *k)
{
	dnnl_memory_t memory[] = { k->x, k->y, k->b, k->w, k->plain_w, k->scratch };

	dnnl_primitive_destroy(k->primitive);
	if (k->reorder)
		dnnl_primitive_destroy(k->reorder);
	for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
		if (memory[i])
			dnnl_memory_destroy(memory[i]);
	free(k);
}

static void describe(owned *d, int n, const dnnl_dim_t *dim, dnnl_data_type_t type,
		     dnnl_format_tag_t tag)
{
#if DNNL_VERSION_MAJOR >= 3
	plait__dnnl_must(dnnl_memory_desc_create_with_tag(d, n, dim, type, tag), "a tensor");
#else
	plait__dnnl_must(dnnl_memory_desc_init_by_tag(d, n, dim, type, tag), "a tensor");
#endif
}

/* The tensors of a convolution: x, w in any format, w as PyTorch has it, b, y. */
struct tensors {
	owned x, w, plain_w, b, y;
};

/* With bf16 all but the direction's result and the bias are bfloat16. */
static void describe_all(const struct plait__convolution *c, enum plait__direction direction,
			 bool bf16, struct tensors *t)
{
	bool one = c->groups == 1;
	dnnl_data_type_t read = bf16 ? dnnl_bf16 : dnnl_f32;
	dnnl_data_type_t w_type = direction == PLAIT__BY_WEIGHTS ? dnnl_f32 : read;
	dnnl_dims_t x = { c->rows, c->channels, c->height, c->width };
	dnnl_dims_t y = { c->rows, c->outputs, plait__convolution_size(c, 0),
			  plait__convolution_size(c, 1) };
	dnnl_dims_t b = { c->outputs };
	dnnl_dims_t whole = { c->outputs, c->channels, c->kernel[0], c->kernel[1] };
	dnnl_dims_t grouped = { c->groups, c->outputs / c->groups, c->channels / c->groups,
				c->kernel[0], c->kernel[1] };
	const int64_t *w = one ? whole : grouped;

	describe(&t->x, 4, x, direction == PLAIT__BY_DATA ? dnnl_f32 : read, PLAIT__IMAGES);
	describe(&t->y, 4, y, direction == PLAIT__FORWARD ? dnnl_f32 : read, PLAIT__IMAGES);
	describe(&t->b, 1, b, dnnl_f32, dnnl_a);
	describe(&t->w, one ? 4 : 5, w, w_type, dnnl_format_tag_any);
	describe(&t->plain_w, one ? 4 : 5, w, w_type, one ? dnnl_oihw : dnnl_goihw);
}

static void forget_all(struct tensors *t)
{
	owned *all[] = { &t->x, &t->w, &t->plain_w, &t->b, &t->y };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		forget(all[i]);
}

/* The primitive's description, which wants that of the forward one where it is not that; NULL:
 * oneDNN has none.  It counts what is skipped between elements of the kernel, PyTorch's dilation is
 * one more. */
static dnnl_primitive_desc_t
primitive_desc(dnnl_engine_t engine, const struct plait__convolution *c, const struct tensors *t,
	       enum plait__direction direction, bool bias, const_dnnl_primitive_desc_t hint)
{
	dnnl_dims_t stride = { c->stride[0], c->stride[1] };
	dnnl_dims_t skipped = { c->dilation[0] - 1, c->dilation[1] - 1 };
	dnnl_dims_t padding = { c->padding[0], c->padding[1] }, end;
	description b = bias ? of(&t->b) : NULL;
	dnnl_primitive_desc_t desc = NULL;
	dnnl_primitive_attr_t attr;
	dnnl_status_t status;

	for (int i = 0; i < 2; i++) { /* padding at the far end, of which a stride leaves some */
		int64_t size = i == 0 ? c->height : c->width;

		end[i] = (plait__convolution_size(c, i) - 1) * c->stride[i] +
			 c->dilation[i] * (c->kernel[i] - 1) + 1 - size - c->padding[i];
	}
	plait__dnnl_must(dnnl_primitive_attr_create(&attr), "attributes");
	plait__dnnl_must(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user),
			 "attributes");
#if DNNL_VERSION_MAJOR >= 3
	status = direction == PLAIT__FORWARD
			 ? dnnl_convolution_forward_primitive_desc_create(
				   &desc, engine, dnnl_forward_training, dnnl_convolution_direct,
				   of(&t->x), of(&t->w), b, of(&t->y), stride, skipped, padding,
				   end, attr)
		 : direction == PLAIT__BY_DATA
			 ? dnnl_convolution_backward_data_primitive_desc_create(
				   &desc, engine, dnnl_convolution_direct, of(&t->x), of(&t->w),
				   of(&t->y), stride, skipped, padding, end, hint, attr)
			 : dnnl_convolution_backward_weights_primitive_desc_create(
				   &desc, engine, dnnl_convolution_direct, of(&t->x), of(&t->w), b,
				   of(&t->y), stride, skipped, padding, end, hint, attr);
#else
	dnnl_convolution_desc_t op;

	status = direction == PLAIT__FORWARD
			 ? dnnl_dilated_convolution_forward_desc_init(
				   &op, dnnl_forward_training, dnnl_convolution_direct, of(&t->x),
				   of(&t->w), b, of(&t->y), stride, skipped, padding, end)
		 : direction == PLAIT__BY_DATA
			 ? dnnl_dilated_convolution_backward_data_desc_init(
				   &op, dnnl_convolution_direct, of(&t->x), of(&t->w), of(&t->y),
				   stride, skipped, padding, end)
			 : dnnl_dilated_convolution_backward_weights_desc_init(
				   &op, dnnl_convolution_direct, of(&t->x), of(&t->w), b, of(&t->y),
				   stride, skipped, padding, end);
	if (status == dnnl_success)
		status = dnnl_primitive_desc_create(&desc, &op, attr, engine, hint);
#endif
	plait__dnnl_must(status == dnnl_unimplemented ? dnnl_success : status, "a convolution");
	dnnl_primitive_attr_destroy(attr);
	return status == dnnl_success ? desc : NULL;
}

static void make_memory(dnnl_engine_t engine, dnnl_memory_t *memory, description d)
{
	plait__dnnl_must(dnnl_memory_create(memory, d, engine, PLAIT__MEMORY), "memory");
}

/* Weights to the primitive's format, or their gradient from it. */
static void make_reorder(dnnl_engine_t engine, struct plait__kernel *k, description plain,
			 description blocked)
{
	bool from = k->direction == PLAIT__BY_WEIGHTS;
	dnnl_primitive_desc_t desc;

	make_memory(engine, &k->plain_w, plain);
	if (dnnl_memory_desc_equal(plain, blocked))
		return;
	k->w_bytes = plait__align(dnnl_memory_desc_get_size(blocked));
	plait__dnnl_must(dnnl_reorder_primitive_desc_create(&desc, from ? blocked : plain, engine,
							    from ? plain : blocked, engine, NULL),
			 "a reorder");
	plait__dnnl_must(dnnl_primitive_create(&k->reorder, desc), "a reorder");
	dnnl_primitive_desc_destroy(desc);
}

/* The tensors of a primitive, x or dx, w or dw, y or dy, in the formats that it has chosen. */
static description tensor_of(const_dnnl_primitive_desc_t desc, enum plait__direction direction,
			     int which)
{
	static const dnnl_query_t query[][3] = {
		[PLAIT__FORWARD] = { dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md },
		[PLAIT__BY_DATA] = { dnnl_query_diff_src_md, dnnl_query_weights_md,
				     dnnl_query_diff_dst_md },
		[PLAIT__BY_WEIGHTS] = { dnnl_query_src_md, dnnl_query_diff_weights_md,
					dnnl_query_diff_dst_md },
	};

	return dnnl_primitive_desc_query_md(desc, query[direction][which], 0);
}

/* Whether oneDNN has code of its own for it, and not just its reference. */
static bool is_fast(const_dnnl_primitive_desc_t desc)
{
	const char *name = "";

	if (!desc)
		return false;
	plait__dnnl_must(dnnl_primitive_desc_query(desc, dnnl_query_impl_info_str, 0, &name),
			 "the name of an implementation");
	return strncmp(name, "ref", 3) != 0;
}

/* NULL: not for bf16. */
static dnnl_primitive_desc_t describe_primitive(dnnl_engine_t engine,
						const struct plait__convolution *c,
						enum plait__direction direction, bool bias,
						bool bf16, struct tensors *t)
{
	dnnl_primitive_desc_t forward = NULL, desc;
	struct tensors hint;

	if (direction != PLAIT__FORWARD) {
		describe_all(c, PLAIT__FORWARD, bf16, &hint);
		forward = primitive_desc(engine, c, &hint, PLAIT__FORWARD, bias, NULL);
		forget_all(&hint);
	}
	describe_all(c, direction, bf16, t);
	desc = direction == PLAIT__FORWARD || forward
		       ? primitive_desc(engine, c, t, direction, bias, forward)
		       : NULL;
	if (forward)
		dnnl_primitive_desc_destroy(forward);
	if (!bf16)
		plait__dnnl_must(desc ? dnnl_success : dnnl_unimplemented, "a convolution");
	return desc;
}

struct plait__kernel *plait__kernel_create(const struct plait__convolution *c,
					   enum plait__direction direction, bool bias, bool bf16)
{
	dnnl_engine_t engine = plait__dnnl_engine();
	struct plait__kernel *k = calloc(1, sizeof *k);
	struct tensors t;
	dnnl_primitive_desc_t desc = describe_primitive(engine, c, direction, bias, bf16, &t);
	description blocked, scratch;

	plait__dnnl_must(k ? dnnl_success : dnnl_out_of_memory, "a kernel");
	if (bf16 && !is_fast(desc)) {
		if (desc)
			dnnl_primitive_desc_destroy(desc);
		forget_all(&t);
		free(k);
		return NULL;
	}
	k->direction = direction;
	k->bf16 = bf16;
	plait__dnnl_must(dnnl_primitive_create(&k->primitive, desc), "a convolution");
	blocked = tensor_of(desc, direction, 1);
	scratch = dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
	k->scratch_bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
	make_memory(engine, &k->x, tensor_of(desc, direction, 0));
	make_memory(engine, &k->y, tensor_of(desc, direction, 2));
	make_memory(engine, &k->w, blocked);
	if (bias)
		make_memory(engine, &k->b, of(&t.b));
	if (k->scratch_bytes > 0)
		make_memory(engine, &k->scratch, scratch);
	make_reorder(engine, k, of(&t.plain_w), blocked);
	dnnl_primitive_desc_destroy(desc);
	forget_all(&t);
	return k;
}
