/* SPDX-License-Identifier: MIT
 * Reports as web pages: one file each, with styles, scripts and data inside, that asks nothing of
 * any network.  The pages themselves are in src/cli/page/ and become strings at build time. */
#ifndef PLAIT_CLI_PAGE_H
#define PLAIT_CLI_PAGE_H

#include <jansson.h>

/* Writes the page of a kind, "trace", "policies" or "runs", with the data in it, in the place of
 * the file at path, if there is one.  Returns -1 after saying why it could not. */
int cli_page_write(const char *path, const char *kind, json_t *data);

/* What stands before and after the data; made by build-aux/embed-pages.awk. */
extern const char cli_page_trace_head[], cli_page_trace_tail[];
extern const char cli_page_policies_head[], cli_page_policies_tail[];
extern const char cli_page_runs_head[], cli_page_runs_tail[];

#endif
