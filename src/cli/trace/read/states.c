/* SPDX-License-Identifier: MIT
 * trace.rec: what workers did when they ran no task.  States of one kind in a row are kept as
 * one, as there are dozens for every task. */
#include "config.h"
#include "src/cli/trace/read/rec.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/trace/read/timeline.h"
#include "src/base/assert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 32

struct now {
	double since;
	enum cli_phase stack[DEPTH]; /* of pushed states, the first one set */
	int depth;                   /* of the present one */
	int64_t last;                /* state that it wrote last; -1 */
	bool begun, ended;           /* there was an event of it; the last was its end */
};

/* The category decides about states that later versions may have. */
static enum cli_phase classify(const char *name, const char *category)
{
	static const struct {
		const char *name;
		enum cli_phase phase;
	} states[] = {
		{ "FetchingInput", CLI_PHASE_TRANSFER },
		{ "PushingOutput", CLI_PHASE_TRANSFER },
		{ "Idle", CLI_PHASE_IDLE },
		{ "Sleeping", CLI_PHASE_IDLE },
		{ "Overhead", CLI_PHASE_OVERHEAD },
		{ "End", CLI_PHASE_NONE },
	};

	/* The times of tasks are those of tasks.rec. */
	if (strcmp(category, "Task") == 0)
		return cli_phase_of(name) == CLI_PHASE_OWN ? CLI_PHASE_OVERHEAD : CLI_PHASE_NONE;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i].name, name) == 0)
			return states[i].phase;
	return strcmp(category, "Other") == 0 ? CLI_PHASE_IDLE : CLI_PHASE_OVERHEAD;
}

/* Appends what the worker did until then: a new state, or more of the last one. */
static bool finish(struct cli_timeline *tl, struct now *now, int worker, double time)
{
	enum cli_phase phase = now->stack[now->depth];
	struct cli_trace_state *last = now->last < 0 ? NULL : tl->state + now->last;

	PLAIT__ASSERT(now->depth >= 0 && now->depth < DEPTH, "the present state is in the stack");
	if (phase == CLI_PHASE_NONE || time <= now->since)
		return true;
	PLAIT__ASSERT(!last || (last->worker == worker && last->end <= now->since),
		      "states of a worker do not overlap");
	if (last && last->phase == phase && last->end == now->since) {
		last->end = time;
		return true;
	}
	if (!cli_trace_grow(&tl->state, tl->states, &tl->state_room, sizeof *tl->state))
		return false;
	now->last = tl->states;
	tl->state[tl->states++] = (struct cli_trace_state){ now->since, time, worker, phase };
	return true;
}

static bool change(struct cli_timeline *tl, struct now *now, int worker, double time,
		   const char *event, enum cli_phase phase)
{
	if (!finish(tl, now, worker, time))
		return false;
	if (time > now->since)
		now->since = time;
	if (strcmp(event, "SetState") == 0) {
		now->depth = 0;
		now->stack[0] = phase;
	} else if (strcmp(event, "PushState") == 0) {
		now->depth += now->depth < DEPTH - 1;
		now->stack[now->depth] = phase;
	} else if (strcmp(event, "PopState") == 0 && now->depth > 0) {
		now->depth--;
	}
	return true;
}

/* One record; *end_p is the time of the latest. */
static int read_event(struct cli_timeline *tl, struct now *now, const struct cli_rec *rec,
		      double *end_p)
{
	const char *event = cli_rec_text(rec, "E"), *name = cli_rec_text(rec, "N");
	const char *category = cli_rec_text(rec, "C");
	int64_t id = -1;
	double time = 0;
	int worker;

	if (cli_rec_integer(rec, "W", &id) < 0)
		return -1;
	if (!event || id < 0 || (worker = cli_trace_worker(tl, id)) < 0)
		return 0;
	switch (cli_rec_real(rec, "S", &time)) {
	case 0:
		return cli_rec_wrong(rec, "S", "an event without its time");
	case -1:
		return -1;
	}
	time *= 1e3;
	if (time > *end_p)
		*end_p = time;
	now[worker].begun = true;
	now[worker].ended = name && strcmp(name, "End") == 0;
	return change(tl, now + worker, worker, time, event,
		      classify(name ? name : "", category ? category : ""))
		       ? 0
		       : -1;
}

/* Sorts states by worker; those of a worker stay in the order of time. */
static int sort_states(struct cli_timeline *tl)
{
	int64_t *next = calloc((size_t)tl->workers + 1, sizeof *next);
	struct cli_trace_state *sorted = malloc(((size_t)tl->states + 1) * sizeof *sorted);

	if (!next || !sorted) {
		free(next);
		free(sorted);
		return cli_trace_no_memory();
	}
	for (int64_t i = 0; i < tl->states; i++)
		next[tl->state[i].worker + 1]++;
	for (int64_t w = 0; w < tl->workers; w++)
		next[w + 1] += next[w];
	for (int64_t i = 0; i < tl->states; i++)
		sorted[next[tl->state[i].worker]++] = tl->state[i];
	PLAIT__ASSERT(next[tl->workers] == tl->states, "every state belongs to a worker");
	free(tl->state);
	free(next);
	tl->state = sorted;
	tl->state_room = (size_t)tl->states + 1;
	return CLI_DONE;
}

static int read_all(struct cli_timeline *tl, struct cli_rec *rec, struct now *now)
{
	double end = 0;
	int got = 1;

	for (int64_t w = 0; w < tl->workers; w++)
		now[w] = (struct now){ .stack = { CLI_PHASE_NONE }, .last = -1 };
	while (!cli_stop && (got = cli_rec_next(rec)) > 0)
		if (read_event(tl, now, rec, &end) < 0)
			return CLI_FAILED;
	for (int64_t w = 0; w < tl->workers && got >= 0; w++) {
		if (!finish(tl, now + w, (int)w, end))
			return CLI_FAILED;
		tl->unended += now[w].begun && !now[w].ended;
		tl->ended += now[w].begun && now[w].ended;
	}
	tl->cut |= rec->cut;
	if (rec->cut)
		cli_complain("%s:%" PRId64 ": cut off here: states that follow are unknown",
			     rec->path, rec->line);
	return got < 0 ? CLI_FAILED : CLI_DONE;
}

int cli_trace_read_states(struct cli_timeline *tl, const char *path)
{
	struct now *now = calloc((size_t)tl->workers + 1, sizeof *now);
	struct cli_rec rec;
	int status = now ? cli_rec_open(&rec, path) : cli_trace_no_memory();

	if (status == CLI_DONE) {
		status = read_all(tl, &rec, now);
		cli_rec_close(&rec);
	}
	free(now);
	if (status == CLI_DONE)
		status = sort_states(tl);
	tl->has_states = status == CLI_DONE && tl->states > 0;
	return status;
}
