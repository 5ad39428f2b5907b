#!/bin/sh
# SPDX-License-Identifier: MIT
# In simulation StarPU runs its threads itself: POSIX waiting, locking, sleeping
# and clocks hang or lie there. The library uses starpu_pthread_*, starpu_sem_*,
# starpu_sleep and starpu_timing_now instead.
#
# Exceptions, each by name with its reason, as FILE:FUNCTION.
# interrupt.c: a signal handler may call little, and StarPU's clock is not of it.
# memory_limit.c: nobody waits but for the first reading of a few lines of /proc.
# register.c: codelets know no StarPU, and who holds the lock looks into a list and waits for nobody.
# plugin.c: the same, but for the plug-in's function, which is not to wait either.
# gemm_large.c, dnnl/thread.c: nobody waits but for a question to oneDNN, and kernels do not run in
# simulation.
# packed/read.c: whoever is waited for reads a file and never waits itself.
# terminal.c: how long a terminal takes is no time of the simulation; tensorboard.c: events bear the
# time of day.
# start.c: what threads that StarPU makes begin with.
exceptions='
codelets/shared/gemm_large.c:pthread_once
codelets/shared/register.c:pthread_mutex_lock
codelets/shared/register.c:pthread_mutex_unlock
src/graph/plugin.c:pthread_mutex_lock
src/graph/plugin.c:pthread_mutex_unlock
codelets/dnnl/thread.c:pthread_key_create
codelets/dnnl/thread.c:pthread_once
codelets/dnnl/thread.c:pthread_getspecific
codelets/dnnl/thread.c:pthread_setspecific
src/cli/interrupt.c:clock_gettime
src/cli/dashboard/terminal.c:clock_gettime
src/cli/runs/tensorboard.c:clock_gettime
src/dataset/packed/read.c:sched_yield
src/runtime/memory_limit.c:pthread_once
src/runtime/start.c:pthread_getattr_default_np
src/runtime/start.c:pthread_setattr_default_np
src/runtime/start.c:pthread_attr_getstacksize
src/runtime/start.c:pthread_attr_setstacksize
src/runtime/start.c:pthread_attr_destroy
'
cd "$SRC" || exit 99
find src codelets -name '*.[ch]' | sort |
	xargs grep -noE '(^|[^A-Za-z0-9_])(sem_(init|wait|timedwait|trywait|post|destroy)|pthread_[a-z_]+|u?sleep|nanosleep|clock_(gettime|nanosleep)|gettimeofday|time|sched_yield)\(' /dev/null |
	awk -F: -v exceptions="$exceptions" '
	{
		call = $3
		gsub(/[^A-Za-z0-9_]/, "", call)
		if (index(exceptions, "\n" $1 ":" call "\n"))
			next
		print $1 ":" $2 ": " call ": use the one of StarPU"
		bad = 1
	}
	END { exit bad }'
