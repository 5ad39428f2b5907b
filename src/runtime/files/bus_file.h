/* SPDX-License-Identifier: MIT
 * StarPU's files about the machine, which starpu_init reads.  It ends the process by an assertion
 * where one that it needs is damaged. */
#ifndef PLAIT__BUS_FILE_H
#define PLAIT__BUS_FILE_H

#include "src/runtime/runtime.h"

/* Sets damaged files in the folder aside and says so on standard error, so that StarPU measures
 * again.  home is what STARPU_HOME will be.  PLAIT_EIO: one cannot be set aside. */
int plait__bus_files_admit(const char *home);

#endif
