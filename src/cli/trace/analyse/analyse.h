/* SPDX-License-Identifier: MIT
 * All figures of the report, from a timeline.  A figure that is not known is NaN. */
#ifndef PLAIT_CLI_TRACE_ANALYSE_H
#define PLAIT_CLI_TRACE_ANALYSE_H

#include "src/cli/trace/analyse/spans.h"
#include "src/cli/trace/read/timeline.h"

#define CLI_STALLS 10

/* What recording adds to a task, measured on small ones (doc/starpu.md). */
#define CLI_FXT_TASK_US 9.0
#define CLI_PROFILING_TASK_US 0.4

enum cli_cause {
	CLI_CAUSE_LOAD,
	CLI_CAUSE_DEPENDENCY,
	CLI_CAUSE_TRANSFER,
	CLI_CAUSE_PREEMPTED,
	CLI_CAUSE_SCHEDULER,
	CLI_CAUSES,
};

extern const char *const cli_cause_names[CLI_CAUSES];

struct cli_codelet {
	int name;
	int64_t tasks;
	double sum, mean, min, max, squares; /* squares: of the distances from the mean, summed */
	double gflop, gflop_us;              /* of the tasks that tell theirs, and their time */
};

struct cli_path_part {
	int name;
	int64_t tasks;
	double us;
};

/* A time in which the device computes nothing. */
struct cli_stall {
	double start, end;
	double part[CLI_CAUSES];
	enum cli_cause cause;    /* the largest part */
	int64_t task, waits_for; /* tasks; -1: none */
	int worker;              /* index; -1: none */
};

/* What a task waited for.  Tasks that ran nowhere are skipped over. */
struct cli_chain {
	double ready;   /* when the last of what it depends on ended; -INFINITY: of nothing */
	double path;    /* longest chain of durations up to its end */
	int64_t last;   /* the one that ended last, -1 */
	int64_t load;   /* of loads that it depends on, the one that ended last, -1 */
	int64_t before; /* in the longest chain, -1 */
};

struct cli_report {
	const struct cli_timeline *tl;
	struct {
		int64_t tasks;
		double worker_us, wall_us;
	} phase[CLI_PHASES];
	struct cli_worker_time {
		int64_t tasks;
		double busy, transfer, overhead, idle;
	} * worker; /* as in the timeline */
	double accounted;
	struct cli_codelet *codelet; /* the longest time first */
	int64_t codelets;
	size_t codelet_room;
	struct cli_chain *chain; /* of every task */

	char device[48];
	bool *on_device; /* by worker */
	int device_workers;
	double at_once; /* workers that compute while any of the device does, on average */
	double device_busy, loading_hidden, transfers_hidden; /* shares, 0 to 1 */
	int64_t transfers, transfer_bytes;
	double transfer_us;

	double critical_path, work_bound;
	struct cli_path_part *path; /* the longest time first */
	int64_t path_parts;
	size_t path_room;

	double device_idle[CLI_CAUSES];
	struct cli_stall stall[CLI_STALLS]; /* the longest first */
	int stalls;
};

/* Returns an exit status; free it in any case. */
int cli_report_make(struct cli_report *report, const struct cli_timeline *tl);
void cli_report_free(struct cli_report *report);

/* The parts of it, in this order. */
int cli_analyse_codelets(struct cli_report *report);
int cli_analyse_workers(struct cli_report *report);
int cli_analyse_phases(struct cli_report *report);
int cli_analyse_device(struct cli_report *report);
int cli_analyse_chains(struct cli_report *report);
int cli_analyse_stalls(struct cli_report *report);

/* What would let more workers compute, if the steps are one chain of tasks, not divided among
 * workers yet, and several workers are there for it; NULL: it is not so.  text: size bytes. */
const char *cli_report_advice(const struct cli_report *report, char *text, size_t size);

/* All of the report, and the timeline that the page draws; NULL without memory. */
json_t *cli_report_json(const struct cli_report *report);
json_t *cli_timeline_json(const struct cli_timeline *tl);

/* As text on stdout. */
void cli_report_print(const struct cli_report *report);

/* Other forms; return exit statuses after saying what is wrong. */
int cli_trace_write_perfetto(const struct cli_report *report, const char *path);
int cli_trace_write_svg(const struct cli_report *report, const char *path);

/* What recording adds to a task, about, and how long the tasks are on average. */
double cli_report_recording(const struct cli_report *report);
double cli_report_task(const struct cli_report *report);

/* How many times as long as without recording tasks themselves took, on average; NAN: unknown. */
double cli_report_pace(const struct cli_report *report);

#endif
