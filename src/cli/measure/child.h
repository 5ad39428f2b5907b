/* SPDX-License-Identifier: MIT
 * Work in a process of its own: StarPU can be started there with another environment, and it may
 * fail, hang or abort without harm.  If the child is to start StarPU, the calling process must not
 * have started it. */
#ifndef PLAIT_CLI_CHILD_H
#define PLAIT_CLI_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/* A variable of the environment; value NULL removes it. */
struct cli_setting {
	const char *name, *value;
};

struct cli_child {
	/* Returns an exit status and fills in result, which is zeroed at first. */
	int (*work)(void *user, void *result);
	void *user;
	size_t result_size;
	const struct cli_setting *setting; /* up to one without a name; or NULL */
	double limit;                      /* seconds until it is killed; 0: none */
	bool foreground; /* it answers Ctrl-C itself, and is waited for whatever happens */
	/* The file that standard output and error of the child overwrite; -1: those of this
	 * process. */
	int output;
};

enum cli_child_end {
	CLI_CHILD_DONE,
	CLI_CHILD_FAILED,
	CLI_CHILD_TIMEOUT,
	CLI_CHILD_INTERRUPTED, /* by Ctrl-C; the child is no more */
};

/* "ok", "failed", "timeout", "interrupted". */
const char *cli_child_end_name(enum cli_child_end end);

#define CLI_CHILD_WHY 256

/* How a child ended. */
struct cli_child_result {
	enum cli_child_end end;
	int status; /* its exit status, or 128 and the signal that ended it */
	/* What went wrong, in words: the last line it printed, or its signal. */
	char why[CLI_CHILD_WHY];
};

/* Runs the child and waits for its end.  result: result_size bytes, which the child has filled in
 * if it is done. */
struct cli_child_result cli_child_run(const struct cli_child *child, void *result);

#endif
