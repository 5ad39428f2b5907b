/* SPDX-License-Identifier: MIT
 * Every command that has options, and every option. */
#ifndef PLAIT_CLI_OPTIONS_TABLE_H
#define PLAIT_CLI_OPTIONS_TABLE_H

#include "src/cli/options/options.h"
#include "src/cli/options/values.h"

struct cli_command_text {
	enum cli_command command;
	const char *name, *usage, *about;
	size_t bare; /* field of the argument that stands without an option; 0: there is none */
	const char *bare_name; /* what messages call it */
	enum cli_use bare_use;
};

const struct cli_command_text *cli_command_find(enum cli_command command);

/* The option of the command whose name is the first length characters of name; NULL: it has none.
 */
const struct cli_option *cli_option_find(enum cli_command command, const char *name, size_t length);

/* The name of the first command that has the option. */
const char *cli_option_owner(const struct cli_option *option);

extern const struct cli_command_text cli_command_table[];
extern const int cli_command_count;
extern const struct cli_option cli_option_table[];
extern const int cli_option_count;
extern const char *const cli_auto_only[]; /* the word for what is chosen */
extern const char *const cli_optimizer_names[];
extern const char *const cli_loss_names[];  /* by enum cli_loss */
extern const char *const cli_cache_names[]; /* by enum plait_cache */

#endif
