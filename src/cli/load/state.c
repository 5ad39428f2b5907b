/* SPDX-License-Identifier: MIT
 * The state file of plait load.  Its user word is the hash of the epoch's batches so far, or 0
 * where none is made. */
#include "config.h"
#include "src/cli/load/load.h"
#include "src/cli/complain.h"

#include <errno.h>
#include <inttypes.h>
#include <starpu.h>
#include <sys/stat.h>

/* Microseconds between two writes of the state, as each waits for the disk. */
#define PERIOD 1e6

int cli_load_save(struct cli_load *run)
{
	struct plait_loader_state state = { .user = run->hash ? run->running : 0 };
	int status;

	if (!run->options->state)
		return 0;
	status = plait_loader_state_save(run->loader, &state);
	if (status == 0)
		status = plait_loader_state_write(&state, run->options->state);
	run->saved = starpu_timing_now();
	return status;
}

int cli_load_save_soon(struct cli_load *run)
{
	return starpu_timing_now() - run->saved < PERIOD ? 0 : cli_load_save(run);
}

/* Whether the state can give what the options ask for. */
static int check(const struct cli_load *run, const struct plait_loader_state *state)
{
	const struct cli_options *o = run->options;

	if (o->seed >= 0 && (uint64_t)o->seed != state->seed) {
		cli_complain("%s: seed %" PRIu64 ", but --seed %" PRId64
			     " was given: leave it out to go on",
			     o->state, state->seed, o->seed);
		return CLI_USAGE;
	}
	if (o->hash && state->batch > 0 && state->user == 0) {
		cli_complain("%s: --hash was not given before batch %" PRIu64 " of epoch %" PRIu64
			     ": the epoch's hash cannot be known",
			     o->state, state->batch, state->epoch + 1);
		return CLI_USAGE;
	}
	return CLI_DONE;
}

static int go_on(struct cli_load *run)
{
	struct plait_loader_state state;
	int status = plait_loader_state_read(&state, run->options->state);

	if (status < 0)
		return cli_failed(status);
	status = check(run, &state);
	if (status != CLI_DONE)
		return status;
	status = plait_loader_state_restore(run->loader, &state);
	if (status < 0) {
		cli_complain("%s: %s", run->options->state, plait_error_message());
		return status == PLAIT_EINVAL ? CLI_USAGE : CLI_FAILED;
	}
	run->first = run->epoch = (int64_t)state.epoch;
	run->next = (int64_t)state.batch;
	run->running = state.user;
	return CLI_DONE;
}

int cli_load_resume(struct cli_load *run)
{
	const char *path = run->options->state;
	struct stat st;
	int status;

	if (!path)
		return CLI_DONE;
	if (stat(path, &st) == 0 || errno != ENOENT) {
		status = go_on(run);
		if (status != CLI_DONE)
			return status;
	}
	/* If the file cannot be written, that is better said now. */
	status = cli_load_save(run);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}
