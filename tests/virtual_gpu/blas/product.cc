/* SPDX-License-Identifier: MIT
 * A product is a sum of doubles: a serial sum of floats is worse than any BLAS's, and Adam makes a
 * relative difference of 2e-4 of it. */
#include "tests/virtual_gpu/blas/product.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <mutex>
#include <set>
#include <string.h>
#include <vector>

/* -- handles --------------------------------------------------------------------------------- */

static std::mutex lock;
/* Outlives destructors. */
static std::set<const void *> *const handles = new std::set<const void *>;

struct cublasContext *vgpu_handle_create(void)
{
	struct cublasContext *h = new cublasContext{ vgpu_current, NULL };
	std::lock_guard<std::mutex> hold(lock);

	handles->insert(h);
	return h;
}

struct cublasContext *vgpu_handle(void *handle, const char *what)
{
	std::lock_guard<std::mutex> hold(lock);

	if (!handles->count(handle))
		vgpu_die("%s: handle %p does not exist, or not any more", what, handle);
	return (struct cublasContext *)handle;
}

void vgpu_handle_destroy(void *handle, const char *what)
{
	struct cublasContext *h = vgpu_handle(handle, what);
	std::lock_guard<std::mutex> hold(lock);

	handles->erase(h);
	delete h;
}

void vgpu_handle_on(const struct cublasContext *handle, int device, const char *what)
{
	if (handle->device != device || device != vgpu_current)
		vgpu_die("%s: handle of device %d, stream of device %d, current %d", what,
			 handle->device, device, vgpu_current);
}

/* -- operands -------------------------------------------------------------------------------- */

int vgpu_cut(cublasComputeType_t compute, const char *what)
{
	switch (compute) {
	case CUBLAS_COMPUTE_32F:
		return 0;
	case CUBLAS_COMPUTE_32F_FAST_TF32:
		return 13;
	case CUBLAS_COMPUTE_32F_FAST_16BF:
		return 16;
	default:
		vgpu_die("%s: compute type %d is not played", what, (int)compute);
	}
}

float vgpu_rounded(float x, int cut)
{
	uint32_t bits, half = (UINT32_C(1) << cut) / 2;

	memcpy(&bits, &x, sizeof bits);
	if ((bits & 0x7f800000u) == 0x7f800000u) /* infinite, or NaN */
		return x;
	bits = (bits + half - 1 + (bits >> cut & 1)) & ~(2 * half - 1);
	memcpy(&x, &bits, sizeof x);
	return x;
}

float vgpu_matrix::at(int64_t i, int64_t j) const
{
	float v = transposed ? x[i * ld + j] : x[j * ld + i];

	return cut > 0 ? vgpu_rounded(v, cut) : v;
}

size_t vgpu_matrix::extent(void) const
{
	int64_t r = transposed ? columns : rows, c = transposed ? rows : columns;

	return r == 0 || c == 0 ? 0 : (size_t)(ld * (c - 1) + r);
}

float *vgpu_operand(const float *p, size_t elements, const char *what, int device)
{
	int where = -1;
	char *behind =
		elements == 0 ? (char *)p : vgpu_behind(p, elements * sizeof *p, what, &where);

	if (elements > 0 && (!behind || where != device))
		vgpu_die("%s: %p is no memory of device %d", what, (const void *)p, device);
	return (float *)behind;
}

/* -- products -------------------------------------------------------------------------------- */

static std::vector<float> dense(const struct vgpu_matrix &m)
{
	std::vector<float> y((size_t)m.rows * (size_t)m.columns);

	for (int64_t j = 0; j < m.columns; j++)
		for (int64_t i = 0; i < m.rows; i++)
			y[(size_t)(j * m.rows + i)] = m.at(i, j);
	return y;
}

void vgpu_product(const struct vgpu_matrix &a, const struct vgpu_matrix &b, float alpha, float beta,
		  const float *c, int64_t ldc, float *d, int64_t ldd)
{
	std::vector<float> A = dense(a);
	int64_t m = a.rows;

	for (int64_t j = 0; j < b.columns; j++) {
		std::vector<double> sum((size_t)m, 0);
		double *s = sum.data();
		const float *from = c + j * ldc;
		float *to = d + j * ldd;

		for (int64_t l = 0; l < a.columns; l++) {
			float f = b.at(l, j);
			const float *al = A.data() + l * m;

			for (int64_t i = 0; i < m; i++)
				s[i] += al[i] * f;
		}
		/* With beta 0, C is not read: it may hold NaN. */
		for (int64_t i = 0; i < m; i++)
			to[i] = beta == 0.0f ? alpha * (float)s[i]
					     : alpha * (float)s[i] + beta * from[i];
	}
}
