/* SPDX-License-Identifier: MIT
 * A prediction, in the thread that asks for it. */
#include "config.h"
#include "src/predictor/predictor.h"

#include <omp.h>

static struct plait__place *take_place(struct plait_predictor *p)
{
	struct plait__place *place;

	STARPU_PTHREAD_MUTEX_LOCK(&p->mutex);
	while (!p->free)
		STARPU_PTHREAD_COND_WAIT(&p->freed, &p->mutex);
	place = p->free;
	p->free = place->next;
	STARPU_PTHREAD_MUTEX_UNLOCK(&p->mutex);
	return place;
}

static void give_place(struct plait_predictor *p, struct plait__place *place)
{
	STARPU_PTHREAD_MUTEX_LOCK(&p->mutex);
	place->next = p->free;
	p->free = place;
	STARPU_PTHREAD_COND_SIGNAL(&p->freed);
	STARPU_PTHREAD_MUTEX_UNLOCK(&p->mutex);
}

static void run_part(const struct plait_predictor *p, struct plait__place *place, int64_t rows)
{
	struct plait_call call = { .in = place->in,
				   .rows = rows,
				   .batch = rows,
				   .scratch = plait__call_scratch(p->plan->segment, place->scratch),
				   .precision = p->plan->options.precision };

	for (int i = 0; i < p->plan->calls; i += p->plan->call[i].run)
		plait__plan_run(&p->plan->call[i], &call, place->in, place->base, place->scratch,
				0);
}

static void run(struct plait_predictor *p, const char *x, int64_t samples, float *out)
{
	struct plait__place *place = take_place(p);

	for (int64_t done = 0; done < samples; done += p->samples) {
		int64_t rows = samples - done < p->samples ? samples - done : p->samples;

		if (p->slot >= 0)
			place->base[p->slot] = (char *)(uintptr_t)(x + done * p->x_bytes);
		place->base[p->result] = (char *)(out + done * p->outputs);
		run_part(p, place, rows);
	}
	give_place(p, place);
}

int plait_predictor_run(struct plait_predictor *p, const void *x, int64_t samples, float *out)
{
	int threads;

	if (!p || !x || !out || samples < 0)
		return plait__error(PLAIT_EINVAL, "plait_predictor_run: %s",
				    !p     ? "the predictor is NULL"
				    : !x   ? "x is NULL"
				    : !out ? "out is NULL"
					   : "the number of samples is negative");
	/* A product's own threads would take the cores of other threads that predict. */
	threads = omp_get_max_threads();
	if (threads > 1)
		omp_set_num_threads(1);
	run(p, x, samples, out);
	if (threads > 1)
		omp_set_num_threads(threads);
	return 0;
}
