/* SPDX-License-Identifier: MIT
 * The trainer: a graph with a loss, made trainable.  Create, fit, evaluate, predict. */
#ifndef PLAIT_TRAINER_H
#define PLAIT_TRAINER_H

#include <plait/graph.h>
#include <plait/loader.h>
#include <plait/metrics.h>
#include <plait/optimizer.h>
#include <plait/plan.h>
#include <plait/schedule.h>
#include <plait/scores.h>
#include <plait/until.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_trainer;

struct plait_trainer_options {
	struct plait_optimizer optimizer;
	enum plait_granularity granularity;
	/* Steps that a task computes: with PLAIT_GRANULARITY_RUN so many, at least 1; with
	 * PLAIT_GRANULARITY_AUTO at most so many, and 0 is as many as make it worth a task; else 0.
	 * A task of several goes on to its end when a run is stopped, and never beyond an epoch's;
	 * its time is shared out evenly among its steps.  A slot has the batches of a task. */
	int steps_per_task;
	/* Parts a microbatch is computed in at once; 0 = 1, or one for each replica.  What is
	 * fastest depends on the machine and is for the program to choose: plait train --shards
	 * auto measures.  plait_trainer_estimate says what is not worth measuring. */
	int shards;
	/* [shards]: their sizes in proportion, 1 to 1,000,000 each, copied; NULL: all are equal */
	const int *shard_sizes;
	/* [shards]: where each is computed, as plait_place() says it, copied; layers that are
	 * placed are where they are.  NULL: the scheduling policy chooses */
	const char *const *shard_devices;
	/* Copies of parameters and optimizer state; 0 = 1.  Each sees its share of every batch,
	 * `shards` / replicas parts of it, and updates itself by the gradients of all, which are
	 * added in buckets of at least bucket_bytes (0: the plan chooses) while the backward pass
	 * goes on.  R replicas give the bits of R shards.  plait_fit alone has replicas: what else
	 * trains or evaluates computes as many shards. */
	int replicas;
	size_t bucket_bytes;
	/* Batches that make an update; 0 = 1.  A step then has so many times the loader's
	 * batch_size samples, of which each batch is a microbatch. */
	int accumulate;
	/* Parts that a batch is computed in one after another, so that only as many need memory as
	 * pipeline_schedule lets begin; 0 = 1.  Each is computed in `shards`.  At most 1024 shards
	 * in all. N shards, N microbatches and N accumulated batches of an N-th give the same bits.
	 */
	int microbatches;
	enum plait_pipeline_schedule pipeline_schedule;
	enum plait_precision precision; /* of products of matrices, in training and without it */
	/* Gradients are clipped before they change anything; 0: they are not.  They are those of
	 * all samples of the update, however it is cut.  clip_norm: multiplied by min(1, clip_norm
	 * / (norm + 1e-6)), where norm is the 2-norm of all of them together, as
	 * torch.nn.utils.clip_grad_norm_ does.  clip_value: each number is made at least
	 * -clip_value and at most clip_value, as clip_grad_value_ does.  One of the two. */
	double clip_norm, clip_value;
	/* The update of a step is left out if its loss or the norm of its gradients, before they
	 * are clipped, is more than so many standard deviations above its running mean, or is not
	 * finite; 0: none is, and a loss that is not finite ends the training.  Parameters, buffers
	 * and the optimizer's state then stay as they were.  The step counts all the same:
	 * schedules and the optimizer's corrections, which are functions of its number, go on.
	 *
	 * Mean m and variance v are exponential: m += a (x - m), v = (1 - a) (v + a (x - m)^2),
	 * with a = 0.03 and in the first 33 steps 1 / their number, so that they are those of all.
	 * In the first 25 steps no finite number is an outlier; a deviation is at least 0.001 m; an
	 * outlier counts as what is just none, so that a loss that stays high is one no longer
	 * after some steps, and what is not finite does not count.  Over calls of plait_fit they go
	 * on. */
	double skip_outliers;
	uint64_t seed; /* of the initial parameters, and of what is random in layers */
	/* For plait_evaluate and plait_predict alone: no gradients, no optimizer state, and no loss
	 * but for plait_evaluate; optimizer is ignored. */
	bool forward_only;
};

/** Makes net trainable: appends gradients and updates to it, draws the parameters.
 *  net must have a loss (unless forward_only) and outlive the trainer; options may be NULL and is
 *  not kept.
 *  Errors: whatever the first failing builder of net met; PLAIT_EINVAL (no loss, no
 *  parameters, an option; net computes nothing; trainer_p or net is NULL), PLAIT_ENOMEM,
 * PLAIT_ESTATE (no plait_start, net has a trainer).  *trainer_p is set only on success; after a
 * failure net is as it was. */
