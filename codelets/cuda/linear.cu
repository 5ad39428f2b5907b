/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/gemm.h"

/* index is uint32_t where n allows it: a 64-bit remainder costs many times a 32-bit one. */
template <typename index>
static __global__ void add_bias(index n, index m, const float *bias, float *y)
{
	PLAIT_FOR (index, i, n)
		y[i] += bias[i % m];
}

static int launch_add_bias(const struct plait__call *call)
{
	int64_t m = plait__columns(call->node), n = plait__call_rows(call, call->node) * m;

	if (n < INT_MAX) /* so that the last step past n still fits */
		PLAIT_LAUNCH(add_bias<uint32_t>, plait__blocks(n), PLAIT_THREADS, call->stream,
			     (uint32_t)n, (uint32_t)m, plait__call_floats(call, 2),
			     plait__call_out(call));
	else
		PLAIT_LAUNCH(add_bias<int64_t>, plait__blocks(n), PLAIT_THREADS, call->stream, n, m,
			     plait__call_floats(call, 2), plait__call_out(call));
	return cudaGetLastError();
}

/* cublasLt could apply a relu as well. It is not asked to: NVIDIA's libraries make 0 of a relu's
 * NaN, which would hide that a training has gone wrong. */
int plait__linear_cuda(const struct plait__call *call)
{
	const struct plait_node *node = call->node;
	const float *bias = node->ninputs == 3 ? plait__call_floats(call, 2) : NULL;
	struct plait__product product = { CUBLAS_OP_T,
					  CUBLAS_OP_N,
					  plait__columns(node),
					  plait__call_rows(call, node),
					  plait__columns(node->input[0]),
					  plait__call_floats(call, 1),
					  plait__call_floats(call, 0),
					  plait__call_out(call) };
	bool joint;
	int status;

	if (product.n == 0)
		return cudaSuccess;
	status = plait__product(call, &product,
				bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT, bias,
				&joint);
	if (status != 0 || !bias || joint)
		return status;
	return launch_add_bias(call);
}

int plait__linear_bwd_dx_cuda(const struct plait__call *call)
{
	const struct plait_node *dy = call->node->input[0];
	struct plait__product product = { CUBLAS_OP_N,
					  CUBLAS_OP_N,
					  plait__columns(call->node),
					  plait__call_rows(call, dy),
					  plait__columns(dy),
					  plait__call_floats(call, 1),
					  plait__call_floats(call, 0),
					  plait__call_out(call) };

	if (product.n == 0)
		return cudaSuccess;
	return plait__product(call, &product, CUBLASLT_EPILOGUE_DEFAULT, NULL, NULL);
}

/* dW, and in the same launch db unless it is NULL; *joint says whether db was done. */
static int weight_gradient(const struct plait__call *call, float *db, bool *joint)
{
	const struct plait_node *dy = call->node->input[0];
	struct plait__product product = { CUBLAS_OP_N,
					  CUBLAS_OP_T,
					  plait__columns(call->node),
					  plait__columns(dy),
					  plait__call_rows(call, dy),
					  plait__call_floats(call, 1),
					  plait__call_floats(call, 0),
					  plait__call_out(call) };

	*joint = false;
	if (product.k == 0)
		return cudaMemsetAsync(product.c, 0,
				       (size_t)(product.m * product.n) * sizeof(float),
				       (cudaStream_t)call->stream);
	return plait__product(call, &product,
			      db ? CUBLASLT_EPILOGUE_BGRADB : CUBLASLT_EPILOGUE_DEFAULT, db, joint);
}

int plait__linear_bwd_dw_cuda(const struct plait__call *call)
{
	bool joint;

	return weight_gradient(call, NULL, &joint);
}

/* The gradient of the bias sums what the product reads. */
int plait__linear_bwd_dw_cuda_joint(const struct plait__call *call, int calls, int *done)
{
	bool with_bias = calls > 1 && call[1].node->op == &plait__op_linear_bwd_db &&
			 call[1].in[0] == call[0].in[0];
	bool joint;
	int status = weight_gradient(call, with_bias ? plait__call_out(&call[1]) : NULL, &joint);

	*done = with_bias && joint ? 2 : 1;
	return status;
}

#define COLUMNS 32 /* of a block: neighbours in memory */
#define LANES 8    /* threads that share a column's rows */

static __global__ void sum_columns(int64_t rows, int64_t m, const float *dy, float *db)
{
	__shared__ float part[LANES][COLUMNS];
	int64_t column = (int64_t)blockIdx.x * COLUMNS + threadIdx.x;
	float sum = 0.0f;

	if (column < m)
		for (int64_t i = threadIdx.y; i < rows; i += LANES)
			sum += dy[i * m + column];
	part[threadIdx.y][threadIdx.x] = sum;
	__syncthreads();
	if (threadIdx.y == 0 && column < m) {
		for (int lane = 1; lane < LANES; lane++)
			sum += part[lane][threadIdx.x];
		db[column] = sum;
	}
}

int plait__linear_bwd_db_cuda(const struct plait__call *call)
{
	const struct plait_node *dy = call->node->input[0];
	int64_t m = plait__columns(dy);

	PLAIT_LAUNCH(sum_columns, (unsigned)((m + COLUMNS - 1) / COLUMNS), dim3(COLUMNS, LANES),
		     call->stream, plait__call_rows(call, dy), m, plait__call_floats(call, 0),
		     plait__call_out(call));
	return cudaGetLastError();
}
