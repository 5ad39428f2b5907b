/* SPDX-License-Identifier: MIT
 * The threads of a block run one after another on one stack until one of them waits. That one
 * keeps the stack, and the next ones get another. When all wait or have ended, the waits that are
 * complete are released: a shuffle when all lanes of its mask wait at the same line, a barrier
 * when all threads of the block do. If none can be released the kernel is wrong. */
#include "tests/virtual_gpu/block.h"
#include "tests/virtual_gpu/fiber.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <string.h>

#define MOST_THREADS 1024
#define WARP 32

dim3 gridDim, blockDim, blockIdx, threadIdx;

enum state { UNSTARTED, READY, AT_BARRIER, AT_SHUFFLE, ENDED };

struct thread {
	enum state state;
	int fiber;
	const char *file; /* where it waits */
	int line;
	unsigned mask, source; /* AT_SHUFFLE: who takes part, whose value is wanted */
	uint64_t value;
};

static struct thread thread[MOST_THREADS];
static bool bound[MOST_THREADS]; /* by fiber: to a thread that waits */
static unsigned threads, next, current;
static int running; /* fiber */
static const std::function<void()> *body;

/* -- on a fiber -------------------------------------------------------------------------------- */

static void set_current(unsigned t)
{
	current = t;
	threadIdx =
		dim3(t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y));
}

static void fiber_main(void)
{
	for (;;) {
		while (next < threads) {
			unsigned t = next++;

			thread[t].fiber = running;
			set_current(t);
			(*body)();
			thread[current].state = ENDED;
			if (bound[running]) /* it has waited, and others were started since */
				break;
		}
		bound[running] = false;
		vgpu_fiber_leave(running);
	}
}

static void wait_as(enum state state, const char *file, int line)
{
	unsigned t = current;
	int f = running;

	thread[t].state = state;
	thread[t].file = file;
	thread[t].line = line;
	bound[f] = true;
	vgpu_fiber_leave(f);
	set_current(t);
}

void vgpu_barrier(const char *file, int line)
{
	wait_as(AT_BARRIER, file, line);
}

unsigned vgpu_lane(void)
{
	return current % WARP;
}

uint64_t vgpu_shuffle(unsigned mask, uint64_t value, unsigned source, const char *file, int line)
{
	struct thread *self = &thread[current];

	self->mask = mask;
	self->source = source % WARP;
	self->value = value;
	wait_as(AT_SHUFFLE, file, line);
	return self->value;
}

/* -- release --------------------------------------------------------------------------------------
 */

static bool same_place(const struct thread *a, const struct thread *b)
{
	return a->line == b->line && (a->file == b->file || strcmp(a->file, b->file) == 0);
}

static bool shuffles_with(const struct thread *a, const struct thread *b)
{
	return a->state == AT_SHUFFLE && a->mask == b->mask && same_place(a, b);
}

/* Releases the shuffle at which thread t waits, if it is complete. */
static bool release_shuffle(unsigned t)
{
	unsigned first = t / WARP * WARP, mask = thread[t].mask;
	uint64_t value[WARP] = {};

	if (!(mask >> (t % WARP) & 1))
		return false;
	for (unsigned lane = 0; lane < WARP; lane++) {
		const struct thread *other = &thread[first + lane];

		if (!(mask >> lane & 1))
			continue;
		if (first + lane >= threads || !shuffles_with(other, &thread[t]) ||
		    !(mask >> other->source & 1))
			return false;
		value[lane] = other->value;
	}
	for (unsigned lane = 0; lane < WARP; lane++)
		if (mask >> lane & 1) {
			thread[first + lane].value = value[thread[first + lane].source];
			thread[first + lane].state = READY;
		}
	return true;
}

static bool release_barrier(void)
{
	for (unsigned t = 0; t < threads; t++)
		if (thread[t].state != AT_BARRIER || !same_place(&thread[t], &thread[0]))
			return false;
	for (unsigned t = 0; t < threads; t++)
		thread[t].state = READY;
	return true;
}

static bool release(void)
{
	bool released = release_barrier();

	for (unsigned t = 0; t < threads; t++)
		if (thread[t].state == AT_SHUFFLE)
			released |= release_shuffle(t);
	return released;
}

/* -- a block --------------------------------------------------------------------------------------
 */

/* Names the first thread that waits for ever, and how many do. */
[[noreturn]] static void report(const char *kernel)
{
	unsigned waiting = 0, first = threads;

	for (unsigned t = 0; t < threads; t++)
		if (thread[t].state != ENDED) {
			first = first < threads ? first : t;
			waiting++;
		}
	vgpu_die("kernel %s, block %u of %u: %u of %u threads wait for ever; thread %u at the %s "
		 "of %s:%d",
		 kernel, blockIdx.x, gridDim.x, waiting, threads, first,
		 thread[first].state == AT_BARRIER ? "barrier" : "shuffle", thread[first].file,
		 thread[first].line);
}

static void go_on(int fiber)
{
	running = fiber;
	vgpu_fiber_go_on(fiber, fiber_main);
}

static void start_all(void)
{
	for (int fiber = 0; next < threads; go_on(fiber))
		while (bound[fiber])
			fiber++;
}

/* Whether all threads have ended. */
static bool run_ready(void)
{
	bool all = true;

	for (unsigned t = 0; t < threads; t++) {
		if (thread[t].state == READY)
			go_on(thread[t].fiber);
		all &= thread[t].state == ENDED;
	}
	return all;
}

void vgpu_run_block(const char *kernel, const std::function<void()> &of_thread)
{
	threads = blockDim.x * blockDim.y * blockDim.z;
	next = 0;
	body = &of_thread;
	for (unsigned t = 0; t < threads; t++)
		thread[t].state = UNSTARTED;
	start_all();
	while (!run_ready())
		if (!release())
			report(kernel);
}
