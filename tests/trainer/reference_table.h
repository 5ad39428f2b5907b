/* SPDX-License-Identifier: MIT
 * The trainings that are compared with PyTorch, and the formulas of their data and weights:
 * integer hashes scaled by exact steps, so that both sides start from the very same floats. */
#ifndef PLAIT_TESTS_REFERENCE_TABLE_H
#define PLAIT_TESTS_REFERENCE_TABLE_H

#include <plait.h>

struct reference {
	const char *name; /* of the file of losses */
	void (*build)(struct plait_graph *net, struct plait_node *x);
	int64_t samples, features, classes, targets; /* one of the last two is 0 */
	int64_t image[3]; /* features are an image of make.py's pictures(), of this shape */
	bool images;      /* its images(), else features() */
	bool questions;   /* its questions(), else shifted() */
	struct plait_optimizer optimizer;
	int64_t batch;
	int epochs;
	bool unnamed;  /* it is no nn.Sequential there, and parameters have other names */
	bool of_parts; /* in shards it computes something else, as statistics are those of a part */
	enum plait_precision precision;
	const char *schedule; /* a word, or NULL */
	double clip_norm, clip_value;
	int key; /* of its data and weights, as RUNS has it */
};

/* The table, in the order of make.py. */
extern const struct reference reference[];
extern const size_t references;

/* How many are of vectors, and not of pictures(): these come first. */
size_t reference_vectors(void);

/* The run's data set, and the network's input, which has the shape of a sample. */
struct plait_dataset_info reference_info(const struct reference *run);
struct plait_node *reference_input(const struct reference *run, struct plait_graph *net);

/* A plait_dataset_read_fn; user is an entry of the table. */
int reference_read(void *user, int64_t index, uint64_t order, void *x, int32_t *label,
		   float *target);

/* Overwrites the trainer's parameters with the initial ones. */
void reference_weights(const struct reference *run, struct plait_trainer *trainer);

#endif
