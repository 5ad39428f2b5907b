/* SPDX-License-Identifier: MIT
 * Inside a schedule: its fields, and the numbers of updates that follow one. */
#ifndef PLAIT__SCHEDULE_H
#define PLAIT__SCHEDULE_H

#include "src/graph/op.h"
#include <plait/optimizer.h>
#include <plait/schedule.h>

/* What a field may be, in the order of the texts in schedule_check.c. */
enum plait__field_range {
	PLAIT__FINITE,    /* double, not negative */
	PLAIT__POSITIVE,  /* double, above 0 */
	PLAIT__SHARE,     /* double, 0 to 1 */
	PLAIT__BELOW_ONE, /* double, in [0,1) */
	PLAIT__COUNT,     /* int64_t, not negative */
	PLAIT__FROM_ONE,  /* int64_t, above 0 */
	PLAIT__FLAG,      /* bool */
};

/* How a word has it. */
enum plait__field_place {
	PLAIT__NAMED,    /* behind its name */
	PLAIT__OPTIONAL, /* also in its turn */
	PLAIT__REQUIRED,
};

/* A field that a kind uses. */
struct plait__schedule_field {
	enum plait_schedule_kind kind;
	const char *name; /* PyTorch's */
	size_t offset;    /* in struct plait_schedule */
	enum plait__field_range range;
	enum plait__field_place place;
};

extern const struct plait__schedule_field plait__schedule_field[];
extern const int plait__schedule_fields;

/* Whether the rate changes at all; whether the momentum does. */
static inline bool plait__schedule_moves(const struct plait_schedule *s)
{
	return s->kind != PLAIT_SCHEDULE_CONSTANT || s->warmup > 0;
}

static inline bool plait__schedule_cycles(const struct plait_schedule *s)
{
	return s->kind == PLAIT_SCHEDULE_ONE_CYCLE && s->cycle_momentum;
}

/* As the functions without the second underscore, of a schedule that is right; the momentum of one
 * that cycles it. */
double plait__schedule_lr(const struct plait_schedule *s, const struct plait_schedule_run *run,
			  int64_t step);
double plait__schedule_momentum(const struct plait_schedule *s,
				const struct plait_schedule_run *run, int64_t step);

/* What the updates of a run follow (pace.c).  All but epochs is set by whoever opens the run. */
struct plait__pace {
	const struct plait_optimizer *optimizer;
	const struct plait_schedule *schedule;
	struct plait_schedule_run run;
	int64_t epochs; /* of this run whose loss was told */
};

/* Whether the schedule is right, and the optimizer can follow it: PLAIT_EINVAL. */
int plait__pace_check(const struct plait_schedule *schedule,
		      const struct plait_optimizer *optimizer);

/* The numbers of update t, counted from 1; pace is a struct plait__pace.  PLAIT_EINVAL: the
 * program's function gave no rate. */
int plait__pace_scalars(const void *pace, int64_t t, struct plait_scalars *scalars);

/* Of a plateau: whether those of an epoch of this run, counted from 0, are known yet. */
bool plait__pace_known(const void *pace, int64_t epoch);

/* An epoch of this run is over and validated, with this loss. */
void plait__pace_epoch(struct plait__pace *pace, double loss);

#endif
