/* SPDX-License-Identifier: MIT
 * StarPU up and down, and what holds while it is up. */
#include "config.h"
#include "src/runtime/runtime.h"
#include "tests/runtime/folder.h"

#include <omp.h>
#include <signal.h>
#include <starpu.h>

static void count_threads(void *counts)
{
	((int *)counts)[starpu_worker_get_id()] = omp_get_max_threads();
}

static void test_started(void)
{
	int threads[STARPU_NMAXWORKERS] = { 0 }, single = 0;
	struct sigaction before, after;
	void *memory;

	sigaction(SIGINT, NULL, &before);
	setenv("STARPU_SCHED", "lws", 1);
	is_int(plait_start(&(struct plait_start_options){ .policy = "dmdas" }), 0,
	       "start with policy dmdas");
	is_string(plait_policy(), "dmdas", "the option wins over STARPU_SCHED");
	is_string(starpu_sched_get_sched_policy()->policy_name, "dmdas", "for StarPU too");
	is_string(getenv("STARPU_SCHED"), "lws", "STARPU_SCHED is again what it was");
	is_int(plait_start(NULL), PLAIT_ESTATE, "a second start is refused");
	is_int(plait__runtime_require("x"), 0, "the runtime is there");
	is_int(plait_cpu_workers(), starpu_cpu_worker_get_count(), "CPU workers are StarPU's");
	ok(starpu_is_paused(), "workers are paused");

	plait__runtime_resume();
	plait__runtime_resume();
	plait__runtime_pause();
	ok(!starpu_is_paused(), "they run until the last pause");
	starpu_execute_on_each_worker(count_threads, threads, STARPU_CPU);
	for (int i = 0; i < STARPU_NMAXWORKERS; i++)
		single += threads[i] == 1;
	is_int(single, plait_cpu_workers(), "OpenMP has one thread in each worker");
	plait__runtime_pause();
	ok(starpu_is_paused(), "then they are paused again");

	starpu_malloc(&memory, 1000);
	is_int((uintptr_t)memory % PLAIT__ALIGN, 0, "StarPU's memory is aligned");
	starpu_free_noflag(memory, 1000);
	sigaction(SIGINT, NULL, &after);
	ok(after.sa_handler == before.sa_handler, "SIGINT is left alone");
	plait_stop();
	ok(!starpu_is_initialized(), "stop");

	is_int(plait_start(NULL), 0, "start again");
	is_string(plait_policy(), "lws", "now with STARPU_SCHED");
	plait_stop();
	unsetenv("STARPU_SCHED");
	is_int(plait_start(&(struct plait_start_options){ .cpu_workers = 1, .cuda_workers = -1 }),
	       0, "start with one worker");
	is_string(plait_policy(), "eager", "the default policy");
	is_int(plait_cpu_workers(), 1, "one CPU worker");
	is_int(plait_cuda_workers(), 0, "no GPU");
	plait_stop();
}

static void test_started_by_somebody_else(void)
{
	if (starpu_init(NULL) != 0)
		tap_bail_out("starpu_init failed");
	is_int(plait_start(NULL), PLAIT_ESTATE,
	       "a StarPU that the program started itself is refused");
	starpu_shutdown();
}

/* -- codelets, scratch ---------------------------------------------------------------------- */

static void write_scratch(void *buffers[], void *size)
{
	(void)buffers;
	memset(plait__runtime_scratch(), starpu_worker_get_id() + 1, *(size_t *)size);
}

static void address(void *addresses)
{
	((char **)addresses)[starpu_worker_get_id()] = plait__runtime_scratch();
}

static bool is_scratch_good(size_t size)
{
	char *memory[STARPU_NMAXWORKERS] = { NULL };
	int ids[STARPU_NMAXWORKERS];
	unsigned count = starpu_worker_get_ids_by_type(STARPU_CPU_WORKER, ids, STARPU_NMAXWORKERS);
	bool good = true;

	starpu_execute_on_each_worker(address, memory, STARPU_CPU);
	for (unsigned i = 0; i < count; i++) {
		good = good && memory[ids[i]] && (uintptr_t)memory[ids[i]] % PLAIT__ALIGN == 0;
		if (good)
			memset(memory[ids[i]], ids[i], size);
	}
	for (unsigned i = 0; good && i < count; i++)
		good = memory[ids[i]][0] == ids[i] && memory[ids[i]][size - 1] == ids[i];
	return good;
}

static void test_codelets_and_scratch(void)
{
	char home[4096], path[4200], name[] = "fwd/0.linear";
	enum starpu_data_access_mode mode[] = { STARPU_R };
	struct plait__codelet_shape shape = { .where = STARPU_CPU, .mode = mode };
	struct starpu_codelet *codelet, *other;
	size_t size = 10000;

	snprintf(home, sizeof home, "%s", getenv("STARPU_HOME"));
	setenv("STARPU_HOME", in_folder(path, ""), 1);
	setenv("STARPU_HOSTNAME", "here", 1);
	is_int(plait_start(&(struct plait_start_options){ .policy = "dmda" }), 0,
	       "start with a policy that measures");
	shape.symbol = "fwd-0123456789abcdef";
	codelet = plait__runtime_codelet(&shape, name);
	ok(codelet != NULL, "a codelet");
	name[0] = 'X';
	is_string(codelet->name, "fwd/0.linear", "its name is a copy");
	ok(plait__runtime_codelet(&shape, "other") == codelet, "the same again");
	shape.handles = 1;
	other = plait__runtime_codelet(&shape, "with a handle more");
	ok(other != codelet && other->nbuffers == 1, "a handle more is another codelet");
	ok(other->model == codelet->model, "of the same model");
	mode[0] = STARPU_RW;
	ok(plait__runtime_codelet(&shape, "another mode") != other, "another mode too");
	shape.symbol = "fwd-0123456789abcdee";
	ok(plait__runtime_codelet(&shape, "other")->model != codelet->model,
	   "another symbol is another model");
	shape.symbol = "fwd/0";
	ok(!plait__runtime_codelet(&shape, "slash"),
	   "a symbol with a slash, which StarPU aborts on");
	shape.symbol = "x0123456789012345678901234567890123456789012345678901234567890123";
	ok(!plait__runtime_codelet(&shape, "65"), "a symbol of 65 characters");
	shape.symbol++;
	ok(plait__runtime_codelet(&shape, "64") != NULL, "a symbol of 64 characters");

	plait__runtime_resume();
	is_int(plait__runtime_reserve_scratch(100), 0, "scratch");
	ok(is_scratch_good(100), "is aligned and each worker's own");
	is_int(plait__runtime_reserve_scratch(size), 0, "more scratch");
	is_int(plait__runtime_reserve_scratch(50), 0, "less scratch leaves it");
	ok(is_scratch_good(size), "is aligned and each worker's own");
	codelet->cpu_funcs[0] = write_scratch;
	codelet->where = STARPU_CPU;
	for (int i = 0; i < 20; i++)
		if (starpu_task_insert(codelet, STARPU_CL_ARGS_NFREE, &size, sizeof size, 0) != 0)
			tap_bail_out("no task can be inserted");
	starpu_task_wait_for_all();
	plait_stop();
	ok(exists(".starpu/sampling/codelets/45/fwd-0123456789abcdef.here"),
	   "its model is saved at the end");
	unsetenv("STARPU_HOSTNAME");
	setenv("STARPU_HOME", home, 1);
}

int main(void)
{
	folder_make();
	unsetenv("XDG_CACHE_HOME");
	test_started();
	test_started_by_somebody_else();
	test_codelets_and_scratch();
	folder_remove();
	return tap_done();
}
