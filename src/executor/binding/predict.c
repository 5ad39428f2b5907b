/* SPDX-License-Identifier: MIT
 * What steps would take on the workers that there are. */
#include "config.h"
#include "src/executor/binding/predict.h"
#include "src/runtime/runtime.h"

#include <stdlib.h>

struct plait__machine plait__workers_machine(int gpu[STARPU_NMAXWORKERS])
{
	starpu_worker_get_devids(STARPU_CUDA_WORKER, gpu, STARPU_NMAXWORKERS);
	return (struct plait__machine){ .cpus = plait_cpu_workers(),
					.gpus = plait_cuda_workers(),
					.gpu = gpu,
					.task_seconds = PLAIT__TASK_SECONDS,
					.cold_seconds = PLAIT__COLD_SECONDS };
}

int plait__binding_predict(const struct plait__binding *binding,
			   struct plait__prediction *prediction)
{
	const struct plait__plan *plan = binding->plan;
	double *seconds = plait__calloc((size_t)plan->segments, sizeof *seconds, "a prediction");
	int gpu[STARPU_NMAXWORKERS], status = seconds ? 0 : PLAIT_ENOMEM;
	struct plait__machine machine = plait__workers_machine(gpu);

	/* Steps of one task share what it costs. */
	machine.task_seconds /= binding->steps;
	machine.cold_seconds /= binding->steps;
	if (status == 0) {
		plait__plan_estimate(plan, seconds);
		status = plait__plan_simulate(plan, seconds, &machine, prediction);
	}
	free(seconds);
	return status;
}
