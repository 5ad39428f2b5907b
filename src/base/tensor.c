/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <plait/tensor.h>

#include <inttypes.h>
#include <stdio.h>

size_t plait_dtype_size(enum plait_dtype dtype)
{
	switch (dtype) {
	case PLAIT_F32:
		return sizeof(float);
	case PLAIT_U8:
		return sizeof(uint8_t);
	case PLAIT_I32:
		return sizeof(int32_t);
	case PLAIT_I64:
		return sizeof(int64_t);
	}
	return 0;
}

const char *plait_dtype_name(enum plait_dtype dtype)
{
	switch (dtype) {
	case PLAIT_F32:
		return "float32";
	case PLAIT_U8:
		return "uint8";
	case PLAIT_I32:
		return "int32";
	case PLAIT_I64:
		return "int64";
	}
	return "?";
}

const char *plait_precision_name(enum plait_precision precision)
{
	switch (precision) {
	case PLAIT_PRECISION_FP32:
		return "fp32";
	case PLAIT_PRECISION_TF32:
		return "tf32";
	case PLAIT_PRECISION_BF16:
		return "bf16";
	}
	return "?";
}

int64_t plait_shape_elements(int ndim, const int64_t *dim)
{
	int64_t n = 1;

	if (ndim < 0 || (ndim > 0 && !dim))
		return -1;
	for (int i = 0; i < ndim; i++)
		if (dim[i] < 0 || __builtin_mul_overflow(n, dim[i], &n))
			return -1;
	return n;
}

char *plait_shape_text(int ndim, const int64_t *dim, char *text, size_t size)
{
	size_t used = 0;

	if (!text)
		return NULL;
	if (ndim < 0 || (ndim > 0 && !dim)) {
		snprintf(text, size, "?");
		return text;
	}
	if (size)
		*text = '\0';
	for (int i = 0; i < ndim && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%" PRId64, i ? "," : "[",
					 dim[i]);
	if (used < size)
		snprintf(text + used, size - used, ndim ? "]" : "[]");
	return text;
}
