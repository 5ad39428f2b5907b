/* SPDX-License-Identifier: MIT
 * What a sample costs, stage by stage. */
#ifndef PLAIT_CLI_STAGES_H
#define PLAIT_CLI_STAGES_H

#include <plait/loader.h>

/* Microseconds a sample, on one core. */
struct cli_stages {
	double fetch;     /* reading what is stored; 0 where samples are in memory */
	double decode;    /* JPEG or PNG to pixels; 0 where there is nothing to decode */
	double transform; /* the rest: steps, conversion to float, normalisation */
};

/* Makes some samples of the first batch of the first epoch here and now, several times, and
 * takes the least times: files are then in the system's cache.  Nothing else may run.  Takes
 * about 0.1 s.  Returns a status of the library. */
int cli_stages_measure(const struct plait_loader *loader, struct cli_stages *stages);

#endif
