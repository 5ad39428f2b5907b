/* SPDX-License-Identifier: MIT
 * StarPU as the options want it. */
#ifndef PLAIT_CLI_START_H
#define PLAIT_CLI_START_H

#include "src/cli/options/options.h"

/* Loads what --plugin names; what is loaded already stays as it is.  Returns a status of the
 * library's. */
int cli_plugins_load(const struct cli_options *options);

/* Loads plug-ins and starts StarPU, with a worker for a GPU only if the command computes: loading
 * needs none, and StarPU takes a core for it.  Returns a status of the library's. */
int cli_start(const struct cli_options *options, bool computes);

/* Says so if that many CPU workers, 0: as many as the environment asks for, are more than the cores
 * that this process may use. */
void cli_warn_workers(int64_t workers);

#endif
