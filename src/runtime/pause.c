/* SPDX-License-Identifier: MIT
 * Workers are paused while nobody needs them, because idle workers spin. */
#include "config.h"
#include "src/runtime/parts.h"
#include "src/runtime/runtime.h"

#include <starpu.h>

static starpu_pthread_mutex_t mutex = STARPU_PTHREAD_MUTEX_INITIALIZER;
static int running; /* depth of plait__runtime_resume; the mutex guards it */

void plait__runtime_resume(void)
{
	PLAIT__ASSERT(starpu_is_initialized(), "workers run only while StarPU is up");
	STARPU_PTHREAD_MUTEX_LOCK(&mutex);
	if (running++ == 0)
		starpu_resume();
	STARPU_PTHREAD_MUTEX_UNLOCK(&mutex);
}

void plait__runtime_pause(void)
{
	STARPU_PTHREAD_MUTEX_LOCK(&mutex);
	PLAIT__ASSERT(running > 0, "a pause ends a resume");
	if (--running == 0)
		starpu_pause();
	STARPU_PTHREAD_MUTEX_UNLOCK(&mutex);
}

bool plait__runtime_idle(void)
{
	bool idle;

	STARPU_PTHREAD_MUTEX_LOCK(&mutex);
	idle = running == 0;
	STARPU_PTHREAD_MUTEX_UNLOCK(&mutex);
	return idle;
}

void plait__runtime_forget_pauses(void)
{
	STARPU_PTHREAD_MUTEX_LOCK(&mutex);
	running = 0;
	STARPU_PTHREAD_MUTEX_UNLOCK(&mutex);
}
