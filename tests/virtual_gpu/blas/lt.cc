/* SPDX-License-Identifier: MIT
 * cuBLASLt's products. There is one algorithm: it keeps partial sums in its workspace if it may
 * have one. It works only for what it was found for, and holds the caller to what was told then. */
#include "tests/virtual_gpu/blas/lt.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <string.h>

#define ALGORITHM UINT64_C(0x6c74616c676f0004)
#define MOST_VECTOR 16 /* bytes that a thread loads at once */

/* What a cublasLtMatmulAlgo_t holds. */
struct algorithm {
	uint64_t live, product; /* hash of what it was found for */
	uint64_t workspace;
	uint32_t aligned[4], bias_aligned; /* bytes */
};

struct matmul {
	struct vgpu_matrix a, b, c, d;
	float alpha, beta;
	uint32_t epilogue;
	float *bias;
	char *workspace;
	size_t workspace_bytes, scratch;
};

extern "C" cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle)
{
	*handle = (cublasLtHandle_t)(void *)vgpu_handle_create();
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle)
{
	vgpu_handle_destroy(handle, "cublasLtDestroy");
	return CUBLAS_STATUS_SUCCESS;
}

/* -- what is multiplied --------------------------------------------------------------------------
 */

static struct vgpu_matrix matrix(const struct vgpu_lt_layout *l, bool transposed, int cut)
{
	return { transposed,
		 cut,
		 NULL,
		 l->ld,
		 transposed ? l->columns : l->rows,
		 transposed ? l->rows : l->columns };
}

static bool sound(const struct vgpu_lt_layout *l)
{
	return l->rows > 0 && l->columns > 0 && l->ld >= l->rows;
}

static bool same_shape(const struct vgpu_matrix &x, int64_t rows, int64_t columns)
{
	return x.rows == rows && x.columns == columns;
}

/* False if such matrices have no product. */
static bool shape(cublasLtMatmulDesc_t desc, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
		  cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d, struct matmul *p)
{
	const struct vgpu_lt_desc *how = vgpu_lt(desc);
	int cut = vgpu_cut(how->compute, "cublasLtMatmul");

	memset((void *)p, 0, sizeof *p);
	for (cublasLtMatrixLayout_t l : { a, b, c, d })
		if (!sound(vgpu_lt(l)))
			return false;
	p->a = matrix(vgpu_lt(a), how->transposed_a, cut);
	p->b = matrix(vgpu_lt(b), how->transposed_b, cut);
	p->c = matrix(vgpu_lt(c), false, 0);
	p->d = matrix(vgpu_lt(d), false, 0);
	p->epilogue = how->epilogue;
	p->bias = how->bias;
	return p->a.columns == p->b.rows && same_shape(p->c, p->a.rows, p->b.columns) &&
	       same_shape(p->d, p->a.rows, p->b.columns);
}

static uint64_t hash(const struct matmul &p)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (const struct vgpu_matrix &x : { p.a, p.b, p.c, p.d })
		for (int64_t n : { x.rows, x.columns, x.ld, (int64_t)x.transposed, (int64_t)x.cut })
			h = (h ^ (uint64_t)n) * UINT64_C(1099511628211);
	return (h ^ p.epilogue) * UINT64_C(1099511628211);
}

static size_t bias_elements(const struct matmul &p)
{
	switch (p.epilogue) {
	case CUBLASLT_EPILOGUE_BIAS:
	case CUBLASLT_EPILOGUE_RELU_BIAS:
	case CUBLASLT_EPILOGUE_BGRADA:
		return (size_t)p.d.rows;
	case CUBLASLT_EPILOGUE_BGRADB:
		return (size_t)p.d.columns;
	default:
		return 0;
	}
}

/* -- the algorithm --------------------------------------------------------------------------------
 */

static bool none_found(void)
{
	return vgpu_option("VGPU_LT", 1) == 0;
}

