/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/product.h"
#include "codelets/cuda/reduce.h"

/* index is uint32_t where n allows it: a 64-bit remainder costs many times a 32-bit one. */
template <typename index>
static __global__ void add_bias(index n, index m, const float *bias, float *y)
{
	PLAIT_FOR (index, i, n)
		y[i] += bias[i % m];
}

static int launch_add_bias(const struct plait_call *call)
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
int plait__linear_cuda(const struct plait_call *call)
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

int plait__linear_bwd_dx_cuda(const struct plait_call *call)
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
static int weight_gradient(const struct plait_call *call, float *db, bool *joint)
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

int plait__linear_bwd_dw_cuda(const struct plait_call *call)
{
	bool joint;

	return weight_gradient(call, NULL, &joint);
}

/* The gradient of the bias sums what the product reads. */
int plait__linear_bwd_dw_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	bool with_bias = calls > 1 && call[1].node->op == &plait__op_linear_bwd_db &&
			 call[1].in[0] == call[0].in[0];
	bool joint;
	int status = weight_gradient(call, with_bias ? plait__call_out(&call[1]) : NULL, &joint);

	*done = with_bias && joint ? 2 : 1;
	return status;
}

#define COLUMNS 32 /* of a block at most: neighbours in memory */
#define TERMS 16   /* that a thread adds at least, where several blocks share a column */

/* The sums of a block's columns, in its first row of threads. x: this thread's column, of so many
 * rows, m apart. Thread rows take turns at the rows. */
static __device__ float column_sum(int64_t rows, int64_t m, const float *x)
{
	__shared__ float lane[PLAIT_THREADS];
	unsigned at = threadIdx.y * blockDim.x + threadIdx.x;
	int64_t i = threadIdx.y, step = blockDim.y;
	float sum[4] = { 0.0f, 0.0f, 0.0f, 0.0f }; /* their loads do not wait for each other */

	for (; i + 3 * step < rows; i += 4 * step)
		for (int k = 0; k < 4; k++)
			sum[k] += x[(i + k * step) * m];
	for (; i < rows; i += step)
		sum[0] += x[i * m];
	lane[at] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
	for (unsigned half = blockDim.y / 2; half > 0; half /= 2) {
		__syncthreads();
		if (threadIdx.y < half)
			lane[at] += lane[at + half * blockDim.x];
	}
	return lane[at];
}

/* Block (x,y) sums its columns in part y of the rows. The last block of these columns sums the
 * parts. */
static __global__ void sum_columns(int64_t rows, int64_t m, int64_t part_rows, const float *dy,
				   float *db, struct plait__workspace *workspace)
{
	int64_t column = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
	int64_t begin = blockIdx.y * part_rows, left = rows - begin;
	float sum = column_sum(column >= m        ? 0
			       : left < part_rows ? left
						  : part_rows,
			       m, dy + begin * m + column);

	if (gridDim.y > 1) {
		float *part =
			workspace->part.column + blockIdx.x * gridDim.y * blockDim.x + threadIdx.x;

		if (threadIdx.y == 0)
			part[blockIdx.y * blockDim.x] = sum;
		if (!plait__is_last(workspace, blockIdx.x, gridDim.y))
			return;
		sum = column_sum(gridDim.y, blockDim.x, part);
	}
	if (threadIdx.y == 0 && column < m)
		db[column] = sum;
}

/* Rows of a part: all, unless threads would add more than 4 TERMS and the workspace has room for
 * several parts. */
static int64_t part_rows_of(int64_t rows, int64_t tiles, unsigned columns)
{
	int64_t room = PLAIT_COLUMN_PARTS / columns / tiles;
	int64_t most = PLAIT_PARTS / tiles < room ? PLAIT_PARTS / tiles : room;
	int64_t least = (int64_t)TERMS * (PLAIT_THREADS / columns);

	if (rows <= 4 * least || most < 2)
		return rows;
	return rows / most >= least ? (rows + most - 1) / most : least;
}

int plait__linear_bwd_db_cuda(const struct plait_call *call)
{
	const struct plait_node *dy = call->node->input[0];
	int64_t rows = plait__call_rows(call, dy), m = plait__columns(dy), tiles, part_rows;
	unsigned columns = 1;

	while (columns < COLUMNS && columns < m)
		columns *= 2;
	tiles = (m + columns - 1) / columns;
	part_rows = part_rows_of(rows, tiles, columns);
	PLAIT_LAUNCH(sum_columns,
		     dim3((unsigned)tiles,
			  rows == part_rows ? 1 : (unsigned)((rows + part_rows - 1) / part_rows)),
		     dim3(columns, PLAIT_THREADS / columns), call->stream, rows, m, part_rows,
		     plait__call_floats(call, 0), plait__call_out(call), plait__workspace_of(call));
	return cudaGetLastError();
}
