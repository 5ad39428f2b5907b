/* SPDX-License-Identifier: MIT
 * A terminal that is drawn on as a whole: the screen beside the one with the lines, as editors and
 * pagers use it, with keys read one by one. */
#ifndef PLAIT_CLI_TERMINAL_H
#define PLAIT_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* The size of the terminal at stderr; false: it is none that can be drawn on. */
bool cli_terminal_size(int *columns, int *rows);

/* Whether it takes UTF-8, and colours: not where NO_COLOR is set (no-color.org). */
bool cli_terminal_has_utf8(void);
bool cli_terminal_has_colours(void);

/* Whether keys can be read: stdin is the terminal. */
bool cli_terminal_has_keys(void);

/* Take the screen, and give it back as it was.  A process that is stopped (Ctrl-Z), aborts or
 * crashes in between gives it back first; one that goes on takes it again. */
void cli_terminal_enter(void);
void cli_terminal_leave(void);

/* Whether the process went on after it was stopped, since the last call: all is to be drawn anew.
 */
bool cli_terminal_went_on(void);

/* Writes all of it, however slow the terminal is; returns the seconds that took. */
double cli_terminal_write(const char *text, size_t size);

/* The next key, or -1: none was pressed. */
int cli_terminal_key(void);

#endif
