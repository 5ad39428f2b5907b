/* SPDX-License-Identifier: MIT */
#include "tests/virtual_gpu/fiber.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <sys/mman.h>
#include <ucontext.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES (256 * 1024)
#define MOST_FIBERS 1024

#if defined __x86_64__
/* Saves what a call must keep, and the stack; goes on with another one. swapcontext would make two
 * system calls. */
typedef void *context;
extern "C" void vgpu_switch(context *save, context to);
asm(".text\n.globl vgpu_switch\n.hidden vgpu_switch\nvgpu_switch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
    "movq %rsp, (%rdi)\nmovq %rsi, %rsp\n"
    "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n");

static void switch_to(context *save, context *to)
{
	vgpu_switch(save, *to);
}

static void prepare(context *c, char *stack, void (*main)(void))
{
	void **sp = (void **)(stack + STACK_BYTES);

	*--sp = NULL; /* where main would return to; it keeps the stack aligned as a call does */
	*--sp = (void *)main;
	for (int i = 0; i < 6; i++)
		*--sp = NULL;
	*c = sp;
}
#else
typedef ucontext_t context;

static void switch_to(context *save, context *to)
{
	swapcontext(save, to);
}

static void prepare(context *c, char *stack, void (*main)(void))
{
	getcontext(c);
	c->uc_stack.ss_sp = stack;
	c->uc_stack.ss_size = STACK_BYTES;
	c->uc_link = NULL;
	makecontext(c, main, 0);
}
#endif

struct fiber {
	context at;
	char *stack;
	void *fake_stack; /* AddressSanitizer's */
	void (*main)(void);
};

static struct fiber fibers[MOST_FIBERS];
static struct fiber scheduler;
static const void *scheduler_stack;
static size_t scheduler_stack_bytes;
static int running;

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

static void begin(void)
{
	arrived(NULL, &scheduler_stack, &scheduler_stack_bytes);
	fibers[running].main();
}

void vgpu_fiber_go_on(int f, void (*main)(void))
{
	struct fiber *fiber = &fibers[f];

	if (f >= MOST_FIBERS)
		vgpu_die("no more than %d fibers", MOST_FIBERS);
	running = f;
	if (!fiber->stack) {
		void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (stack == MAP_FAILED)
			vgpu_die("no memory for the stack of a thread");
		fiber->stack = (char *)stack;
		fiber->main = main;
		prepare(&fiber->at, fiber->stack, begin);
	}
	leave_for(&scheduler.fake_stack, fiber->stack, STACK_BYTES);
	switch_to(&scheduler.at, &fiber->at);
	arrived(scheduler.fake_stack, NULL, NULL);
}

void vgpu_fiber_leave(int f)
{
	leave_for(&fibers[f].fake_stack, scheduler_stack, scheduler_stack_bytes);
	switch_to(&fibers[f].at, &scheduler.at);
	arrived(fibers[f].fake_stack, &scheduler_stack, &scheduler_stack_bytes);
}