static uint32_t alignment(const void *p)
{
	uintptr_t bits = (uintptr_t)p & -(uintptr_t)p;

	return bits == 0 || bits > MOST_VECTOR ? MOST_VECTOR : (uint32_t)bits;
}

extern "C" cublasStatus_t
cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc,
			       cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
			       cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
			       cublasLtMatmulPreference_t preference, int wanted,
			       cublasLtMatmulHeuristicResult_t results[], int *found)
{
	const struct vgpu_lt_preference *told = vgpu_lt(preference);
	struct algorithm *algo = (struct algorithm *)(void *)&results->algo;
	struct matmul p;
	uint64_t partial;

	static_assert(sizeof *algo <= sizeof results->algo, "fits where NVIDIA's does");
	vgpu_handle(handle, "cublasLtMatmulAlgoGetHeuristic");
	*found = 0;
	if (wanted < 1 || !shape(desc, a, b, c, d, &p))
		return CUBLAS_STATUS_INVALID_VALUE;
	if (none_found())
		return CUBLAS_STATUS_NOT_SUPPORTED;
	memset((void *)results, 0, sizeof *results);
	partial = (uint64_t)p.d.rows * (uint64_t)p.d.columns * sizeof(float);
	algo->live = ALGORITHM;
	algo->product = hash(p);
	algo->workspace = told->reduction && partial <= told->workspace ? partial : 0;
	memcpy(algo->aligned, told->aligned, sizeof algo->aligned);
	algo->bias_aligned = alignment(p.bias);
	results->workspaceSize = algo->workspace;
	results->state = CUBLAS_STATUS_SUCCESS;
	results->wavesCount = 1;
	*found = 1;
	return CUBLAS_STATUS_SUCCESS;
}

static void check_aligned(const void *x, uint32_t bytes, const char *what)
{
	if (bytes > 0 && (uintptr_t)x % bytes != 0)
		vgpu_die("cublasLtMatmul: %s at %p is not aligned to the %u bytes that the "
			 "heuristic was told",
			 what, x, bytes);
}

static void check_algorithm(const struct algorithm *algo, const struct matmul &p)
{
	const struct vgpu_matrix *x[] = { &p.a, &p.b, &p.c, &p.d };
	static const char *const names[] = { "A", "B", "C", "D" };

	if (algo->live != ALGORITHM)
		vgpu_die("cublasLtMatmul: the algorithm is none that the heuristic found");
	if (algo->product != hash(p))
		vgpu_die("cublasLtMatmul: the algorithm was found for another product");
	for (int i = 0; i < 4; i++)
		check_aligned(x[i]->x, algo->aligned[i], names[i]);
	if (bias_elements(p) > 0)
		check_aligned(p.bias, algo->bias_aligned, "bias");
}

/* -- the product ----------------------------------------------------------------------------------
 */

static void sum_over_k(const struct vgpu_matrix &x, bool of_rows, float *to)
{
	int64_t n = of_rows ? x.rows : x.columns, k = of_rows ? x.columns : x.rows;

	for (int64_t i = 0; i < n; i++) {
		double sum = 0;

		for (int64_t l = 0; l < k; l++)
			sum += of_rows ? x.at(i, l) : x.at(l, i);
		to[i] = (float)sum;
	}
}

static void run(const struct matmul &p)
{
	bool biased = p.epilogue & CUBLASLT_EPILOGUE_BIAS,
	     relu = p.epilogue & CUBLASLT_EPILOGUE_RELU;
	float *d = (float *)p.d.x;

	if (p.scratch > 0)
		memset(p.workspace, 0xff, p.scratch);
	vgpu_product(p.a, p.b, p.alpha, p.beta, p.c.x, p.c.ld, d, p.d.ld);
	for (int64_t j = 0; j < p.d.columns && (biased || relu); j++)
		for (int64_t i = 0; i < p.d.rows; i++) {
			float &v = d[j * p.d.ld + i];

			v += biased ? p.bias[i] : 0;
			v = relu && v < 0 ? 0 : v; /* NaN stays, so that it is seen */
		}
	if (p.epilogue == CUBLASLT_EPILOGUE_BGRADA)
		sum_over_k(p.a, true, p.bias);
	if (p.epilogue == CUBLASLT_EPILOGUE_BGRADB)
		sum_over_k(p.b, false, p.bias);
}

