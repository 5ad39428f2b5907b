/* SPDX-License-Identifier: MIT
 * Learning rates as functions of the step.  Formulas are those of torch.optim.lr_scheduler in
 * closed form, so that a run may ask for any step, in any order. */
#include "config.h"
#include "src/gradient/schedule.h"
#include "src/base/base.h"

#include <math.h>

/* -- making one -------------------------------------------------------------------------- */

struct plait_schedule plait_step_lr(int64_t step_size, double gamma)
{
	return (struct plait_schedule){ .kind = PLAIT_SCHEDULE_STEP,
					.step_size = step_size,
					.gamma = gamma };
}

struct plait_schedule plait_multistep_lr(const int64_t *milestone, int n, double gamma)
{
	struct plait_schedule s = { .kind = PLAIT_SCHEDULE_MULTISTEP,
				    .milestones = milestone ? n : 0,
				    .gamma = gamma };

	for (int i = 0; i < s.milestones && i < PLAIT_MAX_MILESTONES; i++)
		s.milestone[i] = milestone[i];
	return s;
}

struct plait_schedule plait_exponential_lr(double gamma)
{
	return (struct plait_schedule){ .kind = PLAIT_SCHEDULE_EXPONENTIAL, .gamma = gamma };
}

struct plait_schedule plait_linear_lr(double start_factor, double end_factor)
{
	return (struct plait_schedule){ .kind = PLAIT_SCHEDULE_LINEAR,
					.start_factor = start_factor,
					.end_factor = end_factor };
}

struct plait_schedule plait_cosine_annealing_lr(double eta_min)
{
	return (struct plait_schedule){ .kind = PLAIT_SCHEDULE_COSINE, .eta_min = eta_min };
}

struct plait_schedule plait_cosine_annealing_warm_restarts(int64_t t_0, int64_t t_mult,
							   double eta_min)
{
	return (struct plait_schedule){ .kind = PLAIT_SCHEDULE_COSINE_RESTARTS,
					.t_0 = t_0,
					.t_mult = t_mult,
					.eta_min = eta_min };
}

struct plait_schedule plait_one_cycle_lr(double max_lr)
{
	return (struct plait_schedule){ .kind = PLAIT_SCHEDULE_ONE_CYCLE,
					.max_lr = max_lr,
					.pct_start = 0.3,
					.div_factor = 25,
					.final_div_factor = 1e4,
					.cycle_momentum = true,
					.base_momentum = 0.85,
					.max_momentum = 0.95 };
}

struct plait_schedule plait_reduce_lr_on_plateau(double factor, int64_t patience)
{
	return (struct plait_schedule){ .kind = PLAIT_SCHEDULE_PLATEAU,
					.factor = factor,
					.patience = patience,
					.threshold = 1e-4,
					.eps = 1e-8 };
}

struct plait_schedule plait_lambda_lr(plait_lr_lambda_fn lr_lambda, void *user)
{
	return (struct plait_schedule){ .kind = PLAIT_SCHEDULE_LAMBDA,
					.lr_lambda = lr_lambda,
					.user = user };
}

/* -- the rate of a step ------------------------------------------------------------------ */

/* From the first number to the second by half a cosine; done: 0 to 1, what is behind it. */
static double by_cosine(double from, double to, double done)
{
	return to + (from - to) * (1 + cos(M_PI * done)) / 2;
}

static double by_line(double from, double to, double done)
{
	return from + (to - from) * done;
}

/* Steps that the whole of a schedule takes. */
static int64_t length(const struct plait_schedule *s, const struct plait_schedule_run *run)
{
	return s->total_steps > 0 ? s->total_steps : run->total_steps;
}

/* Which part of what is behind the warm-up is over before the step. */
static double share(const struct plait_schedule *s, const struct plait_schedule_run *run,
		    int64_t step)
{
	int64_t steps = length(s, run) - s->warmup;

	if (step <= s->warmup)
		return 0;
	return (double)(step - s->warmup) / (double)(steps > 0 ? steps : 1);
}

static int milestones_behind(const struct plait_schedule *s, int64_t epoch)
{
	int behind = 0;

	while (behind < s->milestones && behind < PLAIT_MAX_MILESTONES &&
	       s->milestone[behind] <= epoch)
		behind++;
	return behind;
}

static double with_restarts(const struct plait_schedule *s, const struct plait_schedule_run *run,
			    int64_t step)
{
	double at = step > s->warmup ? (double)(step - s->warmup) : 0;
	double period = (double)s->t_0 * (double)run->epoch_steps;

	if (s->t_mult == 1)
		at = fmod(at, period);
	for (; at >= period; period *= (double)s->t_mult)
		at -= period;
	return by_cosine(run->lr, s->eta_min, at / period);
}

/* -- one cycle --------------------------------------------------------------------------- */

