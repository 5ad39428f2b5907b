/* SPDX-License-Identifier: MIT
 * What executors take turns by: one thread at a time is in any of those that share a monitor, and
 * one thread can wait for all of them.  With one lock there is no order of locks to keep. */
#ifndef PLAIT__MONITOR_H
#define PLAIT__MONITOR_H

#include "src/base/base.h"

#include <starpu.h>

struct plait__monitor {
	starpu_pthread_mutex_t mutex;
	starpu_pthread_cond_t wake; /* there may be something to do for who waits */
	bool locked;                /* somebody holds the mutex */
	int64_t steps;              /* that all of them have submitted, as traces number them */
};

static inline void plait__monitor_init(struct plait__monitor *monitor)
{
	STARPU_PTHREAD_MUTEX_INIT(&monitor->mutex, NULL);
	STARPU_PTHREAD_COND_INIT(&monitor->wake, NULL);
	monitor->locked = false;
	monitor->steps = 0;
}

static inline void plait__monitor_destroy(struct plait__monitor *monitor)
{
	STARPU_PTHREAD_MUTEX_DESTROY(&monitor->mutex);
	STARPU_PTHREAD_COND_DESTROY(&monitor->wake);
}

static inline void plait__monitor_lock(struct plait__monitor *monitor)
{
	STARPU_PTHREAD_MUTEX_LOCK(&monitor->mutex);
	PLAIT__ASSERT(!monitor->locked, "one thread at a time is in the executors of a monitor");
	monitor->locked = true;
}

static inline void plait__monitor_unlock(struct plait__monitor *monitor)
{
	PLAIT__ASSERT(monitor->locked, "only who holds the monitor's mutex gives it back");
	monitor->locked = false;
	STARPU_PTHREAD_MUTEX_UNLOCK(&monitor->mutex);
}

/* With the monitor held. */
static inline void plait__monitor_wake(struct plait__monitor *monitor)
{
	STARPU_PTHREAD_COND_BROADCAST(&monitor->wake);
}

#endif
