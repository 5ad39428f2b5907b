/* SPDX-License-Identifier: MIT
 * plait predict: all outputs are computed, then written; what cannot be written whole is not there.
 */
#include "config.h"
#include "src/cli/predict/predict.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/cli/interrupt.h"
#include "src/cli/job/job.h"
#include "src/cli/job/loss.h"
#include "src/cli/options/parse.h"
#include "src/cli/output.h"
#include "src/runtime/memory_limit.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <math.h>
#include <starpu.h>
#include <stdlib.h>
#include <string.h>

typedef void write_fn(FILE *file, const struct cli_predictions *predictions);

static bool prints(const struct cli_options *options)
{
	return !options->out || strcmp(options->out, "-") == 0;
}

/* The form that the name of the file asks for; NULL after saying that it asks for none. */
static write_fn *choose_form(const struct cli_options *options)
{
	size_t length = prints(options) ? 0 : strlen(options->out);
	const char *ending = length > 4 ? options->out + length - 4 : "";

	if (length == 0 || strcmp(ending, ".csv") == 0)
		return cli_predict_csv;
	if (strcmp(ending, ".npy") == 0)
		return cli_predict_npy;
	cli_complain("predict: --out %s: must end in .csv or .npy, which says what is written",
		     options->out);
	return NULL;
}

static int allocate(struct cli_predictions *p, const struct cli_options *options)
{
	double needed = (double)p->samples * (double)p->width * sizeof *p->out;
	double available = (double)plait__memory_available("");
	char all[32], left[32];

	/* The kernel would promise it, and end the process later. */
	if (needed <= available)
		p->out = malloc((size_t)p->samples * (size_t)p->width * sizeof *p->out);
	if (p->out)
		return CLI_DONE;
	cli_complain("%s: the predictions, %" PRId64 " samples of %" PRId64
		     " numbers, need %s of memory, this machine has %s left",
		     options->data, p->samples, p->width, plait__bytes_text(needed, all),
		     plait__bytes_text(available, left));
	return cli_end_status(CLI_END_MEMORY);
}

static int prepare(struct cli_predictions *p, struct cli_job *job,
		   const struct cli_options *options)
{
	int status = CLI_DONE;

	p->samples = plait_dataset_info(job->data)->samples;
	p->ndim = plait_node_shape(job->output, p->dim);
	p->width = plait_shape_elements(p->ndim, p->dim);
	p->classes = cli_loss_has_labels(options);
	if (p->classes)
		status = cli_names_of_classes(job, options, p->width, &p->names);
	return status == CLI_DONE ? allocate(p, options) : status;
}

/* plait_predict reports no other event. */
static int on_stall(void *user, const struct plait_event *event)
{
	(void)user;
	cli_stalled(event->text);
}

static int check_finite(const struct cli_predictions *p, const struct cli_options *options)
{
	int64_t count = p->samples * p->width, at = 0;

	while (at < count && isfinite(p->out[at]))
		at++;
	if (at == count)
		return CLI_DONE;
	cli_complain(
		"%s: sample %" PRId64 ": output %" PRId64 " of the network is %g: its "
		"numbers, or what the network makes of them, are too large; nothing is written",
		options->data, at / p->width, at % p->width, (double)p->out[at]);
	return cli_end_status(CLI_END_NAN);
}

static int compute(struct cli_predictions *p, struct cli_job *job,
		   const struct cli_options *options)
{
	int status;

	job->fit.on_event = on_stall;
	status = plait_predict(job->trainer, job->data, &job->fit, p->out);
	if (status == 0)
		return check_finite(p, options);
	if (cli_end_of(status) != CLI_END_SIGNAL)
		return cli_failed(status);
	return CLI_INTERRUPTED;
}

static int write_out(const struct cli_predictions *p, write_fn *form,
		     const struct cli_options *options)
{
	struct cli_output output;
	int status;

	if (prints(options)) {
		form(stdout, p);
		status = cli_output_flush();
		return status == CLI_DONE && cli_stop ? CLI_INTERRUPTED : status;
	}
	status = cli_output_begin(&output, options->out);
	if (status != CLI_DONE)
		return status;
	form(output.file, p);
	return cli_output_end(&output, cli_stop ? CLI_INTERRUPTED : CLI_DONE);
}

static void print_summary(const struct cli_predictions *p, double seconds)
{
	fprintf(stderr, "Predicted: %" PRId64 " sample%s in %.3g s, %.0f samples/s\n", p->samples,
		p->samples == 1 ? "" : "s", seconds,
		seconds > 0 ? (double)p->samples / seconds : 0);
}

static int run(struct cli_job *job, write_fn *form, const struct cli_options *options)
{
	struct cli_predictions p = { 0 };
	int status = prepare(&p, job, options);
	double begin = starpu_timing_now(), seconds;

	if (status == CLI_DONE)
		status = compute(&p, job, options);
	seconds = (starpu_timing_now() - begin) * 1e-6;
	if (status == CLI_DONE)
		status = write_out(&p, form, options);
	if (status == CLI_DONE && !options->quiet)
		print_summary(&p, seconds);
	if (status == CLI_INTERRUPTED)
		cli_complain("interrupted%s%s%s", cli_stop_name(),
			     prints(options) ? "" : "; nothing is written to ",
			     prints(options) ? "" : options->out);
	plait__names_free(&p.names);
	free(p.out);
	return status;
}

int cli_predict(int argc, char **argv)
{
	struct cli_options options;
	struct cli_job job;
	write_fn *form;
	char *model;
	int status = cli_options_parse(&options, CLI_PREDICT, argc, argv);

	if (status >= 0)
		return status;
	form = choose_form(&options);
	if (!form)
		return CLI_USAGE;
	cli_watch_ends();
	status = cli_predict_weights(&options, &model);
	if (status == CLI_DONE) {
		status = cli_job_open(&job, CLI_PREDICT, &options);
		if (status == CLI_DONE)
			status = run(&job, form, &options);
		status = cli_job_close(&job, status);
	}
	free(model);
	return status;
}
