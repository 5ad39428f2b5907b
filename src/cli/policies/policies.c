/* SPDX-License-Identifier: MIT
 * plait policies: compares policies, numbers of workers and granularities, by a sweep. */
#include "config.h"
#include "src/cli/policies/sweep.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"

int cli_policies(int argc, char **argv)
{
	struct cli_options options;
	struct cli_sweep sweep;
	int status = cli_options_parse(&options, CLI_POLICIES, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_ends();
	status = cli_sweep_make(&sweep, &options);
	sweep.argc = argc;
	sweep.argv = argv;
	if (status == CLI_DONE && sweep.repeats < CLI_LEAST_REPEATS)
		cli_complain(
			"policies: warning: --repeats %d does not tell noise from differences, "
			"%d or more do",
			sweep.repeats, CLI_LEAST_REPEATS);
	if (status == CLI_DONE)
		status = cli_sweep_run(&sweep);
	if (status == CLI_DONE) {
		cli_sweep_sum_up(&sweep);
		cli_policies_print(&sweep);
		status = cli_policies_write(&sweep);
		if (status == CLI_DONE && sweep.done == 0) {
			cli_complain("policies: not one configuration could be measured");
			status = CLI_FAILED;
		}
	}
	cli_sweep_free(&sweep);
	return status;
}
