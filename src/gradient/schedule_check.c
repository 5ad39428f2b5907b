/* SPDX-License-Identifier: MIT
 * What a schedule's fields may be, and what the loss of an epoch makes of a plateau. */
#include "config.h"
#include "src/gradient/schedule.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <math.h>

#define FIELD(name) offsetof(struct plait_schedule, name)

/* Those of a kind stand in the order in which its word has them. */
const struct plait__schedule_field plait__schedule_field[] = {
	{ PLAIT_SCHEDULE_STEP, "step_size", FIELD(step_size), PLAIT__FROM_ONE, PLAIT__REQUIRED },
	{ PLAIT_SCHEDULE_STEP, "gamma", FIELD(gamma), PLAIT__FINITE, PLAIT__OPTIONAL },
	{ PLAIT_SCHEDULE_MULTISTEP, "gamma", FIELD(gamma), PLAIT__FINITE, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_EXPONENTIAL, "gamma", FIELD(gamma), PLAIT__FINITE, PLAIT__REQUIRED },
	{ PLAIT_SCHEDULE_LINEAR, "start_factor", FIELD(start_factor), PLAIT__FINITE,
	  PLAIT__OPTIONAL },
	{ PLAIT_SCHEDULE_LINEAR, "end_factor", FIELD(end_factor), PLAIT__FINITE, PLAIT__OPTIONAL },
	{ PLAIT_SCHEDULE_LINEAR, "total_steps", FIELD(total_steps), PLAIT__COUNT, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_COSINE, "eta_min", FIELD(eta_min), PLAIT__FINITE, PLAIT__OPTIONAL },
	{ PLAIT_SCHEDULE_COSINE, "total_steps", FIELD(total_steps), PLAIT__COUNT, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_COSINE_RESTARTS, "T_0", FIELD(t_0), PLAIT__FROM_ONE, PLAIT__REQUIRED },
	{ PLAIT_SCHEDULE_COSINE_RESTARTS, "T_mult", FIELD(t_mult), PLAIT__FROM_ONE,
	  PLAIT__OPTIONAL },
	{ PLAIT_SCHEDULE_COSINE_RESTARTS, "eta_min", FIELD(eta_min), PLAIT__FINITE, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "max_lr", FIELD(max_lr), PLAIT__FINITE, PLAIT__OPTIONAL },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "total_steps", FIELD(total_steps), PLAIT__COUNT, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "pct_start", FIELD(pct_start), PLAIT__SHARE, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "div_factor", FIELD(div_factor), PLAIT__POSITIVE,
	  PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "final_div_factor", FIELD(final_div_factor), PLAIT__POSITIVE,
	  PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "cycle_momentum", FIELD(cycle_momentum), PLAIT__FLAG,
	  PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "base_momentum", FIELD(base_momentum), PLAIT__BELOW_ONE,
	  PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "max_momentum", FIELD(max_momentum), PLAIT__BELOW_ONE,
	  PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "anneal_linear", FIELD(anneal_linear), PLAIT__FLAG,
	  PLAIT__NAMED },
	{ PLAIT_SCHEDULE_ONE_CYCLE, "three_phase", FIELD(three_phase), PLAIT__FLAG, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_PLATEAU, "patience", FIELD(patience), PLAIT__COUNT, PLAIT__OPTIONAL },
	{ PLAIT_SCHEDULE_PLATEAU, "factor", FIELD(factor), PLAIT__BELOW_ONE, PLAIT__OPTIONAL },
	{ PLAIT_SCHEDULE_PLATEAU, "threshold", FIELD(threshold), PLAIT__FINITE, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_PLATEAU, "threshold_abs", FIELD(threshold_abs), PLAIT__FLAG,
	  PLAIT__NAMED },
	{ PLAIT_SCHEDULE_PLATEAU, "cooldown", FIELD(cooldown), PLAIT__COUNT, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_PLATEAU, "min_lr", FIELD(min_lr), PLAIT__FINITE, PLAIT__NAMED },
	{ PLAIT_SCHEDULE_PLATEAU, "eps", FIELD(eps), PLAIT__FINITE, PLAIT__NAMED },
};
const int plait__schedule_fields = sizeof plait__schedule_field / sizeof *plait__schedule_field;

/* -- what is right ----------------------------------------------------------------------- */

static double value_of(const struct plait_schedule *s, const struct plait__schedule_field *field)
{
	const void *value = (const char *)s + field->offset;

	if (field->range == PLAIT__FLAG)
		return *(const bool *)value;
	return field->range >= PLAIT__COUNT ? (double)*(const int64_t *)value
					    : *(const double *)value;
}

