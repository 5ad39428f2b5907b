/* SPDX-License-Identifier: MIT
 * The kernel counts how often it has taken the core from a thread (getrusage), how long the thread
 * then waited for a core (schedstat, in nanoseconds), and what a hypervisor has stolen from each
 * core (/proc/stat, in ticks).  The first is cheap to ask; the others are files, so they are read
 * only if there is a reason. */
#define _GNU_SOURCE /* RUSAGE_THREAD, sched_getcpu */
#include "config.h"
#include "src/runtime/preempted.h"
#include "src/base/base.h"

#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A call after less than this asks nothing: the system call would cost more than it finds. */
#define SHORT_MICROSECONDS 100.0

struct watch {
	double at;     /* of the last call, */
	long switches; /* and what the kernel had counted then */
	double waited; /* microseconds */
	int schedstat; /* file of the thread; -1: there is none */
	int cpu;       /* the core of the last look at what was stolen; -1: none yet */
	double stolen;
	bool begun;
	char apart[64]; /* so that entries of different workers share no cache line */
};

static struct watch watches[STARPU_NMAXWORKERS];

/* Time that the thread could have run and did not. */
static double read_waited(const struct watch *watch)
{
	char text[128], *end;
	ssize_t length =
		watch->schedstat < 0 ? -1 : pread(watch->schedstat, text, sizeof text - 1, 0);

	if (length <= 0)
		return NAN;
	text[length] = '\0';
	strtod(text, &end); /* that it ran */
	return strtod(end, NULL) / 1e3;
}

/* What the hypervisor has stolen from a core, in microseconds; NAN: not known. */
static double read_stolen(int cpu)
{
	char line[512], name[24];
	double field[8], stolen = NAN;
	FILE *file = fopen("/proc/stat", "re");

	snprintf(name, sizeof name, "cpu%d ", cpu);
	while (file && isnan(stolen) && fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0 &&
		    sscanf(line + strlen(name), "%lf %lf %lf %lf %lf %lf %lf %lf", &field[0],
			   &field[1], &field[2], &field[3], &field[4], &field[5], &field[6],
			   &field[7]) == 8)
			stolen = field[7] / (double)sysconf(_SC_CLK_TCK) * 1e6;
	if (file)
		fclose(file);
	return stolen;
}

static double look_at_switches(struct watch *watch, double since)
{
	struct rusage usage;
	double before = watch->waited;

	if (getrusage(RUSAGE_THREAD, &usage) != 0 || usage.ru_nivcsw == watch->switches)
		return 0;
	watch->switches = usage.ru_nivcsw;
	watch->waited = read_waited(watch);
	return isfinite(watch->waited - before) ? watch->waited - before : since;
}

/* The kernel counts in ticks, so that shorter times cannot be told. */
static double look_at_stolen(struct watch *watch, double since)
{
	double before = watch->stolen;
	int cpu = sched_getcpu(), last = watch->cpu;

	if (since < 1e6 / (double)sysconf(_SC_CLK_TCK))
		return 0;
	watch->cpu = cpu;
	watch->stolen = read_stolen(cpu);
	return cpu == last && watch->stolen > before ? watch->stolen - before : 0;
}

static void begin(struct watch *watch)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_THREAD, &usage);
	watch->switches = usage.ru_nivcsw;
	watch->schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	watch->waited = read_waited(watch);
	watch->cpu = sched_getcpu();
	watch->stolen = read_stolen(watch->cpu);
	watch->begun = true;
}

double plait__preempted(double now)
{
	int worker = starpu_worker_get_id();
	struct watch *watch = worker < 0 ? NULL : &watches[worker];
	double since;

	if (!watch)
		return 0;
	since = now - watch->at;
	watch->at = now;
	if (!watch->begun)
		begin(watch);
	else if (since >= SHORT_MICROSECONDS)
		return fmin(since, look_at_switches(watch, since) + look_at_stolen(watch, since));
	return 0;
}

void plait__preempted_end(void)
{
	for (int i = 0; i < STARPU_NMAXWORKERS; i++)
		if (watches[i].begun && watches[i].schedstat >= 0)
			close(watches[i].schedstat);
	memset(watches, 0, sizeof watches);
}
