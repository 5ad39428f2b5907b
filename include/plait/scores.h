/* SPDX-License-Identifier: MIT
 * Scores: what the outputs for all samples of a data set say that no mean over batches can:
 * precision, recall and F1, the confusion matrix, areas under ROC curves, how far probabilities are
 * to be believed, R2, and which samples have the largest losses.
 *
 *     struct plait_scores_options options = { .auroc = true, .worst = 20 };
 *     struct plait_scores_result r;
 *
 *     plait_scores_create(&scores, &options);
 *     plait_evaluate(trainer, data, &(struct plait_fit_options){ .scores = scores }, &metrics);
 *     plait_scores_result(scores, &r);
 *
 * Samples are taken one by one, in their order, and all is counted or added up in double: so what
 * comes out depends on the outputs and answers alone, not on batches, shards or workers.  Where
 * scikit-learn has the figure, it is that one: of the same outputs, in float64, and with
 * zero_division=0. */
#ifndef PLAIT_SCORES_H
#define PLAIT_SCORES_H

#include <plait/base.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_scores;

/** What outputs are compared with. */
enum plait_scores_kind {
	/* A sample is of one class: its label, from 0.  There is an output for each class, and the
	 * largest, the first if several are, says which one.  As in torch.argmax NaN is the largest
	 * of all. */
	PLAIT_SCORES_CLASSES = 1,
	/* Each output is a yes or a no of its own, and its target 1 or 0 (at least 0.5: 1).  A
	 * probability above 0.5 says yes.  One output makes two classes, 0 and 1.  Of several
	 * outputs each is a class, to which a sample may belong or not. */
	PLAIT_SCORES_BINARY,
	/* Outputs are numbers, as the targets are. */
	PLAIT_SCORES_NUMBERS,
};

struct plait_scores_options {
	/* 0: what the loss says of the trainer that evaluates: CLASSES for plait_cross_entropy and
	 * plait_nll, BINARY for plait_bce_with_logits, else NUMBERS; outputs and probabilities then
	 * follow from the network, and are left 0. */
	enum plait_scores_kind kind;
	int64_t outputs; /* numbers of a sample's output, at least 1 */
	/* CLASSES, BINARY: outputs are probabilities; else a softmax, or a sigmoid, makes
	 * probabilities of them. */
	bool probabilities;
	/* CLASSES: samples of this label do not count, if ignores. */
	bool ignores;
	int32_t ignored;
	/* What is wanted besides, because it takes time or memory: */
	bool confusion; /* 8 bytes for each pair of classes; of BINARY with several outputs none */
	bool calibration; /* an exponential for each output */
	bool auroc;       /* the same, and 8 bytes for each output of each sample */
	int64_t worst;    /* so many samples of the largest losses; 0: none */
};

/** Scores of no samples; options are copied.  Errors: PLAIT_EINVAL (an option; scores_p or options
 *  is NULL), PLAIT_ENOMEM.  *scores_p is set only on success. */
PLAIT_API int plait_scores_create(struct plait_scores **scores_p,
				  const struct plait_scores_options *options);
/** Frees them; NULL is ignored. */
PLAIT_API void plait_scores_destroy(struct plait_scores *scores);

/** Forgets all samples, as plait_evaluate and each validation do first.  NULL is ignored. */
PLAIT_API void plait_scores_reset(struct plait_scores *scores);

/** Samples that follow each other.  What the kind does not need is NULL. */
struct plait_scores_rows {
	int64_t rows;
	int64_t first;         /* the number of the first one in its data set */
	const float *outputs;  /* [rows, outputs] */
	const int32_t *labels; /* [rows]: CLASSES; one that no output stands for does not count */
	const float *targets;  /* [rows, outputs]: BINARY, NUMBERS */
	const float *weights;  /* [rows]: a sample of weight 0 does not count; NULL: all do */
	const double *losses;  /* [rows]: with options.worst */
};

/** Adds samples, behind those that are there.  Errors: PLAIT_EINVAL (scores without a kind, as
 *  nothing was evaluated; a list that is missing; scores or rows is NULL), PLAIT_ENOMEM. */
PLAIT_API int plait_scores_add(struct plait_scores *scores, const struct plait_scores_rows *rows);

/** Of one class. */
struct plait_class_scores {
	int64_t samples;   /* that are of it */
	int64_t predicted; /* that are said to be */
	int64_t right;     /* that are both */
	double precision;  /* right / predicted; 0 if there are none */
	double recall;     /* right / samples; likewise */
	double f1;         /* 2 right / (samples + predicted); likewise */
	double auroc;      /* of its probability, against all others; NaN where there are none */
};

/** Of all classes: macro is the mean over classes, micro that of all decisions together. */
struct plait_mean_scores {
	double precision, recall, f1;
};

/** Of one output, or the means over outputs. */
struct plait_number_scores {
	double mae;  /* mean |output - target| */
	double mse;  /* mean (output - target)^2 */
	double rmse; /* its root; of several outputs the mean of their roots */
	/* 1 - sum (output - target)^2 / sum (target - mean target)^2; where all targets are the
	 * same 1 if the outputs are, too, else 0; NaN of fewer than two samples */
	double r2;
};

/** A sample of a large loss. */
struct plait_worst_sample {
	int64_t sample; /* its number in the data set */
	double loss;
	/* CLASSES, and BINARY with one output: its class, what it is said to be, and the
	 * probability of that; else -1, -1 and NaN. */
	int64_t label, predicted;
	double probability;
};

/** A figure that the kind has not, or that was not wanted, is NaN, and a list is NULL. */
struct plait_scores_result {
	enum plait_scores_kind kind;
	int64_t samples; /* that count */
	/* CLASSES, BINARY: share of samples for which all is right */
	double accuracy;
	/* Of CLASSES, and of BINARY with one output, macro is the mean over classes that occur, in
	 * answers or in what is said. */
	struct plait_mean_scores macro, micro;
	/* The area under the ROC curve: of two classes that of class 1, of more the mean over those
	 * that have one. */
	double auroc;
	/* The expected calibration error of Guo et al., On Calibration of Modern Neural Networks
	 * (2017), with 15 bins: the mean over samples of |accuracy - confidence| of their bin.
	 * Confidence is the probability of what is said.  BINARY: over all decisions. */
	double calibration_error;
	int64_t classes;
	const struct plait_class_scores *by_class; /* [classes] */
	/* [classes,classes]: how many samples of the row's class are said to be of the column's */
	const int64_t *confusion;
	struct plait_number_scores numbers; /* NUMBERS */
	int64_t outputs;
	const struct plait_number_scores *by_output; /* NUMBERS: [outputs] */
	int64_t worst;                               /* at most those that were wanted */
	/* [worst], the largest loss first, NaN before all; of equal ones the earlier sample */
	const struct plait_worst_sample *worst_sample;
};

/** The scores of all samples so far.  Lists are valid until the scores are changed or destroyed.
 *  With auroc this sorts the probabilities.  Errors: PLAIT_EINVAL (no kind, as above; a NULL),
 *  PLAIT_ENOMEM. */
PLAIT_API int plait_scores_result(struct plait_scores *scores, struct plait_scores_result *result);

/** CLASSES: the share of samples whose label is among the k largest outputs; equal ones stand by
 *  their number.  NaN if there are no samples, k is less than 1, or the scores are not of classes.
 */
PLAIT_API double plait_scores_top(const struct plait_scores *scores, int64_t k);

#ifdef __cplusplus
}
#endif
#endif
