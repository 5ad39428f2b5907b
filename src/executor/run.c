/* SPDX-License-Identifier: MIT
 * Whole loops, one or several at once: the calling thread requests all steps, sleeps while
 * callbacks submit them, and wakes each observer that wants it. */
#include "config.h"
#include "src/executor/shared/hub.h"
#include "src/executor/window.h"

#include <stdio.h>
#include <stdlib.h>

/* The executors of all members, under one monitor. */
struct crew {
	struct plait__executor **ex; /* [n] */
	int n;
	struct plait__monitor monitor;
	struct plait__hub **hub; /* [hubs] */
	int hubs;
};

/* Whole epochs, then what is left of the limit. */
static int64_t total(const struct plait__executor *ex)
{
	const struct plait__loop *loop = &ex->loop;
	int64_t batches = loop->binding[0]->feed.batches;

	if (loop->steps == 0 || loop->steps / batches >= loop->epochs)
		return ex->per_epoch * loop->epochs;
	return loop->steps / batches * ex->per_epoch + loop->steps % batches;
}

/* -- sleeping and waking, with the monitor held ------------------------------------------ */

/* Nothing may be in flight though there is more to do: the observer was not ready. */
static bool find_going(struct crew *c)
{
	bool any = false;

	for (int i = 0; i < c->n; i++) {
		struct plait__executor *ex = c->ex[i];

		ex->goes_on =
			ex->done < ex->submitted || (!ex->stop && ex->submitted < ex->requested);
		any |= ex->goes_on;
	}
	return any;
}

/* Whether this thread has something to do for an executor.  One that others hold back waits for
 * them. */
static bool calls(const struct plait__executor *ex)
{
	return ex->goes_on && (ex->due || (ex->done == ex->submitted && !ex->held));
}

static bool any_calls(const struct crew *c)
{
	bool any = false;

	for (int i = 0; i < c->n; i++)
		any |= calls(c->ex[i]);
	return any;
}

/* Steps done that tell a watchdog that something moves: who shares loads may wait for others. */
static uint64_t moves(const struct crew *c, const struct plait__executor *ex)
{
	int64_t done = ex->done;

	for (int i = 0; ex->shares && i < c->n; i++)
		if (c->ex[i] != ex && c->ex[i]->shares)
			done += c->ex[i]->done;
	return (uint64_t)done;
}

/* The monitor is left meanwhile. */
static void tell_stall(struct plait__executor *ex)
{
	char text[400];
	int stop;

	plait__window_stall(ex, &ex->watchdog, text, sizeof text);
	plait__monitor_unlock(ex->monitor);
	stop = ex->observer.stall(ex->observer.user, text);
	plait__monitor_lock(ex->monitor);
	ex->stop |= stop != 0;
}

/* The watchdog that looks most often. */
static const struct plait__watchdog *keenest(const struct crew *c)
{
	const struct plait__watchdog *least = &c->ex[0]->watchdog;

	for (int i = 1; i < c->n; i++) {
		const struct plait__watchdog *dog = &c->ex[i]->watchdog;

		if (dog->timeout > 0 && (least->timeout <= 0 || dog->timeout < least->timeout))
			least = dog;
	}
	return least;
}

static void sleep_watched(struct crew *c)
{
	for (int i = 0; i < c->n; i++)
		if (c->ex[i]->goes_on)
			plait__watchdog_begin(&c->ex[i]->watchdog, moves(c, c->ex[i]));
	while (!any_calls(c)) {
		plait__window_sleep(&c->monitor, keenest(c));
		for (int i = 0; i < c->n; i++)
			if (c->ex[i]->goes_on &&
			    plait__watchdog_look(&c->ex[i]->watchdog, moves(c, c->ex[i])))
				tell_stall(c->ex[i]);
	}
}

/* The monitor is left meanwhile. */
static void wake(struct plait__executor *ex)
{
	int stop = 0;

	ex->due = false;
	plait__monitor_unlock(ex->monitor);
	if (ex->observer.wake)
		stop = ex->observer.wake(ex->observer.user);
	plait__monitor_lock(ex->monitor);
	ex->stop |= stop != 0;
}

/* Requests all steps, sleeps, and wakes observers when they want it, until nothing is in flight and
 * nothing more will be. */
static void watch(struct crew *c)
{
	plait__monitor_lock(&c->monitor);
	/* Whoever submits sees who else takes part. */
	for (int i = 0; i < c->n; i++)
		c->ex[i]->requested = total(c->ex[i]);
	for (int i = 0; i < c->n; i++)
		plait__window_fill(c->ex[i]);
	while (find_going(c)) {
		sleep_watched(c);
		for (int i = 0; i < c->n; i++)
			if (calls(c->ex[i]))
				wake(c->ex[i]);
		for (int i = 0; i < c->n; i++)
			plait__window_fill(c->ex[i]);
	}
	plait__monitor_unlock(&c->monitor);
}

/* -- all members ------------------------------------------------------------------------- */

static void close_all(struct crew *c)
{
	plait__monitor_lock(&c->monitor);
	while (c->hubs > 0)
		plait__hub_destroy(c->hub[--c->hubs]);
	plait__monitor_unlock(&c->monitor);
	while (c->n > 0)
		plait__executor_close(c->ex[--c->n]);
}

/* The hub of a ring, which is made if there is none. */
static struct plait__hub *find_hub(struct crew *c, struct plait__ring *ring)
{
	for (int i = 0; i < c->hubs; i++)
		if (c->hub[i]->ring == ring)
			return c->hub[i];
	if (plait__hub_create(&c->hub[c->hubs], ring, &c->monitor, c->n) < 0)
		return NULL;
	return c->hub[c->hubs++];
}

static int join_hubs(struct crew *c)
{
	for (int i = 0; i < c->n; i++)
		for (int b = 0; b < c->ex[i]->loop.bindings; b++) {
			const struct plait__binding *binding = c->ex[i]->binding[b];
			struct plait__hub *hub;

			if (!binding->lender && !binding->lends)
				continue;
			hub = find_hub(c, binding->ring);
			if (!hub)
				return PLAIT_ENOMEM;
			plait__hub_join(hub, c->ex[i], b);
		}
	return 0;
}

static int open_all(struct crew *c, const struct plait__member *member, int n)
{
	while (c->n < n) {
		int status = plait__executor_open(&c->ex[c->n], member[c->n].loop,
						  member[c->n].observer, &c->monitor);

		if (status < 0)
			return status;
		c->n++;
	}
	return join_hubs(c);
}

int plait__executors_run(struct plait__member *member, int n)
{
	size_t hubs = (size_t)n * PLAIT__MOST_BINDINGS;
	struct crew c = { .ex = plait__calloc((size_t)n, sizeof(void *), "runs"),
			  .hub = plait__calloc(hubs, sizeof(void *), "runs") };
	int status = PLAIT_ENOMEM;

	plait__monitor_init(&c.monitor);
	if (c.ex && c.hub)
		status = open_all(&c, member, n);
	if (status < 0)
		close_all(&c);
	watch(&c);
	for (int i = 0; i < c.n; i++) {
		member[i].status = plait__executor_drain(c.ex[i], &member[i].halted);
		if (member[i].status < 0)
			snprintf(member[i].message, sizeof member[i].message, "%s",
				 plait_error_message());
	}
	close_all(&c);
	plait__monitor_destroy(&c.monitor);
	free(c.hub);
	free(c.ex);
	return status;
}
