/* SPDX-License-Identifier: MIT
 * Rows of the table of ops that normalize within each sample (ops_layernorm.c). */
#ifndef PLAIT_TESTS_OPS_LAYERNORM_H
#define PLAIT_TESTS_OPS_LAYERNORM_H

#include "tests/codelets/ops.h"

extern const struct size layernorm_sizes[], groupnorm_sizes[];
extern const int layernorm_sizes_count, groupnorm_sizes_count;
struct plait_node *build_layernorm(struct plait_node *x, int64_t m);
struct plait_node *build_groupnorm(struct plait_node *x, int64_t m);
void layernorm(const struct reference_call *call, double *out, double *bound);
void groupnorm(const struct reference_call *call, double *out, double *bound);

#endif
