/* SPDX-License-Identifier: MIT
 * What concat's room and its kernels for CUDA share. */
#ifndef PLAIT__CONCAT_H
#define PLAIT__CONCAT_H

#include <stdint.h>

struct plait_call;

/* A part of a value as columns of a matrix: the dimension that is joined, and those that vary
 * faster in memory, make a row. */
struct plait__strip {
	int64_t rows, width; /* of the part */
	int64_t first, all;  /* its first column, and the columns of the whole value */
};

/* Input i of a concat in y; of a slice, y in its input.  Defined in the room. */
struct plait__strip plait__concat_strip(const struct plait_call *call, int i);
struct plait__strip plait__slice_strip(const struct plait_call *call);

#endif