PLAIT_API int plait_trainer_create(struct plait_trainer **trainer_p, struct plait_graph *net,
				   const struct plait_trainer_options *options);

/** Frees the trainer; call it before the graph is destroyed.  The graph is then as it was before
 *  plait_trainer_create, and can have another trainer.  NULL is ignored. */
PLAIT_API void plait_trainer_destroy(struct plait_trainer *trainer);

/** What a run tells while it goes on.  Strings and pointers are valid during the call. */
enum plait_event_kind {
	PLAIT_EVENT_STEP = 1, /* one training step, with log_every */
	PLAIT_EVENT_PROGRESS, /* now and then, about ten times a second */
	PLAIT_EVENT_EPOCH,    /* an epoch and its validation are over */
	PLAIT_EVENT_STALL,    /* nothing moved for the timeout, or for another one since */
	PLAIT_EVENT_BEGIN,    /* all memory is there, the first step is about to be submitted */
};

struct plait_event {
	enum plait_event_kind kind;
	int epoch, epochs;               /* from 1 */
	int64_t step;                    /* from 1, over the whole run; the last one done */
	int64_t epoch_step, epoch_steps; /* within the epoch; how many it has */
	float loss;                      /* of this step (STEP) or the latest one */
	double lr;                       /* the learning rate of that step */
	bool has_grad_norm; /* gradients are clipped, or updates of outliers left out: */
	double grad_norm;   /* of that step: of all gradients together, before they were clipped */
	bool skipped;       /* its update was left out: skip_outliers */
	const struct plait_schedule *schedule; /* of the run */
	double seconds; /* from the first submission until that step, or a validation, was done */
	double samples_per_second;
	double seconds_left;                    /* of the epoch, a guess */
	const struct plait_metrics *train;      /* EPOCH: of this epoch; PROGRESS: so far */
	const struct plait_metrics *validation; /* EPOCH, or NULL */
	bool best; /* EPOCH: by until.monitor it is better than all before in this call */
	const char
		*text; /* STALL: which worker is at which sample, in which stage, or that none is */
	const struct plait_loader_memory *memory; /* BEGIN: of the training loader */
	int shards;       /* BEGIN: parts of a microbatch that are computed at once */
	int microbatches; /* BEGIN: of a step */
	/* Of a pool (pool.h): which member tells it, from 1, and its name; else 0 and NULL. */
	int member;
	const char *member_name;
};

/** Called by the thread that called plait_fit, never inside a task, in order.
 *  Nonzero stops the run after the steps already submitted. */
typedef int (*plait_event_fn)(void *user, const struct plait_event *event);

struct _starpu_data_state; /* a starpu_data_handle_t points to it */

/** A training step whose tasks were submitted, and its batch: a vector handle whose memory, on
 *  any device, has x at its begin ([samples, ...], the graph's input dtype) and labels or targets
 *  so many bytes further on (0: it has none). */
struct plait_submitted {
	int64_t step, epoch; /* from 1 */
	int64_t samples;
	struct _starpu_data_state *batch;
	size_t labels_offset, targets_offset;
};

/** Here a program submits tasks of its own (plait_submit) that read the batch, and any handles of
 * its own: they run beside the step's, and a slot is filled anew only when they have read it.
 * Called in the order of steps, by whichever thread submits, with locks held: it must not block,
 * wait for a task or call Plait.  Nonzero ends the run with PLAIT_ERUNTIME. */
typedef int (*plait_submit_fn)(void *user, const struct plait_submitted *step);

/** How plait_fit, plait_evaluate and plait_predict run.  A field left out is zero, and zero is the
 *  good default. */
struct plait_fit_options {
	/* How batches are made; see plait_loader_options.  dtype is left 0: the graph's input says
	 * it.  shuffle, drop_last, sampler, transform, load_delay and load_once are those of
	 * training; validation, plait_evaluate and plait_predict go through all samples in order.
	 * plait_predict ignores pad_last and bad: a bad sample is always an error there.
	 *
	 * pad_last gives every step one shape, and so does bad.policy PLAIT_BAD_MASK: the graph's
	 * loss must have weights for either.
	 *
	 * The loaders of training and of validation share one memory_limit: training's slots come
	 * first, then validation's; the cache takes samples of both in the order in which they are
	 * made.  Validation data that cannot have a cache has none.
	 *
	 * timeout: PLAIT_EVENT_STALL is told when for so many seconds no sample, no stage of one
	 * and no step was begun or finished; it must be longer than a task takes.  The run goes on
	 * waiting: what hangs cannot be stopped, so a handler that will not wait has to end the
	 * process. */
	struct plait_loader_options loader;
	/* The transform of validation, plait_evaluate and plait_predict, in the place of
	 * loader.transform; must outlive the call; NULL: none.  Where the graph's input is uint8
	 * the network normalises (plait_normalize): both transforms and loader.normalize may then
	 * say nothing else. */
	const struct plait_transform *fixed_transform;

