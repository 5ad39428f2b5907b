/* SPDX-License-Identifier: MIT
 * Which samples of a batch count.  Several tasks may fill a slot, so rows are only marked then;
 * what their weights are is known when the last one is done. */
#include "config.h"
#include "src/loader/loader.h"

static float *weights_of(const struct plait_loader *loader, unsigned char *slot)
{
	return (float *)(void *)(slot + loader->layout.weights_offset);
}

void plait__loader_mark(const struct plait_loader *loader, unsigned char *slot, int64_t row,
			bool counts)
{
	if (loader->with_weights)
		weights_of(loader, slot)[row] = counts;
}

int64_t plait__loader_weigh(const struct plait_loader *loader, int64_t index, unsigned char *slot)
{
	int64_t rows = plait__loader_rows(loader, index), valid = 0;
	float *weights = weights_of(loader, slot);

	if (!loader->with_weights)
		return rows;
	for (int64_t i = 0; i < rows; i++)
		valid += weights[i] != 0;
	for (int64_t i = 0; i < rows; i++)
		if (weights[i] != 0)
			weights[i] = (float)rows / (float)valid;
	return valid;
}
