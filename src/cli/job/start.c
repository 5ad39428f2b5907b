/* SPDX-License-Identifier: MIT
 * StarPU as the options want it, and a warning of too many workers. */
#include "config.h"
#include "src/cli/job/start.h"
#include "src/cli/complain.h"

#include <inttypes.h>

void cli_warn_workers(int64_t workers)
{
	struct plait_topology topology;

	if (plait_topology_get(&topology) < 0 || topology.usable_cores <= 0 ||
	    workers <= topology.usable_cores)
		return;
	cli_complain("warning: %" PRId64 " CPU workers on %d core%s wait for each other; --ncpu %d "
		     "gives each its own",
		     workers, topology.usable_cores, topology.usable_cores == 1 ? "" : "s",
		     topology.usable_cores);
}

int cli_start(const struct cli_options *options)
{
	int status =
		plait_start(&(struct plait_start_options){ .policy = options->sched,
							   .policy_library = options->sched_lib,
							   .cpu_workers = (int)options->ncpu });

	if (status == 0 && !options->quiet)
		cli_warn_workers(plait_cpu_workers());
	return status;
}