	int epochs; /* 0 = 1 */
	/* Steps after which the run ends, in the middle of an epoch too; that epoch is then told
	 * and not validated.  With epochs 0 the run has as many epochs as that takes.  0 = no
	 * limit. */
	int64_t steps;
	/* How the learning rate changes.  It goes on where an earlier call of the trainer's has
	 * left it: steps are counted from the trainer's first one, and the last one of this call is
	 * the last of the training.  So a training in two calls has the rates of one call if the
	 * first is stopped (stop, on_event), or has total_steps of the schedule. */
	struct plait_schedule schedule;
	/* When it ends before, and which weights are kept.  patience, target and keep_best need an
	 * epoch's figures before the next one begins, so overlap_validation is refused with them.
	 */
	struct plait_until until;
	struct plait_end *end; /* receives why it has ended, once steps can run; or NULL */
	struct plait_dataset *validation; /* evaluated after every epoch, or NULL */
	enum plait_overlap overlap;       /* of training and validation */
	/* Validation of an epoch runs beside the training of the next one, on a snapshot of the
	 * parameters and with the lowest priority; that of the last epoch runs alone.  The numbers
	 * are the same.  An epoch is told when its validation is over, so after steps of the next
	 * one; if the run ends before, it is told without.  train->seconds of an epoch are those
	 * from the end of the training before it to the end of its own, what ran beside it
	 * included; validation->seconds those from there until the validation was over, most of
	 * which the next epoch has too; nobody waits for its batches (wait_seconds 0).  Takes
	 * memory for the snapshot, needs validation, and overlap PLAIT_OVERLAP_FULL. */
	bool overlap_validation;

	int64_t log_every; /* PLAIT_EVENT_STEP every so many steps; 0 = never */
	/* NULL = a progress bar on stderr if that is a terminal, else plain lines */
	plait_event_fn on_event;
	void *user;               /* passed to on_event */
	bool quiet;               /* with on_event NULL: say nothing */
	const volatile int *stop; /* becomes nonzero (a signal handler) to end the run; or NULL */
	FILE *print_plan;         /* the plan's table goes here before the first step; or NULL */
	struct plait_metrics *metrics; /* receives the last epoch's, or NULL */
	/* What plait_evaluate finds, over all samples; or, where on_event is told of an epoch with
	 * validation, and after the last one, what that has found.  They take the steps' outputs to
	 * the host, and memory of their own for each epoch that is not told yet, three at most for
	 * epochs of more than a few steps.  plait_predict ignores them; or NULL. */
	struct plait_scores *scores;
	/* [steps], the caller's: receives when each step was done, in seconds from the first
	 * submission.  Steps that were not done are left alone.  Needs steps; or NULL. */
	double *step_seconds;
	/* Called for every training step when its tasks have been submitted; or NULL.  With it a
	 * task never computes several steps. */
	plait_submit_fn on_submit;
	void *submit_user; /* passed to on_submit */
};

/** Trains; waits until the last step is done.  options may be NULL: defaults.  A second call goes
 *  on from the parameters and optimizer state of the first; with the same seed it shuffles as the
 *  first did, but a dropout drops others.
 *  Errors: PLAIT_EINVAL (an option; trainer or dataset is NULL), PLAIT_ESHAPE (data and input
 *  differ), PLAIT_ELABEL, PLAIT_EDATA, PLAIT_ENAN (step and first node), PLAIT_ENOMEM,
 *  PLAIT_EINTERRUPTED (stopped from outside before its last step), PLAIT_ESTATE (called in an event
 * handler, or after plait_stop).  Parameters are those after the last good step, one whose loss is
 * finite; its own update may still overflow, and then the error names the parameter.  It can be
 * called again. */
PLAIT_API int plait_fit(struct plait_trainer *trainer, struct plait_dataset *dataset,
			const struct plait_fit_options *options);

/** Mean loss and accuracy over dataset; the graph must have a loss; waits.  Uses loader (see
 * there), fixed_transform, scores, stop, print_plan, on_event and quiet of options (NULL =
 * defaults); on_event is told of PLAIT_EVENT_STALL and nothing else.  Errors as plait_fit;
 * PLAIT_EINVAL (metrics is NULL). */
PLAIT_API int plait_evaluate(struct plait_trainer *trainer, struct plait_dataset *dataset,
			     const struct plait_fit_options *options,
			     struct plait_metrics *metrics);

