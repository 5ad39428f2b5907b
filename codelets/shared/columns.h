/* SPDX-License-Identifier: MIT
 * Sums over a matrix's columns, such as the gradient of a bias. */
#ifndef PLAIT__COLUMNS_H
#define PLAIT__COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

/* sum [m]: that of each column of x [rows,m], added in an order that the sizes decide; adds: to
 * what it holds. */
void plait__column_sums(int64_t rows, int64_t m, const float *x, bool adds, float *sum);

#endif
