/* SPDX-License-Identifier: MIT
 * plait runs. */
#include "config.h"
#include "src/cli/runs/runs.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"

int cli_runs(int argc, char **argv)
{
	struct cli_options options;
	struct cli_runs runs = { 0 };
	int status = cli_options_parse(&options, CLI_RUNS, argc, argv);

	if (status >= 0)
		return status;
	status = cli_plot_has_form(&options, "runs") ? CLI_DONE : CLI_USAGE;
	for (int i = 0; i < options.logs.count && status == CLI_DONE; i++)
		status = cli_runs_read(&runs, options.logs.value[i]);
	if (status == CLI_DONE)
		status = cli_runs_compare(&runs);
	if (status == CLI_DONE) {
		cli_runs_print(&runs);
		status = cli_runs_write(&runs, options.plot, options.html);
	}
	if (cli_output_flush() != CLI_DONE)
		status = CLI_FAILED;
	cli_runs_free(&runs);
	return status;
}
