/* SPDX-License-Identifier: MIT
 * What cuBLAS and cuBLASLt have in common: handles, operands and the product itself. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_PRODUCT_H
#define PLAIT_TESTS_VIRTUAL_GPU_PRODUCT_H

#include <cublas_v2.h>
#include <stddef.h>
#include <stdint.h>

/* A cublasLtHandle_t points to one too, so that either is legal where cuBLASLt wants one. */
struct cublasContext {
	int device;
	cudaStream_t stream;
};

struct cublasContext *vgpu_handle_create(void);
void vgpu_handle_destroy(void *handle, const char *what);
/* Dies if there is no such handle, or it is not of device, or that is not the current one. */
struct cublasContext *vgpu_handle(void *handle, const char *what);
void vgpu_handle_on(const struct cublasContext *handle, int device, const char *what);

/* The bits of a float that products of this kind leave out: 13 of TF32, 16 of bfloat16.  Dies by
 * the name of what asked for it if it is not played. */
int vgpu_cut(cublasComputeType_t compute, const char *what);

/* x without so many of its last bits, rounded to the nearest, and of two to the even one. */
float vgpu_rounded(float x, int cut);

/* An operand op(X) of rows x columns, whose elements are rounded. */
struct vgpu_matrix {
	bool transposed;
	int cut; /* bits that are left out */
	const float *x;
	int64_t ld, rows, columns;

	float at(int64_t i, int64_t j) const;
	/* Elements from the first to the last one that is read. */
	size_t extent(void) const;
};

/* The host's address of an operand of a product on device. */
float *vgpu_operand(const float *p, size_t elements, const char *what, int device);

/* D = alpha A B + beta C, where A is m x k and B is k x n. */
void vgpu_product(const struct vgpu_matrix &a, const struct vgpu_matrix &b, float alpha, float beta,
		  const float *c, int64_t ldc, float *d, int64_t ldd);

#endif
