/* SPDX-License-Identifier: MIT
 * plait trace: the report on a trace, or on a run that is recorded first. */
#include "config.h"
#include "src/cli/trace/trace.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/measure/folder.h"
#include "src/cli/page/page.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/json.h"
#include "src/cli/trace/convert.h"
#include "src/cli/trace/run.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int cli_trace_options_take(struct cli_trace_options *trace, const struct cli_options *options)
{
	if (options->trace_steps[1] > 0 && options->trace_steps[0] == 0) {
		cli_complain("trace: --steps: steps count from 1");
		return CLI_USAGE;
	}
	*trace = (struct cli_trace_options){
		.json = options->json_file,
		.html = options->html,
		.perfetto = options->perfetto,
		.svg = options->svg,
		.first_step = options->trace_steps[0],
		.end_step = options->trace_steps[1],
		.partial = options->partial,
	};
	return CLI_DONE;
}

static int write_page(const struct cli_report *report, json_t *json, const char *path)
{
	json_t *timeline = cli_timeline_json(report->tl);

	if (!timeline || json_object_set_new(json, "timeline", timeline) < 0)
		return timeline ? cli_trace_no_memory() : CLI_FAILED;
	return cli_page_write(path, "trace", json) < 0 ? CLI_FAILED : CLI_DONE;
}

/* The first failure counts. */
static void note(int *status, int next)
{
	if (*status == CLI_DONE)
		*status = next;
}

/* One file that cannot be written costs none of the others: the run is over and was long. */
static int write_files(const struct cli_trace_options *options, const struct cli_report *report)
{
	json_t *json = options->json || options->html ? cli_report_json(report) : NULL;
	int status = json || !(options->json || options->html) ? CLI_DONE : CLI_FAILED;

	if (json && options->json)
		note(&status, cli_json_write(json_incref(json), options->json));
	if (json && options->html)
		note(&status, write_page(report, json, options->html));
	if (options->perfetto)
		note(&status, cli_trace_write_perfetto(report, options->perfetto));
	if (options->svg)
		note(&status, cli_trace_write_svg(report, options->svg));
	json_decref(json);
	return status;
}

int cli_trace_report(const struct cli_trace_options *options, const char *folder,
		     const char *run_folder)
{
	struct cli_timeline timeline;
	struct cli_report report = { 0 };
	int status = cli_timeline_read(&timeline, folder, run_folder, options->first_step,
				       options->end_step, options->partial);

	if (status == CLI_DONE)
		status = cli_report_make(&report, &timeline);
	if (status == CLI_DONE) {
		cli_report_print(&report);
		status = write_files(options, &report);
	}
	cli_report_free(&report);
	cli_timeline_free(&timeline);
	return status;
}

/* Converts first.  A file that a run of this program has left has run.json beside it. */
static int report_file(const struct cli_trace_options *trace, const char *path, const char *keep)
{
	struct cli_folder folder;
	char beside[4096];
	int status;

	if (cli_folder_open(&folder, keep) < 0)
		return CLI_FAILED;
	status = cli_trace_convert(path, folder.path);
	snprintf(beside, sizeof beside, "%s", path);
	if (status == CLI_DONE)
		status = cli_trace_report(trace, folder.path, dirname(beside));
	cli_folder_close(&folder);
	return status;
}

static int report_path(const struct cli_trace_options *trace, const struct cli_options *options)
{
	struct stat is;

	if (stat(options->data, &is) != 0) {
		cli_complain("%s: %s", options->data, strerror(errno));
		return CLI_FAILED;
	}
	/* Reading a pipe would wait for its writer, and a trace is read more than once. */
	if (!S_ISREG(is.st_mode) && !S_ISDIR(is.st_mode)) {
		cli_complain("%s: no trace: expected a file or a folder, found a pipe or a device",
			     options->data);
		return CLI_FAILED;
	}
	if (options->source != CLI_SOURCE_AUTO || (S_ISDIR(is.st_mode) && options->keep)) {
		cli_complain("trace: %s, %s is recorded already",
			     options->source != CLI_SOURCE_AUTO ? "--source is for a run"
								: "--keep is for an FxT file",
			     options->data);
		return CLI_USAGE;
	}
	return S_ISDIR(is.st_mode) ? cli_trace_report(trace, options->data, NULL)
				   : report_file(trace, options->data, options->keep);
}

/* A run that failed has no report; one that was interrupted has, and a pool of which a member has
 * failed, and the exit status stays. */
static int report_run(const struct cli_trace_options *trace, const struct cli_options *options)
{
	struct cli_folder folder;
	bool whole;
	int status, reported = CLI_DONE;

	if (cli_folder_open(&folder, options->keep) < 0)
		return CLI_FAILED;
	status = cli_trace_run(options, options->rest, options->rest_argument, folder.path, &whole);
	cli_stop_go_on();
	if (whole && !cli_stop_at_once())
		reported = cli_trace_report(trace, folder.path, NULL);
	cli_folder_close(&folder);
	return status != CLI_DONE ? status : reported;
}

int cli_trace(int argc, char **argv)
{
	struct cli_options options;
	struct cli_trace_options trace;
	int status = cli_options_parse(&options, CLI_TRACE, argc, argv);

	if (status >= 0)
		return status;
	status = cli_trace_options_take(&trace, &options);
	if (status != CLI_DONE)
		return status;
	cli_watch_ends();
	if (options.rest > 0)
		return report_run(&trace, &options);
	status = report_path(&trace, &options);
	if (status == CLI_INTERRUPTED)
		cli_complain("interrupted");
	return status;
}
