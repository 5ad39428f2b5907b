/* SPDX-License-Identifier: MIT
 * What maxpool's room and its kernels for CUDA share. */
#ifndef PLAIT__MAXPOOL_H
#define PLAIT__MAXPOOL_H

#include "codelets/image/windows.h"

/* Whether v is chosen, where best was among the numbers of a window that came before. Both sides
 * are computed: no branch keeps a compiler from making vectors. */
PLAIT_FORMULA bool plait__wins(float v, float best)
{
	return (v > best) | (v != v);
}

#endif
