/* SPDX-License-Identifier: MIT
 * The words of models and of metrics: ops inside, and those from outside that were registered. */
#ifndef PLAIT__REGISTER_H
#define PLAIT__REGISTER_H

#include "codelets/ops.h"

/* The op whose word this is, of a layer or of a metric, or NULL.  A word may have - where the op's
 * name has _. */
const struct plait_op *plait__op_find(const char *word);
const struct plait_op *plait__op_find_metric(const char *word);

#endif
