/* SPDX-License-Identifier: MIT
 * What plait trace says of broken traces. */
#include "config.h"
#include "tests/files.h"
#include "tests/tap.h"
#include "tests/cli/trace.h"
#include "tests/cli/trace_check.h"

#include <unistd.h>

static void tried(const char *options, const char *tasks, int expected, const char *message)
{
	char *err;
	int status;

	trace_put("tasks.rec", tasks);
	status = trace_run(options);
	err = trace_text("err");
	is_int(status, expected, "exit status where: %s", message);
	contains(err, message, "it says: %s", message);
	free(err);
}

static void broken(const char *tasks, int expected, const char *message)
{
	tried("", tasks, expected, message);
}

#define LOAD(job, start, end) "Name: load\nJobId: " job "\n" RAN("0", start, end) "\n"

static void test_broken(void)
{
	trace_write(NULL, NULL, NULL, NULL, "{\"steps\": 0}");
	broken(NULL, 1, "no trace: it has no tasks.rec");
	broken("", 1, "no task ran in this trace");
	broken("Name: load\nJobId: one\n\n", 1, "tasks.rec:2: JobId: ");
	broken("Name: load\n" RAN("0", "1", "2") "\n", 1, "a task without JobId");
	broken(LOAD("1", "2", "1"), 1, "it ends before it starts");
	broken(LOAD("1", "1", "2") "Name: load\nJobId: 2\nDependsOn: 1 x\n\n", 1,
	       "expected numbers of jobs");
	broken(LOAD("1", "1", "2") "Name: load\nJobI", 1, "truncated: a file of it is cut off");
	tried("--partial", LOAD("1", "1", "2") "Name: load\nJobI", 0, "cut off here");
	/* A circle: damage, which must not hang. */
	broken("Name: a\nJobId: 1\nDependsOn: 2\n" RAN(
		       "0", "1", "2") "\n"
				      "Name: b\nJobId: 2\nDependsOn: 1\n" RAN("0", "2", "3") "\n",
	       0, "");
	trace_put("run.json", "[1,");
	broken(LOAD("1", "1", "2"), 1, "run.json:1: ");
	trace_put("run.json", "[1]");
	broken(LOAD("1", "1", "2"), 1, "expected an object");
	trace_put("run.json", NULL);
}

#define STEP(job, step, start, end) \
	"Name: step\nJobId: " job "\nIteration: " step "\n" RAN("0", start, end) "\n"
#define WORKER(tasks) "WorkerId: 0\nKind: CPU\nMemoryNode: 0\nTasks: " tasks "\n\n"

/* What is there is less than the run's steps, the recorder's tasks, StarPU's last words. */
static void test_truncated(void)
{
	static const char two[] = STEP("1", "0", "1", "2") STEP("2", "1", "2", "3");
	static const char sleeps[] = "E: SetState\nN: Sleeping\nC: Other\nW: 0\nS: 4\n\n";
	char *text;

	trace_write(NULL, NULL, NULL, NULL, "{\"steps\": 3}");
	broken(two, 1, "truncated: it has 2 of the run's 3 steps; --partial");
	tried("--steps 7:9", two, 1, "truncated: it has 2 of the run's 3 steps");
	tried("--partial", two, 0, "");
	text = trace_text("out");
	contains(text, "truncated: it has 2 of the run's 3 steps", "a part is called one");
	free(text);
	trace_put("run.json", "{\"steps\": 1, \"evaluation_steps\": 2}");
	broken(two, 1, "it has 2 of the run's 3 steps");
	trace_put("run.json", "{\"steps\": 2, \"evaluation_steps\": 0}");
	broken(two, 0, "");
	trace_put("run.json", "{\"steps\": 2, \"source\": \"profiling\"}");
	broken(two, 1, "truncated: its recording was not written to the end");
	trace_put("workers.rec", WORKER("3"));
	broken(two, 1, "truncated: 1 of the recorded tasks is not in it");
	trace_put("workers.rec", WORKER("20"));
	broken(two, 1, "truncated: 18 of the recorded tasks are not in it");
	trace_put("workers.rec", WORKER("2"));
	broken(two, 0, "");
	trace_write(NULL, sleeps, "7\t0.0\tp\tP\tMPIroot\tprogram\n", NULL, NULL);
	broken(two, 1, "truncated: it ends while a worker still runs");
	trace_put("trace.rec", "E: SetState\nN: End\nC: Runtime\nW: 0\nS: 4\n\n");
	broken(two, 0, "");
	trace_write(NULL, NULL, NULL, NULL, NULL);
}

