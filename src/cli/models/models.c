/* SPDX-License-Identifier: MIT
 * plait models: what StarPU has learned of a job's codelets.  The job is built, so that its symbols
 * are known, and not run. */
#include "config.h"
#include "src/cli/models/models.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/job/job.h"
#include "src/cli/output.h"
#include "src/base/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct collect {
	struct cli_models *models;
	int status;
};

static void add_codelet(void *user, const char *symbol, const char *name)
{
	struct collect *c = user;

	if (c->status == 0)
		c->status = cli_models_add(c->models, symbol, name);
}

static int collect(struct cli_job *job, struct cli_models *models)
{
	struct collect c = { .models = models };
	int status = plait_trainer_codelets(job->trainer, job->data, &job->fit, add_codelet, &c);

	return status < 0 ? status : c.status;
}

/* Called after StarPU has stopped, as it writes its models then. */
static int reset(const struct cli_models *models)
{
	int status = CLI_DONE;

	for (int i = 0; i < models->paths; i++)
		if (unlink(models->path[i]) != 0 && errno != ENOENT) {
			cli_complain("%s: cannot be removed: %s", models->path[i], strerror(errno));
			status = CLI_FAILED;
		} else {
			fputs("removed ", stdout);
			plait__text_print(stdout, models->path[i]);
			putchar('\n');
		}
	if (models->paths == 0)
		puts("There is nothing to remove: no model of this job is there.");
	return status;
}

int cli_models(int argc, char **argv)
{
	struct cli_options options;
	struct cli_models models = { .output = cli_output_scratch() };
	struct cli_job job;
	int status = cli_options_parse(&options, CLI_MODELS, argc, argv), collected;

	if (status >= 0 || models.output < 0) {
		cli_models_free(&models);
		return status >= 0 ? status : CLI_FAILED;
	}
	status = cli_job_open(&job, CLI_TRAIN, &options);
	job.quiet = true;
	if (status == CLI_DONE) {
		collected = collect(&job, &models);
		if (collected == 0 && options.all)
			collected = cli_models_add_all(&models);
		if (collected < 0)
			status = cli_failed(collected);
	}
	if (status == CLI_DONE && !options.reset)
		cli_models_print(&models);
	if (status == CLI_DONE && options.json_file)
		status = cli_models_write(&models, options.json_file);
	status = cli_job_close(&job, status);
	if (status == CLI_DONE && options.reset)
		status = reset(&models);
	cli_models_free(&models);
	return status;
}
