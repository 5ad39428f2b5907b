/* SPDX-License-Identifier: MIT
 * How much memory there is, from made-up files of the kernel, and the budget that hands it out. */
#include "src/runtime/memory_limit.h"
#include "src/loader/budget.h"
#include "tests/tree.h"

#include <pthread.h>

/* -- files of the kernel ------------------------------------------------------------------ */

static void put(const char *name, const char *text)
{
	tree_put(name, text, strlen(text));
}

static void make_kernel(void)
{
	static const char *const folders[] = {
		"proc",
		"proc/self",
		"sys",
		"sys/fs",
		"sys/fs/cgroup",
		"sys/fs/cgroup/outer",
		"sys/fs/cgroup/outer/inner",
		"sys/fs/cgroup/memory",
		"sys/fs/cgroup/memory/outer",
		"sys/fs/cgroup/memory/outer/inner",
	};

	tree_start("kernel");
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		mkdir(tree_path(folders[i]), 0700);
}

static void test_available(void)
{
	make_kernel();
	is_int(plait__memory_available(tree_root),
	       (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE),
	       "without /proc: all memory");
	put("proc/meminfo", "MemTotal:  900 kB\nMemAvailable:   700 kB\nSwapFree:  100 kB\n");
	is_int(plait__memory_available(tree_root), 800 * 1024, "what the kernel says, and swap");
	put("proc/self/cgroup", "0::/\n");
	put("sys/fs/cgroup/memory.max", "500000\n");
	is_int(plait__memory_available(tree_root), 500000,
	       "the control group's limit, if it is less");
	put("sys/fs/cgroup/memory.max", "5000000000\n");
	is_int(plait__memory_available(tree_root), 800 * 1024, "not if it is more");
}

static void is_limit(int64_t bytes, const char *what)
{
	is_int(plait__memory_default_limit(tree_root), bytes, "%s", what);
}

static void test_default_limit(void)
{
	make_kernel();
	is_limit((int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 4,
		 "without /proc: a quarter of all memory");
	put("proc/meminfo", "MemTotal:    4000000 kB\nMemAvailable:   700 kB\nSwapFree:  100 kB\n");
	is_limit(INT64_C(1024000000), "a quarter of all memory, whatever is free");
	put("proc/self/cgroup", "0::/outer/inner\n");
	put("sys/fs/cgroup/outer/inner/memory.max", "max\n");
	is_limit(INT64_C(1024000000), "version 2, no limit");
	put("sys/fs/cgroup/outer/memory.max", "2000000000\n");
	is_limit(500000000, "the limit of the group around");
	put("sys/fs/cgroup/outer/inner/memory.max", "1000000000\n");
	is_limit(250000000, "the smallest on the way up is the innermost");
	put("sys/fs/cgroup/memory.max", "800000000\n");
	is_limit(200000000, "the smallest on the way up is the outermost");
	put("sys/fs/cgroup/memory.max", "0\n");
	put("sys/fs/cgroup/outer/memory.max", "18446744073709551615\n");
	put("sys/fs/cgroup/outer/inner/memory.max", "none at all\n");
	is_limit(INT64_C(1024000000), "absurd limits are none");
	put("proc/self/cgroup", "5:cpu:/outer\n4:memory:/outer/inner\n0::/\n");
	put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	is_limit(INT64_C(1024000000), "version 1, no limit");
	put("sys/fs/cgroup/memory/outer/memory.limit_in_bytes", "400000000\n");
	is_limit(100000000, "version 1, the limit of the group around");
	put("sys/fs/cgroup/memory/outer/inner/memory.limit_in_bytes", "900000000000000\n");
	is_limit(100000000, "version 1, more inside than around");
}

/* -- the budget ------------------------------------------------------------------------------ */

static void test_pool(void)
{
	struct plait__budget budget = { .limit = 10000 };
	unsigned char *first, *second;

	ok(!plait__budget_claim(&budget, 10001) && !plait__budget_claim(&budget, -1),
	   "no more than the limit can be claimed");
	ok(plait__budget_claim(&budget, 9000), "what is within it can");
	is_int(plait__budget_left(&budget), 1000, "and is gone");
	ok(!plait__budget_take(&budget, 1), "no piece before the region is mapped");
	is_int(plait__budget_map(&budget), 0, "mapped");
	first = plait__budget_take(&budget, 65);
	second = plait__budget_take(&budget, 64);
	ok(first && second == first + 128 && (uintptr_t)first % 64 == 0,
	   "pieces begin at cache lines");
	is_int(plait__budget_left(&budget), 1000 - 192, "and count as the lines they take");
	ok(!plait__budget_take(&budget, 1000) && !plait__budget_take(&budget, SIZE_MAX) &&
		   !plait__budget_take(&budget, 800),
	   "a piece of more lines than are left");
	is_int(plait__budget_left(&budget), 1000 - 192, "takes nothing");
	ok(plait__budget_claim(&budget, 500), "another claim, before anybody else takes");
	ok(!plait__budget_take(&budget, 400) && plait__budget_take(&budget, 250),
	   "leaves less to take than was mapped");
	plait__budget_unmap(&budget);
	budget = (struct plait__budget){ .limit = 100, .claimed = 100 };
	is_int(plait__budget_map(&budget), 0, "nothing left to map");
	ok(!plait__budget_take(&budget, 0) && !plait__budget_take(&budget, 1), "gives no piece");
	plait__budget_unmap(&budget);
}

#define TAKERS 4
#define PIECES 5000

struct taker {
	struct plait__budget *budget;
	int number, taken;
	unsigned char *piece[PIECES];
};

/* Each writes its number into its pieces: whoever got the same memory leaves a trace. */
static void *take_pieces(void *arg)
{
	struct taker *taker = arg;

	for (int i = 0; i < PIECES; i++) {
		size_t size = (size_t)(64 + i % 3 * 64);
		unsigned char *piece = plait__budget_take(taker->budget, size);

		if (!piece)
			continue;
		memset(piece, taker->number, size);
		taker->piece[i] = piece;
		taker->taken++;
	}
	return NULL;
}

static void test_takers(void)
{
	static struct taker taker[TAKERS];
	/* Of 4 * 5000 pieces of 128 bytes on average about half fit. */
	struct plait__budget budget = { .limit = TAKERS * PIECES * 64 };
	pthread_t thread[TAKERS];
	int64_t bytes = 0;
	int wrong = 0;

	if (plait__budget_map(&budget) != 0)
		tap_bail_out("%s", plait_error_message());
	for (int t = 0; t < TAKERS; t++) {
		taker[t] = (struct taker){ .budget = &budget, .number = t + 1 };
		pthread_create(&thread[t], NULL, take_pieces, &taker[t]);
	}
	for (int t = 0; t < TAKERS; t++)
		pthread_join(thread[t], NULL);
	for (int t = 0; t < TAKERS; t++)
		for (int i = 0; i < PIECES; i++) {
			int size = 64 + i % 3 * 64;

			for (int j = 0; taker[t].piece[i] && j < size; j++)
				wrong += taker[t].piece[i][j] != t + 1;
			bytes += taker[t].piece[i] ? size : 0;
		}
	is_int(wrong, 0, "four threads: no byte was given twice");
	is_int(bytes, budget.limit, "and none was left over");
	is_int(plait__budget_left(&budget), 0, "which the budget knows");
	plait__budget_unmap(&budget);
}

int main(void)
{
	test_available();
	test_default_limit();
	test_pool();
	test_takers();
	return tap_done();
}
