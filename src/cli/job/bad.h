/* SPDX-License-Identifier: MIT
 * Bad samples: what the options say to do about them, and telling of them at the end. */
#ifndef PLAIT_CLI_BAD_H
#define PLAIT_CLI_BAD_H

#include "src/cli/options/options.h"
#include "src/cli/writer.h"

/* With a list, unless the policy is to fail.  Returns CLI_DONE, or the exit status after saying
 * why not.  cli_bad_free in any case. */
int cli_bad_make(struct plait_bad_options *bad, const struct cli_options *options);
void cli_bad_free(struct plait_bad_options *bad);

/* What status says of the run, and how to go on if a bad sample ended it.  Returns the exit
 * status. */
int cli_bad_failed(const struct plait_bad_options *bad, int status);

/* On standard error, a line each, of twenty at most; nothing if there are none. */
void cli_bad_print(const struct plait_bad_options *bad);

/* Adds to an object the keys bad_samples, how many there are, and bad, the list of them.  Nobody
 * must be loading. */
void cli_bad_put_json(struct cli_writer *out, const struct plait_bad_options *bad);

/* Writes an object for each, one a line.  Nobody must be loading. */
void cli_bad_put_lines(FILE *file, const struct plait_bad_options *bad, const char *event);

#endif
