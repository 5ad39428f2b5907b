/* SPDX-License-Identifier: MIT
 * The log: one JSON object a line.  Scripts depend on its keys. */
#ifndef PLAIT_CLI_LOG_H
#define PLAIT_CLI_LOG_H

#include "src/cli/job/bad.h"
#include "src/cli/options/options.h"
#include "src/cli/runs/follow.h"
#include "src/cli/writer.h"

struct cli_scores;

struct cli_log {
	const char *path;
	FILE *file;  /* NULL: there is none; if nothing is followed either, the functions below do
			nothing */
	FILE *early; /* the first lines, while the file still has an old log; or NULL */
	char *text;  /* of early */
	size_t size;
	bool failed;
	struct cli_follow follow;
	FILE *line; /* the line that is written, where it is followed; or NULL */
	char *line_text;
	size_t line_size;
};

/* Opens the log that the options ask for, and what is made of it (runs/follow.h).  A file that has
 * an old log keeps it, until there is more to write than that and notes: so a run that fails before
 * its first step destroys nothing. Returns -1 after saying why not. */
int cli_log_open(struct cli_log *log, const struct cli_options *options);

/* What the run was asked for: the first line, with which it can be repeated. */
void cli_log_config(struct cli_log *log, const struct cli_options *options,
		    enum cli_command command);

/* Those of a pool say whose they are, as the event does.  scores: of the validation that the event
 * has, or of the evaluation. */
void cli_log_step(struct cli_log *log, const struct plait_event *event);
void cli_log_epoch(struct cli_log *log, const struct plait_event *event,
		   const struct cli_scores *scores);
void cli_log_eval(struct cli_log *log, const struct plait_metrics *metrics,
		  const struct cli_scores *scores);
/* Why a member of a pool, counted from 1, has failed. */
void cli_log_failed(struct cli_log *log, int member, const char *name, const char *message);
void cli_log_note(struct cli_log *log, const char *spec, enum plait_note kind, const char *text);
void cli_log_notes(struct cli_log *log, const struct plait_dataset *dataset); /* or NULL */
void cli_log_bad(struct cli_log *log, const struct plait_bad_options *bad);

/* A line of another event: begins it, if there is a log; says whose it is, of a pool; ends it. */
bool cli_log_begin(struct cli_log *log, struct cli_writer *out, const char *event);
void cli_log_member(struct cli_writer *out, int member, const char *name);
void cli_log_end(struct cli_log *log, struct cli_writer *out);

/* Writes what is in the buffer.  Returns -1 if something could not be written, with a message the
 * first time. */
int cli_log_flush(struct cli_log *log);

/* Returns as cli_log_flush. */
int cli_log_close(struct cli_log *log);

#endif
