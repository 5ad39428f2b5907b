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

/* What a row adds to the sum. */
SWISH_FORMULA double score(const float *y, int64_t c, int32_t label, float weight)
{
	return weight == 0.0f            ? 0.0
	       : label >= 0 && label < c ? (double)weight * (double)y[label]
					 : (double)NAN;
}

#ifdef __cplusplus
extern "C" {
#endif
int swish_cuda(const struct plait_call *call);
int swish_bwd_cuda(const struct plait_call *call);
int gain_cuda(const struct plait_call *call);
int gain_bwd_cuda(const struct plait_call *call);
int score_cuda(const struct plait_call *call);
#ifdef __cplusplus
}
#endif

#endif
