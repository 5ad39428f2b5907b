/* SPDX-License-Identifier: MIT
 * Filling scores while steps of an evaluation are done.
 *
 * What is scored of a sample is a node of the graph, a gather, which such steps leave in their
 * results: the output, then the label or the targets, the weight if there are weights, and what
 * else the loss reads of the network. */
#ifndef PLAIT__SCORING_H
#define PLAIT__SCORING_H

#include "src/executor/executor.h"
#include "src/scores/scores.h"

/* Appends that node to a graph that is finished, as net->scored, if its loss compares an output
 * with labels or targets.  Errors stay in the graph; PLAIT_ENOMEM. */
int plait__scored_append(struct plait_graph *net);

/* Marks the nodes of the loss phase that the loss is made of, in of_loss, [nodes], all false. */
void plait__scored_mark_loss(const struct plait_graph *net, bool *of_loss);

/* What scores of such a graph are.  PLAIT_EINVAL: it cannot be scored. */
int plait__scored_options(const struct plait_graph *net, struct plait_scores_options *options);

/* Where the value of node begins in a row of it, in floats; -1: it is not there. */
int64_t plait__scored_offset(const struct plait_graph *net, const struct plait_node *node);

/* -- the loss of one sample ---------------------------------------------------------------- */

/* Where an input of a node is: memory, or so many floats on in a row of that node. */
struct plait__sample_input {
	const void *memory; /* or NULL */
	int64_t offset;
};

/* The nodes of the loss, to be computed for a batch of one sample. */
struct plait__sample_loss {
	const struct plait_graph *graph; /* NULL: it is not open */
	const struct plait_node **node;  /* [nodes], in their order */
	int nodes;
	unsigned char **value;             /* by the node's id: what it is of one sample */
	struct plait__sample_input *input; /* of all nodes, in their order */
	size_t inputs;
	const void **in; /* of one call */
};

/* PLAIT_EINVAL: the loss reads what is not there; PLAIT_ENOMEM.  plait__sample_loss_close in
 * any case. */
int plait__sample_loss_open(struct plait__sample_loss *loss, const struct plait_graph *net);
void plait__sample_loss_close(struct plait__sample_loss *loss);

/* The loss of the sample whose row this is. */
double plait__sample_loss(const struct plait__sample_loss *loss, const float *row);

/* -- scoring --------------------------------------------------------------------------------- */

/* Scores of one epoch, while it lasts and until it was told. */
struct plait__scored_epoch {
	struct plait_scores *scores;
	bool taken;
};

struct plait__scoring {
	struct plait_scores *to;  /* the program's; NULL: nothing is scored */
	struct plait_scores *now; /* what steps add to: to, or one of epoch, or NULL between them */
	const struct plait_graph *graph;
	int64_t samples;                   /* of the data set */
	int64_t output, answer, weight;    /* where they are in a row; weight -1: all count */
	struct plait__sample_loss loss;    /* with options.worst */
	struct plait__scored_epoch *epoch; /* [epochs] */
	size_t epochs, room;
};

/* Begins to score: settles the scores by graph and data set and forgets what is in them; NULL:
 * scores nothing.  by_epoch: there are several, and the functions below are called.
 * plait__scoring_close in any case.  Errors: PLAIT_EINVAL, PLAIT_ENOMEM. */
int plait__scoring_open(struct plait__scoring *scoring, struct plait_scores *to,
			const struct plait_graph *graph, const struct plait_dataset *dataset,
			bool by_epoch);
void plait__scoring_close(struct plait__scoring *scoring);

/* Adds the samples of a step that is done.  PLAIT_ENOMEM. */
int plait__scoring_add(struct plait__scoring *scoring, const struct plait__step *step);

/* take: the scores of an epoch that is over, which steps of the next one leave alone until they are
 * given back; NULL: it has none.  waiting: how many were not yet.  give, by the thread that tells
 * of the epoch: what they have counted is in the program's from now on. */
struct plait_scores *plait__scoring_take(struct plait__scoring *scoring);
int plait__scoring_waiting(const struct plait__scoring *scoring);
void plait__scoring_give(struct plait__scoring *scoring, struct plait_scores *scores);

#endif
