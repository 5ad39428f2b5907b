/* SPDX-License-Identifier: MIT
 * Rows of the table of ops that normalize (ops_norm.c). */
#ifndef PLAIT_TESTS_OPS_NORM_H
#define PLAIT_TESTS_OPS_NORM_H

#include "tests/codelets/ops.h"

extern const struct size norm_sizes[];
extern const int norm_sizes_count;
struct plait_node *build_batchnorm(struct plait_node *x, int64_t m);
struct plait_node *build_batchnorm_small(struct plait_node *x, int64_t m);
void batchnorm(const struct reference_call *call, double *out, double *bound);
void batchnorm_running(const struct reference_call *call, double *out, double *bound);

/* What a part of a batch adds to the running values, and their update, of all sizes; values of a
 * row where many rows are summed; all bits of these whatever block comes last. */
bool running_values_are_right(void);
bool long_columns_are_right(const struct op_row *row);
bool order_changes_no_statistic(void);

#endif
