/* SPDX-License-Identifier: MIT
 * A hub: a ring that several executors read, under their monitor.  A load is submitted once, by
 * whoever needs it first.  Its slot is filled again when the last of them has submitted its
 * readers; StarPU holds that load back until these have run.  With the monitor held, all of it. */
#ifndef PLAIT__HUB_H
#define PLAIT__HUB_H

#include "src/executor/monitor.h"
#include "src/executor/step.h"

struct plait__hub;

/* A load of the hub. */
struct plait__shared_load {
	struct plait__load load;
	struct plait__hub *hub;
	bool over; /* its callback was called */
};

/* A binding of an executor whose loads are those of a hub.  It takes all of them in their order. */
struct plait__reader {
	struct plait__hub *hub;
	struct plait__executor *executor;
	int64_t taken;    /* loads whose bursts were submitted */
	int64_t finished; /* of them, those whose bursts are */
};

struct plait__hub {
	struct plait__ring *ring;
	struct plait__monitor *monitor;
	struct plait__shared_load *record; /* [records]: of load k at k mod records */
	int records;
	int64_t submitted; /* loads */
	int under_way;     /* of them, those whose callback was not called yet */
	bool closing;
	int status; /* why no more can be submitted */
	char message[512];
	struct plait__reader *reader; /* [readers] */
	int readers;
};

/* For at most so many readers.  ring: of which nothing else loads.  PLAIT_ENOMEM. */
int plait__hub_create(struct plait__hub **hub_p, struct plait__ring *ring,
		      struct plait__monitor *monitor, int most_readers);

/* Waits for its loads, which nobody reads any more. */
void plait__hub_destroy(struct plait__hub *hub);

/* An executor's binding i joins, before its first step.  It takes part until the executor stops or
 * has submitted all that was requested. */
void plait__hub_join(struct plait__hub *hub, struct plait__executor *ex, int i);

/* The reader that a binding of an executor is, or NULL. */
struct plait__reader *plait__hub_reader(const struct plait__executor *ex,
					const struct plait__binding *binding);

/* Whether others hold the next burst of an executor back; it is filled when they no longer do. */
bool plait__hub_holds(const struct plait__executor *ex);

/* Gives a burst the next load, which is submitted if it was not.  The reader has taken it once the
 * burst's tasks are submitted, too.  Errors as plait__ring_submit. */
int plait__hub_load(const struct plait__reader *reader, struct plait__burst *burst, int priority);

/* A burst of a reader was submitted, was finished; nothing for NULL. */
void plait__hub_taken(struct plait__reader *reader);
void plait__hub_finished(struct plait__reader *reader);

/* Whether the ring's tuner hears of this reader: it does of one. */
bool plait__hub_hears(const struct plait__reader *reader);

/* Lets those in the hubs of an executor submit that had to wait for others. */
void plait__hub_fill_held(struct plait__executor *ex);

#endif
