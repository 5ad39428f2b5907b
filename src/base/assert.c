/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/assert.h"

#ifndef PLAIT_NO_ASSERT
#include <stdio.h>
#include <stdlib.h>

bool plait__assertions;

__attribute__((constructor)) static void read_environment(void)
{
	const char *value = getenv("PLAIT_ASSERT");

	plait__assertions = value && value[0] == '1' && value[1] == '\0';
}

void plait__assert_fail(const char *file, int line, const char *condition, const char *invariant)
{
	fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", file, line, invariant, condition);
	abort();
}
#endif
