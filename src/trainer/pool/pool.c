/* SPDX-License-Identifier: MIT
 * A pool opens its members one after another, runs those that could be opened at once, and closes
 * them.  What a member does is that of plait_fit (../fit.c). */
#include "config.h"
#include "src/trainer/fitting.h"
#include <plait/pool.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A member while the pool runs. */
struct part {
	struct plait_pool_member *member;
	char name[24]; /* if the member has none */
	bool holds;    /* its trainer is in this run */
	struct plait__fitting fitting;
	struct plait__member *run; /* NULL: it has no steps to run */
};

struct pool {
	struct part *part;               /* [n] */
	struct plait__member *run;       /* [n], of those that have steps to run */
	struct plait__binding **binding; /* [2 n]: training and validation of each */
	struct plait__lenders lenders;   /* of these, those of members that were opened before */
	int n;
};

/* -- the life of a member ---------------------------------------------------------------- */

static void note(struct part *part, int status)
{
	struct plait_pool_member *member = part->member;

	member->status = status;
	if (status < 0)
		snprintf(member->message, sizeof member->message, "%s", plait_error_message());
}

/* Its run is run if it has steps to do. */
static void open_part(struct part *part, struct plait__member *run)
{
	static const struct plait_fit_options defaults;
	const struct plait_pool_member *m = part->member;
	struct plait__fitting *f = &part->fitting;
	bool stops = false;
	int status = plait__trainer_check_fit(m->trainer, m->dataset, m->options, "plait_pool_run");

	if (status == 0) {
		part->holds = m->trainer->running = true;
		f->trainer = m->trainer;
		f->dataset = m->dataset;
		f->options = m->options ? m->options : &defaults;
		status = plait__fitting_open(f, &stops);
	}
	note(part, status);
	if (status < 0 || stops)
		return;
	*run = (struct plait__member){ .loop = &f->loop, .observer = &f->observer };
	part->run = run;
}

static void end_part(struct part *part, int status, double begin)
{
	const struct plait__fitting *f = &part->fitting;

	if (!f->reporter)
		return;
	if (part->run && status == 0)
		status = plait__trainer_outcome(f->trainer, part->run);
	note(part, plait__fitting_end(&part->fitting, status));
	part->member->metrics = f->reporter->last_train;
	if (f->reporter->last_end > begin)
		part->member->seconds = (f->reporter->last_end - begin) * 1e-6;
}

static void close_part(struct part *part)
{
	plait__fitting_close(&part->fitting);
	if (part->holds)
		part->member->trainer->running = false;
}

/* -- all of them ------------------------------------------------------------------------- */

static void begin_part(struct pool *pool, struct plait_pool_member *member, int i)
{
	struct part *part = &pool->part[i];

	member->status = 0;
	member->message[0] = '\0';
	member->metrics = (struct plait_metrics){ 0 };
	member->seconds = 0;
	part->member = member;
	snprintf(part->name, sizeof part->name, "member %d", i + 1);
	part->fitting.member.number = i + 1;
	part->fitting.member.name = member->name ? member->name : part->name;
	part->fitting.lenders = &pool->lenders;
	pool->binding[2 * i] = &part->fitting.train;
	pool->binding[2 * i + 1] = &part->fitting.validation;
}

static void run(struct pool *pool)
{
	int n = pool->n, runs = 0, status = 0;
	double begin;

	for (int i = 0; i < n; i++) {
		pool->lenders.n = 2 * i;
		open_part(&pool->part[i], &pool->run[runs]);
		runs += pool->part[i].run != NULL;
	}
	begin = starpu_timing_now();
	if (runs > 0)
		status = plait__executors_run(pool->run, runs);
	for (int i = 0; i < n; i++)
		end_part(&pool->part[i], status, begin);
	while (n > 0)
		close_part(&pool->part[--n]);
}

/* That of the first member that failed. */
static int outcome(const struct pool *pool)
{
	for (int i = 0; i < pool->n; i++) {
		const struct part *part = &pool->part[i];

		if (part->member->status < 0)
			return plait__error(part->member->status, "%s: %s",
					    part->fitting.member.name, part->member->message);
	}
	return 0;
}

int plait_pool_run(struct plait_pool_member *member, int n)
{
	struct pool pool = { .n = n };
	int status = PLAIT_ENOMEM;

	if (!member || n < 1)
		return plait__error(PLAIT_EINVAL,
				    "plait_pool_run: member is NULL or there are %d, must be at "
				    "least 1",
				    n);
	pool.part = plait__calloc((size_t)n, sizeof *pool.part, "a pool");
	pool.run = plait__calloc((size_t)n, sizeof *pool.run, "a pool");
	pool.binding = plait__calloc((size_t)n, 2 * sizeof *pool.binding, "a pool");
	pool.lenders.binding = pool.binding;
	if (pool.part && pool.run && pool.binding) {
		for (int i = 0; i < n; i++)
			begin_part(&pool, &member[i], i);
		run(&pool);
		status = outcome(&pool);
	}
	free(pool.binding);
	free(pool.run);
	free(pool.part);
	return status;
}

int plait_pool_fit(struct plait_trainer *const *trainers, int n, struct plait_dataset *dataset,
		   const struct plait_fit_options *options, double *losses)
{
	struct plait_pool_member *member;
	int status;

	if (!trainers || n < 1)
		return plait__error(PLAIT_EINVAL,
				    "plait_pool_fit: trainers is NULL or there are %d, must be at "
				    "least 1",
				    n);
	if (options && (options->metrics || options->step_seconds))
		return plait__error(PLAIT_EINVAL,
				    "plait_pool_fit: metrics and step_seconds are for one trainer: "
				    "give each member of plait_pool_run its own options");
	member = plait__calloc((size_t)n, sizeof *member, "a pool");
	if (!member)
		return PLAIT_ENOMEM;
	for (int i = 0; i < n; i++)
		member[i] = (struct plait_pool_member){ .trainer = trainers[i],
							.dataset = dataset,
							.options = options };
	status = plait_pool_run(member, n);
	for (int i = 0; i < n && losses; i++)
		losses[i] = plait_metrics_loss(&member[i].metrics);
	free(member);
	return status;
}
