/* SPDX-License-Identifier: MIT
 * Inside scores: counts and sums of the samples so far. */
#ifndef PLAIT__SCORES_H
#define PLAIT__SCORES_H

#include "src/base/base.h"
#include <plait/scores.h>

/* Of the calibration error, as in the paper. */
#define PLAIT__BINS 15

/* Decisions whose confidence is in one part of 0 to 1. */
struct plait__bin {
	int64_t right;
	double confidence; /* the sum */
};

/* Of one output: sums over samples, and mean and squared differences of targets (Welford). */
struct plait__number {
	double absolute, squared;   /* of output - target */
	double mean, spread, first; /* of targets; first: the first one */
	bool varies;                /* some target is another than the first */
};

struct plait_scores {
	struct plait_scores_options given, options; /* options: with the kind, once it is known */
	int64_t samples, exact;                     /* that count; of these, all is right */
	int64_t classes;                            /* of by_class; 0: none */
	int64_t columns; /* probabilities of a sample that are kept; 0: none */
	/* [classes]: the first three are counted, the others computed by the result. */
	struct plait_class_scores *by_class;
	int64_t *confusion; /* [classes,classes] or NULL */
	int64_t *rank;      /* CLASSES: [classes]: samples whose label has so many before it */
	double *row;        /* [outputs]: probabilities of the sample that is added */
	struct plait__bin bin[PLAIT__BINS];
	double *probability; /* [samples,columns] of what is kept */
	int32_t *answer;     /* of the same samples: the label; BINARY: [samples,columns] */
	size_t probability_room, answer_room;
	struct plait__number *number;          /* NUMBERS: [outputs] */
	struct plait_number_scores *by_output; /* the same */
	struct plait_worst_sample *worst;      /* [options.worst], in their order */
	int64_t worsts;
};

/* Gives scores whose kind is 0 one, for the samples of an evaluation; settled: kind, outputs,
 * probabilities and what is ignored, if given.kind is 0, else what must not differ from it.
 * Forgets all samples.  PLAIT_EINVAL, PLAIT_ENOMEM. */
int plait__scores_settle(struct plait_scores *scores, const struct plait_scores_options *settled);

/* Makes room for so many samples more, so that adding them cannot fail.  PLAIT_ENOMEM. */
int plait__scores_reserve(struct plait_scores *scores, int64_t samples);

/* Adds sample i of rows, which have all that the kind needs, where there is room. */
void plait__scores_add_row(struct plait_scores *scores, const struct plait_scores_rows *rows,
			   int64_t i);

/* What both have counted changes hands; both are settled alike. */
void plait__scores_swap(struct plait_scores *a, struct plait_scores *b);

/* Scores of no samples that are settled as those are.  NULL with the message kept. */
struct plait_scores *plait__scores_like(const struct plait_scores *scores);

/* BINARY, of one output: yes is class 1, no class 0. */
static inline bool plait__scores_two(const struct plait_scores *scores)
{
	return scores->options.kind == PLAIT_SCORES_BINARY && scores->options.outputs == 1;
}

static inline bool plait__scores_need_probabilities(const struct plait_scores *scores)
{
	return scores->options.calibration || scores->options.auroc;
}

/* A softmax, or a sigmoid for each x, in double; or x as it is, if it is probabilities already. */
void plait__scores_softmax(int64_t n, const float *x, double *p);
void plait__scores_sigmoid(int64_t n, const float *x, double *p);
void plait__scores_copy(int64_t n, const float *x, double *p);

/* Probabilities of a sample's outputs, in scores->row. */
void plait__scores_fill_row(struct plait_scores *scores, const float *x);

/* Count sample i of rows, which counts.  There is room for what is kept. */
void plait__scores_add_class(struct plait_scores *scores, const struct plait_scores_rows *rows,
			     int64_t i);
void plait__scores_add_binary(struct plait_scores *scores, const struct plait_scores_rows *rows,
			      int64_t i);
void plait__scores_add_numbers(struct plait_scores *scores, const struct plait_scores_rows *rows,
			       int64_t i);

/* Takes a sample among those with the largest losses, if it is one.  predicted -1: it has no class.
 */
void plait__scores_add_worst(struct plait_scores *scores, const struct plait_scores_rows *rows,
			     int64_t i, int64_t label, int64_t predicted);

/* The areas of all classes and their mean: *auroc.  PLAIT_ENOMEM. */
int plait__scores_auroc(struct plait_scores *scores, double *auroc);

/* The scores of all outputs; returns their means. */
struct plait_number_scores plait__scores_numbers(struct plait_scores *scores);

#endif
