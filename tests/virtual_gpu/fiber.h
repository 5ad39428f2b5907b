/* SPDX-License-Identifier: MIT
 * Stacks that take turns in one thread of the host: a scheduler, which is whoever calls
 * vgpu_fiber_go_on, and fibers. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_FIBER_H
#define PLAIT_TESTS_VIRTUAL_GPU_FIBER_H

/* Goes on with fiber f, 0 or more, where it left off, or at main() if it is new; returns when the
 * fiber calls vgpu_fiber_leave. main never returns. */
void vgpu_fiber_go_on(int f, void (*main)(void));
void vgpu_fiber_leave(int f);

#endif
