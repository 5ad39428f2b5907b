/* SPDX-License-Identifier: MIT
 * The environment that StarPU starts in.  StarPU reads variables where it has no parameter, and
 * aborts or hangs on some values, which are checked here first. */
#ifndef PLAIT__RUNTIME_ENV_H
#define PLAIT__RUNTIME_ENV_H

#include "src/base/base.h"

/* Sets variables for starpu_init: no policy by name, no messages, a writable folder, no search for
 * devices that are not used. cuda_workers: as in struct plait_start_options.
 * Also sets aside damaged files that StarPU would read.
 * Errors: PLAIT_EIO (one cannot be), PLAIT_EINVAL (a variable has a value on which StarPU hangs or
 * aborts), PLAIT_ERUNTIME (no folder can be written). */
int plait__env_enter(int cuda_workers);

/* PLAIT_EINVAL naming a variable whose value StarPU would abort on (environment_numbers.c). */
int plait__env_check(void);

/* Gives every variable the value it had before plait__env_enter. */
void plait__env_leave(void);

#endif
