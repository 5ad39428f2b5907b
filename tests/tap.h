/* SPDX-License-Identifier: MIT
 * The Test Anything Protocol for test programs: ok() and friends while it runs,
 * `return tap_done();` at the end of main, tap_skip_all() when the machine lacks
 * what the test is about. A comparison that fails prints both values. */
#ifndef PLAIT_TESTS_TAP_H
#define PLAIT_TESTS_TAP_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

/* Prints the line of one test. */
#define tap_result(passed, ...) \
	do { \
		tap_failed += !(passed); \
		printf("%sok %d - ", (passed) ? "" : "not ", ++tap_count); \
		printf(__VA_ARGS__); \
		putchar('\n'); \
		fflush(stdout); \
	} while (0)

/** ok(condition, format, ...): one test. */
#define ok(cond, ...) \
	do { \
		int tap_ok = !!(cond); \
		tap_result(tap_ok, __VA_ARGS__); \
		if (!tap_ok) \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
	} while (0)

/** is_int(got, expected, format, ...): two integers are equal. */
#define is_int(got, expected, ...) \
	do { \
		long long tap_g = (long long)(got), tap_e = (long long)(expected); \
		tap_result(tap_g == tap_e, __VA_ARGS__); \
		if (tap_g != tap_e) \
			printf("# %s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #got, \
			       tap_g, tap_e); \
	} while (0)

/** is_string(got, expected, format, ...): two strings are equal; NULL is not a string. */
#define is_string(got, expected, ...) \
	do { \
		const char *tap_g = (got), *tap_e = (expected); \
		int tap_ok = tap_g && tap_e && strcmp(tap_g, tap_e) == 0; \
		tap_result(tap_ok, __VA_ARGS__); \
		if (!tap_ok) \
			printf("# %s:%d: %s is \"%s\", expected \"%s\"\n", __FILE__, __LINE__, \
			       #got, tap_g ? tap_g : "(null)", tap_e ? tap_e : "(null)"); \
	} while (0)

/** contains(text, part, format, ...): a message says what it should. */
#define contains(text, part, ...) \
	do { \
		const char *tap_t = (text), *tap_p = (part); \
		int tap_ok = tap_t && strstr(tap_t, tap_p) != NULL; \
		tap_result(tap_ok, __VA_ARGS__); \
		if (!tap_ok) \
			printf("# %s:%d: \"%s\" does not contain \"%s\"\n", __FILE__, __LINE__, \
			       tap_t ? tap_t : "(null)", tap_p); \
	} while (0)

/** is_near(got, expected, tolerance, format, ...): |got - expected| <= tolerance; NaN never is. */
#define is_near(got, expected, tolerance, ...) \
	do { \
		double tap_g = (got), tap_e = (expected), tap_t = (tolerance); \
		int tap_ok = fabs(tap_g - tap_e) <= tap_t; \
		tap_result(tap_ok, __VA_ARGS__); \
		if (!tap_ok) \
			printf("# %s:%d: %s is %.9g, expected %.9g (+-%g)\n", __FILE__, __LINE__, \
			       #got, tap_g, tap_e, tap_t); \
	} while (0)

/** Ends the program: the machine lacks what this test needs. Call it before any test. */
#define tap_skip_all(...) \
	do { \
		printf("1..0 # SKIP "); \
		printf(__VA_ARGS__); \
		putchar('\n'); \
		exit(0); \
	} while (0)

/** One test that cannot run here. */
#define tap_skip(...) \
	do { \
		printf("ok %d # SKIP ", ++tap_count); \
		printf(__VA_ARGS__); \
		putchar('\n'); \
	} while (0)

/** Ends the program with a message: the test itself is broken. */
#define tap_bail_out(...) \
	do { \
		printf("Bail out! "); \
		printf(__VA_ARGS__); \
		putchar('\n'); \
		exit(99); \
	} while (0)

/** The plan; main returns it. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