/* A trace that was appended to itself, or to another one. */
static void test_twice(void)
{
	static const char two[] = STEP("1", "0", "1", "2") STEP("2", "1", "2", "3");

	trace_write(NULL, NULL, NULL, NULL, "{\"steps\": 2}");
	broken(STEP("1", "0", "1", "2") STEP("1", "0", "1", "2"), 1,
	       "tasks.rec:10: JobId: \"1\": the task is in this file twice");
	tried("--partial", STEP("1", "0", "1", "2") STEP("1", "0", "1.5", "2.5"), 1,
	      "the task is in this file twice");
	broken("Name: load\nJobId: 1\n\nName: load\nJobId: 1\n\n", 1, "twice");
	/* A task that a program submits again. */
	broken(STEP("1", "0", "1", "2") STEP("1", "1", "2", "3"), 0, "");
	trace_put("workers.rec", WORKER("2") WORKER("2"));
	broken(two, 1, "workers.rec:6: WorkerId: \"0\": the worker is in this file twice");
	trace_write(NULL, NULL, "18 1.0 L p 8 mm0 com_1\n18 1.0 L p 8 mm0 com_1\n", NULL,
		    "{\"steps\": 2}");
	broken(two, 1, "paje.trace:2: the transfer is in this file twice");
	trace_write(NULL, NULL, NULL, NULL, NULL);
}

/* Without run.json nobody knows how many steps there were. */
static void test_unsure(void)
{
	static const char two[] = STEP("1", "0", "1", "2") STEP("2", "1", "2", "3");
	static const char unsure[] = "cannot be told whether the trace is complete:\nno run.json "
				     "says how many steps its run had";
	char *text;

	trace_write(NULL, NULL, NULL, NULL, NULL);
	broken(two, 1, "cannot tell whether the trace is complete: no run.json");
	tried("--partial", two, 0, "");
	text = trace_text("out");
	contains(text, unsure, "what is not known is said");
	contains(text, ", and nothing else its length.", "and that nothing else tells");
	free(text);
	trace_put("run.json", "{}");
	broken(two, 1, "nothing in run.json says how many steps");
	trace_write(NULL, NULL, NULL, WORKER("2"), NULL);
	broken(two, 0, "");
	text = trace_text("out");
	contains(text, unsure, "it is said where the tasks are counted");
	contains(text, "; all counted tasks are there.", "and that they are");
	free(text);
	trace_write(NULL, NULL, NULL, NULL, NULL);
}

/* A file without an end must not fill the memory. */
static void test_endless(void)
{
	static const char *const files[] = { "tasks.rec", "run.json" };
	static const char *const message[] = { "tasks.rec:1: no line of text: it is too long",
					       "run.json:1: " };
	char *err;

	for (int i = 0; i < 2; i++) {
		trace_write(i == 0 ? NULL : LOAD("1", "1", "2"), NULL, NULL, NULL, NULL);
		if (symlink("/dev/zero", files_path(files[i])) != 0)
			tap_bail_out("%s cannot be made", files_path(files[i]));
		is_int(trace_run(""), 1, "an endless %s is a failure", files[i]);
		err = trace_text("err");
		contains(err, message[i], "and said to be one");
		free(err);
		trace_put(files[i], NULL);
	}
}

int main(void)
{
	test_broken();
	test_truncated();
	test_twice();
	test_unsure();
	test_endless();
	return tap_done();
}