/** The network's output (see plait_output) for every sample of dataset in
 *  order, into out: [samples, ...] float32, the caller's.  Waits.  Options as
 *  plait_evaluate but pad_last, and a bad sample is always an error; labels of the data set
 *  are not read.  A call makes its own plan, slots and handles, some 0.1 ms whatever the number
 *  of samples: many samples in one call are faster.  Errors as plait_fit; PLAIT_EINVAL (out is
 *  NULL; the output is the input). */
PLAIT_API int plait_predict(struct plait_trainer *trainer, struct plait_dataset *dataset,
			    const struct plait_fit_options *options, float *out);

/** Calls visit for every codelet that plait_fit with these arguments would run, with the symbol of
 *  its performance model and the name that traces show.  Nothing is run.  Errors as plait_fit;
 *  PLAIT_EINVAL (visit is NULL). */
PLAIT_API int
plait_trainer_codelets(struct plait_trainer *trainer, struct plait_dataset *dataset,
		       const struct plait_fit_options *options,
		       void (*visit)(void *user, const char *symbol, const char *name), void *user);

/** Seconds that a step of plait_fit with these arguments would take on the workers that there are,
 * if its batches were there: by the flops and bytes of its kernels, what StarPU spends on a task,
 * and which task waits for which.  That workers share the memory's bandwidth is not in it.  It
 * compares trainers that cut a batch in different ways; what a step really takes is another matter.
 * Nothing is run.  Errors as plait_fit; PLAIT_EINVAL (seconds is NULL), which leave *seconds as it
 * is. */
PLAIT_API int plait_trainer_estimate(struct plait_trainer *trainer, struct plait_dataset *dataset,
				     const struct plait_fit_options *options, double *seconds);

/** Parameters by position: count, and a view of the i-th (name as in a PyTorch
 *  state_dict, data in the trainer's memory: read or write it between runs).  NULL has none.
 *  Errors: PLAIT_EINVAL (there is none; trainer or tensor is NULL). */
PLAIT_API int plait_trainer_parameters(const struct plait_trainer *trainer);
PLAIT_API int plait_trainer_parameter(struct plait_trainer *trainer, int i,
				      struct plait_tensor *tensor);

/** Buffers by position, likewise: what layers keep besides parameters, such as the running_mean of
 *  plait_batchnorm().  Training changes them, but not the optimizer.  Files of weights hold them
 *  too, float32 or int64.  NULL has none.
 *  Errors: PLAIT_EINVAL (there is none; trainer or tensor is NULL). */
PLAIT_API int plait_trainer_buffers(const struct plait_trainer *trainer);
PLAIT_API int plait_trainer_buffer(struct plait_trainer *trainer, int i,
				   struct plait_tensor *tensor);

/** The gradient of the i-th parameter that plait_pool_backward left (pool.h), by the mean loss of
 * all its samples, in the trainer's memory; the next one writes there.  0 where the loss does not
 * depend on the parameter.  Errors: PLAIT_EINVAL (there is no such parameter; trainer or tensor is
 * NULL), PLAIT_ESTATE (there are no gradients yet). */
PLAIT_API int plait_trainer_gradient(struct plait_trainer *trainer, int i,
				     struct plait_tensor *tensor);

/** How many steps have updated the parameters since the trainer was created, those of an open run
 * not counted.  NULL has none. */
PLAIT_API int64_t plait_trainer_steps(const struct plait_trainer *trainer);

/** Parameters to and from a safetensors file.  Loading demands every parameter with its
 *  shape and refuses strangers; on error nothing has changed.
 *  Errors: those of checkpoint.h, PLAIT_EINVAL (trainer or path is NULL), PLAIT_ESHAPE,
 *  PLAIT_ESTATE (called in an event handler). */
PLAIT_API int plait_trainer_save(struct plait_trainer *trainer, const char *path);
PLAIT_API int plait_trainer_load(struct plait_trainer *trainer, const char *path);

/** A text that goes with the parameters into the files of plait_trainer_save, as their metadata;
 *  plait_trainer_load takes those of its file instead of all that there were.  value NULL removes
 *  a text.  plait train keeps plait.model, plait.input, plait.scale, plait.loss, plait.classes and
 *  plait.features there (one name a line).
 *  Errors: PLAIT_EINVAL (trainer or key is NULL), PLAIT_ENOMEM. */
PLAIT_API int plait_trainer_set_metadata(struct plait_trainer *trainer, const char *key,
					 const char *value);

/** The text of a key, or NULL; it lives until it is set or a file is loaded. */
PLAIT_API const char *plait_trainer_metadata(const struct plait_trainer *trainer, const char *key);

#ifdef __cplusplus
}
#endif
#endif
