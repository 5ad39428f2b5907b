/* SPDX-License-Identifier: MIT
 * What the plug-in's kernels for CPUs and for CUDA share: formulas, and the launchers' names. */
#ifndef PLAIT_TESTS_SWISH_H
#define PLAIT_TESTS_SWISH_H

#include <math.h>
#include <plait/op.h>

#ifdef __CUDACC__
#define SWISH_FORMULA static __host__ __device__ inline
#else
#define SWISH_FORMULA static inline
#endif

SWISH_FORMULA float swish(float beta, float x)
{
	return x / (1.0f + expf(-beta * x));
}

SWISH_FORMULA float swish_bwd(float beta, float x, float dy)
{
	float s = 1.0f / (1.0f + expf(-beta * x));

	return dy * (s + beta * x * s * (1.0f - s));
}

#ifdef __cplusplus
extern "C" {
#endif
int swish_cuda(const struct plait_call *call);
int swish_bwd_cuda(const struct plait_call *call);
int gain_cuda(const struct plait_call *call);
int gain_bwd_cuda(const struct plait_call *call);
#ifdef __cplusplus
}
#endif

#endif
