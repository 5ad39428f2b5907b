/* SPDX-License-Identifier: MIT
 * plait train: a bar on stderr while an epoch runs, a line on stdout when it is over. */
#include "config.h"
#include "src/cli/job.h"
#include "src/cli/memory.h"
#include "src/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct show {
	struct cli_log *log;
	struct plait__progress progress;
	bool quiet;
	bool failed; /* log or standard output cannot be written */
	int64_t step;
};

static void flush(struct show *show)
{
	if (fflush(stdout) == 0)
		return;
	cli_complain("standard output: %s", strerror(errno));
	show->failed = true;
}

static void print_epoch(struct show *show, const struct plait_event *event)
{
	char text[512];

	printf("%s\n", plait__progress_epoch(event, text, sizeof text));
	flush(show);
}

/* Nonzero ends the run: nobody would see the rest of it. */
static int on_event(void *user, const struct plait_event *event)
{
	struct show *show = user;

	show->step = event->step;
	switch (event->kind) {
	case PLAIT_EVENT_BEGIN:
		if (!show->quiet) {
			cli_print_loader(event->memory);
			flush(show);
		}
		return show->failed;
	case PLAIT_EVENT_STEP:
		cli_log_step(show->log, event);
		return 0;
	case PLAIT_EVENT_PROGRESS:
		if (!show->quiet)
			plait__progress_draw(&show->progress, event);
		break;
	case PLAIT_EVENT_STALL:
		plait__progress_clear(&show->progress);
		cli_stalled(event->text);
	case PLAIT_EVENT_EPOCH:
		plait__progress_clear(&show->progress);
		cli_log_epoch(show->log, event);
		if (!show->quiet)
			print_epoch(show, event);
		break;
	}
	if (cli_log_flush(show->log) < 0)
		show->failed = true;
	return show->failed;
}

/* Weights of an interrupted run are worth keeping, those of a failed one are not. */
static int finish(struct cli_job *job, const struct show *show, const char *save, int status)
{
	bool interrupted = status == PLAIT_EINTERRUPTED;

	if (status < 0 && !interrupted)
		return cli_bad_failed(&job->fit.bad, status);
	if (save) {
		status = plait_trainer_save(job->trainer, save);
		if (status < 0)
			return cli_failed(status);
	}
	if (show->failed)
		return CLI_FAILED;
	if (!interrupted)
		return CLI_DONE;
	cli_complain("interrupted after step %" PRId64 "%s%s", show->step,
		     save ? "; weights saved to " : "", save ? save : "");
	return CLI_INTERRUPTED;
}

int cli_train(int argc, char **argv)
{
	struct cli_options options;
	struct cli_job job;
	struct show show = { .log = &job.log };
	int status = cli_options_parse(&options, CLI_TRAIN, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_interrupts();
	status = cli_job_open(&job, CLI_TRAIN, &options);
	if (status == CLI_DONE) {
		show.quiet = options.quiet;
		job.fit.on_event = on_event;
		job.fit.user = &show;
		status = plait_fit(job.trainer, job.data, &job.fit);
		plait__progress_clear(&show.progress);
		status = finish(&job, &show, options.save, status);
	}
	return cli_job_close(&job, status);
}
