/* SPDX-License-Identifier: MIT
 * relu: y = max(x, 0).  x, y: [N,...].
 *       dx = dy where y > 0, else 0. */
#include "config.h"
#include "codelets/shared/elementwise.h"

PLAIT__ELEMENTWISE(relu, PLAIT__BWD_READS_Y, 1, 1)
