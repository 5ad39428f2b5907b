/* SPDX-License-Identifier: MIT
 * A trace made by hand: two CPUs and a GPU, two steps.  Times are in ms; what the report must
 * say about it is worked out in trace_analyse.c.
 *
 *  ms     10   12   14   16   18   20   22   24   26   28   30   32   34   36   38   40
 *  CPU 0  |load----|    |load---------|                                            |metrics
 *  CPU 1  |load--|                  |augment--------------------|
 *  CUDA 0             |fwd-------|loss  |bwd------|upd  |      |fwd-----|      |bwd---|
 *  to GPU            ==                                                 ======
 *  to CPU                  ====                                                          */
#ifndef PLAIT_TESTS_TRACE_H
#define PLAIT_TESTS_TRACE_H

#define RAN(worker, start, end) \
	"WorkerId: " worker "\nMemoryNode: 0\nStartTime: " start "\nEndTime: " end "\n"

static const char gpu_tasks[] =
	"# tasks\n"
	"Name: load-open\nJobId: 1\nIteration: 0\nSubmitTime: 9.5\n\n"
	"Name: load\nModel: load_x\nJobId: 2\nDependsOn: 1\nDepLabels: ghost\nIteration: 0 -1\n" RAN(
		"0", "10.0", "14.0") "\n"
				     "Name: load\nJobId: 3\nDependsOn: 1\nIteration: 0\n" RAN(
					     "1", "10", "13") "\n\n"
	/* Nobody ran it, but forward waits for loads through it. */
	"Name: load-close\nJobId: 4\nDependsOn: 1 2 3\nIteration: 0\n\n"
	"Name: fwd/0.linear\nJobId: 5\nDependsOn: 4\nIteration: 0\nPriority: -3\nGFlop: 0.5\n" RAN(
		"2", "15", "20") "\n"
				 "Name: loss\nJobId: 6\nDependsOn: 5\nIteration: 0\n" RAN("2", "20",
											  "21") "\n"
	"Control: WontUse\nJobId: 5\n\n"
	"Name: bwd/0.linear\nJobId: 7\nDependsOn: 6 999\nIteration: 0\n" RAN("2", "23", "27") "\n"
	"Name: upd/0.linear\nJobId: 8\nDependsOn: 7\nIteration: 0\n" RAN("2", "27", "28") "\n"
	"Name: load\nJobId: 9\nDependsOn: 1\nIteration: 1\nFuture: field\n" RAN("0", "16", "22") "\n"
	"Name: augment\nJobId: 10\nIteration: 1\n" RAN("1", "21", "30") "\n"
	"Name: fwd/0.linear\nJobId: 11\nDependsOn: 9 8 10\nIteration: 1\n" RAN("2", "31", "35") "\n"
	"Name: bwd/0.linear\nJobId: 12\nDependsOn: 11\nIteration: 1\n" RAN("2", "38", "40") "\n"
	"Name: metrics\nJobId: 13\nDependsOn: 12\nIteration: -1\n" RAN("0", "40", "41") "\n"
	"Name: execute_on_all_wrapper\nJobId: 14\n" RAN("1", "32", "33") "\n"
	"Name: _starpu_sync_task\nJobId: 15\nDependsOn: 13\n\n";

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

#endif
