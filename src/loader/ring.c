/* SPDX-License-Identifier: MIT
 * Making a ring: slots, lanes, codelets, and how large a chunk is. */
#include "config.h"
#include "src/loader/ring_inside.h"
#include "src/base/phase_colours.h"
#include "src/base/random.h"
#include "src/runtime/runtime.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- codelets ------------------------------------------------------------------------------- */

/* Makes a codelet.  mode: the access modes of its handles, which end with 0 or after three. */
static struct starpu_codelet *codelet(const struct plait__ring *ring, const char *name,
				      int64_t rows, struct plait__codelet_shape shape)
{
	const struct plait__feed *feed = ring->feed;
	uint64_t hash = plait__key((uint64_t)feed->elements, (uint64_t)rows);
	char symbol[64];

	hash = plait__key(hash, (uint64_t)feed->dataset->info.dtype);
	hash = plait__key(hash, (uint64_t)feed->options.dtype);
	hash = plait__key(hash, plait__transform_hash(feed->options.transform));
	snprintf(symbol, sizeof symbol, "%s_%016llx", name, (unsigned long long)hash);
	shape.symbol = symbol;
	shape.color = PLAIT__COLOUR_LOAD;
	while (shape.handles < 3 && shape.mode[shape.handles])
		shape.handles++;
	return plait__runtime_codelet(&shape, name);
}

/* These only order other tasks, which needs no worker, so closing a full slot does not wait for a
 * worker that fills later ones.  The chunks write to main memory; a GPU may have a copy of the
 * batch before in this slot. */
static struct starpu_codelet *ordering(const struct plait__ring *ring, const char *name,
				       const enum starpu_data_access_mode mode[3])
{
	return codelet(ring, name, 0,
		       (struct plait__codelet_shape){
			       .where = STARPU_NOWHERE, .main_memory = true, .mode = mode });
}

static int make_codelets(struct plait__ring *ring)
{
	const struct plait__feed *feed = ring->feed;
	enum starpu_data_access_mode written = ring->chunks > 1 ? STARPU_R : STARPU_W;
	enum starpu_data_access_mode barrier = ring->barrier ? STARPU_R : 0;
	const enum starpu_data_access_mode fills[2][3] = { { written, barrier },
							   { written, STARPU_RW, barrier } };
	int64_t last = (feed->batches - 1) % feed->slot_batches * feed->options.batch_size +
		       plait__feed_rows(feed, feed->batches - 1);

	for (int i = 0; i < 4; i++) {
		int64_t rows = i % 2 ? last % ring->chunk_rows : ring->chunk_rows;

		ring->fill[i / 2][i % 2] =
			codelet(ring, "load", rows,
				(struct plait__codelet_shape){ .where = STARPU_CPU,
							       .cpu = plait__ring_fill_cpu,
							       .mode = fills[i / 2] });
		if (!ring->fill[i / 2][i % 2])
			return PLAIT_ENOMEM;
	}
	ring->open = ordering(ring, "load-open",
			      (enum starpu_data_access_mode[3]){ STARPU_RW, STARPU_W });
	ring->close = ordering(ring, "load-close",
			       (enum starpu_data_access_mode[3]){ STARPU_W, STARPU_RW });
	if (!ring->open || !ring->close)
		return PLAIT_ENOMEM;
	return 0;
}

/* -- making ---------------------------------------------------------------------------------- */

/* How long a chunk should take.  StarPU spends 3 us on a task, which is 1.5 % of this. */
#define CHUNK_MICROSECONDS 200.0

static int make_discarded(struct plait__ring *ring, int64_t row)
{
	struct plait__load_worker *worker = &ring->worker[0];
	int status;

	worker->discards = true;
	status = plait__feed_fill(ring->feed, 0, 0, row, 1, ring->memory[0], worker);
	worker->discards = false;
	return status;
}

/* Returns the rows of a chunk of a full slot.  If options.chunk is 0, a few samples are made and
 * timed. */
