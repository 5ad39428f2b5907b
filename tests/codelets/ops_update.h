/* SPDX-License-Identifier: MIT
 * The rules of optimizers in naive double loops (ops_update_rules.c). */
#ifndef PLAIT_TESTS_OPS_UPDATE_H
#define PLAIT_TESTS_OPS_UPDATE_H

#include <plait/optimizer.h>
#include <stdint.h>

/* One number's life.  size is state without cancellation, path all that w was moved by, with states
 * of that size: what rounding errors are measured by. */
struct number {
	double w, state[3], size[3], path;
};

/* Update t of a matrix [rows, columns], or where rows is 0 of a vector. */
void update_reference(const struct plait_optimizer *o, int t, int64_t rows, int64_t columns,
		      const double *g, struct number *x);

#endif
