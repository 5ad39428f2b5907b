/* SPDX-License-Identifier: MIT
 * The kernels for CUDA come from the formulas in the room: codelets/shared/terms.h says how. */
#include "codelets/loss/huber.c"
