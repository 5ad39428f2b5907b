/* SPDX-License-Identifier: MIT
 * All files that a command line names.  Each option says in its row of the table what becomes of
 * its file (enum cli_use), so that everything here holds for new options too. */
#ifndef PLAIT_CLI_FILES_H
#define PLAIT_CLI_FILES_H

#include "src/cli/options/options.h"
#include "src/cli/files/identity.h"

struct cli_file {
	const char *option; /* as messages call it: "--log" */
	const char *path;
	const char *also; /* the option whose file this one may be; or NULL */
	enum cli_use use;
	struct cli_identity identity;
};

struct cli_files {
	struct cli_file *file; /* [count] */
	size_t count, room;
	char **part; /* [parts], paths that stand in specifications */
	size_t parts, part_room;
	bool failed; /* no memory */
};

/* Adds the files that the options of a command name, and those that a specification does. */
void cli_files_add(struct cli_files *files, enum cli_command command,
		   const struct cli_options *options);
void cli_files_add_spec(struct cli_files *files, const char *option, const char *spec);
void cli_files_add_one(struct cli_files *files, const struct cli_file *file);

/* Checks that files which are read are there, that those which are written can be, and that none
 * that is written is another file of the list.  It leaves no trace.  Frees the list and returns
 * CLI_DONE, or the exit status after saying what is wrong. */
int cli_files_check(struct cli_files *files, const char *command);

/* Locks the file of an option that the command reads and then replaces (CLI_USE_UPDATE), until the
 * process ends.  Returns CLI_DONE, or the exit status after saying which process has the lock. */
int cli_files_lock(const char *command, const char *option, const char *file);

#endif
