/* SPDX-License-Identifier: MIT
 * A fuzz target is a reader of files and a few good files to start from. */
#ifndef PLAIT_TESTS_FUZZ_H
#define PLAIT_TESTS_FUZZ_H

#include <plait/dataset.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* libFuzzer calls it with every input it thinks of. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define FUZZ_FILES 5

/* Makes bytes a file in memory; returns its path, always the same for the same number, which is
 * below FUZZ_FILES. */
const char *fuzz_file(int number, const void *bytes, size_t size);

/* Opens a data set and reads its first samples. */
void fuzz_dataset(const char *spec);

#endif
