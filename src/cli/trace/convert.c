/* SPDX-License-Identifier: MIT
 * A raw FxT file becomes a folder of text by StarPU's own converter.  That ends the process when
 * the file is not what it expects, so a child runs it. */
#include "config.h"
#include "src/cli/trace/convert.h"
#include "src/cli/complain.h"
#include "src/cli/measure/child.h"
#include "src/cli/output.h"

#include <glob.h>
#include <starpu.h>
#include <stdio.h>

#ifdef STARPU_USE_FXT

#include <errno.h>
#include <starpu_fxt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct conversion {
	char *path; /* from the root */
	const char *folder;
};

/* Runs in the child.  It changes into the folder, as StarPU cuts long paths. */
static int convert(void *user, void *result)
{
	struct conversion *c = user;
	struct starpu_fxt_options options;
	char **unwanted[] = { &options.distrib_time_path, &options.activity_path,
			      &options.sched_tasks_path,  &options.comms_path,
			      &options.papi_path,         &options.anim_path };

	(void)result;
	if (chdir(c->folder) != 0) {
		cli_complain("%s: %s", c->folder, strerror(errno));
		return CLI_FAILED;
	}
	starpu_fxt_options_init(&options);
	for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++) {
		free(*unwanted[i]);
		*unwanted[i] = NULL;
	}
	options.ninputfiles = 1;
	options.filenames[0] = c->path;
	options.label_deps = 1;
	starpu_fxt_generate_trace(&options);
	return CLI_DONE;
}

/* Removes the files of a conversion that failed, which could be taken for a trace. */
static void remove_parts(const char *folder)
{
	static const char *const made[] = { "paje.trace", "dag.dot", "tasks.rec", "trace.rec",
					    "data.rec" };
	char path[4096 + 16];

	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, made[i]);
		unlink(path);
	}
}

int cli_trace_convert(const char *path, const char *folder)
{
	struct conversion conversion = { .path = realpath(path, NULL), .folder = folder };
	struct cli_child child = { .work = convert,
				   .user = &conversion,
				   .output = cli_output_scratch() };
	struct cli_child_result result;

	if (!conversion.path || access(conversion.path, R_OK) != 0) {
		cli_complain("%s: %s", path, strerror(errno));
		result.end = CLI_CHILD_DONE;
		result.status = CLI_FAILED;
	} else {
		result = cli_child_run(&child, NULL);
	}
	if (result.end == CLI_CHILD_FAILED)
		cli_complain("%s: StarPU cannot convert it: it is no FxT file, damaged, or from "
			     "another version (%s)",
			     path, result.why);
	if (result.end != CLI_CHILD_DONE)
		remove_parts(folder);
	if (child.output >= 0)
		close(child.output);
	free(conversion.path);
	return result.end == CLI_CHILD_INTERRUPTED ? CLI_INTERRUPTED
	       : result.status == 0                ? CLI_DONE
						   : CLI_FAILED;
}

#else

int cli_trace_convert(const char *path, const char *folder)
{
	(void)folder;
	cli_complain("%s: this StarPU has no FxT, which a trace file needs; a folder that another "
		     "one has made of it can be read",
		     path);
	return CLI_FAILED;
}

#endif

int cli_trace_convert_left(const char *folder, const char *program)
{
	char pattern[4096];
	glob_t found;
	int status;

	snprintf(pattern, sizeof pattern, "%s/prof_file_*", folder);
	if (glob(pattern, 0, NULL, &found) != 0) {
		cli_complain("%s has left no trace: does it end StarPU?", program);
		return CLI_FAILED;
	}
	status = cli_trace_convert(found.gl_pathv[0], folder);
	globfree(&found);
	return status;
}
