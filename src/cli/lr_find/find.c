/* SPDX-License-Identifier: MIT
 * The steps are those of plait_fit under a schedule of the program's own, so they go in every way
 * in which a training goes.  What the options say of a later training is left out. */
#include "config.h"
#include "src/cli/lr_find/lr_find.h"
#include "src/cli/options/schedule.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/job/job.h"
#include "src/cli/output.h"
#include "src/base/text.h"

#include <math.h>
#include <stdio.h>

struct search {
	struct cli_lr_curve curve;
	struct cli_log *log;
	bool over, quiet;
};

/* The optimizer's rate is 1. */
static double rate(int64_t step, void *user)
{
	(void)user;
	return CLI_LR_FIRST *
	       pow(CLI_LR_LAST / CLI_LR_FIRST, (double)step / (double)(CLI_LR_STEPS - 1));
}

static int on_event(void *user, const struct plait_event *event)
{
	struct search *s = user;

	if (event->kind == PLAIT_EVENT_STALL)
		cli_stalled(event->text);
	if (event->kind == PLAIT_EVENT_PROGRESS && !s->quiet)
		cli_output_progress("train: learning rate %.1e, loss %.4g", event->lr,
				    (double)event->loss);
	/* Steps that were on their way when it was over say no more. */
	if (event->kind != PLAIT_EVENT_STEP || s->over)
		return s->over;
	cli_log_step(s->log, event);
	s->over = !cli_lr_curve_add(&s->curve, event->lr, (double)event->loss);
	return s->over;
}

/* Those of the training that are not of its end, its validation, or its rate. */
static struct cli_options options_of(const struct cli_options *options)
{
	struct cli_options o = *options;

	if (cli_momentum(options) > 0)
		o.momentum = cli_momentum(options);
	o.schedule = (struct plait_schedule){ 0 };
	o.lr_warmup = 0;
	o.lr = 1;
	o.epochs = 0;
	o.steps = CLI_LR_STEPS;
	o.log_every = 1;
	o.val = o.val_transform = o.save = NULL;
	o.val_overlap = false;
	return o;
}

static int search(struct cli_job *job, struct search *s)
{
	int status;

	job->fit.schedule = plait_lambda_lr(rate, NULL);
	job->fit.on_event = on_event;
	job->fit.user = s;
	status = plait_fit(job->trainer, job->data, &job->fit);
	cli_output_progress(NULL);
	/* A loss that is not finite is what the test goes up to. */
	if (status == PLAIT_ENAN && s->curve.count > 0) {
		s->curve.exploded = true;
		return CLI_DONE;
	}
	if (status == PLAIT_EINTERRUPTED) {
		cli_complain("interrupted%s: no learning rate is found", cli_stop_name());
		return CLI_INTERRUPTED;
	}
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

static int tell(struct search *s, const char *path)
{
	if (!cli_lr_curve_find(&s->curve)) {
		cli_complain("train: --lr-find: the loss falls nowhere in %d steps with rates from "
			     "%.0e to %.2g: is there anything to learn?",
			     s->curve.count, s->curve.lr[0], s->curve.lr[s->curve.count - 1]);
		return CLI_FAILED;
	}
	if (!s->quiet)
		cli_lr_curve_print(&s->curve);
	return path ? cli_lr_curve_draw(&s->curve, path) : CLI_DONE;
}

int cli_lr_find(const struct cli_options *given)
{
	struct cli_options options = options_of(given);
	struct cli_job job;
	struct search s = { .log = &job.log, .quiet = options.quiet };
	int status = cli_job_open(&job, CLI_TRAIN, &options);

	if (status == CLI_DONE)
		status = search(&job, &s);
	if (status == CLI_DONE)
		status = tell(&s, options.lr_find_file);
	if (status == CLI_DONE && given->save && !s.quiet) {
		fputs("Nothing is saved to ", stdout);
		plait__text_print(stdout, given->save);
		puts(": this was no training");
	}
	return cli_job_close(&job, status);
}
