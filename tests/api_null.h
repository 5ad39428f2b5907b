/* SPDX-License-Identifier: MIT
 * Rows of tests/api_null.c: a call of a public function, as it is written, and what it must do.
 * The text of a call is kept, so that the functions and pointers without a row are known. */
#ifndef PLAIT_TESTS_API_NULL_H
#define PLAIT_TESTS_API_NULL_H

#include <plait.h>

/* What plait_error_message() says before each call of a row. */
#define API_NO_MESSAGE "no message yet"

/* It returns this status, which is negative, and leaves a message. */
#define REFUSES(status, call) \
	do { \
		api_begin(#call); \
		api_refused(status, call); \
	} while (0)

/* It returns this number. */
#define GIVES(number, call) \
	do { \
		api_begin(#call); \
		api_number((int64_t)(number), (int64_t)(call)); \
	} while (0)

/* It returns NaN. */
#define GIVES_NAN(call) \
	do { \
		api_begin(#call); \
		api_nan(call); \
	} while (0)

/* It returns NULL. */
#define GIVES_NULL(call) \
	do { \
		api_begin(#call); \
		api_pointer(NULL, call); \
	} while (0)

/* It returns this text. */
#define SAYS(text, call) \
	do { \
		api_begin(#call); \
		api_text(text, call); \
	} while (0)

/* It returns nothing, and returns. */
#define IGNORES(call) \
	do { \
		api_begin(#call); \
		call; \
		api_holds(true, "it returns"); \
	} while (0)

/* -- tests/api_null.c -- */

void api_begin(const char *call);
void api_refused(int expected, int status);
void api_number(int64_t expected, int64_t number);
void api_nan(double number);
void api_pointer(const void *expected, const void *pointer);
void api_text(const char *expected, const char *text);

/* What must hold after the last call. */
void api_holds(bool holds, const char *what);

/* What a row needs could be made, or the test is broken. */
void api_made(int status);

/* -- rows -- */

void api_data_rows(void);    /* tests/api_null_data.c: base.h to checkpoint.h, without StarPU */
void api_graph_rows(void);   /* tests/api_null_graph.c: graphs and ops */
void api_layer_rows(void);   /* tests/api_null_layers.c: builders of layers */
void api_runtime_rows(void); /* tests/api_null_runtime.c: StarPU and loaders */
/* tests/api_null_trainer.c: trainers of a graph that has none, with data for it */
void api_trainer_rows(struct plait_graph *net, struct plait_dataset *set);

#endif
