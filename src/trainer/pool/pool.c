/* SPDX-License-Identifier: MIT
 * A pool opens its members one after another, runs those that could be opened at once, and closes
 * them. */
#include "config.h"
#include "src/runtime/memory_limit.h"
#include "src/trainer/pool/part.h"

#include <stdio.h>
#include <stdlib.h>

/* -- members ----------------------------------------------------------------------------- */

struct pool {
	struct plait__part *part;        /* [n] */
	struct plait__member *run;       /* [n], of those that have steps to run */
	struct plait__member *again;     /* [n], of those that time has cut */
	struct plait__binding **binding; /* [2 n]: those of each part */
	struct plait__lenders lenders;   /* of these, those of members that were opened before */
	int n;
};

static void begin_part(struct pool *pool, struct plait_pool_member *member, int i)
{
	struct plait__part *part = &pool->part[i];

	member->status = 0;
	member->message[0] = '\0';
	member->metrics = (struct plait_metrics){ 0 };
	member->seconds = 0;
	part->member = member;
	snprintf(part->own_name, sizeof part->own_name, "member %d", i + 1);
	part->name.number = i + 1;
	part->name.name = member->name ? member->name : part->own_name;
	plait__part_bindings(part, &pool->binding[2 * i]);
}

/* Epochs that time has cut are validated together. */
static int run_again(struct pool *pool)
{
	int runs = 0;

	for (int i = 0; i < pool->n; i++)
		runs += plait__part_cut(&pool->part[i], &pool->again[runs]);
	return runs > 0 ? plait__executors_run(pool->again, runs) : 0;
}

static void run(struct pool *pool)
{
	int n = pool->n, runs = 0, status = 0;
	double begin;

	for (int i = 0; i < n; i++) {
		pool->lenders.n = 2 * i;
		plait__part_open(&pool->part[i], &pool->lenders, &pool->run[runs]);
		runs += pool->part[i].run != NULL;
	}
	begin = starpu_timing_now();
	if (runs > 0)
		status = plait__executors_run(pool->run, runs);
	if (runs > 0 && status == 0)
		status = run_again(pool);
	for (int i = 0; i < n; i++)
		plait__part_end(&pool->part[i], status, begin);
	/* Later members have borrowed from earlier ones. */
	while (n > 0)
		plait__part_close(&pool->part[--n]);
}

/* That of the first member that failed. */
static int outcome(const struct pool *pool)
{
	for (int i = 0; i < pool->n; i++) {
		const struct plait__part *part = &pool->part[i];

		if (part->member->status < 0)
			return plait__error(part->member->status, "%s: %s", part->name.name,
					    part->member->message);
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
	pool.again = plait__calloc((size_t)n, sizeof *pool.again, "a pool");
	pool.binding = plait__calloc((size_t)n, 2 * sizeof(void *), "a pool");
	pool.lenders.binding = pool.binding;
	pool.lenders.available = (double)plait__memory_available("");
	if (pool.part && pool.run && pool.again && pool.binding) {
		for (int i = 0; i < n; i++)
			begin_part(&pool, &member[i], i);
		run(&pool);
		status = outcome(&pool);
	}
	free(pool.binding);
	free(pool.run);
	free(pool.again);
	free(pool.part);
	return status;
}

/* -- trainers that do the same ----------------------------------------------------------- */

/* common: what all members are, but for their trainers and outputs. */
static int run_alike(struct plait_trainer *const *trainers, int n, float *const *outputs,
		     const struct plait_pool_member *common, double *losses, const char *caller)
{
	struct plait_pool_member *member;
	int status;

	if (!trainers || n < 1)
		return plait__error(PLAIT_EINVAL,
				    "%s: trainers is NULL or there are %d, must be at least 1",
				    caller, n);
	member = plait__calloc((size_t)n, sizeof *member, "a pool");
	if (!member)
		return PLAIT_ENOMEM;
	for (int i = 0; i < n; i++) {
		member[i] = *common;
		member[i].trainer = trainers[i];
		member[i].outputs = outputs ? outputs[i] : NULL;
	}
	status = plait_pool_run(member, n);
	for (int i = 0; i < n && losses; i++)
		losses[i] = plait_metrics_loss(&member[i].metrics);
	free(member);
	return status;
}

int plait_pool_fit(struct plait_trainer *const *trainers, int n, struct plait_dataset *dataset,
		   const struct plait_fit_options *options, double *losses)
{
	struct plait_pool_member common = { .dataset = dataset, .options = options };

	if (options &&
	    (options->metrics || options->step_seconds || options->scores || options->end))
		return plait__error(
			PLAIT_EINVAL,
			"plait_pool_fit: metrics, step_seconds, scores and end are for one "
			"trainer: give each member of plait_pool_run its own options");
	return run_alike(trainers, n, NULL, &common, losses, "plait_pool_fit");
}

int plait_pool_forward(struct plait_trainer *const *trainers, int n, struct plait_dataset *dataset,
		       const struct plait_fit_options *options, float *const *outputs,
		       double *losses)
{
	struct plait_pool_member common = { .work = PLAIT_POOL_FORWARD,
					    .dataset = dataset,
					    .options = options };

	return run_alike(trainers, n, outputs, &common, losses, "plait_pool_forward");
}

int plait_pool_backward(struct plait_trainer *const *trainers, int n, struct plait_dataset *dataset,
			const struct plait_fit_options *options, double *losses)
{
	struct plait_pool_member common = { .work = PLAIT_POOL_BACKWARD,
					    .dataset = dataset,
					    .options = options };

	return run_alike(trainers, n, NULL, &common, losses, "plait_pool_backward");
}