/* D is written while the others are read. */
static void check_apart(const struct matmul &p, const void *x, size_t elements, const char *what)
{
	uintptr_t d = (uintptr_t)p.d.x, d_end = d + p.d.extent() * sizeof(float);
	uintptr_t other = (uintptr_t)x, other_end = other + elements * sizeof(float);

	if (d < other_end && other < d_end)
		vgpu_die("cublasLtMatmul: D overlaps %s", what);
}

/* Addresses of the device become the host's. */
static void resolve(struct matmul *p, int device)
{
	int where = -1;
	size_t bias = bias_elements(*p);

	check_apart(*p, p->a.x, p->a.extent(), "A");
	check_apart(*p, p->b.x, p->b.extent(), "B");
	check_apart(*p, p->bias, bias, "bias");
	if (p->beta != 0 && (p->c.x != p->d.x || p->c.ld != p->d.ld))
		check_apart(*p, p->c.x, p->c.extent(), "C");
	p->a.x = vgpu_operand(p->a.x, p->a.extent(), "cublasLtMatmul: A", device);
	p->b.x = vgpu_operand(p->b.x, p->b.extent(), "cublasLtMatmul: B", device);
	p->d.x = vgpu_operand(p->d.x, p->d.extent(), "cublasLtMatmul: D", device);
	p->bias = vgpu_operand(p->bias, bias, "cublasLtMatmul: bias", device);
	if (p->beta != 0)
		p->c.x = vgpu_operand(p->c.x, p->c.extent(), "cublasLtMatmul: C", device);
	if (p->workspace_bytes > 0) {
		p->workspace = vgpu_behind(p->workspace, p->workspace_bytes,
					   "cublasLtMatmul: workspace", &where);
		if (!p->workspace || where != device)
			vgpu_die("cublasLtMatmul: the workspace is no memory of device %d", device);
	}
}

/* Without an algorithm one is looked for that needs no workspace, nor any alignment. */
extern "C" cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc,
					 const void *alpha, const void *A, cublasLtMatrixLayout_t a,
					 const void *B, cublasLtMatrixLayout_t b, const void *beta,
					 const void *C, cublasLtMatrixLayout_t c, void *D,
					 cublasLtMatrixLayout_t d, const cublasLtMatmulAlgo_t *algo,
					 void *workspace, size_t bytes, cudaStream_t stream)
{
	const struct algorithm *how = (const struct algorithm *)(const void *)algo;
	int device = vgpu_stream_device(stream);
	struct matmul p;

	vgpu_handle_on(vgpu_handle(handle, "cublasLtMatmul"), device, "cublasLtMatmul");
	if (!alpha || !beta || !A || !B || !C || !D || !shape(desc, a, b, c, d, &p))
		return CUBLAS_STATUS_INVALID_VALUE;
	if (!how && none_found())
		return CUBLAS_STATUS_NOT_SUPPORTED;
	if (how && bytes < how->workspace)
		return CUBLAS_STATUS_INVALID_VALUE;
	p.alpha = *(const float *)alpha;
	p.beta = *(const float *)beta;
	p.a.x = (const float *)A;
	p.b.x = (const float *)B;
	p.c.x = (const float *)C;
	p.d.x = (const float *)D;
	p.workspace = (char *)workspace;
	p.workspace_bytes = bytes;
	p.scratch = how ? how->workspace : 0;
	if (how)
		check_algorithm(how, p);
	return vgpu_put(stream, "cublasLtMatmul", &vgpu_counts::gemms,
			[=] {
				struct matmul now = p;

				resolve(&now, device);
				return [=] { run(now); };
			})
		       ? CUBLAS_STATUS_EXECUTION_FAILED
		       : CUBLAS_STATUS_SUCCESS;
}
