/* SPDX-License-Identifier: MIT
 * What the tests of packed files share: sources of every kind, packing, comparing. */
#ifndef PLAIT_TESTS_PACKED_H
#define PLAIT_TESTS_PACKED_H

#include "src/dataset/packed/packed.h"
#include "tests/dataset/dataset.h"

/** A data set of records: stored images (PNG or JPEG if this build has them, else bytes that
 *  are none), or planes of bytes; three classes with names, the last of which has no sample. */
struct plait_dataset *packed_source_images(int64_t samples, bool varying);
struct plait_dataset *packed_source_planes(int64_t samples);

/** A data set of floats [2,3] with targets [3], in memory; no labels. */
struct plait_dataset *packed_source_floats(int64_t samples);

/** Whether the images of packed_source_images can be decoded. */
bool packed_can_decode(void);

/** Packs and checks that it worked. */
struct plait__packed_result packed_write(const char *name, const struct plait_dataset *dataset,
					 bool raw);

/** "packed:" and the path of name. */
const char *packed_spec(const char *name);

/** Counts the samples that differ, in x, label or targets; -1 if the infos differ. */
int64_t packed_differ(const struct plait_dataset *a, const struct plait_dataset *b);

#endif
