/* SPDX-License-Identifier: MIT
 * How long the kernel kept a worker from running, for recordings: other threads had its core, or
 * the machine that this virtual one runs on had. */
#ifndef PLAIT__PREEMPTED_H
#define PLAIT__PREEMPTED_H

/* Microseconds that the kernel has taken from the calling worker since its last call, of which now
 * (starpu_timing_now) is not far.  0 at the first call, and for less than a tenth of a millisecond,
 * which is not looked at. */
double plait__preempted(double now);

/* Forgets all workers.  None of them may call. */
void plait__preempted_end(void);

#endif
