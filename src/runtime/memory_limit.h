/* SPDX-License-Identifier: MIT
 * How much main memory there is and how much of it may be taken. */
#ifndef PLAIT__MEMORY_LIMIT_H
#define PLAIT__MEMORY_LIMIT_H

#include <stdint.h>

/* In each, root is put before /proc and /sys ("" but in tests). */

/* Main memory that can still be allocated: what the kernel calls available, or less if the control
 * group allows less. */
int64_t plait__memory_available(const char *root);

/* The most a loader may take unless a limit is given: a quarter of the machine's memory, or of what
 * the control group allows if that is less. */
int64_t plait__memory_default_limit(const char *root);

#endif
