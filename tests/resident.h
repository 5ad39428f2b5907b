/* SPDX-License-Identifier: MIT
 * How large the process is. */
#ifndef PLAIT_TESTS_RESIDENT_H
#define PLAIT_TESTS_RESIDENT_H

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* Bytes in memory, or a negative number where the system does not say. */
static inline int64_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long long pages = -1;

	if (!file || fscanf(file, "%*s %lld", &pages) != 1)
		pages = -1;
	if (file)
		fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

#endif
