/* SPDX-License-Identifier: MIT
 * plait eval: one line on stdout, and tables where they are asked for. */
#include "config.h"
#include "src/cli/job/job.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/cli/output.h"
#include "src/cli/scores/print.h"
#include "src/base/text.h"
#include "src/cli/interrupt.h"

#include <inttypes.h>
#include <math.h>

static void print_metrics(const char *spec, const struct plait_metrics *metrics,
			  const struct cli_scores *scores)
{
	const char *name;
	double value;
	int i;

	plait__text_print(stdout, spec);
	printf(": %" PRId64 " samples, loss %.4f", metrics->samples, plait_metrics_loss(metrics));
	if (metrics->has_accuracy)
		printf(", accuracy %.4f", plait_metrics_accuracy(metrics));
	for (i = 0; (name = plait_metrics_name(metrics, i)); i++)
		printf(", %s %.4f", name, cli_scores_metric(scores, metrics, name));
	i = 0;
	while ((name = cli_scores_next(scores, ~0u, &i, &value)))
		printf(", %s %.4f", name, value);
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

/* -- scores ---------------------------------------------------------------------------------- */

static int write_json(const struct cli_job *job, const struct plait_metrics *metrics,
		      const struct plait__names *names, const struct cli_options *options)
{
	struct cli_output output;
	struct cli_writer out = { 0 };
	int status = cli_output_begin(&output, options->json_file);

	if (status != CLI_DONE)
		return status;
	out.file = output.file;
	cli_writer_open(&out, NULL, '{');
	cli_writer_text(&out, "data", options->data);
	cli_writer_integer(&out, "samples", job->scores.result.samples);
	cli_writer_real(&out, "loss", "%.9g", plait_metrics_loss(metrics));
	cli_scores_put(&out, &job->scores, names, job->data);
	cli_writer_close(&out, '}');
	putc('\n', output.file);
	return cli_output_end(&output, CLI_DONE);
}

/* What is told of scores besides the line, and the files that they go to. */
static int tell_scores(struct cli_job *job, const struct plait_metrics *metrics,
		       const struct cli_options *options)
{
	const char *known = plait_trainer_metadata(job->trainer, PLAIT__KEY_CLASSES);
	struct plait__names names = { 0 };
	int status = CLI_DONE;

	if (!job->scores.scores)
		return CLI_DONE;
	if (known && job->scores.result.kind == PLAIT_SCORES_CLASSES &&
	    plait__names_read(&names, known) < 0)
		return cli_failed(PLAIT_ENOMEM);
	if (!options->quiet)
		cli_scores_print(&job->scores, &names, options);
	if (options->confusion)
		status = cli_confusion_write(&job->scores.result, &names, options->confusion);
	if (status == CLI_DONE && options->worst_out)
		status =
			cli_worst_write(&job->scores.result, &names, job->data, options->worst_out);
	if (status == CLI_DONE && options->json_file)
		status = write_json(job, metrics, &names, options);
	plait__names_free(&names);
	return status;
}

static int evaluate(struct cli_job *job, const struct cli_options *options)
{
	struct plait_metrics metrics = { 0 };
	int status;

	job->fit.on_event = on_stall;
	status = plait_evaluate(job->trainer, job->data, &job->fit, &metrics);
	if (status < 0)
		return cli_bad_failed(&job->fit.loader.bad, status);
	status = cli_scores_take(&job->scores);
	if (status != CLI_DONE)
		return status;
	if (!options->quiet)
		print_metrics(options->data, &metrics, &job->scores);
	cli_log_eval(&job->log, &metrics, &job->scores);
	status = check_loss(options->data, plait_metrics_loss(&metrics));
	return status == CLI_DONE ? tell_scores(job, &metrics, options) : status;
}

int cli_eval(int argc, char **argv)
{
	struct cli_options options;
	struct cli_job job;
	int status = cli_options_parse(&options, CLI_EVAL, argc, argv);

	if (status >= 0)
		return status;
	if (!cli_scores_have_forms(&options))
		return CLI_USAGE;
	cli_watch_ends();
	status = cli_job_open(&job, CLI_EVAL, &options);
	if (status == CLI_DONE && options.worst_out &&
	    !cli_worst_can_draw(job.data, options.worst_out))
		status = CLI_FAILED;
	if (status == CLI_DONE)
		status = evaluate(&job, &options);
	return cli_job_close(&job, status);
}
