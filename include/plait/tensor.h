/* SPDX-License-Identifier: MIT
 * A tensor is a dtype, a shape, a name and memory.  Row-major; images are NCHW. */
#ifndef PLAIT_TENSOR_H
#define PLAIT_TENSOR_H

#include <plait/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PLAIT_MAX_DIMS 6
#define PLAIT_MAX_CHANNELS 16 /* that are normalised one by one */

enum plait_dtype {
	PLAIT_F32 = 1, /* float */
	PLAIT_U8,      /* uint8_t, as image bytes */
	PLAIT_I32,     /* int32_t, as class labels */
	PLAIT_I64,     /* int64_t, as counts in files of weights */
};

/** Bytes of one element; 0 for a value that is no dtype. */
PLAIT_API size_t plait_dtype_size(enum plait_dtype dtype);

/** "float32", "uint8", "int32", "int64"; "?" for a value that is no dtype. */
PLAIT_API const char *plait_dtype_name(enum plait_dtype dtype);

/** How products of matrices are computed.  The factors are rounded first; products are added in
 *  float32.  All values stay float32 besides: parameters, what layers compute, gradients, the
 *  optimizer's state, and so files of weights.  Biases, losses and whatever is no product of
 *  matrices are computed in float32. */
enum plait_precision {
	PLAIT_PRECISION_FP32 = 0, /* the default: nothing is rounded */
	/* On a GPU to 10 bits behind the point, which its tensor cores take several times as fast.
	 * A CPU computes as with PLAIT_PRECISION_FP32. */
	PLAIT_PRECISION_TF32,
	/* To bfloat16, which has 7 bits behind the point and the range of float32: to the nearest,
	 * of two to the even one; NaN and infinities stay what they are.  GPUs do it by their
	 * tensor cores; CPUs see plait_cpu_has_bf16(). */
	PLAIT_PRECISION_BF16,
};

/** "fp32", "tf32", "bf16"; "?" for a value that is none. */
PLAIT_API const char *plait_precision_name(enum plait_precision precision);

/** Whether this CPU multiplies bfloat16 by instructions of its own (AVX512_BF16, AMX), which are
 *  then used.  Others round to bfloat16 and multiply in float32: as exact, and slower than
 *  PLAIT_PRECISION_FP32. */
PLAIT_API bool plait_cpu_has_bf16(void);

/** A named view of memory that somebody else owns. */
struct plait_tensor {
	const char *name; /* as in a PyTorch state_dict: "0.weight"; may be NULL */
	enum plait_dtype dtype;
	int ndim; /* 0 is a scalar */
	int64_t dim[PLAIT_MAX_DIMS];
	void *data; /* row-major, no gaps */
};

/** Elements in a shape: the product of its dimensions, 1 for a scalar; -1 if it
 *  does not fit in an int64_t, ndim or a dimension is negative, or there are dimensions and dim is
 *  NULL. */
PLAIT_API int64_t plait_shape_elements(int ndim, const int64_t *dim);

/** Writes a shape as "[60000,28,28]" into text (size bytes, always terminated);
 *  "?" if ndim is negative, or there are dimensions and dim is NULL.  Returns text, which may be
 *  NULL: nothing is written then. */
PLAIT_API char *plait_shape_text(int ndim, const int64_t *dim, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
