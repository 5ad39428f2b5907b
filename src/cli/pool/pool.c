/* SPDX-License-Identifier: MIT
 * Members are opened one after another and trained at once.  Those that read the same data share
 * the data set, and so the library loads for all of them once. */
#include "config.h"
#include "src/cli/pool/pool.h"
#include "src/cli/options/sweep.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/cli/interrupt.h"
#include "src/cli/job/start.h"
#include "src/base/base.h"

#include <plait/pool.h>
#include <stdlib.h>
#include <string.h>

struct pool {
	struct cli_sweep sweep;
	struct cli_pool_member *member; /* [count] */
	struct plait_pool_member *run;  /* [count], of those that are opened */
	int count, runs;
	struct cli_log log;
	struct cli_display display;
};

/* -- opening ------------------------------------------------------------------------------ */

static int prepare(struct pool *pool, const struct cli_options *options)
{
	int status = cli_sweep_open(&pool->sweep, options);

	if (status != CLI_DONE)
		return status;
	pool->member = plait__calloc((size_t)pool->sweep.members, sizeof *pool->member, "a pool");
	pool->run = plait__calloc((size_t)pool->sweep.members, sizeof *pool->run, "a pool");
	if (!pool->member || !pool->run)
		return cli_failed(PLAIT_ENOMEM);
	pool->count = pool->sweep.members;
	for (int i = 0; i < pool->count; i++) {
		struct cli_pool_member *m = &pool->member[i];

		cli_sweep_member(&pool->sweep, i, &m->options);
		m->name = cli_sweep_name(&pool->sweep, i);
		m->save = options->save ? cli_sweep_save(options->save, i) : NULL;
		m->save_best = options->save_best ? cli_sweep_save(options->save_best, i) : NULL;
		if (!m->name || (options->save && !m->save) ||
		    (options->save_best && !m->save_best))
			return cli_failed(PLAIT_ENOMEM);
		/* What the options of all of them ask for is said once. */
		m->options.quiet |= i % pool->sweep.seeds > 0;
		m->shown = (struct cli_shown){ .display = &pool->display,
					       .member = i + 1,
					       .name = m->name };
	}
	return CLI_DONE;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* An earlier member whose data a member can use, or NULL.  Weights to begin with may number the
 * classes of the data, so those of others need data of their own. */
static const struct cli_job *find_lender(const struct pool *pool, int member)
{
	for (int i = 0; i < member; i++) {
		const struct cli_pool_member *m = &pool->member[i];

		if (!m->job.borrows &&
		    same_text(m->options.init, pool->member[member].options.init))
			return &m->job;
	}
	return NULL;
}

/* Keeps why a member has failed: what was said last. */
static void fail(struct cli_pool_member *m, int status)
{
	m->exit = status;
	free(m->reason);
	m->reason = plait__strdup(cli_complaint());
}

/* A member that cannot be built leaves the others; what is wrong usage, or has to do with the data,
 * ends all. */
static int open_member(struct pool *pool, int i)
{
	struct cli_pool_member *m = &pool->member[i];
	const struct cli_job *lender = find_lender(pool, i);
	int status;

	cli_complain_of(m->name);
	status = cli_job_add(&m->job, CLI_TRAIN, &m->options, lender);
	cli_complain_of(NULL);
	m->opened = status == CLI_DONE;
	if (m->opened) {
		cli_display_attach(&m->shown, &m->job, m->options.print_plan);
		cli_until_attach(&m->shown.until, &m->job, &m->options, m->save_best);
		pool->run[pool->runs++] = (struct plait_pool_member){ .trainer = m->job.trainer,
								      .dataset = m->job.data,
								      .options = &m->job.fit,
								      .name = m->name };
		return CLI_DONE;
	}
	if (status == CLI_USAGE || status == CLI_INTERRUPTED || (!lender && !m->job.net))
		return status;
	fail(m, status);
	return CLI_DONE;
}

static int open_pool(struct pool *pool, const struct cli_options *options)
{
	int status = prepare(pool, options);

	if (status != CLI_DONE)
		return status;
	status = cli_start(options, true);
	if (status < 0)
		return cli_failed(status);
	for (int i = 0; i < pool->count && status == CLI_DONE; i++)
		status = cli_stop ? cli_stopped_early() : open_member(pool, i);
	if (status == CLI_DONE && cli_log_open(&pool->log, options) < 0)
		status = CLI_FAILED;
	cli_log_config(&pool->log, options, CLI_TRAIN);
	for (int i = 0; i < pool->count && status == CLI_DONE; i += pool->sweep.seeds)
		cli_job_log_notes(&pool->member[i].job, &pool->member[i].options, &pool->log);
	return status;
}

/* -- the end ------------------------------------------------------------------------------ */

static void save(struct cli_pool_member *m, enum cli_end end)
{
	int status;

	if (!m->save || !cli_end_saves(end) || plait_trainer_steps(m->job.trainer) == 0)
		return;
	status = plait_trainer_save(m->job.trainer, m->save);
	m->saved = status == 0;
	if (status < 0)
		fail(m, cli_failed(status));
}

static void finish_member(struct pool *pool, struct cli_pool_member *m,
			  const struct plait_pool_member *run)
{
	bool unheard = run->status >= 0 && pool->display.failed;
	enum cli_end end = unheard ? CLI_END_OUTPUT : cli_end_of(run->status);

	cli_display_plan(&m->shown);
	m->seconds = run->seconds;
	m->exit = cli_end_status(end);
	cli_complain_of(m->name);
	if (run->status < 0 && end != CLI_END_SIGNAL) {
		cli_complain("%s", run->message);
		cli_bad_advise(&m->job.bad, run->status);
		fail(m, m->exit);
	}
	save(m, end);
	cli_complain_of(NULL);
	cli_until_log(&m->shown.until, &m->job, &pool->log, m->shown.member, m->name);
	if (!pool->display.quiet)
		cli_until_print(&m->shown.until, &m->job, m->name);
}

static void say_interrupted(const struct pool *pool)
{
	int saved = 0;

	for (int i = 0; i < pool->count; i++)
		saved += pool->member[i].saved;
	if (saved > 0)
		cli_complain("interrupted%s; weights of %d of %d members are saved",
			     cli_stop_name(), saved, pool->count);
	else
		cli_complain("interrupted%s%s", cli_stop_name(),
			     pool->member[0].save ? "; nothing is saved" : "");
}

/* A signal has ended all; else the first member that failed says how the pool ends. */
static int finish(struct pool *pool)
{
	const struct plait_pool_member *run = pool->run;
	int status = CLI_DONE;

	for (int i = 0; i < pool->count; i++) {
		struct cli_pool_member *m = &pool->member[i];

		if (m->opened)
			finish_member(pool, m, run++);
		if (m->reason)
			cli_log_failed(&pool->log, i + 1, m->name, m->reason);
		if (status == CLI_DONE || m->exit == CLI_INTERRUPTED)
			status = m->exit;
	}
	if (status == CLI_INTERRUPTED)
		say_interrupted(pool);
	if (!pool->display.quiet)
		cli_pool_print(pool->member, pool->count);
	return status;
}

static int close_pool(struct pool *pool, int status)
{
	for (int i = 0; i < pool->count; i++) {
		cli_display_plan(&pool->member[i].shown);
		if (!pool->member[i].job.borrows)
			cli_job_tell_bad(&pool->member[i].job, &pool->log);
	}
	if (cli_log_close(&pool->log) < 0 && status == CLI_DONE)
		status = CLI_FAILED;
	/* Later members have borrowed from earlier ones. */
	for (int i = pool->count; i-- > 0;) {
		struct cli_pool_member *m = &pool->member[i];

		cli_job_free(&m->job);
		free(m->reason);
		free(m->save);
		free(m->save_best);
		free(m->name);
	}
	free(pool->member);
	free(pool->run);
	cli_sweep_close(&pool->sweep);
	plait_stop();
	return status;
}

/* Returns CLI_DONE if members have run, however they ended. */
static int run(struct pool *pool)
{
	int status = pool->runs > 0 ? plait_pool_run(pool->run, pool->runs) : 0;

	for (int i = 0; i < pool->runs; i++)
		if (pool->run[i].status < 0)
			return CLI_DONE;
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

int cli_pool_run(const struct cli_options *options, struct cli_record *record)
{
	struct pool pool = { .display = { .record = record,
					  .log_every = options->log_every,
					  .quiet = options->quiet } };
	int status;

	pool.display.log = &pool.log;
	status = open_pool(&pool, options);
	if (status == CLI_DONE)
		status = run(&pool);
	cli_display_clear(&pool.display);
	if (status == CLI_DONE)
		status = finish(&pool);
	return close_pool(&pool, status);
}
