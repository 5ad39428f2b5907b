/* SPDX-License-Identifier: MIT
 * What is told when a training has ended. */
#include "config.h"
#include "src/cli/until/until.h"
#include "src/cli/writer.h"
#include "src/base/text.h"

#include <inttypes.h>

/* Whether an end is worth a line: it was asked for, or came before the last step.  All others are
 * said by the line of the last epoch. */
static bool is_told(const struct cli_until *until, const struct cli_job *job)
{
	const struct cli_options *o = until->options;

	return plait_trainer_steps(job->trainer) > 0 &&
	       (until->end.reason != PLAIT_END_DONE || o->patience > 0 || o->target ||
		o->max_time > 0 || o->save_best);
}

void cli_until_log(const struct cli_until *until, const struct cli_job *job, struct cli_log *log,
		   int member, const char *member_name)
{
	const struct plait_end *end = &until->end;
	struct cli_writer out;

	/* Where nothing was begun an older log stays. */
	if (!is_told(until, job) || !cli_log_begin(log, &out, "end"))
		return;
	cli_log_member(&out, member, member_name);
	cli_writer_text(&out, "stopped", plait_end_name(end->reason));
	cli_writer_integer(&out, "steps", plait_trainer_steps(job->trainer));
	cli_writer_integer(&out, "epochs", end->epochs);
	if (end->best_epoch > 0) {
		cli_writer_text(&out, "monitor", until->monitor);
		cli_writer_real(&out, "best", "%.9g", end->best);
		cli_writer_integer(&out, "best_epoch", end->best_epoch);
	}
	if (*until->target) {
		cli_writer_text(&out, "target", until->target);
		cli_writer_real(&out, "target_value", "%.9g", until->target_value);
		cli_writer_real(&out, "target_best", "%.9g", end->target_best);
	}
	cli_log_end(log, &out);
}

static void print_name(const char *member_name)
{
	if (!member_name)
		return;
	putchar('[');
	plait__text_print(stdout, member_name);
	fputs("] ", stdout);
}

/* 5400 as "1h30m". */
static void print_time(double seconds)
{
	int64_t all = (int64_t)seconds, h = all / 3600, m = all / 60 % 60, s = all % 60;

	if (h > 0)
		printf("%" PRId64 "h", h);
	if (m > 0)
		printf("%" PRId64 "m", m);
	if (s > 0)
		printf("%" PRId64 "s", s);
}

static void print_reason(const struct cli_until *until, const struct cli_job *job)
{
	const struct plait_end *end = &until->end;
	int64_t patience = until->options->patience;

	if (end->reason == PLAIT_END_PATIENCE)
		printf("Ended after epoch %" PRId64 ": %s has not been better than %.5g, of epoch "
		       "%" PRId64 ", for %" PRId64 " epoch%s (--patience)\n",
		       end->epochs, until->monitor, end->best, end->best_epoch, patience,
		       patience == 1 ? "" : "s");
	if (end->reason == PLAIT_END_TARGET)
		printf("Ended after epoch %" PRId64 ": %s is %.5g, and --target is %g\n",
		       end->epochs, until->target, end->target_best, until->target_value);
	if (end->reason != PLAIT_END_MAX_TIME)
		return;
	printf("Ended after step %" PRId64 ": --max-time ", plait_trainer_steps(job->trainer));
	print_time(until->options->max_time);
	puts(" is over");
}

void cli_until_print(const struct cli_until *until, const struct cli_job *job,
		     const char *member_name)
{
	const struct plait_end *end = &until->end;
	bool ended = end->reason == PLAIT_END_PATIENCE || end->reason == PLAIT_END_TARGET ||
		     end->reason == PLAIT_END_MAX_TIME;

	if (ended) {
		print_name(member_name);
		print_reason(until, job);
	}
	if (*until->target && !end->reached && end->epochs > 0) {
		print_name(member_name);
		printf("--target %s=%g is not reached: the best is %.5g\n", until->target,
		       until->target_value, end->target_best);
	}
	if (!until->saved || end->best_epoch == 0)
		return;
	print_name(member_name);
	printf("Best epoch: %" PRId64 ", %s %.5g; its weights are in ", end->best_epoch,
	       until->monitor, end->best);
	plait__text_print(stdout, until->save_best);
	putchar('\n');
}
