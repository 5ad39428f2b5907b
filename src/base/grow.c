/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/grow.h"
#include "src/base/base.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 16

int plait__grow(void *array_p, size_t *capacity, size_t needed, size_t size, const char *what)
{
	size_t larger = *capacity ? *capacity : FIRST_CAPACITY, bytes = 0;
	void *array;

	if (needed <= *capacity)
		return 0;
	while (larger < needed && !__builtin_mul_overflow(larger, (size_t)2, &larger))
		;
	/* The caller's pointer has a type of its own: copying its bytes is allowed for any type. */
	memcpy(&array, array_p, sizeof array);
	PLAIT__ASSERT(size > 0, "an entry has bytes");
	PLAIT__ASSERT(!array == (*capacity == 0), "an array has room if it is there");
	array = larger < needed || __builtin_mul_overflow(larger, size, &bytes)
			? NULL
			: realloc(array, bytes);
	if (!array)
		return plait__error(PLAIT_ENOMEM, "%s: no memory for %zu times %zu bytes", what,
				    needed, size);
	PLAIT__ASSERT(larger >= needed && larger > *capacity, "there is room for what is needed");
	memcpy(array_p, &array, sizeof array);
	*capacity = larger;
	return 0;
}
