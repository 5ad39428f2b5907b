/* SPDX-License-Identifier: MIT
 * The words of --model, which are its value, or in the file that it names behind an "@". */
#ifndef PLAIT_CLI_WORDS_H
#define PLAIT_CLI_WORDS_H

#include <plait.h>

/* Builds the layers of a value of --model on *x_p, which becomes the last one.  outputs: what a
 * preset ends with that has no number of its own, 0: its default.  *text_p: the words in the form
 * in which they are saved; the caller frees it.  Returns CLI_DONE, or the exit status after saying
 * what is wrong, with file and line. */
int cli_words_build(struct plait_node **x_p, const char *model, int64_t outputs, char **text_p);

/* Whether words, which may have any form, are those of a text as it is saved. */
bool cli_words_same(const char *words, const char *text);

/* Whether the network's last layer is this op, as "softmax". */
bool cli_words_end_in(const struct plait_node *output, const char *op);

#endif
