/* SPDX-License-Identifier: MIT
 * Formulas of one number that the loader and the ops share, for gcc, g++ and nvcc. */
#ifndef PLAIT__SCALAR_H
#define PLAIT__SCALAR_H

#include <stdint.h>

#ifdef __CUDACC__
#define PLAIT_FORMULA static __host__ __device__ __forceinline__
#else
#define PLAIT_FORMULA static inline __attribute__((always_inline, unused))
#endif

/* x / 255, correctly rounded for every byte, without a division. The product q is at most one
 * unit in the last place off, and the remainder corrects it, whether or not the compiler fuses
 * the multiplication and the addition. */
PLAIT_FORMULA float plait__unit_from_byte(uint8_t byte)
{
	float v = byte, q = v * (1.0f / 255.0f);

	return q + (v - q * 255.0f) * (1.0f / 255.0f);
}

/* x / 255 scale + shift, with two roundings. nvcc would fuse them into one; the loader on a CPU
 * and the kernel on a GPU must give the same floats. */
PLAIT_FORMULA float plait__normalize(uint8_t byte, float scale, float shift)
{
	float unit = plait__unit_from_byte(byte);

#ifdef __CUDA_ARCH__
	return __fadd_rn(__fmul_rn(unit, scale), shift);
#else
	return unit * scale + shift;
#endif
}

#endif
