/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/columns.h"
#include "codelets/cuda/product.h"

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
	return plait__add_to_rows(call, product.n, product.m, bias, product.c);
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

/* The gradient of the bias sums what the product reads; with bfloat16 that is rounded, and the sum
 * is not to be. */
int plait__linear_bwd_dw_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	bool with_bias = call->precision != PLAIT_PRECISION_BF16 && calls > 1 &&
			 call[1].node->op == &plait__op_linear_bwd_db &&
			 call[1].in[0] == call[0].in[0];
	bool joint;
	int status = weight_gradient(call, with_bias ? plait__call_out(&call[1]) : NULL, &joint);

	*done = with_bias && joint ? 2 : 1;
	return status;
}

int plait__linear_bwd_db_cuda(const struct plait_call *call)
{
	const struct plait_node *dy = call->node->input[0];

	return plait__sum_columns(call, plait__call_rows(call, dy), plait__columns(dy),
				  plait__call_floats(call, 0), plait__call_out(call));
}
