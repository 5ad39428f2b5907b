/* SPDX-License-Identifier: MIT
 * Between the files of the runtime: what plait_stop frees, when StarPU is down. */
#ifndef PLAIT__RUNTIME_PARTS_H
#define PLAIT__RUNTIME_PARTS_H

void plait__runtime_free_codelets(void);

/* The scratch memory of all workers, and the record of how long they were busy. */
void plait__runtime_free_workers(void);

#endif
