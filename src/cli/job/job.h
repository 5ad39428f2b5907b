/* SPDX-License-Identifier: MIT
 * What train, eval and predict have in common: data, network, trainer, log. */
#ifndef PLAIT_CLI_JOB_H
#define PLAIT_CLI_JOB_H

#include "src/cli/job/bad.h"
#include "src/cli/job/log.h"
#include "src/cli/job/samplers.h"
#include "src/cli/scores/scores.h"

#define CLI_DOUBT 512 /* bytes of a doubt; a path in it may be longer, and is cut then */

struct cli_job {
	enum cli_command command;
	struct plait_dataset *data, *val; /* val may be NULL */
	/* Of training; of evaluation.  NULL: none. */
	struct plait_transform *transform, *fixed;
	struct cli_sampler sampler; /* of training */
	struct plait_graph *net;
	char *words;               /* of the network, as they are saved */
	struct plait_node *output; /* of the network: what the loss takes, or what is predicted */
	struct plait_trainer *trainer;
	struct cli_scores scores; /* of eval, and of train with val */
	struct plait_bad_options bad;
	int ndim; /* of a sample as the network takes it */
	int64_t dim[PLAIT_MAX_DIMS];
	/* For the log; "": none.  About labels and weights; about the scale of the data's numbers
	 * and that of the weights, and of --val's and the data's. */
	char doubt[CLI_DOUBT], doubt_scale[CLI_DOUBT], doubt_val[CLI_DOUBT];
	bool quiet;
	bool borrows; /* data, transforms, sampler and bad samples are those of another job */
	struct cli_log log;
	struct plait_fit_options fit; /* what the options say; events are the command's */
};

/* The options that loaders take.  The caller adds sampler, transform and bad samples, which are
 * its own to free. */
struct plait_loader_options cli_loader_options(const struct cli_options *options);

/* Opens the data, builds the network and loads its weights; StarPU is started.  lender: a job with
 * the same options of data and loading, whose data this one uses and which is freed later; or NULL.
 * Opens no log.  Returns CLI_DONE, or the exit status after saying what is wrong.  cli_job_free in
 * any case. */
int cli_job_add(struct cli_job *job, enum cli_command command, const struct cli_options *options,
		const struct cli_job *lender);
void cli_job_free(struct cli_job *job);

/* Makes a new trainer by other options in the place of the job's, of the same network.  Returns as
 * cli_job_add. */
int cli_job_retrain(struct cli_job *job, const struct cli_options *options);

/* Logs what opening the data has met, what --shards auto has become, a --precision that is
 * not fp32, and doubts. */
void cli_job_log_notes(const struct cli_job *job, const struct cli_options *options,
		       struct cli_log *log);

/* Prints and logs the bad samples. */
void cli_job_tell_bad(const struct cli_job *job, struct cli_log *log);

/* For train, eval or predict: starts StarPU, opens the data, builds the network and loads its
 * weights. Returns CLI_DONE, or the exit status after saying what is wrong.  cli_job_close in any
 * case. */
int cli_job_open(struct cli_job *job, enum cli_command command, const struct cli_options *options);

/* Tells of bad samples, frees all and stops StarPU.  Returns status, or CLI_FAILED if that is
 * CLI_DONE but the log could not be written. */
int cli_job_close(struct cli_job *job, int status);

#endif
