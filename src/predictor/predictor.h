/* SPDX-License-Identifier: MIT
 * Inside a predictor: the calls of a plan, which the thread that asks runs one after another.  The
 * plan has one segment, whose slot is the caller's x and whose result is the caller's out. */
#ifndef PLAIT__PREDICTOR_H
#define PLAIT__PREDICTOR_H

#include "src/checkpoint/saved.h"
#include "src/plan/plan.h"
#include <plait/predictor.h>
#include <starpu.h>

/* What a thread needs while it computes. */
struct plait__place {
	struct plait__place *next; /* of those that are free */
	char *scratch;
	const void **in; /* inputs of the call that runs */
	char **base;     /* by buffer of the segment */
};

struct plait_predictor {
	struct plait__store store;
	struct plait__plan *plan;
	int64_t samples, inputs, outputs; /* inputs, outputs: elements of one */
	int64_t x_bytes;                  /* of one sample */
	int slot, result;                 /* buffers of the segment; -1: it uses none */
	int places;
	struct plait__place *place; /* [places] */

	starpu_pthread_mutex_t mutex; /* for the list */
	starpu_pthread_cond_t freed;
	struct plait__place *free;

	/* Of one that was opened from a file alone. */
	struct plait_graph *graph;
	struct plait__names classes; /* [outputs], or none */
};

/* A predictor without its parameters, which the caller takes from somewhere. */
int plait__predictor_make(struct plait_predictor **predictor_p, struct plait_graph *graph,
			  const struct plait_predictor_options *options);

#endif
