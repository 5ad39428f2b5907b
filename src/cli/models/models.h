/* SPDX-License-Identifier: MIT
 * What StarPU has learned of tasks' durations: a row for each model, kind of worker and size. */
#ifndef PLAIT_CLI_MODELS_H
#define PLAIT_CLI_MODELS_H

#include "src/cli/options/options.h"

#include <stdio.h>

struct cli_model_row {
	char symbol[80], name[48]; /* name: as in traces; "" for models of other jobs */
	char worker[64];           /* kind, as StarPU calls it; "" if nothing is learned */
	bool broken;               /* StarPU cannot read its file */
	unsigned samples;
	double mean_us, deviation_us;
};

struct cli_models {
	struct cli_model_row *row;
	int rows;
	size_t row_room;
	char **path; /* of the files */
	int paths;
	size_t path_room;
	int output; /* where StarPU says what is wrong with a file (cli_output_scratch) */
};

/* Reads the model of a symbol, which adds its rows and its file; name is what the row is called.
 * PLAIT_ENOMEM. */
int cli_models_add(struct cli_models *models, const char *symbol, const char *name);

/* Reads all models in StarPU's folder that are not there yet.  PLAIT_ENOMEM. */
int cli_models_add_all(struct cli_models *models);

void cli_models_free(struct cli_models *models);

/* The table, and what is suspicious about it. */
void cli_models_print(const struct cli_models *models);

/* As JSON.  Returns CLI_DONE or CLI_FAILED. */
int cli_models_write(const struct cli_models *models, const char *path);

#endif
