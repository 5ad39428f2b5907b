/* SPDX-License-Identifier: MIT
 * The launchers of codelets/cuda/<op>.cu: sizes, inputs, outputs, stream.  They submit to
 * the stream and return a cudaError_t, or -1 where cuBLAS failed.  Pointers are the
 * device's; a size of 0 is legal and launches nothing that is not needed. */
#ifndef PLAIT__CUDA_H
#define PLAIT__CUDA_H

#include <stdint.h>

struct plait__normalize_rule;
struct plait__sgd_rule;
struct plait__adam_rule;

#ifdef __cplusplus
extern "C" {
#endif

/* y [rows,m] = x [rows,k] W^T + b; W: [m,k]; b: [m] or NULL. */
int plait__linear_cuda(int64_t rows, int64_t m, int64_t k, const float *x, const float *w,
		       const float *b, float *y, void *cublas, void *stream);
/* dx [rows,k] = dy [rows,m] W. */
int plait__linear_bwd_dx_cuda(int64_t rows, int64_t m, int64_t k, const float *dy, const float *w,
			      float *dx, void *cublas);
/* dw [m,k] = dy^T x. */
int plait__linear_bwd_dw_cuda(int64_t rows, int64_t m, int64_t k, const float *dy, const float *x,
			      float *dw, void *cublas, void *stream);
/* db [m]: the sums of dy's columns. */
int plait__linear_bwd_db_cuda(int64_t rows, int64_t m, const float *dy, float *db, void *stream);

int plait__relu_cuda(int64_t n, const float *x, float *y, void *stream);
int plait__relu_bwd_cuda(int64_t n, const float *y, const float *dy, float *dx, void *stream);
int plait__gelu_cuda(int64_t n, const float *x, float *y, void *stream);
int plait__gelu_bwd_cuda(int64_t n, const float *x, const float *dy, float *dx, void *stream);
int plait__tanh_cuda(int64_t n, const float *x, float *y, void *stream);
int plait__tanh_bwd_cuda(int64_t n, const float *y, const float *dy, float *dx, void *stream);
int plait__sigmoid_cuda(int64_t n, const float *x, float *y, void *stream);
int plait__sigmoid_bwd_cuda(int64_t n, const float *y, const float *dy, float *dx, void *stream);
int plait__add_cuda(int64_t n, const float *a, const float *b, float *y, void *stream);
int plait__scale_cuda(int64_t n, float alpha, const float *x, float *y, void *stream);

/* x, y: [rows, rule->channels, rule->part]. */
int plait__normalize_cuda(int64_t rows, const struct plait__normalize_rule *rule, const uint8_t *x,
			  float *y, void *stream);

/* x, y, dy, dx: [rows,c]. */
int plait__softmax_cuda(int64_t rows, int64_t c, const float *x, float *y, void *stream);
int plait__softmax_bwd_cuda(int64_t rows, int64_t c, const float *y, const float *dy, float *dx,
			    void *stream);

/* x, dx: [rows,c]; labels: [rows]; weights: [rows] or NULL; loss, correct: one float; batch: what
 * the mean divides by. */
int plait__cross_entropy_cuda(int64_t rows, int64_t c, int64_t batch, const float *x,
			      const int32_t *labels, const float *weights, float *loss,
			      void *stream);
int plait__cross_entropy_bwd_cuda(int64_t rows, int64_t c, int64_t batch, const float *x,
				  const int32_t *labels, const float *weights, float *dx,
				  void *stream);
int plait__accuracy_cuda(int64_t rows, int64_t c, const float *x, const int32_t *labels,
			 float *correct, void *stream);

/* n elements here, count in the whole batch; weights: one for each `width` elements, or NULL. */
int plait__mse_cuda(int64_t n, int64_t width, double count, const float *x, const float *targets,
		    const float *weights, float *loss, void *stream);
int plait__mse_bwd_cuda(int64_t n, int64_t width, double count, const float *x,
			const float *targets, const float *weights, float *dx, void *stream);

/* v: the momentum, or NULL without one. */
int plait__sgd_cuda(int64_t n, const struct plait__sgd_rule *rule, float *w, const float *g,
		    float *v, void *stream);
int plait__adam_cuda(int64_t n, const struct plait__adam_rule *rule, float *w, const float *g,
		     float *m, float *v, void *stream);

#ifdef __cplusplus
}
#endif
#endif