static int64_t measure_chunk(struct plait__ring *ring)
{
	const struct plait__feed *feed = ring->feed;
	int64_t all = feed->options.batch_size * feed->slot_batches;
	int64_t rows = plait__feed_samples(feed, 0), done = 0;
	int64_t most = rows < 32 ? rows : 32;
	double begin, each;

	if (feed->options.chunk > 0)
		return feed->options.chunk < all ? feed->options.chunk : all;
	if (all < 2)
		return all;
	/* A sample may hang, and the watchdog sees only load tasks: no sample is made here. */
	if (feed->options.timeout > 0 && (!feed->dataset->x || feed->dataset->there))
		return (all + feed->options.workers - 1) / feed->options.workers;
	/* The first sample loads memory and code into the caches, and samples that stay in memory
	 * are read from their file once: neither is timed. */
	for (int64_t row = 0; row < (feed->dataset->there ? most : 1); row++)
		if (make_discarded(ring, row) < 0)
			return all;
	begin = starpu_timing_now();
	do {
		if (make_discarded(ring, done++) < 0)
			return all;
		each = (starpu_timing_now() - begin) / (double)done;
	} while (done < most && each * (double)done < CHUNK_MICROSECONDS);
	if (each * (double)all < 2 * CHUNK_MICROSECONDS)
		return all;
	return each > CHUNK_MICROSECONDS ? 1 : (int64_t)(CHUNK_MICROSECONDS / each + 0.5);
}

static int make_slots(struct plait__ring *ring)
{
	size_t bytes = plait__feed_slot_bytes(ring->feed);

	for (int i = 0; i < ring->slots; i++) {
		if (starpu_malloc((void **)&ring->memory[i], bytes) != 0)
			return plait__error(PLAIT_ENOMEM,
					    "loader: no memory for slot %d of %d, %zu bytes each: "
					    "lower batch size or prefetch",
					    i + 1, ring->slots, bytes);
		starpu_vector_data_register(&ring->slot[i], STARPU_MAIN_RAM,
					    (uintptr_t)ring->memory[i], bytes / sizeof(float),
					    sizeof(float));
		starpu_data_set_name(ring->slot[i], "slot");
		starpu_void_data_register(&ring->gate[i]);
		starpu_data_set_name(ring->gate[i], "gate");
	}
	return 0;
}

static int make_chunks(struct plait__ring *ring)
{
	const struct plait__feed *feed = ring->feed;
	int64_t rows = feed->options.batch_size * feed->slot_batches, chunks;

	ring->chunk_rows = measure_chunk(ring);
	PLAIT__ASSERT(ring->chunk_rows > 0 && ring->chunk_rows <= rows,
		      "a chunk is a part of a slot");
	chunks = rows / ring->chunk_rows + (rows % ring->chunk_rows != 0);
	if (chunks > INT_MAX)
		return plait__error(PLAIT_EINVAL,
				    "loader: a load of %" PRId64 " samples in chunks of %" PRId64
				    " makes %" PRId64 " tasks, must be at most %d: raise chunk",
				    rows, ring->chunk_rows, chunks, INT_MAX);
	ring->chunks = (int)chunks;
	plait__tuner_init(&ring->tuner, feed->tunes_workers, feed->options.workers,
			  feed->tunes_prefetch, ring->slots, ring->chunks);
	/* As many lanes as CPU workers would limit nothing, so one less is enough. */
	ring->lanes = feed->options.workers - (feed->options.workers >= plait_cpu_workers());
	ring->chunk = plait__calloc((size_t)ring->loads * (size_t)ring->chunks, sizeof *ring->chunk,
				    "loads");
	ring->valid = plait__calloc((size_t)ring->loads * (size_t)feed->slot_batches,
				    sizeof *ring->valid, "loads");
	ring->lane = plait__calloc((size_t)ring->lanes, sizeof *ring->lane, "lanes");
	if (!ring->chunk || !ring->valid || !ring->lane)
		return PLAIT_ENOMEM;
	for (int i = 0; i < ring->lanes; i++) {
		starpu_void_data_register(&ring->lane[i]);
		starpu_data_set_name(ring->lane[i], "lane");
	}
	return make_codelets(ring);
}

