/* SPDX-License-Identifier: MIT
 * How the learning rate changes in the course of a training.  Rules, names and values are those of
 * torch.optim.lr_scheduler.
 *
 *     struct plait_fit_options options = { .epochs = 90, .schedule = plait_step_lr(30, 0.1) };
 *
 * A schedule is a value: it is copied, and nothing is freed.  A program with a loop of its own
 * (run.h) asks plait_schedule_lr for the rate of each step. */
#ifndef PLAIT_SCHEDULE_H
#define PLAIT_SCHEDULE_H

#include <plait/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum plait_schedule_kind {
	PLAIT_SCHEDULE_CONSTANT = 0,
	PLAIT_SCHEDULE_STEP,
	PLAIT_SCHEDULE_MULTISTEP,
	PLAIT_SCHEDULE_EXPONENTIAL,
	PLAIT_SCHEDULE_LINEAR,
	PLAIT_SCHEDULE_COSINE,
	PLAIT_SCHEDULE_COSINE_RESTARTS,
	PLAIT_SCHEDULE_ONE_CYCLE,
	PLAIT_SCHEDULE_PLATEAU,
	PLAIT_SCHEDULE_LAMBDA,
};

#define PLAIT_MAX_MILESTONES 24

/** A function of a program's own: the factor of the optimizer's rate in a step, which is counted
 *  from 0.  Finite and not negative; the same for the same step. */
typedef double (*plait_lr_lambda_fn)(int64_t step, void *user);

/** Zero is a rate that stays.  The functions below make the others and give each field that they
 *  are not told PyTorch's default; fields may then be changed.  Those that a kind does not use are
 *  ignored.
 *
 *  A step is an update of the parameters, whatever it is computed in, and steps are counted over
 * the whole training.  An epoch is as many steps as the data have batches. */
struct plait_schedule {
	enum plait_schedule_kind kind;
	/* So many first steps have (step + 1) / warmup of the rate that the schedule gives: as
	 * LinearLR with start_factor 1 / warmup and total_iters warmup - 1.  LINEAR, COSINE and
	 * COSINE_RESTARTS begin behind it and take what is left of the steps; whatever counts
	 * epochs counts those of the training.  ONE_CYCLE rises by itself and has none. */
	int64_t warmup;
	/* Steps that LINEAR (total_iters), COSINE (T_max) and ONE_CYCLE take, warmup included;
	 * 0: all of the training. */
	int64_t total_steps;
	double gamma;                            /* STEP, MULTISTEP, EXPONENTIAL */
	int64_t step_size;                       /* STEP: epochs */
	int64_t milestone[PLAIT_MAX_MILESTONES]; /* MULTISTEP: epochs, from 1, which increase */
	int milestones;                          /* so many there are */
	double start_factor, end_factor;         /* LINEAR */
	double eta_min;                          /* COSINE, COSINE_RESTARTS: the least rate */
	int64_t t_0, t_mult;                     /* COSINE_RESTARTS: epochs; a factor */
	/* ONE_CYCLE.  max_lr 0: the optimizer's rate.  With cycle_momentum the momentum goes the
	 * other way: SGD's, or beta1 where the optimizer has betas. */
	double max_lr, pct_start, div_factor, final_div_factor;
	bool cycle_momentum;
	double base_momentum, max_momentum;
	bool anneal_linear; /* anneal_strategy "linear"; else "cos" */
	bool three_phase;
	/* PLATEAU: of a loss, so mode is "min"; threshold_abs: threshold_mode "abs", else "rel". */
	double factor;
	int64_t patience, cooldown; /* epochs */
	double threshold, min_lr, eps;
	bool threshold_abs;
	plait_lr_lambda_fn lr_lambda; /* LAMBDA; called by whichever thread submits a step, with
				       * locks held, in the order of steps: it must not block */
	void *user;                   /* passed to lr_lambda */
};

/** StepLR: the rate times gamma after every step_size epochs. */
PLAIT_API struct plait_schedule plait_step_lr(int64_t step_size, double gamma);

/** MultiStepLR: the rate times gamma at each of these epochs, which increase.  milestone: [n], n at
 *  most PLAIT_MAX_MILESTONES. */
PLAIT_API struct plait_schedule plait_multistep_lr(const int64_t *milestone, int n, double gamma);

/** ExponentialLR: the rate times gamma after every epoch. */
PLAIT_API struct plait_schedule plait_exponential_lr(double gamma);

/** LinearLR over the whole training, step by step: from start_factor of the rate towards
 *  end_factor of it.  1 and 0 are the linear schedule of Hugging Face's transformers. */
PLAIT_API struct plait_schedule plait_linear_lr(double start_factor, double end_factor);

