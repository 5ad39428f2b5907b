/* SPDX-License-Identifier: MIT
 * Rows of the table of ops that take images, or change how values lie or are seen (ops_images.c,
 * ops_pools.c). */
#ifndef PLAIT_TESTS_OPS_IMAGES_H
#define PLAIT_TESTS_OPS_IMAGES_H

#include "codelets/image/conv_batchnorm.h"
#include "tests/codelets/ops.h"

/* Where element (c,h,w) of sample n of an image lies. */
static inline int64_t at(const struct plait_node *x, int64_t n, int64_t c, int64_t h, int64_t w)
{
	const int64_t *dim = x->dim;

	return x->channels_last ? ((n * dim[1] + h) * dim[2] + w) * dim[0] + c
				: ((n * dim[0] + c) * dim[1] + h) * dim[2] + w;
}

extern const struct size conv_sizes[];
extern const int conv_sizes_count;
struct plait_node *build_conv(struct plait_node *x, int64_t m);
struct plait_node *build_conv_batchnorm(struct plait_node *x, int64_t m);
void conv_batchnorm(const struct reference_call *call, double *out, double *bound);
struct plait_node *build_flatten(struct plait_node *x, int64_t m);
struct plait_node *build_reshape(struct plait_node *x, int64_t m);
struct plait_node *build_channels_last(struct plait_node *x, int64_t m);
struct plait_node *build_contiguous(struct plait_node *x, int64_t m);
struct plait_node *build_transpose(struct plait_node *x, int64_t m);
struct plait_node *build_concat(struct plait_node *x, int64_t m);
struct plait_node *build_concat_images(struct plait_node *x, int64_t m);
void transposed(const struct reference_call *call, double *out, double *bound);
void concat(const struct reference_call *call, double *out, double *bound);
extern const struct size pool_sizes[];
extern const int pool_sizes_count;
struct plait_node *build_maxpool(struct plait_node *x, int64_t m);
struct plait_node *build_avgpool(struct plait_node *x, int64_t m);
struct plait_node *build_global_avgpool(struct plait_node *x, int64_t m);
void avgpool(const struct reference_call *call, double *out, double *bound);
void global_avgpool(const struct reference_call *call, double *out, double *bound);
void maxpool(const struct reference_call *call, double *out, double *bound);
void copy(const struct reference_call *call, double *out, double *bound);
void layout(const struct reference_call *call, double *out, double *bound);
void conv(const struct reference_call *call, double *out, double *bound);

#endif