/* A phase ends at a step, which may be a fraction; numbers are those at its begin and there. */
struct phase {
	double end, lr[2], momentum[2];
};

static int find_phases(const struct plait_schedule *s, const struct plait_schedule_run *run,
		       struct phase phase[3])
{
	double last = (double)length(s, run) - 1, rise = s->pct_start * (last + 1) - 1;
	double top = s->max_lr > 0 ? s->max_lr : run->lr;
	double first = top / s->div_factor, least = first / s->final_div_factor;
	double high = s->max_momentum, low = s->base_momentum;

	phase[0] = (struct phase){ rise, { first, top }, { high, low } };
	if (!s->three_phase) {
		phase[1] = (struct phase){ last, { top, least }, { low, high } };
		return 2;
	}
	phase[1] = (struct phase){ 2 * rise, { top, first }, { low, high } };
	phase[2] = (struct phase){ last, { first, least }, { high, high } };
	return 3;
}

/* The phase that a step is in, and which part of it is over. */
static const struct phase *find_phase(const struct phase *phase, int phases, double step,
				      double *done)
{
	double begin = 0;
	int at = 0;

	for (; at + 1 < phases && step > phase[at].end; at++)
		begin = phase[at].end;
	*done = phase[at].end > begin ? fmin((step - begin) / (phase[at].end - begin), 1) : 1;
	return &phase[at];
}

/* Its rate, or its momentum. */
static double one_cycle(const struct plait_schedule *s, const struct plait_schedule_run *run,
			int64_t step, bool momentum)
{
	struct phase phase[3];
	int phases = find_phases(s, run, phase);
	double done;
	const struct phase *at = find_phase(phase, phases, (double)step, &done);
	const double *value = momentum ? at->momentum : at->lr;

	return s->anneal_linear ? by_line(value[0], value[1], done)
				: by_cosine(value[0], value[1], done);
}

/* -- all --------------------------------------------------------------------------------- */

static double without_warmup(const struct plait_schedule *s, const struct plait_schedule_run *run,
			     int64_t step)
{
	int64_t epoch = step / run->epoch_steps;

	switch (s->kind) {
	case PLAIT_SCHEDULE_STEP:
		return run->lr * pow(s->gamma, (double)(epoch / s->step_size));
	case PLAIT_SCHEDULE_MULTISTEP:
		return run->lr * pow(s->gamma, milestones_behind(s, epoch));
	case PLAIT_SCHEDULE_EXPONENTIAL:
		return run->lr * pow(s->gamma, (double)epoch);
	case PLAIT_SCHEDULE_LINEAR:
		return run->lr *
		       by_line(s->start_factor, s->end_factor, fmin(share(s, run, step), 1));
	case PLAIT_SCHEDULE_COSINE:
		return by_cosine(run->lr, s->eta_min, share(s, run, step));
	case PLAIT_SCHEDULE_COSINE_RESTARTS:
		return with_restarts(s, run, step);
	case PLAIT_SCHEDULE_ONE_CYCLE:
		return one_cycle(s, run, step, false);
	case PLAIT_SCHEDULE_PLATEAU:
		return run->plateau.reductions > 0 ? run->plateau.lr : run->lr;
	case PLAIT_SCHEDULE_LAMBDA:
		return run->lr * s->lr_lambda(step, s->user);
	case PLAIT_SCHEDULE_CONSTANT:
		break;
	}
	return run->lr;
}

double plait__schedule_lr(const struct plait_schedule *s, const struct plait_schedule_run *run,
			  int64_t step)
{
	double lr = without_warmup(s, run, step);

	return step < s->warmup ? lr * ((double)(step + 1) / (double)s->warmup) : lr;
}

double plait__schedule_momentum(const struct plait_schedule *s,
				const struct plait_schedule_run *run, int64_t step)
{
	PLAIT__ASSERT(plait__schedule_cycles(s), "who has no momentum asks for none");
	return one_cycle(s, run, step, true);
}

/* Whether a step has numbers. */
static bool is_there(const struct plait_schedule *s, const struct plait_schedule_run *run,
		     int64_t step)
{
	return s && run && step >= 0 && run->epoch_steps > 0 && run->total_steps > 0 &&
	       plait_schedule_check(s) == 0;
}

double plait_schedule_lr(const struct plait_schedule *s, const struct plait_schedule_run *run,
			 int64_t step)
{
	return is_there(s, run, step) ? plait__schedule_lr(s, run, step) : NAN;
}

double plait_schedule_momentum(const struct plait_schedule *s, const struct plait_schedule_run *run,
			       int64_t step, double momentum)
{
	if (!is_there(s, run, step))
		return NAN;
	return plait__schedule_cycles(s) ? plait__schedule_momentum(s, run, step) : momentum;
}
