/* SPDX-License-Identifier: MIT
 * The tests of a row of a table of ops, for each program that has one. */
#ifndef PLAIT_TESTS_OPS_ROWS_H
#define PLAIT_TESTS_OPS_ROWS_H

#include "tests/codelets/ops.h"
#include "tests/tap.h"

static inline void check_row(const struct op_row *row)
{
	int wrong[3];

	count_wrong_sizes(row, wrong);
	is_int(wrong[0], 0, "%s: forward as the naive loop", row->op);
	if (!row->no_gradient) {
		is_int(wrong[1], 0, "%s: gradients as finite differences", row->op);
		is_int(wrong[2], 0, "%s: gradients of large inputs", row->op);
	}
	for (int i = 0; i < row->bends; i++)
		ok(gradient_is_bent(row, &row->bend[i]), "%s: the gradient at %d is %g dy", row->op,
		   row->bend[i].x, row->bend[i].slope);
	if (row->nan_spreads)
		ok(row_spreads_nan(row), "%s: a NaN in x is one in dx", row->op);
	if (!row->no_extremes)
		is_int(count_wrong_extremes(row), 0,
		       "%s: forward of 0, infinity, NaN and numbers between", row->op);
}

#endif
