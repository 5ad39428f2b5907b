/* SPDX-License-Identifier: MIT
 * Two things hold a load back: its slot, whose last load some reader has yet to take, and its
 * record, with which some reader has yet to be done.  The reader that is furthest behind is never
 * held back, so somebody always goes on. */
#include "config.h"
#include "src/executor/shared/hub.h"
#include "src/executor/window.h"

#include <stdio.h>
#include <stdlib.h>

int plait__hub_create(struct plait__hub **hub_p, struct plait__ring *ring,
		      struct plait__monitor *monitor, int most_readers)
{
	struct plait__hub *hub = plait__calloc(1, sizeof *hub, "shared loads");

	if (!hub)
		return PLAIT_ENOMEM;
	hub->ring = ring;
	hub->monitor = monitor;
	hub->records = plait__ring_loads(ring);
	hub->record = plait__calloc((size_t)hub->records, sizeof *hub->record, "shared loads");
	hub->reader = plait__calloc((size_t)most_readers, sizeof *hub->reader, "shared loads");
	if (!hub->record || !hub->reader) {
		free(hub->record);
		free(hub->reader);
		free(hub);
		return PLAIT_ENOMEM;
	}
	for (int i = 0; i < hub->records; i++)
		hub->record[i].hub = hub;
	*hub_p = hub;
	return 0;
}

void plait__hub_destroy(struct plait__hub *hub)
{
	const struct plait__watchdog none = { 0 };

	if (!hub)
		return;
	hub->closing = true;
	while (hub->under_way > 0)
		plait__window_sleep(hub->monitor, &none);
	free(hub->record);
	free(hub->reader);
	free(hub);
}

void plait__hub_join(struct plait__hub *hub, struct plait__executor *ex, int i)
{
	struct plait__reader *reader = &hub->reader[hub->readers++];

	*reader = (struct plait__reader){ .hub = hub, .executor = ex };
	ex->reader[i] = reader;
	ex->shares = true;
}

struct plait__reader *plait__hub_reader(const struct plait__executor *ex,
					const struct plait__binding *binding)
{
	for (int i = 0; ex->shares && i < ex->loop.bindings; i++)
		if (ex->binding[i] == binding)
			return ex->reader[i];
	return NULL;
}

/* Whether it takes part: it may take more loads. */
static bool takes_part(const struct plait__reader *reader)
{
	const struct plait__executor *ex = reader->executor;

	return !ex->stop && ex->submitted < ex->requested;
}

/* -- loads ------------------------------------------------------------------------------- */

/* Whether nobody needs the slot with load k any more. */
static bool slot_is_free(const struct plait__hub *hub, int64_t k)
{
	for (int i = 0; i < hub->readers; i++)
		if (hub->reader[i].taken <= k && takes_part(&hub->reader[i]))
			return false;
	return true;
}

/* Whether nobody needs the record of load k any more. */
static bool record_is_free(const struct plait__hub *hub, int64_t k)
{
	if (k < 0)
		return true;
	for (int i = 0; i < hub->readers; i++) {
		const struct plait__reader *reader = &hub->reader[i];

		if (reader->taken > k ? reader->finished <= k : takes_part(reader))
			return false;
	}
	return hub->record[k % hub->records].over;
}

static bool has_next(const struct plait__reader *reader)
{
	const struct plait__hub *hub = reader->hub;

	PLAIT__ASSERT(reader->taken <= hub->submitted, "loads are taken in their order");
	return reader->taken < hub->submitted || hub->status < 0 ||
	       (slot_is_free(hub, plait__ring_replaced(hub->ring)) &&
		record_is_free(hub, hub->submitted - hub->records));
}

bool plait__hub_holds(const struct plait__executor *ex)
{
	const struct plait__reader *reader;
	struct plait__step next;

	if (!ex->shares)
		return false;
	plait__window_position(ex, &next, ex->submitted);
	reader = plait__hub_reader(ex, next.binding);
	return reader && !has_next(reader);
}

