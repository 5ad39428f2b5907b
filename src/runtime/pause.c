/* SPDX-License-Identifier: MIT
 * Workers are paused while nobody needs them, because idle workers spin. */
#include "config.h"
#include "src/runtime/parts.h"
#include "src/runtime/runtime.h"

#include <pthread.h>
#include <starpu.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int running; /* depth of plait__runtime_resume; the mutex guards it */

void plait__runtime_resume(void)
{
	PLAIT__ASSERT(starpu_is_initialized(), "workers run only while StarPU is up");
	pthread_mutex_lock(&mutex);
	if (running++ == 0)
		starpu_resume();
	pthread_mutex_unlock(&mutex);
}

void plait__runtime_pause(void)
{
	pthread_mutex_lock(&mutex);
	PLAIT__ASSERT(running > 0, "a pause ends a resume");
	if (--running == 0)
		starpu_pause();
	pthread_mutex_unlock(&mutex);
}

bool plait__runtime_idle(void)
{
	bool idle;

	pthread_mutex_lock(&mutex);
	idle = running == 0;
	pthread_mutex_unlock(&mutex);
	return idle;
}

void plait__runtime_forget_pauses(void)
{
	pthread_mutex_lock(&mutex);
	running = 0;
	pthread_mutex_unlock(&mutex);
}
