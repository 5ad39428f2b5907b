/* SPDX-License-Identifier: MIT
 * plait eval: one line on stdout. */
#include "config.h"
#include "src/cli/job/job.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/base/text.h"
#include "src/cli/interrupt.h"

#include <inttypes.h>
#include <math.h>

static void print_metrics(const char *spec, const struct plait_metrics *metrics)
{
	const char *name;

	plait__text_print(stdout, spec);
	printf(": %" PRId64 " samples, loss %.4f", metrics->samples, plait_metrics_loss(metrics));
	if (metrics->has_accuracy)
		printf(", accuracy %.4f", plait_metrics_accuracy(metrics));
	for (int i = 0; (name = plait_metrics_name(metrics, i)); i++)
		printf(", %s %.4f", name, plait_metrics_value(metrics, name));
	putchar('\n');
}

static int check_loss(const char *spec, double loss)
{
	if (isfinite(loss))
		return CLI_DONE;
	cli_complain("%s: the loss is not finite: it is %g; its samples, or what the network makes "
		     "of them, are not finite or too large",
		     spec, loss);
	return cli_end_status(CLI_END_NAN);
}

/* plait_evaluate reports no other event. */
static int on_stall(void *user, const struct plait_event *event)
{
	(void)user;
	cli_stalled(event->text);
}

int cli_eval(int argc, char **argv)
{
	struct cli_options options;
	struct cli_job job;
	struct plait_metrics metrics = { 0 };
	int status = cli_options_parse(&options, CLI_EVAL, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_ends();
	status = cli_job_open(&job, CLI_EVAL, &options);
	if (status == CLI_DONE) {
		job.fit.on_event = on_stall;
		status = plait_evaluate(job.trainer, job.data, &job.fit, &metrics);
		if (status == 0) {
			if (!options.quiet)
				print_metrics(options.data, &metrics);
			cli_log_eval(&job.log, &metrics);
			status = check_loss(options.data, plait_metrics_loss(&metrics));
		} else {
			status = cli_bad_failed(&job.fit.loader.bad, status);
		}
	}
	return cli_job_close(&job, status);
}
