/* SPDX-License-Identifier: MIT
 * Invariants. What a comment promises and the compiler cannot check stands here as code. */
#ifndef PLAIT__ASSERT_H
#define PLAIT__ASSERT_H

#include <stdbool.h>

/* PLAIT__ASSERT(holds, "the invariant in words"): ends the process with the place, the
 * condition and the words where the condition is false.
 *
 * An assertion is evaluated only where the environment has PLAIT_ASSERT=1, as `make check`
 * sets it; elsewhere it costs one branch on a variable, so what is tested is what is shipped.
 * configure --disable-assertions leaves them out. It is for our own faults only: a caller's
 * fault is a negative status with a message. */
#ifdef PLAIT_NO_ASSERT
#define PLAIT__ASSERT(holds, invariant) ((void)sizeof(!(holds)))
#else
#define PLAIT__ASSERT(holds, invariant) \
	((void)(!__builtin_expect(plait__assertions, 0) || (holds) || \
		(plait__assert_fail(__FILE__, __LINE__, #holds, invariant), 0)))

/* Whether assertions are evaluated: set when the library is loaded. */
extern bool plait__assertions;

void plait__assert_fail(const char *file, int line, const char *condition, const char *invariant)
	__attribute__((noreturn, cold));
#endif

#endif
