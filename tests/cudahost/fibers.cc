/* SPDX-License-Identifier: MIT
 * The threads of a block as fibers.  Each runs until it ends or waits; when none can run,
 * waits that are complete are released: a shuffle when all lanes of its mask wait at the
 * same line, a barrier when all threads of the block do.  If nothing can be released the
 * kernel is wrong, and the launch fails. */
#include "cudahost.h"

#include <memory>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES (64 * 1024)
#define MAX_THREADS 1024
#define WARP 32

dim3 gridDim, blockDim, blockIdx, threadIdx;

enum state { READY, AT_BARRIER, AT_SHUFFLE, ENDED };

struct fiber {
	ucontext_t context;
	std::unique_ptr<char[]> stack;
	void *fake_stack; /* AddressSanitizer's */
	enum state state;
	const char *file; /* where it waits */
	int line;
	unsigned mask, source; /* AT_SHUFFLE: who takes part, whose value is wanted */
	uint64_t value;
};

static std::vector<fiber> fibers;
static ucontext_t scheduler;
static void *scheduler_fake_stack;
static const void *scheduler_stack;
static size_t scheduler_stack_bytes;
static unsigned current, threads;
static void (*thread_body)(void *);
static void *thread_argument;
static char message[512];

const char *cudahost_message(void)
{
	return message;
}

/* AddressSanitizer must be told of every change of stacks. */
static void leave_for(void **fake_stack, const void *stack, size_t bytes)
{
#ifdef __SANITIZE_ADDRESS__
	__sanitizer_start_switch_fiber(fake_stack, stack, bytes);
#else
	(void)fake_stack, (void)stack, (void)bytes;
#endif
}

static void arrived(void *fake_stack, const void **from, size_t *bytes)
{
#ifdef __SANITIZE_ADDRESS__
	__sanitizer_finish_switch_fiber(fake_stack, from, bytes);
#else
	(void)fake_stack, (void)from, (void)bytes;
#endif
}

/* Back to the scheduler; returns when it goes on with this fiber. */
static void wait_as(enum state state, const char *file, int line)
{
	fiber &self = fibers[current];

	self.state = state;
	self.file = file;
	self.line = line;
	leave_for(state == ENDED ? NULL : &self.fake_stack, scheduler_stack, scheduler_stack_bytes);
	swapcontext(&self.context, &scheduler);
	arrived(self.fake_stack, &scheduler_stack, &scheduler_stack_bytes);
}

static void entry(void)
{
	arrived(NULL, &scheduler_stack, &scheduler_stack_bytes);
	thread_body(thread_argument);
	wait_as(ENDED, NULL, 0);
}

static void prepare(fiber &f)
{
	if (!f.stack)
		f.stack.reset(new char[STACK_BYTES]);
	getcontext(&f.context);
	f.context.uc_stack.ss_sp = f.stack.get();
	f.context.uc_stack.ss_size = STACK_BYTES;
	f.context.uc_link = NULL;
	f.state = READY;
	f.fake_stack = NULL;
	makecontext(&f.context, entry, 0);
}

static void go_on(unsigned thread)
{
	fiber &f = fibers[thread];

	current = thread;
	threadIdx = dim3(thread % blockDim.x, thread / blockDim.x % blockDim.y,
			 thread / (blockDim.x * blockDim.y));
	leave_for(&scheduler_fake_stack, f.stack.get(), STACK_BYTES);
	swapcontext(&scheduler, &f.context);
	arrived(scheduler_fake_stack, NULL, NULL);
}

void cudahost_barrier(const char *file, int line)
{
	wait_as(AT_BARRIER, file, line);
}

unsigned cudahost_lane(void)
{
	return current % WARP;
}

uint64_t cudahost_shuffle(unsigned mask, uint64_t value, unsigned source, const char *file,
			  int line)
{
	fiber &self = fibers[current];

	self.mask = mask;
	self.source = source % WARP;
	self.value = value;
	wait_as(AT_SHUFFLE, file, line);
	return self.value;
}

