/* SPDX-License-Identifier: MIT
 * What the files of the program share.  Names here start with cli_: they are the
 * program's, not the library's. */
#ifndef PLAIT_CLI_H
#define PLAIT_CLI_H

#include <plait.h>

/* Exit statuses; scripts depend on them. */
enum {
	CLI_DONE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_INTERRUPTED = 130,
};

/* A command gets what follows its name and returns an exit status. */
int cli_train(int argc, char **argv);
int cli_eval(int argc, char **argv);
int cli_policies(int argc, char **argv);
int cli_overlap(int argc, char **argv);
int cli_models(int argc, char **argv);
int cli_pack(int argc, char **argv);
int cli_load(int argc, char **argv);
int cli_data(int argc, char **argv);
int cli_trace(int argc, char **argv);
int cli_doctor(int argc, char **argv);

/* Prints "plait: " and the message to stderr. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints plait_error_message() and returns the exit status that status calls for. */
int cli_failed(int status);

/* Complains that nothing moves and ends the process, as whatever hangs can be neither waited for
 * nor stopped. */
void cli_stalled(const char *text) __attribute__((noreturn));

/* Set by the first Ctrl-C; the second one ends the program. */
extern volatile int cli_stop;

/* Watches for Ctrl-C, unless the program was told to ignore it (as nohup does). */
void cli_watch_interrupts(void);

/* For what else ends a program too: for commands that have folders and children to clean up. */
void cli_watch_ends(void);

#endif
