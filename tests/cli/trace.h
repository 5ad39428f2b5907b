/* SPDX-License-Identifier: MIT
 * A trace made by hand: two CPUs and a GPU, two steps.  Times in it are in ms; what the report
 * must say of it, in us from the begin of the window at 10 ms, is worked out at the end.
 *
 *  ms     10   12   14   16   18   20   22   24   26   28   30   32   34   36   38   40
 *  CPU 0  |load----|    |load---------|                                            |metrics
 *  CPU 1  |load--|                  |augment--------------------|
 *  CUDA 0             |fwd-------|loss  |bwd------|upd  |      |fwd-----|      |bwd---|
 *  to GPU            ==                                                 ======
 *  to CPU                  ====                                                          */
#ifndef PLAIT_TESTS_TRACE_H
#define PLAIT_TESTS_TRACE_H

/* A line is a task or an event. */
/* clang-format off */
#define TASK(name, job, step, more) "Name: " name "\nJobId: " job "\nIteration: " step "\n" more "\n"
#define RAN(worker, start, end) \
	"WorkerId: " worker "\nMemoryNode: 0\nStartTime: " start "\nEndTime: " end "\n"

static const char gpu_tasks[] =
	"# tasks\n"
	TASK("load-open", "1", "0", "SubmitTime: 9.5\n")
	TASK("load", "2", "0 -1", "DependsOn: 1\nModel: load_x\nDepLabels: ghost\n" RAN("0", "10.0", "14.0"))
	TASK("load", "3", "0", "DependsOn: 1\n" RAN("1", "10", "13"))
	/* Nobody ran it, but forward waits for loads through it. */
	TASK("load-close", "4", "0", "DependsOn: 1 2 3\n")
	TASK("fwd/0.linear", "5", "0", "DependsOn: 4\nPriority: -3\nGFlop: 0.5\n" RAN("2", "15", "20"))
	TASK("loss", "6", "0", "DependsOn: 5\nPreemptedAfter: 0.1\n" RAN("2", "20", "21"))
	"Control: WontUse\nJobId: 5\n\n"
	/* 999 was before the trace began. */
	TASK("bwd/0.linear", "7", "0", "DependsOn: 6 999\n" RAN("2", "23", "27"))
	TASK("upd/0.linear", "8", "0", "DependsOn: 7\n" RAN("2", "27", "28"))
	TASK("load", "9", "1", "DependsOn: 1\nFuture: field\n" RAN("0", "16", "22"))
	TASK("augment", "10", "1", RAN("1", "21", "30"))
	TASK("fwd/0.linear", "11", "1", "DependsOn: 9 8 10\n" RAN("2", "31", "35"))
	TASK("bwd/0.linear", "12", "1", "DependsOn: 11\nPreemptedTime: 0.2\n" RAN("2", "38", "40"))
	TASK("metrics", "13", "-1", "DependsOn: 12\n" RAN("0", "40", "41"))
	TASK("execute_on_all_wrapper", "14", "-1", RAN("1", "32", "33"))
	TASK("_starpu_sync_task", "15", "-1", "DependsOn: 13\n");

#define SET(worker, time, name, category) \
	"E: SetState\nN: " name "\nC: " category "\nW: " worker "\nT: -1\nS: " time "\n\n"
#define SLEEPS(worker, time) SET(worker, time, "Sleeping", "Other")
#define RUNS(worker, time, name) SET(worker, time, name, "Task")

static const char gpu_states[] =
	"#\n# E: Event type\n#\n\n"
	SLEEPS("0", "5") SLEEPS("1", "5") RUNS("0", "10", "load") RUNS("1", "10", "load")
	/* What the GPU's worker did before is unknown: 2 ms of the window. */
	SLEEPS("2", "12") SET("1", "13", "PushingOutput", "Runtime") SLEEPS("1", "13.5")
	SLEEPS("0", "14") SET("2", "14", "FetchingInput", "Runtime") SLEEPS("2", "14.4")
	SET("2", "14.8", "Overhead", "Runtime") RUNS("2", "15", "fwd/0.linear")
	RUNS("0", "16", "load") SET("1", "20", "Scheduling", "Runtime") RUNS("2", "20", "loss")
	"E: PushState\nN: Submitting task\nC: User\nW: 1\nT: 7\nS: 20.5\n\n"
	"E: PopState\nW: 1\nT: 7\nS: 20.75\n\n"
	"E: PushState\nN: Waiting task\nC: User\nW: -1\nT: 9\nS: 20.8\n\n"
	RUNS("1", "21", "augment") SLEEPS("2", "21") SLEEPS("0", "22")
	RUNS("2", "23", "bwd/0.linear") RUNS("2", "27", "upd/0.linear") SLEEPS("2", "28")
	SLEEPS("1", "30") SET("0", "30.5", "Overhead", "Runtime") SLEEPS("0", "31")
	RUNS("2", "31", "fwd/0.linear") RUNS("1", "32", "execute_on_all_wrapper")
	/* The worker looks around while its GPU computes. */
	SLEEPS("1", "33") SET("2", "33", "Progressing", "Runtime") SLEEPS("2", "35")
	RUNS("2", "38", "bwd/0.linear") RUNS("0", "40", "metrics") SLEEPS("2", "40")
	SLEEPS("0", "41")
	"E: ProgEvent\nN: starpu_pause\nC: Program\nW: -1\nT: 0\nS: 42\n\n"
	SET("0", "45", "End", "x") SET("1", "45", "End", "x") SET("2", "45", "End", "x");