static bool same_place(const fiber &a, const fiber &b)
{
	return a.line == b.line && (a.file == b.file || strcmp(a.file, b.file) == 0);
}

/* Releases the shuffle that thread waits at, if it is complete. */
static bool release_shuffle(unsigned thread)
{
	unsigned first = thread / WARP * WARP, mask = fibers[thread].mask;
	uint64_t value[WARP] = {};

	if (!(mask >> (thread % WARP) & 1) || !(mask >> fibers[thread].source & 1))
		return false;
	for (unsigned lane = 0; lane < WARP; lane++) {
		if (!(mask >> lane & 1))
			continue;
		if (first + lane >= threads)
			return false;
		const fiber &f = fibers[first + lane];
		if (f.state != AT_SHUFFLE || f.mask != mask || !same_place(f, fibers[thread]) ||
		    !(mask >> f.source & 1))
			return false;
		value[lane] = f.value;
	}
	for (unsigned lane = 0; lane < WARP; lane++) {
		if (!(mask >> lane & 1))
			continue;
		fibers[first + lane].value = value[fibers[first + lane].source];
		fibers[first + lane].state = READY;
	}
	return true;
}

static bool release_barrier(void)
{
	for (unsigned i = 0; i < threads; i++)
		if (fibers[i].state != AT_BARRIER || !same_place(fibers[i], fibers[0]))
			return false;
	for (unsigned i = 0; i < threads; i++)
		fibers[i].state = READY;
	return true;
}

static bool all_ended(void)
{
	for (unsigned i = 0; i < threads; i++)
		if (fibers[i].state != ENDED)
			return false;
	return true;
}

static bool release(void)
{
	bool released = release_barrier();

	for (unsigned i = 0; i < threads; i++)
		if (fibers[i].state == AT_SHUFFLE)
			released |= release_shuffle(i);
	return released;
}

/* Names the first thread that waits for ever, and how many do. */
static void report(const char *kernel)
{
	unsigned waiting = 0, first = threads;

	for (unsigned i = 0; i < threads; i++) {
		if (fibers[i].state == ENDED)
			continue;
		first = first < threads ? first : i;
		waiting++;
	}
	snprintf(message, sizeof message,
		 "kernel %s, block %u of %u: %u of %u threads wait for ever; thread %u at the %s "
		 "of %s:%d",
		 kernel, blockIdx.x, gridDim.x, waiting, threads, first,
		 fibers[first].state == AT_BARRIER ? "barrier" : "shuffle", fibers[first].file,
		 fibers[first].line);
	cudahost_fail(cudaErrorLaunchFailure);
}

static bool run_block(const char *kernel)
{
	for (unsigned i = 0; i < threads; i++)
		prepare(fibers[i]);
	for (;;) {
		for (unsigned i = 0; i < threads; i++)
			if (fibers[i].state == READY)
				go_on(i);
		if (all_ended())
			return true;
		if (!release()) {
			report(kernel);
			return false;
		}
	}
}

void cudahost_run(const char *kernel, dim3 grid, dim3 block, void (*body)(void *), void *argument)
{
	uint64_t count = (uint64_t)block.x * block.y * block.z;

	if (count < 1 || count > MAX_THREADS || grid.x < 1 || grid.y < 1 || grid.z < 1 ||
	    grid.y > 65535 || grid.z > 65535) {
		cudahost_fail(cudaErrorInvalidConfiguration);
		return;
	}
	if (fibers.empty())
		fibers.resize(MAX_THREADS); /* once: contexts must not move */
	threads = (unsigned)count;
	gridDim = grid;
	blockDim = block;
	thread_body = body;
	thread_argument = argument;
	for (blockIdx.z = 0; blockIdx.z < grid.z; blockIdx.z++)
		for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y++)
			for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x++)
				if (!run_block(kernel))
					return;
}
