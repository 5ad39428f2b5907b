/* SPDX-License-Identifier: MIT
 * What the system knows of NVIDIA's devices, without any library of theirs. */
#ifndef PLAIT_CLI_NVIDIA_H
#define PLAIT_CLI_NVIDIA_H

#include <stdbool.h>
#include <stddef.h>

/* How many there are on the PCI bus. */
int cli_nvidia_devices(void);

/* The line in which the kernel's module says its version, cut to size; false: it is not loaded. */
bool cli_nvidia_module(char *text, size_t size);

#endif
