/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/trainer/pool/part.h"

#include <math.h>
#include <stdio.h>

static void note(struct plait__part *part, int status)
{
	struct plait_pool_member *member = part->member;

	member->status = status;
	if (status < 0)
		snprintf(member->message, sizeof member->message, "%s", plait_error_message());
}

/* -- opening ----------------------------------------------------------------------------- */

static const struct plait_fit_options *options_of(const struct plait_pool_member *member)
{
	static const struct plait_fit_options defaults;

	return member->options ? member->options : &defaults;
}

static int open_fitting(struct plait__part *part, const struct plait__lenders *lenders, bool *stops)
{
	const struct plait_pool_member *m = part->member;
	struct plait__fitting *f = &part->fitting;
	int status = plait__trainer_check_fit(m->trainer, m->dataset, m->options, "plait_pool_run");

	if (status < 0)
		return status;
	part->holds = m->trainer->running = true;
	f->trainer = m->trainer;
	f->dataset = m->dataset;
	f->options = options_of(m);
	f->member = part->name;
	f->lenders = lenders;
	return plait__fitting_open(f, stops);
}

static int open_pass(struct plait__part *part, const struct plait__lenders *lenders)
{
	const struct plait_pool_member *m = part->member;
	struct plait__pass *p = &part->pass;
	int status;

	p->trainer = m->trainer;
	p->dataset = m->dataset;
	p->options = options_of(m);
	p->member = part->name;
	p->lenders = lenders;
	p->backward = m->work == PLAIT_POOL_BACKWARD;
	p->outputs = p->backward ? NULL : m->outputs;
	status = plait__pass_check(p, "plait_pool_run");
	if (status < 0)
		return status;
	part->holds = m->trainer->running = true;
	return plait__pass_open(p);
}

void plait__part_open(struct plait__part *part, const struct plait__lenders *lenders,
		      struct plait__member *run)
{
	enum plait_pool_work work = part->member->work;
	bool fits = work == PLAIT_POOL_FIT, stops = false;
	int status;

	if ((unsigned)work > PLAIT_POOL_BACKWARD)
		status = plait__error(PLAIT_EINVAL, "work %d, must be one of PLAIT_POOL_*",
				      (int)work);
	else
		status = fits ? open_fitting(part, lenders, &stops) : open_pass(part, lenders);
	note(part, status);
	if (status < 0 || stops)
		return;
	run->loop = fits ? &part->fitting.loop : &part->pass.loop;
	run->observer = fits ? &part->fitting.observer : &part->pass.observer;
	part->run = run;
}

/* -- the end ----------------------------------------------------------------------------- */

bool plait__part_cut(struct plait__part *part, struct plait__member *run)
{
	struct plait__fitting *f = &part->fitting;
	bool again = false;

	if (part->member->work != PLAIT_POOL_FIT || !part->run || part->run->status < 0 ||
	    part->run->halted.number >= 0)
		return false;
	part->run->status = plait__fitting_cut(f, &again);
	if (part->run->status < 0)
		snprintf(part->run->message, sizeof part->run->message, "%s",
			 plait_error_message());
	if (part->run->status < 0 || !again)
		return false;
	run->loop = &f->loop;
	run->observer = &f->observer;
	part->run = run;
	return true;
}

static int end_fitting(struct plait__part *part, int status, double *end)
{
	const struct plait__reporter *reporter = part->fitting.reporter;

	status = plait__fitting_end(&part->fitting, status);
	part->member->metrics = reporter->last_train;
	*end = fmax(reporter->last_end[0], reporter->last_end[1]);
	return status;
}

static int end_pass(struct plait__part *part, int status, double *end)
{
	status = plait__pass_end(&part->pass, status);
	part->member->metrics = part->pass.metrics;
	*end = part->pass.collector.last_end;
	return status;
}

void plait__part_end(struct plait__part *part, int status, double begin)
{
	struct plait_pool_member *member = part->member;
	double end = begin;

	if (member->status < 0)
		return;
	if (part->run && status == 0)
		status = plait__trainer_outcome(member->trainer, part->run);
	status = member->work == PLAIT_POOL_FIT ? end_fitting(part, status, &end)
						: end_pass(part, status, &end);
	note(part, status);
	if (end > begin)
		member->seconds = (end - begin) * 1e-6;
}

void plait__part_close(struct plait__part *part)
{
	plait__fitting_close(&part->fitting);
	plait__pass_close(&part->pass);
	if (part->holds)
		part->member->trainer->running = false;
}
