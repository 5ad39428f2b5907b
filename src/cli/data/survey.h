/* SPDX-License-Identifier: MIT
 * What a data set holds, found by looking at it. */
#ifndef PLAIT_CLI_SURVEY_H
#define PLAIT_CLI_SURVEY_H

#include "src/cli/data/view.h"
#include <plait/bad_samples.h>
#include <plait/transform.h>

struct cli_class {
	int32_t label;
	int64_t count; /* of samples */
};

struct cli_survey {
	int64_t looked; /* samples that were looked at, evenly spread */
	int channels;   /* 0: too many to tell apart */
	/* Bytes count as numbers in [0,1]; deviation: of the population. */
	double mean[PLAIT_MAX_CHANNELS], deviation[PLAIT_MAX_CHANNELS];
	int64_t min_height, max_height, min_width, max_width;
	struct cli_class *class; /* [classes] those that have samples, by number; or NULL */
	int64_t classes;
	bool counted;                  /* they are of all samples, not only of those looked at */
	struct plait_bad_samples *bad; /* those that cannot be read, left out of the rest */
};

/* Returns a status of the library.  Call cli_survey_free even after an error. */
int cli_survey_make(const struct plait_dataset *dataset, struct cli_survey *survey);
void cli_survey_free(struct cli_survey *survey);

#endif