#define LINK(code, time, key, node, bytes) \
	code "\t" time "\tF\tp\t" bytes "\tmm" node "\tcom_" key

static const char gpu_paje[] =
	"%EventDef	PajeDefineContainerType	1\n%	Alias	string\n%EndEventDef\n"
	"1       MPIP      0       \"MPI Program\"\n"
	"7	0.0	p	P	MPIroot	program \n"
	"7	1.0	mn0	Mn	p	MEMNODE0\n7	1.0	mm0	Mm	mn0	MEMMANAGER0\n"
	"7	1.0	t70	T	mn0	T0\n7	1.0	w0	W	t70	CPU0\n"
	"7	1.0	t71	T	mn0	T1\n7	1.0	w1	W	t71	CPU1\n"
	"7	1.0	t72	T	mn1	T2\n7	1.0	w2	W	t72	CUDA0_0\n"
	"20	10.0	w0	WS	\"load\"	0	\"\"	0	0	2	1	0	0.0\n"
	LINK("24", "14.2", "1", "0", "1000") "	55	\"\"	0	0\n"
	LINK("19", "14.8", "1", "1", "1000") "\n"
	LINK("24", "16.0", "2", "1", "500") "	55	\"x y\"	0	0\n"
	LINK("19", "18.0", "2", "0", "500") "\n"
	"18	20.0	WSL	p	0	w0	steal_0\n19	20.0	WSL	p	0	w1	steal_0\n"
	LINK("18", "35.0", "3", "0", "3000") "\n"
	LINK("19", "37.5", "3", "1", "3000") "\n"
	/* The trace ended before this one did. */
	LINK("24", "41.0", "4", "0", "77") "	55	\"\"	0	0\n";

/* clang-format on */

/* -- the answers ---------------------------------------------------------------------------- */

struct phase {
	const char *name;
	double tasks, worker_us, wall_us;
};

/* wall_us: where two phases run at once each has half of the time.  No task runs from 14 to 15, 30
 * to 31 and 35 to 38 ms: transfers have 14.0 to 14.8 (the worker that fetches, then the link) and
 * 35 to 37.5 of that, overhead 14.8 to 15.0 and 30.5 to 31.0, and nobody the other millisecond. */
static const struct phase gpu_phases[] = {
	{ "load", 3, 13000, 7000 },    { "forward", 2, 9000, 7000 }, { "loss", 1, 1000, 500 },
	{ "backward", 2, 6000, 4000 }, { "update", 1, 1000, 500 },   { "step", 0, 0, 0 },
	{ "metrics", 1, 1000, 1000 },  { "other", 1, 9000, 6000 },   { "transfer", 0, 900, 3300 },
	{ "overhead", 0, 2700, 700 },  { "idle", 0, 47400, 1000 },
};

struct worker {
	const char *name;
	double tasks, busy, transfer, overhead, idle;
};

/* Of the last one 2 ms are unknown.  While it computes, Progressing is not overhead. */
static const struct worker gpu_workers[] = {
	{ "CPU 0", 3, 11000, 0, 500, 19500 },
	{ "CPU 1", 2, 12000, 500, 2000, 16500 },
	{ "CUDA 0", 6, 17000, 400, 200, 11400 },
};

struct stall {
	double start, us;
	const char *cause, *task, *waits_for;
};

/* The GPU's gaps: 10 to 15 (4 for a load, .8 for its transfer, .2 for the scheduler), 28 to 31 (2
 * for augment, 1 for the scheduler), 35 to 38 (2.5 for a transfer, .2 preempted, .3), 21 to 23
 * (loss was done and there is nothing to fetch; .1 was taken after loss), and after 40 metrics
 * alone. */
static const struct stall gpu_stalls[] = {
	{ 0, 5000, "load", "fwd/0.linear", "load" },
	{ 18000, 3000, "dependency", "fwd/0.linear", "augment" },
	{ 25000, 3000, "transfer", "bwd/0.linear", NULL },
	{ 11000, 2000, "scheduler", "bwd/0.linear", NULL },
	{ 30000, 1000, "dependency", NULL, "metrics" },
};

/* -- what Plait records itself
 * --------------------------------------------------------------------- */

static const char own_workers[] =
	"WorkerId: 0\nName: CPU 0\nKind: cpu\nMemoryNode: 0\nTasks: 3\n\n"
	"WorkerId: 1\nName: CPU 1\nKind: cpu\nMemoryNode: 0\nTasks: 3\n\n"
	"WorkerId: 2\nName: CUDA 0\nKind: cuda\nMemoryNode: 1\nTasks: 6\n\n";

static const char own_run[] =
	"{\"command\": \"train\", \"source\": \"profiling\", \"source_reason\": \"short\", "
	"\"steps\": 2, \"losses\": [[1, 0.7], [2, 0.5]], "
	"\"traced_step_us\": 125, \"untraced_step_us\": 100, \"untraced_task_us\": 2000}";

#endif
