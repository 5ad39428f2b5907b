/* SPDX-License-Identifier: MIT
 * Lines go through a buffer, as a step may take microseconds.  The buffer is flushed some ten
 * times a second, so that the file can be watched. */
#include "config.h"
#include "src/cli/job/log.h"
#include "src/cli/complain.h"
#include "src/cli/options/config.h"
#include "src/cli/options/table.h"
#include "src/cli/output.h"
#include "src/cli/scores/scores.h"
#include "src/base/assert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check(struct cli_log *log, bool written)
{
	if (written && !log->failed)
		return 0;
	if (!log->failed)
		cli_complain("%s: cannot be written: %s", log->path, strerror(errno));
	log->failed = true;
	return -1;
}

static int empty(struct cli_log *log)
{
	return check(log, ftruncate(fileno(log->file), 0) == 0);
}

int cli_log_open(struct cli_log *log, const struct cli_options *options)
{
	const char *path = options->log;
	bool has_old = false;

	*log = (struct cli_log){ .path = path };
	if (cli_follow_begin(&log->follow, options) != CLI_DONE)
		return -1;
	if (log->follow.active)
		log->line = open_memstream(&log->line_text, &log->line_size);
	if (log->follow.active && !log->line)
		return cli_failed(PLAIT_ENOMEM), -1;
	if (path)
		log->file = cli_output_open(path, &has_old);
	if (log->file && has_old)
		log->early = open_memstream(&log->text, &log->size);
	if (log->file && has_old && !log->early) /* without memory for it the old log goes */
		return empty(log);
	return path && !log->file ? -1 : 0;
}

static bool is_open(const struct cli_log *log)
{
	return log->file || log->follow.active;
}

/* What the run has to tell takes the place of an old log. */
static void begin_file(struct cli_log *log)
{
	if (!log->early)
		return;
	fclose(log->early);
	log->early = NULL;
	if (empty(log) == 0 && log->text)
		fputs(log->text, log->file);
	free(log->text);
	log->text = NULL;
}

/* Begins a line, which is an object. */
static struct cli_writer begin(struct cli_log *log, const char *event)
{
	bool may_be_early = strcmp(event, "note") == 0 || strcmp(event, "config") == 0;
	struct cli_writer out = { 0 };

	PLAIT__ASSERT(is_open(log), "a line begins only where there is a log");
	if (!may_be_early)
		begin_file(log);
	out.file = log->line ? log->line : log->early ? log->early : log->file;
	cli_writer_open(&out, NULL, '{');
	cli_writer_text(&out, "event", event);
	return out;
}

/* A line that is followed has been written apart. */
void cli_log_end(struct cli_log *log, struct cli_writer *out)
{
	FILE *file = log->early ? log->early : log->file;
	size_t size;

	cli_writer_close(out, '}');
	putc('\n', out->file);
	if (!log->line)
		return;
	size = (size_t)ftell(log->line);
	if (fflush(log->line) == 0)
		cli_follow_add(&log->follow, log->line_text, size);
	if (file)
		fwrite(log->line_text, 1, size, file);
	rewind(log->line);
}

void cli_log_config(struct cli_log *log, const struct cli_options *options,
		    enum cli_command command)
{
	struct cli_writer out;

	if (!is_open(log))
		return;
	out = begin(log, "config");
	cli_writer_text(&out, "version", plait_version());
	cli_writer_text(&out, "command", cli_command_find(command)->name);
	cli_config_put(&out, options, command);
	cli_log_end(log, &out);
}

bool cli_log_begin(struct cli_log *log, struct cli_writer *out, const char *event)
{
	if (is_open(log))
		*out = begin(log, event);
	return is_open(log);
}

void cli_log_member(struct cli_writer *out, int member, const char *name)
{
	if (member == 0)
		return;
	cli_writer_integer(out, "member", member);
	cli_writer_text(out, "name", name);
}

/* Those of --metric, as an object; nothing where there are none.  Training has no scores. */
static void put_named(struct cli_writer *out, const char *key, const struct plait_metrics *metrics,
		      const struct cli_scores *scores)
{
	static const struct cli_scores none;
	const char *name;
	double value;
	int i = 0;

	scores = scores ? scores : &none;
	if (!plait_metrics_name(metrics, 0) && !cli_scores_next(scores, ~0u, &i, &value))
		return;
	cli_writer_open(out, key, '{');
	for (i = 0; (name = plait_metrics_name(metrics, i)); i++)
		cli_writer_real(out, name, "%.9g", cli_scores_metric(scores, metrics, name));
	i = 0;
	while ((name = cli_scores_next(scores, ~0u, &i, &value)))
		cli_writer_real(out, name, "%.9g", value);
	cli_writer_close(out, '}');
}

