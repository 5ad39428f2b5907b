/* SPDX-License-Identifier: MIT
 * Between the emulator's files. */
#ifndef PLAIT_TESTS_CUDAHOST_H
#define PLAIT_TESTS_CUDAHOST_H

#include "cuda_runtime.h"

/* What cudaGetLastError() will return. */
void cudahost_fail(cudaError_t error);

#endif
