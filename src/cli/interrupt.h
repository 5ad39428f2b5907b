/* SPDX-License-Identifier: MIT
 * Signals that ask the program to stop. */
#ifndef PLAIT_CLI_INTERRUPT_H
#define PLAIT_CLI_INTERRUPT_H

/* Becomes 1 at the first Ctrl-C.  The second one ends the program. */
extern volatile int cli_stop;

/* Watches for Ctrl-C, unless the program was told to ignore it (as nohup does). */
void cli_watch_interrupts(void);

/* Watches for the other signals that end a program too.  For commands that have folders and
 * children to clean up. */
void cli_watch_ends(void);

#endif