static void put_metrics(struct cli_writer *out, const struct plait_metrics *metrics,
			const struct cli_scores *scores)
{
	cli_writer_integer(out, "samples", metrics->samples);
	cli_writer_real(out, "loss", "%.9g", plait_metrics_loss(metrics));
	if (metrics->has_accuracy)
		cli_writer_real(out, "accuracy", "%.9g", plait_metrics_accuracy(metrics));
	put_named(out, "metrics", metrics, scores);
	cli_writer_real(out, "seconds", "%.6g", metrics->seconds);
	cli_writer_real(out, "samples_per_second", "%.6g",
			plait_metrics_samples_per_second(metrics));
	cli_writer_real(out, "load_wait_percent", "%.4g", plait_metrics_load_wait_percent(metrics));
}

void cli_log_step(struct cli_log *log, const struct plait_event *event)
{
	struct cli_writer out;

	if (!is_open(log))
		return;
	out = begin(log, "step");
	cli_log_member(&out, event->member, event->member_name);
	cli_writer_integer(&out, "epoch", event->epoch);
	cli_writer_integer(&out, "step", event->step);
	cli_writer_real(&out, "loss", "%.9g", (double)event->loss);
	cli_writer_real(&out, "lr", "%.9g", event->lr);
	if (event->has_grad_norm) {
		cli_writer_real(&out, "grad_norm", "%.9g", event->grad_norm);
		cli_writer_integer(&out, "skipped", event->skipped);
	}
	cli_log_end(log, &out);
}

void cli_log_epoch(struct cli_log *log, const struct plait_event *event,
		   const struct cli_scores *scores)
{
	const struct plait_metrics *validation = event->validation;
	struct cli_writer out;

	if (!is_open(log))
		return;
	out = begin(log, "epoch");
	cli_log_member(&out, event->member, event->member_name);
	cli_writer_integer(&out, "epoch", event->epoch);
	cli_writer_integer(&out, "steps", event->train->steps);
	put_metrics(&out, event->train, NULL);
	cli_writer_real(&out, "lr", "%.9g", event->lr);
	if (event->train->has_grad_norm) {
		cli_writer_real(&out, "grad_norm", "%.9g", plait_metrics_grad_norm(event->train));
		cli_writer_integer(&out, "skipped", event->train->skipped);
	}
	if (validation) {
		cli_writer_real(&out, "val_loss", "%.9g", plait_metrics_loss(validation));
		if (validation->has_accuracy)
			cli_writer_real(&out, "val_accuracy", "%.9g",
					plait_metrics_accuracy(validation));
		put_named(&out, "val_metrics", validation, scores);
	}
	cli_log_end(log, &out);
}

void cli_log_eval(struct cli_log *log, const struct plait_metrics *metrics,
		  const struct cli_scores *scores)
{
	struct cli_writer out;

	if (!is_open(log))
		return;
	out = begin(log, "eval");
	cli_writer_integer(&out, "steps", metrics->steps);
	put_metrics(&out, metrics, scores);
	cli_log_end(log, &out);
}

void cli_log_failed(struct cli_log *log, int member, const char *name, const char *message)
{
	struct cli_writer out;

	if (!is_open(log))
		return;
	out = begin(log, "failed");
	cli_log_member(&out, member, name);
	cli_writer_text(&out, "message", message);
	cli_log_end(log, &out);
}

void cli_log_note(struct cli_log *log, const char *spec, enum plait_note kind, const char *text)
{
	struct cli_writer out;

	if (!is_open(log))
		return;
	out = begin(log, "note");
	cli_writer_text(&out, "data", spec);
	cli_writer_text(&out, "kind", kind == PLAIT_NOTE_LOSS ? "loss" : "choice");
	cli_writer_text(&out, "text", text);
	cli_log_end(log, &out);
}

void cli_log_notes(struct cli_log *log, const struct plait_dataset *dataset)
{
	enum plait_note kind;
	const char *text;

	for (int i = 0; (text = plait_dataset_note(dataset, i, &kind)); i++)
		cli_log_note(log, plait_dataset_info(dataset)->spec, kind, text);
}

void cli_log_bad(struct cli_log *log, const struct plait_bad_options *bad)
{
	if (!log->file || !bad->list || plait_bad_samples_count(bad->list) == 0)
		return;
	begin_file(log);
	cli_bad_put_lines(log->file, bad, "bad_sample");
}

int cli_log_flush(struct cli_log *log)
{
	if (cli_follow_flush(&log->follow) != CLI_DONE)
		return -1;
	if (!log->file)
		return 0;
	begin_file(log);
	return check(log, fflush(log->file) == 0 && !ferror(log->file));
}

int cli_log_close(struct cli_log *log)
{
	FILE *file = log->file;
	bool whole = file && !ferror(file);
	int followed = cli_follow_end(&log->follow);

	if (log->line)
		fclose(log->line);
	free(log->line_text);
	log->line = NULL;
	log->line_text = NULL;
	if (log->early)
		fclose(log->early);
	free(log->text);
	log->text = NULL;
	log->file = log->early = NULL;
	if (file && check(log, fclose(file) == 0 && whole) < 0)
		return -1;
	return followed == CLI_DONE ? 0 : -1;
}
