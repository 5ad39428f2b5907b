/* SPDX-License-Identifier: MIT
 * Plans on the workers that StarPU has. */
#ifndef PLAIT__PREDICT_H
#define PLAIT__PREDICT_H

#include "src/executor/binding.h"
#include "src/plan/simulate.h"

/* The workers.  gpu: receives the numbers of GPUs, and must live as long as what is returned. */
struct plait__machine plait__workers_machine(int gpu[STARPU_NMAXWORKERS]);

/* What a step takes by the costs of the binding's plan, if batches are always there.
 * PLAIT_ENOMEM. */
int plait__binding_predict(const struct plait__binding *binding,
			   struct plait__prediction *prediction);

#endif
