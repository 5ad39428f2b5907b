/* SPDX-License-Identifier: MIT
 * Every op on one backend: rows of the table, sums that blocks share, updates, weights. */
#include "config.h"
#include "tests/codelets/ops_norm.h"
#include "tests/codelets/ops_rows.h"

#include <omp.h>

static void check_parts(const struct op_row *row)
{
	ok(parts_are_right(row), "%s: many rows as the naive loop", row->op);
	ok(order_changes_nothing(row), "%s: the order of blocks changes no bit", row->op);
	ok(halts_anywhere(row), "%s: a loss that is not finite halts updates", row->op);
}

/* An op without a row here is not tested at all: that must not go unnoticed. */
static void check_all_ran(void)
{
	static const struct plait_op *const ops[] = {
#define PLAIT__OP(name) &plait__op_##name,
#include "codelets/ops.def"
#undef PLAIT__OP
	};

	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (ops[i] != &plait__op_source)
			ok(bench_has_run(ops[i]), "%s: some row of the table runs it",
			   ops[i]->name);
}

int main(void)
{
	const char *reason = backend.start();

	if (reason)
		tap_skip_all("%s", reason);
	omp_set_num_threads(1); /* as in every worker */
	for (int i = 0; i < op_rows; i++) {
		check_row(&op_table[i]);
		if (op_table[i].scalar)
			check_parts(&op_table[i]);
		if (op_table[i].sizes == norm_sizes)
			ok(long_columns_are_right(&op_table[i]), "%s: many rows as the naive loop",
			   op_table[i].op);
	}
	ok(columns_are_right(), "linear_bwd_db: as sums in double");
	ok(order_changes_no_column(), "linear_bwd_db: the order of blocks changes no bit");
	if (strcmp(backend.name, "cuda") == 0) {
		ok(convs_are_as_on_cpu(), "conv: of many pixels as on a CPU");
		ok(order_changes_no_conv(), "conv: the order of blocks changes no bit");
	}
	ok(running_values_are_right(), "batchnorm: running values as the naive loop");
	ok(order_changes_no_statistic(), "batchnorm: the order of blocks changes no bit");
	ok(grad_norms_are_right(), "grad_norm: as sums in double");
	ok(clip_is_right(), "clip: as the naive loop");
	ok(outliers_are_right(), "outliers: as the naive loop");
	for (int i = 0; i < update_rules; i++) {
		ok(update_is_right(i), "%s: some steps as the naive loop", update_name(i));
		ok(update_is_clipped(i), "%s: clipped gradients, and steps that are left out",
		   update_name(i));
		ok(update_decays(i), "%s: without gradients the momentum becomes 0",
		   update_name(i));
	}
	for (int i = 0; i < weighted_losses; i++) {
		ok(weights_of_one_change_nothing(i), "%s: weights of 1 change no bit",
		   weighted_name(i));
		ok(weight_zero_is_nothing(i), "%s: what has weight 0 may be anything",
		   weighted_name(i));
	}
	ok(nll_is_cross_entropy(), "nll: of log_softmax it is cross_entropy, gradients too");
	check_all_ran();
	return tap_done();
}
