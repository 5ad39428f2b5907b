/* SPDX-License-Identifier: MIT
 * Sums of a matrix's columns, such as the gradient of a bias. */
#ifndef PLAIT__COLUMNS_H
#define PLAIT__COLUMNS_H

#include <stdint.h>

/* sum [m]: that of each column of x [rows,m], added in an order that the sizes decide. */
void plait__column_sums(int64_t rows, int64_t m, const float *x, float *sum);

#endif
