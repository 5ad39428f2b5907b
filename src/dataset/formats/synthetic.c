/* SPDX-License-Identifier: MIT
 * A problem that a linear network can learn without error.  Sample i is of class i mod CLASSES: the
 * centre of its class plus noise from a fixed seed.  No sample depends on how many there are.
 *
 * Centres are different points of a grid of spacing 2, and noise is less than 1 in every feature,
 * so that the centre nearest to a sample is that of its class.  The nearest centre c is the one for
 * which the linear function 2 c.x - c.c is largest. */
#include "config.h"
#include "src/dataset/format.h"
#include "src/base/random.h"

#include <errno.h>
#include <stdlib.h>

#define SEED 0x706c616974u
#define NOISE 0.9f

/* With one feature, centres are numbers up to this one, where floats are 1/16 apart.  Rounding then
 * adds so little to the noise that it remains below 1. */
#define MAX_CLASSES 1000000

/* Centres are made of the digits of the class's number in base `base`: feature f is digit f mod
 * `digits`. */
struct grid {
	int base, digits;
};

/* Chooses the smallest base that gives each class a point.  With a smaller base more features tell
 * classes apart. */
static struct grid choose_grid(int64_t features, int64_t classes)
{
	struct grid grid = { .base = 1 };
	int64_t points = 1;

	while (points < classes) {
		grid.base++;
		points = 1;
		for (grid.digits = 0; points < classes && grid.digits < features; grid.digits++)
			points *= grid.base;
	}
	return grid;
}

static void fill(struct plait_dataset *dataset, float *x, int32_t *labels)
{
	int64_t features = dataset->info.dim[0], classes = dataset->info.classes;
	struct grid grid = choose_grid(features, classes);
	uint64_t signs = plait__key(SEED, 0), noise = plait__key(SEED, 1);

	for (int64_t i = 0; i < dataset->info.samples; i++, x += features) {
		uint64_t key = plait__key(noise, (uint64_t)i);
		int32_t rest = labels[i] = (int32_t)(i % classes);

		for (int64_t f = 0; f < features; f++) {
			float centre, sign = plait__random(signs, (uint64_t)f) & 1 ? 1 : -1;

			rest = f % grid.digits == 0 ? labels[i] : rest / grid.base;
			centre = (float)(2 * (rest % grid.base) - (grid.base - 1));
			x[f] = sign * centre +
			       NOISE * (2 * plait__uniform(plait__random(key, (uint64_t)f)) - 1);
		}
	}
}

/* SAMPLES,FEATURES,CLASSES */
static int parse(const char *rest, int64_t *value)
{
	static const int64_t least[] = { 1, 1, 2 };
	const char *p = rest;

	for (int i = 0; i < 3; i++) {
		char *end;

		errno = 0;
		value[i] = *p >= '0' && *p <= '9' ? strtoll(p, &end, 10) : -1;
		if (value[i] < least[i] || errno || *end != (i < 2 ? ',' : '\0'))
			return plait__error(PLAIT_EINVAL,
					    "expected synthetic:SAMPLES,FEATURES,CLASSES, three "
					    "numbers from 1, 1 and "
					    "2 on, found \"%s\"",
					    rest);
		p = end + 1;
	}
	if (value[1] > INT32_MAX)
		return plait__error(PLAIT_EINVAL,
				    "synthetic: expected at most %d features, found \"%s\"",
				    INT32_MAX, rest);
	if (value[2] > MAX_CLASSES)
		return plait__error(PLAIT_EINVAL,
				    "synthetic: expected at most %d classes, found \"%s\"",
				    MAX_CLASSES, rest);
	return 0;
}

int plait__dataset_open_synthetic(struct plait_dataset *dataset, const char *rest)
{
	struct plait_dataset_info *info = &dataset->info;
	int64_t value[3];
	float *x;
	int32_t *labels;
	int status = parse(rest, value);

	if (status < 0)
		return status;
	info->samples = value[0];
	info->dtype = PLAIT_F32;
	info->ndim = 1;
	info->dim[0] = value[1];
	info->classes = value[2];
	dataset->destroy = plait__dataset_free_arrays;
	dataset->x = x =
		plait__data_allocate(NULL, value[0], (size_t)value[1] * sizeof *x, info->spec);
	if (!x)
		return PLAIT_ENOMEM;
	dataset->labels = labels = plait__data_allocate(NULL, value[0], sizeof *labels, info->spec);
	if (!labels)
		return PLAIT_ENOMEM;
	fill(dataset, x, labels);
	return 0;
}
