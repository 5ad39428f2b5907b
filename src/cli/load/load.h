/* SPDX-License-Identifier: MIT
 * A run of plait load. */
#ifndef PLAIT_CLI_LOAD_H
#define PLAIT_CLI_LOAD_H

#include "src/cli/job/bad.h"
#include "src/cli/job/samplers.h"

struct cli_load {
	const struct cli_options *options;
	struct plait_dataset *data;
	struct plait_transform *transform;
	struct cli_sampler sampler;
	struct plait_bad_options bad;
	struct plait_loader *loader;

	/* Of this run, which may go on where another one stopped. */
	double begin; /* by starpu_timing_now() */
	double first_batch_ms, seconds;
	int64_t samples, batches;
	int64_t first;  /* epoch, from 0, in which the run began, perhaps not at its first batch */
	uint64_t *hash; /* [options->epochs], of those from first to epoch - 1; or NULL */
	struct plait_load_stats stats;
	struct plait_loader_memory memory; /* of the loader, in the end */

	/* How far the run is. */
	int64_t epoch, next; /* the next batch in it */
	int64_t per_epoch;   /* batches */
	uint64_t running;    /* hash of the epoch's batches so far */
	double saved;        /* when the state was written last */
};

/* With --state: goes on where the file says, if it is there, and writes it.  Returns CLI_DONE or,
 * after saying why not, the exit status. */
int cli_load_resume(struct cli_load *run);

/* Writes the state file, if there is one; cli_load_save_soon only if a second has passed since it
 * was written.  Returns a status of the library. */
int cli_load_save(struct cli_load *run);
int cli_load_save_soon(struct cli_load *run);

/* Lines of an epoch that is over, and of the run. */
void cli_load_print_epoch(const struct cli_load *run, const struct plait_load_stats *stats,
			  double seconds, int64_t samples);
void cli_load_print(const struct cli_load *run);

#endif
