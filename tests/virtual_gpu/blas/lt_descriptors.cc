/* SPDX-License-Identifier: MIT
 * cuBLASLt's descriptors. What is not played dies by its name: to leave it out in silence would be
 * another product than the one that was asked for. */
#include "tests/virtual_gpu/blas/lt.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <string.h>

#define LIVE_DESC UINT64_C(0x6c74646573630001)
#define LIVE_LAYOUT UINT64_C(0x6c746c61796f0002)
#define LIVE_PREFERENCE UINT64_C(0x6c74707265660003)

/* -- what an opaque descriptor holds ------------------------------------------------------------
 */

/* Descriptors are initialised in memory of the caller's too. */
template <typename type, typename opaque>
static type *begin(opaque *o, uint64_t live)
{
	static_assert(sizeof(type) <= sizeof(opaque), "fits where NVIDIA's does");
	type *content = (type *)(void *)o;

	memset((void *)o, 0, sizeof *o);
	content->live = live;
	return content;
}

template <typename type, typename opaque>
static type *content(opaque *o, uint64_t live, const char *what)
{
	type *content = (type *)(void *)o;

	if (!o || content->live != live)
		vgpu_die("%p is no %s, or not any more", (void *)o, what);
	return content;
}

template <typename opaque>
static cublasStatus_t destroy(opaque *o)
{
	memset((void *)o, 0, sizeof *o);
	delete o;
	return CUBLAS_STATUS_SUCCESS;
}

static struct vgpu_lt_desc *of(cublasLtMatmulDesc_t d)
{
	return content<vgpu_lt_desc>(d, LIVE_DESC, "cublasLtMatmulDesc");
}

static struct vgpu_lt_preference *of(cublasLtMatmulPreference_t p)
{
	return content<vgpu_lt_preference>(p, LIVE_PREFERENCE, "cublasLtMatmulPreference");
}

const struct vgpu_lt_desc *vgpu_lt(cublasLtMatmulDesc_t desc)
{
	return of(desc);
}

const struct vgpu_lt_layout *vgpu_lt(cublasLtMatrixLayout_t layout)
{
	return content<vgpu_lt_layout>(layout, LIVE_LAYOUT, "cublasLtMatrixLayout");
}

const struct vgpu_lt_preference *vgpu_lt(cublasLtMatmulPreference_t preference)
{
	return of(preference);
}

/* -- products -----------------------------------------------------------------------------------
 */

extern "C" cublasStatus_t cublasLtMatmulDescInit_internal(cublasLtMatmulDesc_t desc, size_t size,
							  cublasComputeType_t compute,
							  cudaDataType_t scale)
{
	if (size < sizeof *desc)
		return CUBLAS_STATUS_ALLOC_FAILED;
	vgpu_cut(compute, "cublasLtMatmulDesc");
	if (scale != CUDA_R_32F)
		vgpu_die("cublasLtMatmulDesc: scale type %d is not played", (int)scale);
	auto d = begin<vgpu_lt_desc>(desc, LIVE_DESC);
	d->compute = compute;
	d->epilogue = CUBLASLT_EPILOGUE_DEFAULT;
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *desc,
						   cublasComputeType_t compute,
						   cudaDataType_t scale)
{
	*desc = new cublasLtMatmulDescOpaque_t;
	return cublasLtMatmulDescInit_internal(*desc, sizeof **desc, compute, scale);
}

extern "C" cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc)
{
	of(desc);
	return destroy(desc);
}

/* By NVIDIA's number; NULL where there is none, or it is played. */
static const char *const not_played[] = {
	"COMPUTE_TYPE",
	"SCALE_TYPE",
	"POINTER_MODE",
	NULL, /* TRANSA */
	NULL, /* TRANSB */
	"TRANSC",
	"FILL_MODE",
	NULL, /* EPILOGUE */
	NULL, /* BIAS_POINTER */
	NULL,
	"BIAS_BATCH_STRIDE",
	"EPILOGUE_AUX_POINTER",
	"EPILOGUE_AUX_LD",
	"EPILOGUE_AUX_BATCH_STRIDE",
	"ALPHA_VECTOR_BATCH_STRIDE",
	"SM_COUNT_TARGET",
	NULL,
	"A_SCALE_POINTER",
	"B_SCALE_POINTER",
	"C_SCALE_POINTER",
	"D_SCALE_POINTER",
	"AMAX_D_POINTER",
	"EPILOGUE_AUX_DATA_TYPE",
	"EPILOGUE_AUX_SCALE_POINTER",
	"EPILOGUE_AUX_AMAX_POINTER",
	"FAST_ACCUM",
	"BIAS_DATA_TYPE",
};

static cublasStatus_t set_transposed(bool *transposed, const void *value)
{
	int32_t op;

	memcpy(&op, value, sizeof op);
	if (op != CUBLAS_OP_N && op != CUBLAS_OP_T && op != CUBLAS_OP_C)
		return CUBLAS_STATUS_INVALID_VALUE;
	*transposed = op != CUBLAS_OP_N;
	return CUBLAS_STATUS_SUCCESS;
}

