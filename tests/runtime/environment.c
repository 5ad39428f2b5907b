/* SPDX-License-Identifier: MIT
 * StarPU is not started with settings on which it would abort or hang. */
#include "config.h"
#include "src/runtime/runtime.h"
#include "tests/runtime/folder.h"

#include <starpu.h>

static void test_not_started(void)
{
	plait_stop();
	is_int(plait__runtime_require("plait_fit"), PLAIT_ESTATE,
	       "what needs a runtime is refused before it");
	contains(plait_error_message(), "plait_fit: plait_start comes first",
		 "the message names the caller");
}

static void test_policies_refused(void)
{
	struct starpu_sched_policy **policy = starpu_sched_get_predefined_policies();
	int named = 0, known = 0;

	is_int(plait_start(&(struct plait_start_options){ .policy = "dmdaz" }), PLAIT_EINVAL,
	       "unknown policy");
	contains(plait_error_message(), "no scheduling policy \"dmdaz\", did you mean dmda",
		 "its message names a near one");
	for (; *policy; policy++) {
		known++;
		named += strstr(plait_error_message(), (*policy)->policy_name) != NULL;
	}
	is_int(named, known - 1, "and all valid ones: every one of StarPU's but graph_test");
	is_int(plait_start(&(struct plait_start_options){ .policy = "graph_test" }), PLAIT_EINVAL,
	       "graph_test would hang and is refused");
	is_int(plait_start(&(struct plait_start_options){ .policy = "" }), PLAIT_EINVAL,
	       "an empty name is none");

	setenv("STARPU_SCHED", "eagre", 1);
	is_int(plait_start(NULL), PLAIT_EINVAL, "unknown policy in STARPU_SCHED");
	contains(plait_error_message(),
		 "STARPU_SCHED: no scheduling policy \"eagre\", did you mean eager?",
		 "the message says where it came from");
	unsetenv("STARPU_SCHED");
}

static void test_environment_refused(void)
{
	static const char *const junk[] = { "x", "-1", "1x", "", "99999999999" };

	setenv("STARPU_LIMIT_MAX_SUBMITTED_TASKS", "100", 1);
	is_int(plait_start(NULL), PLAIT_EINVAL,
	       "a limit on submitted tasks would hang and is refused");
	contains(plait_error_message(), "STARPU_LIMIT_MAX_SUBMITTED_TASKS", "by name");
	unsetenv("STARPU_LIMIT_MAX_SUBMITTED_TASKS");
	for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
		setenv("STARPU_PROFILING", junk[i], 1);
		is_int(plait_start(NULL), PLAIT_EINVAL,
		       "STARPU_PROFILING=%s, on which StarPU aborts", junk[i]);
		contains(plait_error_message(), "STARPU_PROFILING: \"", "by name");
	}
	unsetenv("STARPU_PROFILING");
	is_int(plait_start(&(struct plait_start_options){ .cpu_workers = -1, .cuda_workers = -1 }),
	       PLAIT_EINVAL, "no workers at all");
	is_int(plait_start(&(struct plait_start_options){ .cpu_workers = 100000 }), PLAIT_EINVAL,
	       "more workers than StarPU can have");
	if (plait_start(&(struct plait_start_options){ .cuda_workers = 4 }) == 0) {
		plait_stop();
		tap_skip("more GPUs than the machine has: it has at least 4");
	} else {
		contains(plait_error_message(), "4 CUDA workers", "more GPUs than the machine has");
	}
	ok(!starpu_is_initialized(), "StarPU is down after each refusal");

	setenv("STARPU_PERF_MODEL_DIR", "/dev/null/models", 1);
	is_int(plait_start(NULL), PLAIT_EINVAL,
	       "a folder of models that cannot be written is refused");
	contains(plait_error_message(), "/dev/null/models", "by name");
	unsetenv("STARPU_PERF_MODEL_DIR");
}

