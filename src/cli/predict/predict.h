/* SPDX-License-Identifier: MIT
 * plait predict: what the weights' file says, and what is written. */
#ifndef PLAIT_CLI_PREDICT_H
#define PLAIT_CLI_PREDICT_H

#include "src/cli/job/names.h"

/* The network's output for every sample, in the order of the data. */
struct cli_predictions {
	int64_t samples, width; /* width: numbers for each sample */
	int ndim;               /* of a sample's output */
	int64_t dim[PLAIT_MAX_DIMS];
	float *out;   /* [samples, width] */
	bool classes; /* the numbers are probabilities of classes, [width] */
	struct plait__names names;
};

/* Sets loss and model of the options where they were not given, and features, by the metadata of
 * --init.
 * *model_p: what the model's text lies in, or NULL; the caller frees it in any case.  Returns
 * CLI_DONE, or the exit status after saying what is wrong. */
int cli_predict_weights(struct cli_options *options, char **model_p);

/* Both write as much as can be written until the command is to stop.  That all was written the
 * caller learns where it closes the file. */
void cli_predict_csv(FILE *file, const struct cli_predictions *predictions);
void cli_predict_npy(FILE *file, const struct cli_predictions *predictions);

#endif
