/* SPDX-License-Identifier: MIT
 * What plait_start was told of GPUs: how much of their memory may be taken, and whether tasks
 * are captured as CUDA graphs.
 */
#include "config.h"
#include "src/runtime/parts.h"
#include "src/runtime/runtime.h"

#include <inttypes.h>

static struct {
	int64_t bytes;
	double percent;
} limit; /* 0: none */

static bool graphs;

int plait__gpu_settings_set(const struct plait_start_options *options, int gpus)
{
	double percent = options->gpu_memory_percent;
	int64_t bytes = options->gpu_memory_limit;

	if (bytes < 0)
		return plait__error(PLAIT_EINVAL,
				    "plait_start: a GPU memory limit of %" PRId64
				    " bytes, must not be negative",
				    bytes);
	if (!(percent >= 0 && percent <= 100))
		return plait__error(PLAIT_EINVAL,
				    "plait_start: a GPU memory limit of %g percent, must be 0 (no "
				    "limit) to 100",
				    percent);
	if ((bytes > 0 || percent > 0) && gpus == 0)
		return plait__error(PLAIT_EINVAL,
				    "plait_start: a GPU memory limit, but no GPU computes: leave "
				    "the limit out");
	limit.bytes = bytes;
	limit.percent = percent;
	graphs = !options->no_cuda_graphs;
	return 0;
}

size_t plait__gpu_limit(size_t total)
{
	double bytes = limit.bytes > 0 ? (double)limit.bytes : (double)SIZE_MAX;
	double share = (double)total * limit.percent / 100;

	if (limit.percent > 0 && share < bytes)
		return (size_t)share;
	return limit.bytes > 0 ? (size_t)limit.bytes : SIZE_MAX;
}

bool plait__gpu_graphs(void)
{
	return graphs;
}
