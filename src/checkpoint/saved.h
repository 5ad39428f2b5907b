/* SPDX-License-Identifier: MIT
 * What plait train says in a file of weights of the network that they belong to: texts of the
 * file's metadata. */
#ifndef PLAIT__SAVED_H
#define PLAIT__SAVED_H

#include <plait/checkpoint.h>
#include <stdbool.h>

#define PLAIT__KEY_MODEL "plait.model"       /* the words of plait_model */
#define PLAIT__KEY_INPUT "plait.input"       /* the shape of a sample: [4] */
#define PLAIT__KEY_LOSS "plait.loss"         /* that of plait train, by its name */
#define PLAIT__KEY_CLASSES "plait.classes"   /* their names, one a line */
#define PLAIT__KEY_FEATURES "plait.features" /* the same of a table's features */

/* What a network's outputs are, which its loss says. */
enum plait__outputs {
	PLAIT__OUTPUTS_UNKNOWN = 0,
	PLAIT__OUTPUTS_SCORES,  /* of classes or log-probabilities; a softmax makes probabilities */
	PLAIT__OUTPUTS_LOGITS,  /* a sigmoid makes a probability of each */
	PLAIT__OUTPUTS_NUMBERS, /* what is wanted */
};
enum plait__outputs plait__saved_outputs(const char *loss);

/* The loss that the weights were trained with, or NULL: the file does not say it.  Files of older
 * versions that name classes have no key for it. */
const char *plait__saved_loss(const struct plait_checkpoint *file);

/* The dimensions of the network's input, and how many there are; 0: the file does not say them. */
int plait__saved_input(const struct plait_checkpoint *file, int64_t dim[PLAIT_MAX_DIMS]);

/* Names as the metadata have them. */
struct plait__names {
	int64_t count;
	const char **name; /* [count] */
	char *text;        /* what they point into, or NULL */
};

/* Reads the names in a text, which is not kept.  PLAIT_ENOMEM, and then there are none.
 * plait__names_free in any case. */
int plait__names_read(struct plait__names *names, const char *text);
void plait__names_free(struct plait__names *names);

/* The text of all names, which the caller frees; NULL with the message kept. */
char *plait__names_write(int64_t count, const char *const *names);

#endif
