/* SPDX-License-Identifier: MIT
 * What a thread keeps of a convolution of some sizes: a primitive of oneDNN and the objects that an
 * execution of it takes. */
#ifndef PLAIT__CONVOLUTION_KERNEL_H
#define PLAIT__CONVOLUTION_KERNEL_H

#include "codelets/dnnl/convolution.h"
#include "codelets/dnnl/thread.h"

#include <stddef.h>

struct plait__kernel {
	enum plait__direction direction;
	bool bf16; /* what it reads, bias aside, is bfloat16; what it writes is float32 */
	dnnl_primitive_t primitive, reorder; /* reorder NULL: the weights' format is PyTorch's */
	dnnl_memory_t x, y, b, w, plain_w, scratch; /* w: as the primitive has it */
	size_t w_bytes, scratch_bytes;              /* w_bytes: aligned; 0: w is plain_w */
};

/* Never NULL, but for bf16 where oneDNN has nothing faster than its reference for these sizes. */
struct plait__kernel *plait__kernel_create(const struct plait__convolution *c,
					   enum plait__direction direction, bool bias, bool bf16);
void plait__kernel_destroy(struct plait__kernel *kernel);

#endif
