/* SPDX-License-Identifier: MIT
 * The words of models: ops inside, and those from outside that were registered. */
#ifndef PLAIT__REGISTER_H
#define PLAIT__REGISTER_H

#include "codelets/ops.h"

/* The op whose word this is, or NULL. */
const struct plait_op *plait__op_find(const char *word);

#endif
