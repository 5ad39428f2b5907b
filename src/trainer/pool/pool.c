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

static void begin_part(struct part *part, struct plait_pool_member *member, int number)
{
	member->status = 0;
	member->message[0] = '\0';
	member->metrics = (struct plait_metrics){ 0 };
	member->seconds = 0;
	part->member = member;
	snprintf(part->name, sizeof part->name, "member %d", number);
	part->fitting.member.number = number;
	part->fitting.member.name = member->name ? member->name : part->name;
}

static void run(struct part *part, int n, struct plait__member *runs)
{
	int opened = 0, status = 0;
	double begin;

	for (int i = 0; i < n; i++) {
		open_part(&part[i], &runs[opened]);
		opened += part[i].run != NULL;
	}
	begin = starpu_timing_now();
	if (opened > 0)
		status = plait__executors_run(runs, opened);
	for (int i = 0; i < n; i++)
		end_part(&part[i], status, begin);
	while (n > 0)
		close_part(&part[--n]);
}

/* That of the first member that failed. */
static int outcome(const struct part *part, int n)
{
	for (int i = 0; i < n; i++) {
		const struct plait_pool_member *member = part[i].member;

		if (member->status < 0)
			return plait__error(member->status, "%s: %s", part[i].fitting.member.name,
					    member->message);
	}
	return 0;
}

int plait_pool_run(struct plait_pool_member *member, int n)
{
	struct plait__member *runs;
	struct part *part;
	int status = PLAIT_ENOMEM;

	if (!member || n < 1)
		return plait__error(PLAIT_EINVAL,
				    "plait_pool_run: member is NULL or there are %d, must be at "
				    "least 1",
				    n);
	part = plait__calloc((size_t)n, sizeof *part, "a pool");
	runs = plait__calloc((size_t)n, sizeof *runs, "a pool");
	if (part && runs) {
		for (int i = 0; i < n; i++)
			begin_part(&part[i], &member[i], i + 1);
		run(part, n, runs);
		status = outcome(part, n);
	}
	free(runs);
	free(part);
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
