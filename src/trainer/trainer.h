/* SPDX-License-Identifier: MIT
 * Inside a trainer. */
#ifndef PLAIT__TRAINER_H
#define PLAIT__TRAINER_H

#include "src/executor/executor.h"
#include <plait/checkpoint.h>
#include <plait/trainer.h>

/* Which one of several that run at once; zero: it runs alone. */
struct plait__member_name {
	int number; /* from 1 */
	const char *name;
};

struct plait_trainer {
	struct plait_graph *graph;
	struct plait__graph_mark network; /* the graph without what the trainer has appended */
	struct plait_trainer_options options;
	struct plait__split split;
	int64_t *shard_end;                 /* split.end, or NULL */
	struct plait__device *shard_device; /* [shards of a microbatch], or NULL */
	struct plait__store store;
	struct plait_metadata *metadata; /* [texts], keys and values its own */
	size_t metadata_room;
	int texts;
	int64_t updates; /* steps trained so far */
	/* What a schedule has made of the losses of epochs so far: with updates all that the rates
	 * of later steps follow from. */
	struct plait_plateau plateau;
	unsigned char
		*gradients;    /* as values of the store, once plait_pool_backward has left some */
	unsigned char *best;   /* likewise, of until.keep_best; NULL: nothing was to be kept */
	bool has_best;         /* it holds something */
	bool running;          /* plait_fit, plait_evaluate or plait_predict is at work */
	struct plait_run *run; /* the one that is open, or NULL */
};

/* Whether caller may evaluate or predict now, which may be done beside an open run; whether it may
 * train: PLAIT_EINVAL, PLAIT_ESTATE. */
int plait__trainer_check(const struct plait_trainer *trainer, const struct plait_dataset *dataset,
			 const char *caller);
int plait__trainer_check_training(const struct plait_trainer *trainer, const char *caller);

/* The same of a caller that fits, with these options, which may be NULL. */
int plait__trainer_check_fit(const struct plait_trainer *trainer,
			     const struct plait_dataset *dataset,
			     const struct plait_fit_options *options, const char *caller);

/* Whether the data set has what losses and metrics of net compare with, as many classes as count at
 * most; whether these know of samples that do not count (answers.c).  PLAIT_EINVAL, PLAIT_ELABEL,
 * PLAIT_ESHAPE. */
int plait__trainer_check_answers(const struct plait_graph *net,
				 const struct plait_dataset *dataset);
int plait__trainer_check_weights(const struct plait_graph *net,
				 const struct plait_loader_options *loader, bool training);

/* Checks that data set and network fit and makes a binding of them.  keeps: of the plan, or NULL.
 * lenders: whose loads it may share; NULL: it shares none. */
int plait__trainer_bind(struct plait_trainer *trainer, struct plait__binding *binding,
			enum plait__mode mode, struct plait_dataset *dataset,
			const struct plait_fit_options *options, const bool *keeps,
			const struct plait__lenders *lenders);

/* Binds what plait_fit runs: training, and validation, which borrows its handles, if options have
 * some.  Both are zeroed; destroy validation first, in any case.  lenders: whose loads they may
 * share; NULL: they share none. */
int plait__trainer_bind_fit(struct plait_trainer *trainer, struct plait__binding *train,
			    struct plait__binding *validation, struct plait_dataset *dataset,
			    const struct plait_fit_options *options,
			    const struct plait__lenders *lenders);

/* Runs a loop and waits.  PLAIT_ENAN tells where a loss stopped being finite. */
int plait__trainer_run(struct plait_trainer *trainer, const struct plait__loop *loop,
		       const struct plait__observer *observer);

/* The status of a loop that has run, likewise, with its message. */
int plait__trainer_outcome(const struct plait_trainer *trainer, const struct plait__member *member);

/* Adds up what steps of a pass without updates tell (evaluate.c). */
struct plait__scoring;
struct plait__collector {
	const struct plait_fit_options *options;
	struct plait__member_name member;
	struct plait_metrics *metrics;
	struct plait__scoring *scoring; /* or NULL */
	double last_end;                /* at first: when the pass begins */
	int64_t steps;
};
struct plait__observer plait__collector_observer(struct plait__collector *collector);

/* Whether a pass over the binding's data was stopped from outside before its last step. */
bool plait__collector_cut(const struct plait__collector *collector,
			  const struct plait__binding *binding);

/* The error where masks have left nothing that a loss could be the mean of. */
int plait__trainer_empty(const struct plait_dataset *dataset);

/* Writes values, laid out as those of the store, to a file.  Errors of plait_trainer_save. */
int plait__trainer_write(const struct plait_trainer *trainer, unsigned char *values,
			 const char *path);

/* Takes the metadata of a file in the place of what there is.  PLAIT_ENOMEM. */
int plait__trainer_take_metadata(struct plait_trainer *trainer,
				 const struct plait_checkpoint *file);
void plait__trainer_free_metadata(struct plait_trainer *trainer);

/* Whether parameters may be read and written now: PLAIT_ESTATE, naming caller, where plait_fit and
 * the like are at work.  Waits for the steps of the open run, if there is one, and brings its
 * parameters to the store; no other step begins until plait__trainer_let_go.  Errors also: those of
 * plait_run_wait; nothing is held then. */
int plait__trainer_idle(struct plait_trainer *trainer, const char *caller);
int plait__trainer_hold(struct plait_trainer *trainer);
void plait__trainer_let_go(struct plait_trainer *trainer);

/* The binding of an open run. */
const struct plait__binding *plait__run_binding(const struct plait_run *run);

/* Calls a program's on_submit for a training step whose tasks were submitted.  PLAIT_ERUNTIME. */
int plait__trainer_submitted(const struct plait__step *step, plait_submit_fn on_submit, void *user);

/* Batches of the loader's options that make a step. */
static inline int plait__trainer_accumulates(const struct plait_trainer *trainer)
{
	return trainer->options.accumulate > 0 ? trainer->options.accumulate : 1;
}

/* Whether the program asks to stop now. */
bool plait__trainer_stopped(const struct plait_fit_options *options);

#endif