static bool fits(double value, enum plait__field_range range)
{
	bool is_share = range == PLAIT__SHARE || range == PLAIT__BELOW_ONE;

	if (!(value >= 0) || isinf(value) || (is_share && value > 1))
		return false;
	return !(range == PLAIT__BELOW_ONE && value == 1) &&
	       !((range == PLAIT__POSITIVE || range == PLAIT__FROM_ONE) && value == 0);
}

static int check_field(const struct plait_schedule *s, const struct plait__schedule_field *field)
{
	static const char *const text[] = { "finite and not negative",
					    "finite and above 0",
					    "0 to 1",
					    "in [0,1)",
					    "0 or more",
					    "1 or more" };
	double value = value_of(s, field);

	return fits(value, field->range)
		       ? 0
		       : plait__error(PLAIT_EINVAL, "schedule: %s is %g, must be %s", field->name,
				      value, text[field->range]);
}

static int check_milestones(const struct plait_schedule *s)
{
	if (s->milestones < 1 || s->milestones > PLAIT_MAX_MILESTONES)
		return plait__error(PLAIT_EINVAL, "schedule: %d milestones, must be 1 to %d",
				    s->milestones, PLAIT_MAX_MILESTONES);
	for (int i = 0; i < s->milestones; i++)
		if (s->milestone[i] <= (i > 0 ? s->milestone[i - 1] : 0))
			return plait__error(PLAIT_EINVAL,
					    "schedule: milestone %" PRId64
					    ", must be 1 or more, and above the one before",
					    s->milestone[i]);
	return 0;
}

static int check_common(const struct plait_schedule *s)
{
	if ((unsigned)s->kind > PLAIT_SCHEDULE_LAMBDA)
		return plait__error(PLAIT_EINVAL,
				    "schedule: kind %d, must be one of PLAIT_SCHEDULE_*",
				    (int)s->kind);
	if (s->warmup < 0 || s->total_steps < 0)
		return plait__error(PLAIT_EINVAL, "schedule: %s is %" PRId64 ", must be 0 or more",
				    s->warmup < 0 ? "warmup" : "total_steps",
				    s->warmup < 0 ? s->warmup : s->total_steps);
	if (s->warmup > 0 && s->kind == PLAIT_SCHEDULE_ONE_CYCLE)
		return plait__error(PLAIT_EINVAL,
				    "schedule: warmup is %" PRId64
				    ", must be 0 as one cycle rises by itself (pct_start)",
				    s->warmup);
	if (s->kind == PLAIT_SCHEDULE_LAMBDA && !s->lr_lambda)
		return plait__error(PLAIT_EINVAL, "schedule: lr_lambda is NULL");
	return s->kind == PLAIT_SCHEDULE_MULTISTEP ? check_milestones(s) : 0;
}

int plait_schedule_check(const struct plait_schedule *s)
{
	int status;

	if (!s)
		return plait__error(PLAIT_EINVAL, "plait_schedule_check: the schedule is NULL");
	status = check_common(s);
	for (int i = 0; i < plait__schedule_fields && status == 0; i++)
		if (plait__schedule_field[i].kind == s->kind)
			status = check_field(s, &plait__schedule_field[i]);
	return status;
}

/* -- plateaus, as torch.optim's ReduceLROnPlateau.step ----------------------------------- */

static bool is_better(const struct plait_schedule *s, const struct plait_plateau *p, double loss)
{
	return loss < (s->threshold_abs ? p->best - s->threshold : p->best * (1 - s->threshold));
}

static void reduce(const struct plait_schedule *s, struct plait_plateau *p, double lr)
{
	double reduced = fmax(lr * s->factor, s->min_lr);

	p->cooldown = s->cooldown;
	p->bad_epochs = 0;
	if (!(lr - reduced > s->eps))
		return;
	p->lr = reduced;
	p->reductions++;
}

int plait_schedule_epoch(const struct plait_schedule *s, struct plait_schedule_run *run,
			 double loss)
{
	struct plait_plateau *p = run ? &run->plateau : NULL;

	if (!s || !run)
		return plait__error(PLAIT_EINVAL, "plait_schedule_epoch: %s is NULL",
				    s ? "run" : "the schedule");
	if (s->kind != PLAIT_SCHEDULE_PLATEAU)
		return 0;
	if (p->epochs++ == 0)
		p->best = INFINITY;
	p->bad_epochs++;
	if (is_better(s, p, loss)) {
		p->best = loss;
		p->bad_epochs = 0;
	}
	if (p->cooldown > 0) {
		p->cooldown--;
		p->bad_epochs = 0;
	}
	if (p->bad_epochs > s->patience)
		reduce(s, p, p->reductions > 0 ? p->lr : run->lr);
	return 0;
}
