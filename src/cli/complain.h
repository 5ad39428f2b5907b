/* SPDX-License-Identifier: MIT
 * Exit statuses of the program, and messages about what went wrong. */
#ifndef PLAIT_CLI_COMPLAIN_H
#define PLAIT_CLI_COMPLAIN_H

/* Scripts depend on these values. */
enum {
	CLI_DONE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_INTERRUPTED = 130, /* main makes it 128 and the number of the signal */
};

/* Prints "plait: " and the message to stderr, as plait__text_print does: names of files and what
 * the user wrote may hold anything. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Until NULL is given, messages begin with the name, which must live as long: that of one of
 * several that the same is done with. */
void cli_complain_of(const char *name);

/* The last message, without such a name; "" before the first.  The next one frees it. */
const char *cli_complaint(void);

/* Prints words, which end in NULL, to stderr below a message: six on a line. */
void cli_complain_words(const char *const *words);

/* Prints plait_error_message() and returns the exit status that belongs to the library's status. */
int cli_failed(int status);

/* Writes what is in the buffer of standard output.  Returns CLI_DONE, or CLI_FAILED if something
 * could not be written, which it says the first time. */
int cli_output_flush(void);

/* Prints the text and ends the process.  For a run that hangs: it cannot be stopped, so the program
 * cannot end in the usual way. */
void cli_stalled(const char *text) __attribute__((noreturn));

#endif
