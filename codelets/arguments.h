/* SPDX-License-Identifier: MIT
 * What stands after "name:" in a word: values in their turn, and behind them "name=value" in any
 * order, with commas between, as in "32,3,pad=1". */
#ifndef PLAIT__ARGUMENTS_H
#define PLAIT__ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

struct plait_node;

/* One argument.  Of integer and number one is not NULL, and what it points to stays as it is if the
 * argument is left out. */
struct plait__argument {
	const char *name;
	bool required;    /* required ones come first, and may stand without their names */
	bool optional;    /* it may stand without its name, behind the required ones */
	int64_t *integer; /* [2] if it is a pair: "3x5", or "3" for both */
	bool pair;
	int64_t least;  /* of an integer; at most 2^31 - 1 */
	double *number; /* finite and not negative */
};

#define PLAIT__MOST_ARGUMENTS 32
#define PLAIT__ARGUMENTS_WHY 80

/* Reads text; false with what is wrong in why. */
bool plait__arguments_parse(const char *text, const struct plait__argument *argument, int arguments,
			    char why[PLAIT__ARGUMENTS_WHY]);

/* The same of a word of a model; false with an error of x's graph, which names the argument and
 * shows the example, or for NULL. */
bool plait__arguments_read(struct plait_node *x, const char *word, const char *text,
			   const struct plait__argument *argument, int arguments,
			   const char *example);

#endif
