/* SPDX-License-Identifier: MIT
 * Bad samples: what the options say to do with them, and the list of them at the end. */
#ifndef PLAIT_CLI_BAD_H
#define PLAIT_CLI_BAD_H

#include "src/cli/options/options.h"
#include "src/cli/writer.h"

/* Fills *bad from the options; it gets a list, unless the policy is to fail.  Returns CLI_DONE, or
 * the exit status after saying why not.  Call cli_bad_free even after an error. */
int cli_bad_make(struct plait_bad_options *bad, const struct cli_options *options);
void cli_bad_free(struct plait_bad_options *bad);

/* Prints the message that belongs to status, and how to go on if a bad sample ended the run.
 * Returns the exit status. */
int cli_bad_failed(const struct plait_bad_options *bad, int status);
void cli_bad_advise(const struct plait_bad_options *bad, int status); /* the latter alone */

/* Prints bad samples to standard error, one a line and twenty at most. */
void cli_bad_print(const struct plait_bad_options *bad);

/* Adds two keys to an object: bad_samples, how many there are, and bad, the list of them.  No
 * loader may be running. */
void cli_bad_put_json(struct cli_writer *out, const struct plait_bad_options *bad);

/* Writes an object for each, one a line.  No loader may be running. */
void cli_bad_put_lines(FILE *file, const struct plait_bad_options *bad, const char *event);

#endif
