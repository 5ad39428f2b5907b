/* SPDX-License-Identifier: MIT
 * What transpose's room shares with its kernel for CUDA, and with that of layouts. */
#ifndef PLAIT__TRANSPOSE_ROOM_H
#define PLAIT__TRANSPOSE_ROOM_H

#include <stdint.h>

struct plait_call;

/* What a call copies: x is [outer,a,middle,b,inner] and y [outer,b,middle,a,inner]. */
struct plait__exchange {
	int64_t outer, a, middle, b, inner;
};

/* Defined in the room. */
struct plait__exchange plait__exchange_of(const struct plait_call *call);

/* y [n,m] is x [m,n] transposed.  Rows of x are x_row floats apart, those of y y_row.  Conversions
 * of layouts need it, too. */
void plait__transpose(int64_t m, int64_t n, const float *x, int64_t x_row, float *y, int64_t y_row);

#endif
