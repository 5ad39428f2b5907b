/* SPDX-License-Identifier: MIT
 * Texts about memory. */
#ifndef PLAIT_CLI_MEMORY_H
#define PLAIT_CLI_MEMORY_H

#include <plait/loader.h>

/* The line that tells what a loader may take, on stdout. */
void cli_print_loader(const struct plait_loader_memory *memory);

/* The line that tells what its cache holds, on stdout; nothing if there is none. */
void cli_print_cache(const struct plait_loader_memory *memory);

#endif
