/* SPDX-License-Identifier: MIT
 * Backend: the CUDA kernels.  Compiled twice: with CUDA's headers it runs them on a GPU,
 * with those of tests/virtual_gpu/include on the virtual GPU. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <stdio.h>

static cudaStream_t stream;
static cublasHandle_t cublas;
static void *workspace;
static int *halt;

static const char *start(void)
{
	int devices = 0;

	if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0)
		return "no GPU";
	if (cudaStreamCreate(&stream) != cudaSuccess ||
	    cublasCreate(&cublas) != CUBLAS_STATUS_SUCCESS ||
	    cublasSetStream(cublas, stream) != CUBLAS_STATUS_SUCCESS)
		return "the GPU gives no stream or no cuBLAS";
	if (cudaMalloc(&workspace, PLAIT__WORKSPACE) != cudaSuccess ||
	    cudaMemset(workspace, 0, PLAIT__WORKSPACE) != cudaSuccess ||
	    cudaMalloc((void **)&halt, sizeof *halt) != cudaSuccess)
		return "the GPU gives no memory";
	return NULL;
}

static void *upload(const void *data, size_t bytes)
{
	void *memory = NULL;

	if (cudaMalloc(&memory, bytes) != cudaSuccess ||
	    cudaMemcpy(memory, data, bytes, cudaMemcpyHostToDevice) != cudaSuccess)
		printf("# no device memory for %zu bytes\n", bytes);
	return memory;
}

static void download(void *to, const void *from, size_t bytes)
{
	if (cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost) != cudaSuccess)
		printf("# %zu bytes could not be copied from the device\n", bytes);
}

static void release(void *memory)
{
	cudaFree(memory);
}

/* Memory for the call alone, all NaN, of which no byte too many is there. */
static cudaError_t give_scratch(struct plait_call *call)
{
	const struct plait_op *op = call->node->op;
	size_t bytes = op->cuda_scratch ? op->cuda_scratch(call->node, call->rows) : 0;
	cudaError_t error = bytes > 0 ? cudaMalloc(&call->scratch, bytes) : cudaSuccess;

	return error == cudaSuccess && bytes > 0 ? cudaMemset(call->scratch, 0xff, bytes) : error;
}

static const char *run(struct plait_call *call)
{
	int error;

	if (!call->node->op->cuda)
		return "there is no CUDA kernel";
	call->stream = stream;
	call->cublas = cublas;
	call->workspace = workspace;
	call->halt = halt;
	error = give_scratch(call);
	if (error == 0)
		error = cudaMemset(halt, 0, sizeof *halt);
	/* Every part of a sum is NaN until a block gives it; counters stay as the last run left
	 * them. */
	if (error == 0)
		error = cudaMemset((char *)workspace + PLAIT__WORKSPACE_COUNTERS, 0xff,
				   PLAIT__WORKSPACE - PLAIT__WORKSPACE_COUNTERS);
	if (error == 0)
		error = cudaDeviceSynchronize();
	if (error == 0)
		error = call->node->op->cuda(call);
	if (error == 0)
		error = cudaDeviceSynchronize();
	cudaFree(call->scratch);
	if (error < 0)
		return "cuBLAS failed";
	return error == 0 ? NULL : cudaGetErrorString((cudaError_t)error);
}

static bool halts(void)
{
	int flag = 0;

	download(&flag, halt, sizeof flag);
	return flag != 0;
}

const struct backend backend = { "cuda", start, upload, download, release, run, halts };
