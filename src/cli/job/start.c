/* SPDX-License-Identifier: MIT
 * Plug-ins, StarPU as the options want it, and a warning of too many workers. */
#include "config.h"
#include "src/cli/job/start.h"
#include "src/cli/complain.h"

#include <inttypes.h>
#include <starpu.h>
#include <stdlib.h>

/* From here on the start itself is slow: it takes seconds with a hundred workers a core. */
#define SLOW 8

/* What StarPU takes from the environment, which plait_start checks; 0: nothing. */
static int64_t workers_of_environment(void)
{
	const char *value = getenv("STARPU_NCPU");

	if (!value || !*value)
		value = getenv("STARPU_NCPUS"); /* its older name */
	return value ? strtoll(value, NULL, 10) : 0;
}

void cli_warn_workers(int64_t workers)
{
	struct plait_topology topology;
	int64_t cores;

	if (workers == 0)
		workers = workers_of_environment();
	if (workers <= 0 || workers > STARPU_MAXCPUS || plait_topology_get(&topology) < 0)
		return;
	cores = topology.usable_cores;
	if (cores > 0 && workers > cores)
		cli_complain("warning: %" PRId64 " CPU workers on %" PRId64 " core%s wait for each "
			     "other%s; --ncpu %" PRId64 " gives each its own",
			     workers, cores, cores == 1 ? "" : "s",
			     workers >= SLOW * cores ? ", and take long to start" : "", cores);
}

int cli_plugins_load(const struct cli_options *options)
{
	int status = 0;

	for (int i = 0; i < options->plugins.count && status == 0; i++)
		status = plait_plugin_load(options->plugins.value[i]);
	return status;
}

/* A pipeline needs priorities: in the order of eager, which has none, its stages wait. */
static const char *policy_of(const struct cli_options *options)
{
	bool chosen = options->sched || options->sched_lib || getenv("STARPU_SCHED");

	return !chosen && options->place && options->microbatches > 1 ? "prio" : options->sched;
}

/* Who asks for bfloat16 hopes for speed. */
static void note_precision(const struct cli_options *options)
{
	if (options->precision == PLAIT_PRECISION_BF16 && !options->quiet &&
	    plait_cuda_workers() == 0 && !plait_cpu_has_bf16())
		cli_complain("note: this CPU has no instructions for bfloat16: --precision bf16 "
			     "rounds to it and computes in float32, which takes longer than fp32");
}

int cli_start(const struct cli_options *options, bool computes)
{
	int status = cli_plugins_load(options);

	if (status < 0)
		return status;
	/* Before the start, which it explains. */
	if (!options->quiet)
		cli_warn_workers(options->ncpu);
	status = plait_start(&(struct plait_start_options){
		.policy = policy_of(options),
		.policy_library = options->sched_lib,
		.cpu_workers = (int)options->ncpu,
		.cuda_workers = computes ? 0 : -1,
		.gpu_memory_limit = options->gpu_memory_limit.bytes,
		.gpu_memory_percent = options->gpu_memory_limit.percent,
		.no_cuda_graphs = options->no_cuda_graphs });
	if (status == 0 && computes)
		note_precision(options);
	return status;
}
