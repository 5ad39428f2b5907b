/* SPDX-License-Identifier: MIT
 * The permutation of shuffle is a bijection for every size, and its values are even. */
#include "config.h"
#include "src/sampler/permutation.h"
#include "tests/tap.h"

#include <inttypes.h>
#include <stdbool.h>

static bool is_bijection(uint64_t n, uint64_t key)
{
	struct plait__permutation p = plait__permutation_make(n, key);
	unsigned char *seen = calloc(n, 1);
	bool good = true;

	for (uint64_t i = 0; i < n && good; i++) {
		uint64_t at = plait__permute(&p, i);

		good = at < n && !seen[at];
		if (good)
			seen[at] = 1;
	}
	free(seen);
	return good;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* For sizes too large to visit all values: some of them are in range and no two are equal. */
static bool is_injective(uint64_t n, uint64_t key)
{
	enum { COUNT = 50000 };
	struct plait__permutation p = plait__permutation_make(n, key);
	uint64_t *value = malloc(COUNT * sizeof *value);
	bool good = true;

	for (uint64_t i = 0; i < COUNT; i++) {
		value[i] = plait__permute(&p, i * (n / COUNT));
		good &= value[i] < n;
	}
	qsort(value, COUNT, sizeof *value, compare);
	for (int i = 1; i < COUNT; i++)
		good &= value[i] != value[i - 1];
	free(value);
	return good;
}

static void test_bijection(void)
{
	static const uint64_t large[] = {
		4096, 4097, 60000, 65535, 65536, 65537, 1000003, 1u << 20
	};
	static const uint64_t huge[] = { UINT64_C(1) << 32, (UINT64_C(1) << 40) + 1,
					 UINT64_C(999999999989), UINT64_C(1) << 63 };
	int bad = 0;

	for (uint64_t n = 1; n <= 3000; n++)
		bad += !is_bijection(n, plait__key(1, n));
	is_int(bad, 0, "a bijection of [0,n) for n = 1 to 3000");
	for (size_t i = 0; i < sizeof large / sizeof *large; i++)
		ok(is_bijection(large[i], 42), "a bijection of [0,%" PRIu64 ")", large[i]);
	for (size_t i = 0; i < sizeof huge / sizeof *huge; i++)
		ok(is_injective(huge[i], 42), "no value twice among 50,000 of %" PRIu64, huge[i]);
}

/* Pearson's statistic of counts that should all be `expected`. */
static double chi_square(int cells, const int *count, double expected)
{
	double sum = 0;

	for (int i = 0; i < cells; i++)
		sum += (count[i] - expected) * (count[i] - expected) / expected;
	return sum;
}

/* The seeds are fixed, so a test passes always or never.  A statistic of d degrees of freedom has
 * mean d and variance 2d.  The limit is five deviations above the mean: a true generator fails once
 * in 100,000 times or so, and a bias of a few per cent in any cell exceeds the limit. */
static double limit(double degrees)
{
	return degrees + 5 * sqrt(2 * degrees);
}

static void test_flatness(int n)
{
	enum { KEYS = 20000 };
	int *place = calloc((size_t)(n * n), sizeof *place), *lag = calloc((size_t)n, sizeof *lag);

	for (int key = 0; key < KEYS; key++) {
		struct plait__permutation p =
			plait__permutation_make((uint64_t)n, plait__key(5, (uint64_t)key));
		int last = (int)plait__permute(&p, 0);

		place[last]++;
		for (int i = 1; i < n; i++) {
			int at = (int)plait__permute(&p, (uint64_t)i);

			place[i * n + at]++;
			lag[(at - last + n) % n]++;
			last = at;
		}
	}
	/* Rows and columns add up to KEYS, so (n-1)^2 cells are free. */
	ok(chi_square(n * n, place, (double)KEYS / n) < limit((n - 1.0) * (n - 1)),
	   "n = %d: every sample is at every position equally often (chi^2 %.0f, limit %.0f)", n,
	   chi_square(n * n, place, (double)KEYS / n), limit((n - 1.0) * (n - 1)));
	/* Differences of neighbours depend on each other a little: twice the limit. */
	is_int(lag[0], 0, "n = %d: no neighbour is itself", n);
	ok(chi_square(n - 1, lag + 1, (double)KEYS) < 2 * limit(n - 2),
	   "n = %d: every difference of neighbours equally often (chi^2 %.0f, limit %.0f)", n,
	   chi_square(n - 1, lag + 1, (double)KEYS), 2 * limit(n - 2));
	free(place);
	free(lag);
}

int main(void)
{
	test_bijection();
	for (int n = 3; n <= 20; n += n < 9 ? 1 : 4)
		test_flatness(n);
	return tap_done();
}