static void test_environment_values(void)
{
	static const char *const good[][2] = { { "STARPU_WORKERS_CPUID", "0 0" },
					       { "STARPU_WORKERS_CPUID", "0-0,0" },
					       { "STARPU_SCHED_BETA", "-1.5e-3" },
					       { "STARPU_RAND_SEED", "2147483647" },
					       { "STARPU_MAIN_THREAD_CPUID", "0" } };
	static const char *const fatal[][2] = {
		{ "STARPU_WORKERS_CPUID", "x" },
		{ "STARPU_WORKERS_CPUID", "-1" },
		{ "STARPU_WORKERS_CPUID", "" },
		{ "STARPU_WORKERS_COREID", "0 -1" },
		{ "STARPU_WORKERS_CUDAID", "x" },
		{ "STARPU_MAIN_THREAD_CPUID", "99999" },
		{ "STARPU_MAIN_THREAD_COREID", "99999" },
		{ "STARPU_NTHREADS_PER_CORE", "0" },
		{ "STARPU_NTHREADS_PER_CORE", "999" },
		{ "STARPU_NWORKER_PER_CUDA", "0" },
		{ "STARPU_NWORKER_PER_CUDA", "100000" },
		{ "STARPU_HOSTNAME", "a/b" },
		{ "STARPU_DISK_SWAP", "/proc" },
		{ "STARPU_DISK_SWAP", "/dev/null" },
		{ "STARPU_DISK_SWAP", "/dev/null/folder" },
		{ "STARPU_DISK_SWAP", "" },
		{ "STARPU_SCHED_ALPHA", "x" },
		{ "STARPU_MAX_PRIO", "-5" },
		{ "STARPU_DISABLE_KERNELS", "x" },
	};

	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
		setenv(fatal[i][0], fatal[i][1], 1);
		is_int(plait_start(NULL), PLAIT_EINVAL, "%s=%s, on which StarPU aborts",
		       fatal[i][0], fatal[i][1]);
		contains(plait_error_message(), fatal[i][0], "by name");
		unsetenv(fatal[i][0]);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		setenv(good[i][0], good[i][1], 1);
		is_int(plait_start(NULL), 0, "%s=%s is good", good[i][0], good[i][1]);
		plait_stop();
		unsetenv(good[i][0]);
	}
}

/* StarPU aborts where it cannot write. */
static void test_unwritable_home(void)
{
	char home[4096], path[4200], private[64];

	snprintf(home, sizeof home, "%s", getenv("STARPU_HOME"));
	setenv("STARPU_HOME", "/dev/null", 1);
	setenv("TMPDIR", "/dev/null", 1);
	is_int(plait_start(NULL), PLAIT_ERUNTIME, "no folder can be written");
	contains(plait_error_message(), "set STARPU_HOME", "the message says what to do");

	make_folder("tmp");
	setenv("TMPDIR", in_folder(path, "tmp"), 1);
	is_int(plait_start(NULL), 0, "an unwritable STARPU_HOME does no harm");
	plait_stop();
	snprintf(private, sizeof private, "tmp/plait-%ld/.starpu/sampling/bus", (long)geteuid());
	ok(exists(private), "a private folder under TMPDIR serves");
	is_string(getenv("STARPU_HOME"), "/dev/null", "STARPU_HOME is again what it was");

	snprintf(private, sizeof private, "tmp/plait-%ld", (long)geteuid());
	chmod(in_folder(path, private), 0777);
	is_int(plait_start(NULL), PLAIT_ERUNTIME, "not if others may write to it");
	unsetenv("TMPDIR");
	setenv("STARPU_HOME", home, 1);
}

/* What StarPU writes is in Plait's folder of the user's cache. */
static void test_own_cache(void)
{
	char home[4096], user[4096] = "", path[4200];

	snprintf(home, sizeof home, "%s", getenv("STARPU_HOME"));
	if (getenv("HOME"))
		snprintf(user, sizeof user, "%s", getenv("HOME"));
	make_folder("user");
	make_folder("starpu");
	setenv("HOME", in_folder(path, "user"), 1);
	unsetenv("STARPU_HOME");
	is_int(plait_start(NULL), 0, "without STARPU_HOME");
	plait_stop();
	ok(exists("user/.cache/plait/starpu/.starpu/sampling/codelets"),
	   "the user's cache is used");
	ok(!exists("user/.starpu"), "and not the home folder");
	ok(!getenv("STARPU_HOME"), "the variable is again what it was");

	setenv("XDG_CACHE_HOME", in_folder(path, "cache/deep"), 1);
	is_int(plait_start(NULL), 0, "with XDG_CACHE_HOME");
	plait_stop();
	ok(exists("cache/deep/plait/starpu/.starpu/sampling/codelets"), "it is used, and made");
	ok(!exists("cache/deep/.starpu"), "Plait has a folder of its own in it");

	setenv("STARPU_HOME", in_folder(path, "starpu"), 1);
	is_int(plait_start(NULL), 0, "with both variables");
	plait_stop();
	ok(exists("starpu/.starpu/sampling/codelets"), "STARPU_HOME wins");
	unsetenv("XDG_CACHE_HOME");
	setenv("STARPU_HOME", home, 1);
	if (*user)
		setenv("HOME", user, 1);
	else
		unsetenv("HOME");
}

int main(void)
{
	folder_make();
	unsetenv("XDG_CACHE_HOME");
	test_not_started();
	test_policies_refused();
	test_environment_refused();
	test_environment_values();
	test_unwritable_home();
	test_own_cache();
	folder_remove();
	return tap_done();
}
