/* SPDX-License-Identifier: MIT
 * A contact sheet: one picture of samples of every class. */
#ifndef PLAIT_CLI_SHEET_H
#define PLAIT_CLI_SHEET_H

#include <plait/dataset.h>

/* A row of ten samples for each class, thirty at most; ten rows of ten without classes.
 * The name of its class, or its label, is below each sample.
 * Returns an exit status after saying what is wrong. */
int cli_sheet_write(const struct plait_dataset *dataset, const char *path);

#endif
