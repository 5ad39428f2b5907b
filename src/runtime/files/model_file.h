/* SPDX-License-Identifier: MIT
 * StarPU's files of performance models.  StarPU ends the process that reads a damaged one. */
#ifndef PLAIT__MODEL_FILE_H
#define PLAIT__MODEL_FILE_H

#include "src/base/base.h"

struct starpu_perfmodel;

/* What is wrong with the file, with the number of its line; or NULL.  A file that is not there, or
 * is empty, is right: StarPU begins a new one. */
const char *plait__model_file_check(const char *path, int64_t *line);

/* Before StarPU reads the model for the first task that has it: sets its file aside if that is
 * damaged, and says so on standard error.  PLAIT_EIO if it cannot be set aside. */
int plait__model_file_admit(const struct starpu_perfmodel *model);

#endif
