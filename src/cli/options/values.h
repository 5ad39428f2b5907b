/* SPDX-License-Identifier: MIT
 * How the values of options are read. */
#ifndef PLAIT_CLI_VALUES_H
#define PLAIT_CLI_VALUES_H

#include <plait/schedule.h>
#include <plait/tensor.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_WHY_SIZE 256
#define CLI_DEVICE_SIZE 16

/* Of memory: bytes or percent; 0, 0: no limit. */
struct cli_limit {
	int64_t bytes;
	double percent;
};

/* Values with commas between them: counts, or positions in a choice's words. */
#define CLI_LIST_MAX 64
struct cli_list {
	int count; /* 0: not given */
	int64_t value[CLI_LIST_MAX];
};

/* Of --shards: nothing, their number, or the sizes of all. */
struct cli_shards {
	struct cli_list size;
	bool automatic;                             /* auto: the number is chosen later */
	bool placed;                                /* some are on a device of their own */
	char device[CLI_LIST_MAX][CLI_DEVICE_SIZE]; /* of each; "any": where the policy wants it */
};

/* Of a sample. */
struct cli_shape {
	int ndim; /* 0: not given */
	int64_t dim[PLAIT_MAX_DIMS];
};

/* Texts of an option that may be given several times, in their order. */
#define CLI_TEXTS_MAX 64
struct cli_texts {
	int count; /* 0: not given */
	const char *value[CLI_TEXTS_MAX];
};

/* What an option that is a text names, and what becomes of it.  cli_files_check goes by that. */
enum cli_use {
	CLI_USE_NONE,    /* the option is no text */
	CLI_USE_WORDS,   /* no file */
	CLI_USE_MODEL,   /* no file, or behind an "@" one that is read */
	CLI_USE_DATA,    /* files that are read, in a specification of a data set */
	CLI_USE_READ,    /* a file that is read */
	CLI_USE_REPLACE, /* a file; a new one takes its place when that is whole */
	CLI_USE_WRITE,   /* the same; or a pipe or device, which is written */
	CLI_USE_PRINT,   /* the same; or "-", standard output */
	CLI_USE_LOG,     /* a file, pipe or device that is written from its beginning while the run
			    lasts; "-" is standard output */
	CLI_USE_UPDATE,  /* a file that is read if it is there, and then replaced */
	CLI_USE_KEEP,    /* a folder, made if it is not there, that will hold a trace */
	CLI_USE_TRACE,   /* a trace that is read: a file, or a folder of them */
	CLI_USE_STREAM,  /* of no option: standard output and standard error */
	CLI_USES,
};

/* An option, which is one row of the table. */
struct cli_option {
	const char *name;
	const char *argument; /* the word for its value in usage, in [] if it may be left out; NULL:
				 it has no value */
	const char *help;     /* without the default, if that is above 0: usage appends it */
	unsigned commands;    /* that take the option: enum cli_command, or-ed */
	/* Writes value, or the default for NULL, to field and returns 0, or says in why what would
	 * be right. */
	int (*set)(const struct cli_option *option, const char *value, void *field,
		   char why[CLI_WHY_SIZE]);
	enum cli_use use; /* of a text, or of texts: its row must say it */
	const char *also; /* of a file that is written: the option that may name the same one */
	size_t field;     /* where the value goes: offset in struct cli_options */
	size_t given;     /* offset of a bool that says the option was given; 0: there is none */
	size_t number; /* offset of an int64_t, min to max, that stands before the value; 0: none */
	double initial;   /* the default of a number, or the position of a choice's default */
	int64_t min, max; /* of a count */
	const char *const *words; /* of a choice, in the order of their values; of a count: what
				    means 0; of a pair: what stands between */
};

typedef int cli_set_fn(const struct cli_option *option, const char *value, void *field,
		       char why[CLI_WHY_SIZE]);

cli_set_fn cli_set_text;      /* const char * */
cli_set_fn cli_set_texts;     /* struct cli_texts */
cli_set_fn cli_set_flag;      /* bool */
cli_set_fn cli_set_word;      /* int: position in words */
cli_set_fn cli_set_count;     /* int64_t: min to max, or 0 for words[0] */
cli_set_fn cli_set_pair;      /* int64_t[2]: 0 to max, the first below the second */
cli_set_fn cli_set_shape;     /* struct cli_shape: dimensions with x between */
cli_set_fn cli_set_bytes;     /* int64_t: min to max */
cli_set_fn cli_set_limit;     /* struct cli_limit */
cli_set_fn cli_set_real;      /* double: finite, at least 0 */
cli_set_fn cli_set_counts;    /* struct cli_list of cli_set_count */
cli_set_fn cli_set_reals;     /* const char *: numbers, at least 0, as cli_read_reals reads them */
cli_set_fn cli_set_normalize; /* struct plait_normalize */
cli_set_fn cli_set_schedule;  /* struct plait_schedule */

/* Reads decimal numbers with commas between, at most max of them, and moves *text behind them.
 * Returns how many there are; 0: it is no such list.  number: [max], or NULL. */
int64_t cli_read_reals(const char **text, int64_t max, float *number);

/* Sets each value of a list, in a struct cli_list, by the function for one. */
int cli_set_list(const struct cli_option *option, const char *value, struct cli_list *list,
		 int (*set)(const struct cli_option *option, const char *one, int64_t *result,
			    char *why),
		 char *why);

#endif