/** CosineAnnealingLR over the whole training, step by step: half a cosine from the rate towards
 *  eta_min, where it is behind the last step. */
PLAIT_API struct plait_schedule plait_cosine_annealing_lr(double eta_min);

/** CosineAnnealingWarmRestarts: such halves over t_0 epochs, then t_0 t_mult, t_0 t_mult^2 and so
 *  on, step by step, as scheduler.step(epoch + i / iters) in PyTorch's manual. */
PLAIT_API struct plait_schedule plait_cosine_annealing_warm_restarts(int64_t t_0, int64_t t_mult,
								     double eta_min);

/** OneCycleLR over the whole training, step by step: from max_lr / 25 up to max_lr, which it
 *  reaches after 0.3 of the steps, and down to 1 / 10000 of where it began; the momentum from 0.95
 *  down to 0.85 and back.  max_lr 0: the optimizer's rate, which counts for nothing else. */
PLAIT_API struct plait_schedule plait_one_cycle_lr(double max_lr);

/** ReduceLROnPlateau: the rate times factor where the loss has not become less for more than
 *  patience epochs.  The loss is that of validation where there is one, else the mean of the
 *  training's steps; so the first step of an epoch is submitted when the epoch before is told. */
PLAIT_API struct plait_schedule plait_reduce_lr_on_plateau(double factor, int64_t patience);

/** LambdaLR, step by step. */
PLAIT_API struct plait_schedule plait_lambda_lr(plait_lr_lambda_fn lr_lambda, void *user);

/** A schedule from a word, as the command line has it; numbers in [] may be left out, and any field
 *  may follow by its name, as in "step:30,gamma=0.5" or "onecycle:0.1,cycle_momentum=0":
 *    constant
 *    step:STEP_SIZE[,GAMMA]          gamma 0.1
 *    multistep:EPOCH,EPOCH,...       gamma 0.1
 *    exponential:GAMMA
 *    linear[:START[,END]]            1, 0
 *    cosine[:ETA_MIN]                0
 *    cosine-restarts:T_0[,T_MULT]    1
 *    onecycle[:MAX_LR]               the optimizer's rate
 *    plateau[:PATIENCE[,FACTOR]]     10, 0.1
 *  Errors: PLAIT_EINVAL (the word, the valid ones; a number; schedule or word is NULL), which leave
 *  *schedule as it is. */
PLAIT_API int plait_schedule_parse(struct plait_schedule *schedule, const char *word);

/** How the words are used, one text a word.  Writes at most max of them to usage, static strings,
 *  and returns how many there are.  usage may be NULL: they are only counted. */
PLAIT_API int plait_schedule_words(const char **usage, int max);

/** Errors: PLAIT_EINVAL (no such kind; a field out of range; schedule is NULL). */
PLAIT_API int plait_schedule_check(const struct plait_schedule *schedule);

/** What ReduceLROnPlateau keeps from epoch to epoch; zero at first.  Who stores a training to go on
 *  with it later stores this, too. */
struct plait_plateau {
	double best, lr;    /* the least loss; the rate, once it was reduced */
	int64_t bad_epochs; /* since the least loss, or since the rate was reduced */
	int64_t cooldown;   /* epochs in which bad ones do not count */
	int64_t epochs;     /* of which it has seen the loss */
	int64_t reductions; /* how often the rate became less */
};

/** What a rate depends on besides its schedule and the step. */
struct plait_schedule_run {
	double lr;           /* the optimizer's */
	int64_t epoch_steps; /* steps of an epoch, at least 1 */
	int64_t total_steps; /* of the whole training, at least 1 */
	struct plait_plateau plateau;
};

/** The learning rate of a step, which is counted from 0; behind the last one it stays, but where
 *  epochs and cosines go on.  NAN where schedule or run is NULL, step is negative, a number of
 * steps is less than 1, or plait_schedule_check refuses the schedule. */
PLAIT_API double plait_schedule_lr(const struct plait_schedule *schedule,
				   const struct plait_schedule_run *run, int64_t step);

/** The momentum of a step likewise: what ONE_CYCLE makes of it, else `momentum`. */
PLAIT_API double plait_schedule_momentum(const struct plait_schedule *schedule,
					 const struct plait_schedule_run *run, int64_t step,
					 double momentum);

/** Tells a PLATEAU the loss of an epoch that is over, before the rates of the next one are asked
 *  for; others take no notice.  Errors: PLAIT_EINVAL (schedule or run is NULL). */
PLAIT_API int plait_schedule_epoch(const struct plait_schedule *schedule,
				   struct plait_schedule_run *run, double loss);

#ifdef __cplusplus
}
#endif
#endif