/* The callback of a load: workers that load have time while others compute. */
static void load_over(void *arg)
{
	struct plait__shared_load *record = arg;
	struct plait__hub *hub = record->hub;

	plait__monitor_lock(hub->monitor);
	hub->under_way -= !record->over;
	record->over = true;
	for (int i = 0; i < hub->readers; i++)
		if (takes_part(&hub->reader[i]))
			plait__window_fill(hub->reader[i].executor);
	if (hub->closing)
		plait__monitor_wake(hub->monitor);
	plait__monitor_unlock(hub->monitor);
}

/* The status is everybody's: half of a load may have been submitted, and nobody knows whether its
 * callback comes. */
static int fail(struct plait__hub *hub, struct plait__shared_load *record, int status)
{
	hub->status = status;
	hub->under_way--;
	record->over = true;
	snprintf(hub->message, sizeof hub->message, "%s", plait_error_message());
	return status;
}

/* A burst of a run that ends may have fewer batches than its load. */
static int batches_of(const struct plait__step *first)
{
	int64_t left = first->binding->feed.batches - first->batch;

	return left < first->binding->steps ? (int)left : first->binding->steps;
}

static int submit(struct plait__hub *hub, const struct plait__step *first, int priority)
{
	struct plait__shared_load *record = &hub->record[hub->submitted % hub->records];
	int status;

	record->over = false;
	record->load = (struct plait__load){ .epoch = first->epoch,
					     .index = first->batch,
					     .batches = batches_of(first),
					     .done = load_over,
					     .user = record };
	hub->under_way++;
	status = plait__ring_submit(hub->ring, &record->load, hub->submitted, priority);
	if (status < 0)
		return fail(hub, record, status);
	hub->submitted++;
	return 0;
}

int plait__hub_load(const struct plait__reader *reader, struct plait__burst *burst, int priority)
{
	struct plait__hub *hub = reader->hub;
	const struct plait__step *first = &burst->step[0];
	int status = 0;

	PLAIT__ASSERT(has_next(reader), "a load that is taken is there, or has room");
	burst->load = &hub->record[reader->taken % hub->records].load;
	if (reader->taken == hub->submitted)
		status = hub->status < 0 ? plait__error(hub->status, "%s", hub->message)
					 : submit(hub, first, priority);
	PLAIT__ASSERT(status < 0 || (burst->load->epoch == first->epoch &&
				     burst->load->index == first->batch &&
				     burst->load->batches >= burst->steps),
		      "all readers of a hub go through the same batches");
	return status;
}

/* -- the readers ------------------------------------------------------------------------- */

bool plait__hub_hears(const struct plait__reader *reader)
{
	const struct plait__hub *hub = reader->hub;
	int i = 0;

	while (&hub->reader[i] != reader && !takes_part(&hub->reader[i]))
		i++;
	return &hub->reader[i] == reader;
}

void plait__hub_taken(struct plait__reader *reader)
{
	if (reader)
		reader->taken++;
}

void plait__hub_finished(struct plait__reader *reader)
{
	if (reader)
		reader->finished++;
}

/* What one submits may let another one go on. */
static void fill(struct plait__hub *hub)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (int i = 0; i < hub->readers; i++) {
			struct plait__executor *ex = hub->reader[i].executor;
			int64_t before = ex->submitted;

			if (!ex->held)
				continue;
			plait__window_fill_one(ex);
			moved |= ex->submitted > before;
		}
	}
}

void plait__window_fill(struct plait__executor *ex)
{
	plait__window_fill_one(ex);
	plait__hub_fill_held(ex);
}

void plait__hub_fill_held(struct plait__executor *ex)
{
	for (int i = 0; ex->shares && i < ex->loop.bindings; i++)
		if (ex->reader[i])
			fill(ex->reader[i]->hub);
}
