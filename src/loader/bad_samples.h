/* SPDX-License-Identifier: MIT
 * Noting bad samples. */
#ifndef PLAIT__BAD_SAMPLES_H
#define PLAIT__BAD_SAMPLES_H

#include "src/base/base.h"
#include <plait/bad_samples.h>

/* Whether making a sample failed because of the sample. */
bool plait__bad_status(int status);

/* Notes that a sample was met, times apart, which the list copies; message may begin with what
 * the fields say.  *count_p: how many different ones there are now.  Thread-safe; allocates for
 * one that is new only.  PLAIT_ENOMEM. */
int plait__bad_samples_add(struct plait_bad_samples *list, const struct plait_bad_sample *sample,
			   int64_t *count_p);

#endif
