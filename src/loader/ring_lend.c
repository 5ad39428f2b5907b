/* SPDX-License-Identifier: MIT
 * Slots that a program fills instead of load tasks. */
#include "config.h"
#include "src/loader/ring_inside.h"

unsigned char *plait__ring_lend(struct plait__ring *ring, struct plait__load *load, int64_t k)
{
	*load = (struct plait__load){ .epoch = k,
				      .batches = 1,
				      .ring = ring,
				      .slot = (int)(k % ring->slots),
				      .chunk = &ring->chunk[k % ring->loads * ring->chunks],
				      .valid = &ring->valid[k % ring->loads] };
	PLAIT__ASSERT(ring->feed->slot_batches == 1, "a slot that is lent has one batch");
	starpu_data_acquire(ring->slot[load->slot], STARPU_W);
	plait__feed_key(ring->feed, k, 0, ring->memory[load->slot]);
	return ring->memory[load->slot];
}

void plait__ring_return(struct plait__load *load, int64_t rows)
{
	starpu_data_handle_t handle = plait__ring_handle(load);
	int consumer = __atomic_load_n(&load->ring->consumer, __ATOMIC_RELAXED);

	PLAIT__ASSERT(rows <= load->ring->feed->options.batch_size,
		      "a slot has room for the samples in it");
	load->rows = load->valid[0] = rows;
	load->end = starpu_timing_now();
	starpu_data_release(handle);
	if (consumer >= 0)
		starpu_data_idle_prefetch_on_node(handle, (unsigned)consumer, 1);
}
