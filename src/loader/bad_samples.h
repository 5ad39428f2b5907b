/* SPDX-License-Identifier: MIT
 * Noting bad samples. */
#ifndef PLAIT__BAD_SAMPLES_H
#define PLAIT__BAD_SAMPLES_H

#include "src/base/base.h"
#include <plait/bad_samples.h>

/* Whether making a sample failed because of the sample. */
bool plait__bad_status(int status);

/* Notes that a bad sample was met.  Copies its fields but `times`, which the list counts.  The
 * message may begin with spec, index, path and offset: that prefix is cut off.  *count_p: number
 * of different bad samples in the list.  Thread-safe; allocates only for a sample that is not in
 * the list yet.  PLAIT_ENOMEM. */
int plait__bad_samples_add(struct plait_bad_samples *list, const struct plait_bad_sample *sample,
			   int64_t *count_p);

#endif
