/* SPDX-License-Identifier: MIT
 * Signals that end the program: SIGINT (Ctrl-C), SIGTERM and SIGHUP. */
#ifndef PLAIT_CLI_INTERRUPT_H
#define PLAIT_CLI_INTERRUPT_H

#include <stdbool.h>

/* Becomes the number of the first signal that asks a command to stop, if the command watches. */
extern volatile int cli_stop;

/* Called first.  From then on a signal that ends the program removes the new files of
 * plait__replace_begin.  A signal that the program was told to ignore (as by nohup) stays so. */
void cli_catch_ends(void);

/* From then on the first signal only sets cli_stop.  The second one ends the program; where it
 * holds a folder to remove, it says so by cli_stop_at_once, and the third ends it. */
void cli_watch_ends(void);
void cli_hold_ends(bool holds);
bool cli_stop_at_once(void);

/* Whether the signal was sent to this process alone, and not from a terminal to all that are in
 * its foreground. */
bool cli_stop_was_sent(void);

/* For a child, to which no signal has come yet; and for what comes after an interrupted run. */
void cli_stop_forget(void);
void cli_stop_go_on(void);

/* The exit status of a command that was interrupted: 128 and the number of the signal. */
int cli_stop_status(void);

/* " by SIGTERM", or nothing for Ctrl-C; for messages. */
const char *cli_stop_name(void);

#endif
