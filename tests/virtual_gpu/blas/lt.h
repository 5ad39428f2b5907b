/* SPDX-License-Identifier: MIT
 * What cuBLASLt's opaque descriptors hold here. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_LT_H
#define PLAIT_TESTS_VIRTUAL_GPU_LT_H

#include "tests/virtual_gpu/blas/product.h"

#include <cublasLt.h>

struct vgpu_lt_desc {
	uint64_t live;
	cublasComputeType_t compute;
	bool transposed_a, transposed_b;
	uint32_t epilogue;
	float *bias;
};

struct vgpu_lt_layout {
	uint64_t live;
	int64_t rows, columns, ld;
};

struct vgpu_lt_preference {
	uint64_t live, workspace;
	uint32_t reduction;
	uint32_t aligned[4]; /* bytes: A, B, C, D */
};

/* What is in a descriptor; dies if it was not made, or was destroyed. */
const struct vgpu_lt_desc *vgpu_lt(cublasLtMatmulDesc_t desc);
const struct vgpu_lt_layout *vgpu_lt(cublasLtMatrixLayout_t layout);
const struct vgpu_lt_preference *vgpu_lt(cublasLtMatmulPreference_t preference);

#endif
