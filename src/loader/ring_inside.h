/* SPDX-License-Identifier: MIT
 * The fields of a ring, for ring.c and ring_load.c only. */
#ifndef PLAIT__RING_INSIDE_H
#define PLAIT__RING_INSIDE_H

#include "src/loader/ring.h"
#include "src/loader/tuner.h"

/* A part of a load that one task fills; the argument of that task. */
struct plait__chunk {
	struct plait__load *load;
	int64_t first;                     /* row of the load */
	int64_t rows;                      /* from first on */
	double busy, stage[PLAIT__STAGES]; /* as in the load */
	int status, failed;                /* as in the load */
	char message[400];
};

struct plait__ring {
	const struct plait__feed *feed;
	int slots, lanes, loads;
	int64_t *last;   /* [slots]: number of the last load into each, from 1; 0: none yet */
	int64_t *filled; /* [slots]: rows that each was filled with */
	struct plait__tuner tuner;
	int64_t chunk_rows;
	int chunks;                 /* tasks that fill a slot */
	struct plait__chunk *chunk; /* [loads][chunks] */
	int64_t *valid;             /* [loads][slot_batches of the feed] */
	struct plait__load_worker worker[STARPU_NMAXWORKERS];
	unsigned char **memory;
	starpu_data_handle_t *slot, *gate;
	/* [lanes].  If the tuner limits the workers, task k uses lane k mod that number. */
	starpu_data_handle_t *lane;
	int64_t tasks;                /* with a lane, submitted so far */
	int consumer;                 /* memory node of a GPU that uses the slots, or -1; atomic */
	bool entered;                 /* a thread is in plait__ring_submit or _consumed; atomic */
	starpu_data_handle_t barrier; /* or NULL */
	struct starpu_codelet *fill[2][2]; /* [with a lane][of a short chunk] */
	struct starpu_codelet *open, *close;
};

/* The body of fill (ring_load.c). */
void plait__ring_fill_cpu(void *buffers[], void *chunk);

#endif