int plait__ring_create(struct plait__ring **ring_p, const struct plait__feed *feed,
		       const struct plait__load_memory *memory, int loads,
		       starpu_data_handle_t barrier)
{
	struct plait__ring *ring = plait__calloc(1, sizeof *ring, "a ring of slots");
	int status;

	if (!ring)
		return PLAIT_ENOMEM;
	ring->feed = feed;
	ring->slots = memory->slots;
	for (int i = 0; i < STARPU_NMAXWORKERS; i++)
		ring->worker[i].cache = memory->cache;
	ring->loads = loads;
	ring->barrier = barrier;
	ring->consumer = -1;
	ring->memory = plait__calloc((size_t)ring->slots, sizeof *ring->memory, "slots");
	ring->slot = plait__calloc((size_t)ring->slots, sizeof *ring->slot, "slots");
	ring->gate = plait__calloc((size_t)ring->slots, sizeof *ring->gate, "slots");
	ring->last = plait__calloc((size_t)ring->slots, sizeof *ring->last, "slots");
	ring->filled = plait__calloc((size_t)ring->slots, sizeof *ring->filled, "slots");
	status = ring->memory && ring->slot && ring->gate && ring->last && ring->filled
			 ? make_slots(ring)
			 : PLAIT_ENOMEM;
	if (status == 0)
		status = make_chunks(ring);
	if (status < 0) {
		plait__ring_destroy(ring);
		return status;
	}
	*ring_p = ring;
	return 0;
}

static void unregister(starpu_data_handle_t *handle, int count)
{
	for (int i = 0; handle && i < count; i++)
		if (handle[i])
			starpu_data_unregister(handle[i]);
	free(handle);
}

void plait__ring_destroy(struct plait__ring *ring)
{
	if (!ring)
		return;
	unregister(ring->slot, ring->slots);
	unregister(ring->gate, ring->slots);
	unregister(ring->lane, ring->lanes);
	for (int i = 0; ring->memory && i < ring->slots; i++)
		if (ring->memory[i])
			starpu_free_noflag(ring->memory[i], plait__feed_slot_bytes(ring->feed));
	for (int i = 0; i < STARPU_NMAXWORKERS; i++)
		plait__load_worker_free(&ring->worker[i]);
	free(ring->memory);
	free(ring->last);
	free(ring->filled);
	free(ring->chunk);
	free(ring->valid);
	free(ring);
}

/* -- access to a ring ---------------------------------------------------------------------- */

starpu_data_handle_t plait__ring_handle(const struct plait__load *load)
{
	return load->ring->slot[load->slot];
}

starpu_data_handle_t plait__ring_slot(const struct plait__ring *ring, int i)
{
	return ring->slot[i];
}

unsigned char *plait__ring_memory(const struct plait__load *load)
{
	return load->ring->memory[load->slot];
}

void plait__ring_used_on(struct plait__ring *ring, unsigned node)
{
	__atomic_store_n(&ring->consumer, (int)node, __ATOMIC_RELAXED);
}

int plait__ring_loads(const struct plait__ring *ring)
{
	return ring->loads;
}

int plait__ring_depth(const struct plait__ring *ring)
{
	return ring->tuner.depth;
}

void plait__ring_describe(const struct plait__ring *ring, struct plait_load_stats *stats)
{
	int all = plait_cpu_workers(), workers = ring->tuner.workers;

	stats->workers = all;
	stats->loading = workers < all ? workers : all;
	stats->prefetch = ring->tuner.depth;
}

void plait__ring_consumed(struct plait__ring *ring, const struct plait__load *load, double wait,
			  double compute)
{
	PLAIT__ASSERT(!__atomic_exchange_n(&ring->entered, true, __ATOMIC_ACQUIRE),
		      "plait__ring_submit and plait__ring_consumed are called in turn");
	PLAIT__ASSERT(load->chunks_to_fill == 0, "a load that is consumed is full");
	plait__tuner_add(&ring->tuner, load->busy, wait, compute);
	__atomic_store_n(&ring->entered, false, __ATOMIC_RELEASE);
}

const struct plait__load_worker *plait__ring_workers(const struct plait__ring *ring)
{
	return ring->worker;
}

int plait__load_error(const struct plait__load *load)
{
	return load->status == 0 ? 0 : plait__error(load->status, "%s", load->message);
}
