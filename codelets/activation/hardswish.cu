/* SPDX-License-Identifier: MIT
 * The kernels for CUDA come from the formulas in the room: codelets/shared/elementwise.h says how.
 */
#include "codelets/activation/hardswish.c"
