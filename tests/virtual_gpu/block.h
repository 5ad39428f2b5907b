/* SPDX-License-Identifier: MIT
 * Stacks that take turns in one thread of the host. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_BLOCK_H
#define PLAIT_TESTS_VIRTUAL_GPU_BLOCK_H

#include "tests/virtual_gpu/include/cuda_runtime.h"

/* Runs one block of kernel: thread() once for each of its threads. One block at a time runs in the
 * process. blockIdx, blockDim and gridDim are set by the caller. */
void vgpu_run_block(const char *kernel, const std::function<void()> &thread);

#endif
