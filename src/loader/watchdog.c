/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/loader/watchdog.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

void plait__watchdog_add(struct plait__watchdog *dog, const struct plait__ring *ring,
			 const struct plait_dataset *dataset)
{
	struct plait__watched *watched = &dog->ring[dog->rings++];

	watched->worker = plait__ring_workers(ring);
	watched->dataset = dataset;
}

/* Notes which workers began a stage since the last look.  Returns the stages begun by all. */
static uint64_t count_moves(struct plait__watchdog *dog, double now)
{
	unsigned workers = starpu_worker_get_count();
	uint64_t all = 0;

	for (int r = 0; r < dog->rings; r++)
		for (unsigned w = 0; w < workers; w++) {
			struct plait__watched *watched = &dog->ring[r];
			uint64_t moves =
				__atomic_load_n(&watched->worker[w].stages_begun, __ATOMIC_RELAXED);

			if (moves != watched->seen[w].moves || watched->seen[w].since <= 0) {
				watched->seen[w].moves = moves;
				watched->seen[w].since = now;
			}
			all += moves;
		}
	return all;
}

void plait__watchdog_begin(struct plait__watchdog *dog, uint64_t steps)
{
	if (dog->timeout <= 0)
		return;
	dog->since = dog->told = starpu_timing_now();
	dog->moves = count_moves(dog, dog->since) + steps;
}

bool plait__watchdog_look(struct plait__watchdog *dog, uint64_t steps)
{
	double now;
	uint64_t moves;

	if (dog->timeout <= 0)
		return false;
	now = starpu_timing_now();
	moves = count_moves(dog, now) + steps;
	if (moves != dog->moves) {
		dog->moves = moves;
		dog->since = dog->told = now;
	}
	if (now - dog->told < dog->timeout)
		return false;
	dog->told = now;
	return true;
}

/* The time that is `microseconds` from now, by the clock of starpu_pthread_cond_timedwait.  If that
 * clock is set meanwhile, one wait is shorter or longer. */
static struct timespec moment(double microseconds)
{
	struct timespec at;

	PLAIT__ASSERT(microseconds >= 0 && microseconds <= 1e6, "a wait is at most a second");
#ifdef STARPU_SIMGRID
	double now = starpu_timing_now();

	at.tv_sec = (time_t)(now / 1e6);
	at.tv_nsec = (long)((now - (double)at.tv_sec * 1e6) * 1e3);
#else
	timespec_get(&at, TIME_UTC);
#endif
	/* microseconds is at most a second, so the sum is less than 2^31 nanoseconds. */
	at.tv_nsec += (long)(microseconds * 1e3);
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

void plait__watchdog_wait(const struct plait__watchdog *dog, starpu_pthread_cond_t *cond,
			  starpu_pthread_mutex_t *mutex)
{
	/* With eight looks in a timeout, a stall is reported at most an eighth too late. */
	double wait = dog->timeout > 0 ? fmin(fmax(dog->timeout / 8, 1e3), 1e6) : 0;
	struct timespec at;

	if (dog->longest_wait > 0 && (wait <= 0 || dog->longest_wait < wait))
		wait = dog->longest_wait;
	if (wait <= 0) {
		STARPU_PTHREAD_COND_WAIT(cond, mutex);
		return;
	}
	at = moment(wait);
	starpu_pthread_cond_timedwait(cond, mutex, &at);
}

char *plait__watchdog_text(const struct plait__watchdog *dog, const char *idle, char *text,
			   size_t size)
{
	static const char *const doing[PLAIT__STAGES] = { "at", "reading", "decoding",
							  "transforming" };
	const struct plait__watched *in = NULL;
	unsigned workers = starpu_worker_get_count(), worker = 0;
	double now = starpu_timing_now(), quiet = (now - dog->since) / 1e6;
	const char *path;
	int64_t sample;
	int used, others = -1;

	for (int r = 0; r < dog->rings; r++)
		for (unsigned w = 0; w < workers; w++) {
			const struct plait__watched *watched = &dog->ring[r];

			if (__atomic_load_n(&watched->worker[w].stage, __ATOMIC_RELAXED) ==
			    PLAIT__IDLE)
				continue;
			others++;
			if (in && watched->seen[w].since >= in->seen[worker].since)
				continue;
			in = watched;
			worker = w;
		}
	if (!in) {
		snprintf(text, size, "nothing moved for %.3g s: %s", quiet, idle);
		return text;
	}
	sample = __atomic_load_n(&in->worker[worker].sample, __ATOMIC_RELAXED);
	path = plait__dataset_path(in->dataset, sample);
	used = snprintf(text, size,
			"nothing moved for %.3g s: worker %u has been %s sample %" PRId64
			" of %s%s%s%s for %.3g s",
			quiet, worker,
			doing[__atomic_load_n(&in->worker[worker].stage, __ATOMIC_RELAXED)], sample,
			in->dataset->info.spec, path ? " (" : "", path ? path : "", path ? ")" : "",
			(now - in->seen[worker].since) / 1e6);
	if (others > 0 && (size_t)used < size)
		snprintf(text + used, size - (size_t)used, "; %d more %s in one", others,
			 others == 1 ? "is" : "are");
	return text;
}
