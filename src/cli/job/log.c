/* SPDX-License-Identifier: MIT
 * Written through a buffer, as a step may take microseconds; the buffer is brought to
 * the file some ten times a second, so that somebody may watch. */
#include "config.h"
#include "src/cli/job/log.h"
#include "src/cli/complain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

int cli_log_open(struct cli_log *log, const char *path)
{
	int fd;

	*log = (struct cli_log){ .path = path };
	if (!path)
		return 0;
	/* Without O_NONBLOCK, opening a pipe that nobody reads waits for ever; writing may wait. */
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
	if (fd >= 0 && fcntl(fd, F_SETFL, 0) == 0)
		log->file = fdopen(fd, "w");
	if (log->file)
		return 0;
	cli_complain("%s: cannot be written: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* JSON has no NaN and no infinity. */
static void put_real(struct cli_log *log, const char *key, const char *format, double value)
{
	fprintf(log->file, ",\"%s\":", key);
	if (isfinite(value))
		fprintf(log->file, format, value);
	else
		fputs("null", log->file);
}

static void put_metrics(struct cli_log *log, const struct plait_metrics *metrics)
{
	fprintf(log->file, ",\"samples\":%" PRId64, metrics->samples);
	put_real(log, "loss", "%.9g", plait_metrics_loss(metrics));
	if (metrics->has_accuracy)
		put_real(log, "accuracy", "%.9g", plait_metrics_accuracy(metrics));
	put_real(log, "seconds", "%.6g", metrics->seconds);
	put_real(log, "samples_per_second", "%.6g", plait_metrics_samples_per_second(metrics));
	put_real(log, "load_wait_percent", "%.4g", plait_metrics_load_wait_percent(metrics));
}

void cli_log_step(struct cli_log *log, const struct plait_event *event)
{
	if (!log->file)
		return;
	fprintf(log->file, "{\"event\":\"step\",\"epoch\":%d,\"step\":%" PRId64, event->epoch,
		event->step);
	put_real(log, "loss", "%.9g", (double)event->loss);
	fputs("}\n", log->file);
}

void cli_log_epoch(struct cli_log *log, const struct plait_event *event)
{
	if (!log->file)
		return;
	fprintf(log->file, "{\"event\":\"epoch\",\"epoch\":%d,\"steps\":%" PRId64, event->epoch,
		event->train->steps);
	put_metrics(log, event->train);
	if (event->validation) {
		put_real(log, "val_loss", "%.9g", plait_metrics_loss(event->validation));
		if (event->validation->has_accuracy)
			put_real(log, "val_accuracy", "%.9g",
				 plait_metrics_accuracy(event->validation));
	}
	fputs("}\n", log->file);
}

void cli_log_eval(struct cli_log *log, const struct plait_metrics *metrics)
{
	if (!log->file)
		return;
	fprintf(log->file, "{\"event\":\"eval\",\"steps\":%" PRId64, metrics->steps);
	put_metrics(log, metrics);
	fputs("}\n", log->file);
}

void cli_log_bad(struct cli_log *log, const struct plait_bad_options *bad)
{
	if (log->file)
		cli_bad_put_lines(log->file, bad, "bad_sample");
}

static int check(struct cli_log *log, bool written)
{
	if (written && !log->failed)
		return 0;
	if (!log->failed)
		cli_complain("%s: cannot be written: %s", log->path, strerror(errno));
	log->failed = true;
	return -1;
}

int cli_log_flush(struct cli_log *log)
{
	return log->file ? check(log, fflush(log->file) == 0 && !ferror(log->file)) : 0;
}

int cli_log_close(struct cli_log *log)
{
	FILE *file = log->file;
	bool whole = file && !ferror(file);

	log->file = NULL;
	return file ? check(log, fclose(file) == 0 && whole) : 0;
}