static cublasStatus_t set_epilogue(struct vgpu_lt_desc *d, const void *value)
{
	uint32_t e;

	memcpy(&e, value, sizeof e);
	switch (e) {
	case CUBLASLT_EPILOGUE_DEFAULT:
	case CUBLASLT_EPILOGUE_RELU:
	case CUBLASLT_EPILOGUE_BIAS:
	case CUBLASLT_EPILOGUE_RELU_BIAS:
	case CUBLASLT_EPILOGUE_BGRADA:
	case CUBLASLT_EPILOGUE_BGRADB:
		d->epilogue = e;
		return CUBLAS_STATUS_SUCCESS;
	default:
		vgpu_die("CUBLASLT_MATMUL_DESC_EPILOGUE: %u is not played", e);
	}
}

extern "C" cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc,
							 cublasLtMatmulDescAttributes_t attribute,
							 const void *value, size_t bytes)
{
	struct vgpu_lt_desc *d = of(desc);
	size_t n = (size_t)attribute, names = sizeof not_played / sizeof *not_played;
	bool pointer = attribute == CUBLASLT_MATMUL_DESC_BIAS_POINTER;

	if (n >= names || not_played[n])
		vgpu_die("CUBLASLT_MATMUL_DESC_%s (%zu) is not played",
			 n < names ? not_played[n] : "?", n);
	if (!value || bytes != (pointer ? sizeof d->bias : sizeof(int32_t)))
		return CUBLAS_STATUS_INVALID_VALUE;
	switch (attribute) {
	case CUBLASLT_MATMUL_DESC_TRANSA:
		return set_transposed(&d->transposed_a, value);
	case CUBLASLT_MATMUL_DESC_TRANSB:
		return set_transposed(&d->transposed_b, value);
	case CUBLASLT_MATMUL_DESC_EPILOGUE:
		return set_epilogue(d, value);
	case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
		memcpy(&d->bias, value, sizeof d->bias);
		return CUBLAS_STATUS_SUCCESS;
	default:
		return CUBLAS_STATUS_INVALID_VALUE;
	}
}

/* -- matrices -----------------------------------------------------------------------------------
 */

/* Whether ld is long enough is asked when the matrix is used. */
extern "C" cublasStatus_t cublasLtMatrixLayoutInit_internal(cublasLtMatrixLayout_t layout,
							    size_t size, cudaDataType type,
							    uint64_t rows, uint64_t columns,
							    int64_t ld)
{
	if (size < sizeof *layout)
		return CUBLAS_STATUS_ALLOC_FAILED;
	if (type != CUDA_R_32F)
		vgpu_die("cublasLtMatrixLayout: type %d is not played", (int)type);
	auto l = begin<vgpu_lt_layout>(layout, LIVE_LAYOUT);
	l->rows = (int64_t)rows;
	l->columns = (int64_t)columns;
	l->ld = ld;
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *layout,
						     cudaDataType type, uint64_t rows,
						     uint64_t columns, int64_t ld)
{
	*layout = new cublasLtMatrixLayoutOpaque_t;
	return cublasLtMatrixLayoutInit_internal(*layout, sizeof **layout, type, rows, columns, ld);
}

extern "C" cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout)
{
	vgpu_lt(layout);
	return destroy(layout);
}

/* -- preferences --------------------------------------------------------------------------------
 */

extern "C" cublasStatus_t
cublasLtMatmulPreferenceInit_internal(cublasLtMatmulPreference_t preference, size_t size)
{
	if (size < sizeof *preference)
		return CUBLAS_STATUS_ALLOC_FAILED;
	auto p = begin<vgpu_lt_preference>(preference, LIVE_PREFERENCE);
	p->reduction = CUBLASLT_REDUCTION_SCHEME_MASK;
	for (uint32_t &bytes : p->aligned)
		bytes = 256;
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *preference)
{
	*preference = new cublasLtMatmulPreferenceOpaque_t;
	return cublasLtMatmulPreferenceInit_internal(*preference, sizeof **preference);
}

extern "C" cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference)
{
	of(preference);
	return destroy(preference);
}

extern "C" cublasStatus_t
cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
				     cublasLtMatmulPreferenceAttributes_t attribute,
				     const void *value, size_t bytes)
{
	struct vgpu_lt_preference *p = of(preference);
	void *to;
	size_t size = sizeof(uint32_t);

	switch (attribute) {
	case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
		to = &p->workspace;
		size = sizeof p->workspace;
		break;
	case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
		to = &p->reduction;
		break;
	case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
	case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
	case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
	case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
		to = &p->aligned[attribute - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES];
		break;
	default:
		vgpu_die("CUBLASLT_MATMUL_PREF_%s (%d) is not played",
			 attribute == 0    ? "SEARCH_MODE"
			 : attribute == 9  ? "MAX_WAVES_COUNT"
			 : attribute == 12 ? "IMPL_MASK"
					   : "?",
			 (int)attribute);
	}
	if (!value || bytes != size)
		return CUBLAS_STATUS_INVALID_VALUE;
	memcpy(to, value, size);
	return CUBLAS_STATUS_SUCCESS;
}
