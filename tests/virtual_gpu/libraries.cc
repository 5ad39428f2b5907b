/* SPDX-License-Identifier: MIT
 * What StarPU starts and stops of CUDA's libraries in each worker, and Plait never calls. */
#include "tests/virtual_gpu/virtual_gpu.h"

#define CREATES(name) \
	extern "C" int name(void **handle); \
	extern "C" int name(void **handle) \
	{ \
		*handle = NULL; \
		return 0; \
	}
#define TAKES(name) \
	extern "C" int name(void *handle); \
	extern "C" int name(void *) \
	{ \
		return 0; \
	}
#define SETS_STREAM(name) \
	extern "C" int name(void *handle, void *stream); \
	extern "C" int name(void *, void *) \
	{ \
		return 0; \
	}

extern "C" int cublasInit(void);
extern "C" int cublasInit(void)
{
	return 0;
}
extern "C" int cublasShutdown(void);
extern "C" int cublasShutdown(void)
{
	return 0;
}
TAKES(cublasSetKernelStream)
CREATES(cusparseCreate)
TAKES(cusparseDestroy)
SETS_STREAM(cusparseSetStream)
CREATES(cusolverDnCreate)
TAKES(cusolverDnDestroy)
SETS_STREAM(cusolverDnSetStream)
CREATES(cusolverSpCreate)
TAKES(cusolverSpDestroy)
SETS_STREAM(cusolverSpSetStream)
CREATES(cusolverRfCreate)
TAKES(cusolverRfDestroy)
