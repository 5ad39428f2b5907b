/* SPDX-License-Identifier: MIT
 * The members of a pool: the product of all --sweep, each as often as --pool says. */
#ifndef PLAIT_CLI_OPTIONS_SWEEP_H
#define PLAIT_CLI_OPTIONS_SWEEP_H

#include "src/cli/options/options.h"

/* Members of a pool at most. */
#define CLI_POOL_MOST 64

/* One option and the values it takes in turn. */
struct cli_axis {
	const struct cli_option *option;
	const char *name; /* as it is given, without dashes */
	const char **value;
	int count;
	char *text; /* what holds name and values */
};

struct cli_sweep {
	const struct cli_options *common; /* of all members */
	struct cli_axis axis[CLI_TEXTS_MAX];
	int axes;
	int seeds; /* members of each combination */
	int members;
};

/* Whether the options ask for a pool, be it of one. */
bool cli_is_pool(const struct cli_options *options);

/* Reads --sweep and --pool.  common must outlive the sweep.  Returns CLI_DONE, or the exit status
 * after saying what is wrong.  cli_sweep_close in any case. */
int cli_sweep_open(struct cli_sweep *sweep, const struct cli_options *common);
void cli_sweep_close(struct cli_sweep *sweep);

/* The options of a member, counted from 0: those of all, but for its own of each --sweep and its
 * seed.  The last --sweep changes fastest, and the seed faster than that. */
void cli_sweep_member(const struct cli_sweep *sweep, int member, struct cli_options *options);

/* Opens a sweep for the options of its first member; those of no pool are its own. */
int cli_sweep_first(struct cli_sweep *sweep, const struct cli_options *common,
		    struct cli_options *first);

/* What sets a member apart, "lr=0.1 seed=3"; freed by the caller; NULL: no memory. */
char *cli_sweep_name(const struct cli_sweep *sweep, int member);

/* The file of --save for a member, path with its number, from 1, before the ending; freed by the
 * caller; NULL: no memory. */
char *cli_sweep_save(const char *path, int member);

/* Checks what does not go together in the options of each member.  given: by row of the table,
 * which options are given by themselves.  Returns -1 to go on, or the exit status after saying what
 * is wrong. */
int cli_sweep_check(const struct cli_options *options);

#endif
