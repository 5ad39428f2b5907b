/* SPDX-License-Identifier: MIT
 * What conv's room and its kernels for CUDA share. */
#ifndef PLAIT__CONV_H
#define PLAIT__CONV_H

#include "codelets/dnnl/convolution.h"

struct plait_call;
struct plait_node;

/* The sizes of a convolution of so many samples: node is a conv or one of its gradients, x and y
 * what the conv reads and computes, or nodes of those shapes.  Defined in the room. */
struct plait__convolution plait__conv_sizes(const struct plait_node *node,
					    const struct plait_node *x, const struct plait_node *y,
					    int64_t rows);

#endif
