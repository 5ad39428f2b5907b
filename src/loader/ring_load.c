/* SPDX-License-Identifier: MIT
 * StarPU's data dependencies order loading and computing: a load waits until all tasks that read
 * the batch before in its slot have ended, and for nothing else.
 *
 * A load of one chunk is one task, which writes the slot.  A load of several chunks is an `open`
 * task, which waits for the readers of the slot, a task for each chunk, and a `close` task, for
 * which the next readers wait.  The slot's gate, a handle without data, orders these tasks. */
#include "config.h"
#include "src/runtime/recorder.h"
#include "src/loader/ring_inside.h"
#include "src/runtime/runtime.h"

#include <stdio.h>
#include <string.h>

/* -- codelet bodies ----------------------------------------------------------------------- */

static unsigned char *batch_memory(const struct plait__load *load, int batch)
{
	return plait__ring_memory(load) + load->ring->feed->layout.bytes * (size_t)batch;
}

/* All chunks are filled.  The load gets the error of the first failed chunk in the order of rows,
 * so that the message does not depend on which task failed first. */
static void complete(struct plait__load *load)
{
	const struct plait__chunk *chunk = load->chunk;

	for (int64_t at = 0; at < load->rows; at += chunk++->rows) {
		PLAIT__ASSERT(chunk->first == at && chunk->rows > 0,
			      "the chunks cover a batch, each row once");
		load->busy += chunk->busy;
		for (int i = 0; i < PLAIT__STAGES; i++)
			load->stage[i] += chunk->stage[i];
		if (chunk->status < 0 && load->status == 0) {
			load->status = chunk->status;
			load->failed = chunk->failed;
			snprintf(load->message, sizeof load->message, "%s", chunk->message);
		}
	}
	for (int b = 0; b < load->batches; b++) {
		load->valid[b] =
			plait__feed_weigh(load->ring->feed, load->index + b, batch_memory(load, b));
		plait__feed_key(load->ring->feed, load->epoch, load->index + b,
				batch_memory(load, b));
	}
	load->end = starpu_timing_now();
}

/* options.load_delay is the delay of a batch, so only its first rows are delayed. */
static void delay(const struct plait__feed *feed)
{
	double begin = starpu_timing_now(), microseconds = feed->options.load_delay * 1e6;

	while (starpu_timing_now() - begin < microseconds)
		;
}

/* Makes the rows of a chunk, batch by batch.  After a failure too: no row keeps what it had. */
static void fill(struct plait__chunk *chunk, struct plait__load_worker *worker)
{
	const struct plait__load *load = chunk->load;
	const struct plait__feed *feed = load->ring->feed;
	int64_t size = feed->options.batch_size, end = chunk->first + chunk->rows, rows;

	for (int64_t at = chunk->first; at < end; at += rows) {
		int batch = (int)(at / size), status;
		int64_t first = at % size;

		rows = size - first < end - at ? size - first : end - at;
		status = plait__feed_fill(feed, load->epoch, load->index + batch, first, rows,
					  batch_memory(load, batch), worker);
		if (first == 0 && feed->options.load_delay > 0)
			delay(feed);
		if (status == 0 || chunk->status < 0)
			continue;
		chunk->status = status;
		chunk->failed = batch;
		snprintf(chunk->message, sizeof chunk->message, "%s", plait_error_message());
	}
}

void plait__ring_fill_cpu(void *buffers[], void *arg)
{
	struct plait__chunk *chunk = arg;
	struct plait__load *load = chunk->load;
	struct plait__ring *ring = load->ring;
	struct plait__load_worker *worker = &ring->worker[starpu_worker_get_id()];
	double begin = starpu_timing_now();
	int left;

	(void)buffers;
	chunk->status = 0;
	if (!load->reused)
		fill(chunk, worker);
	chunk->busy = starpu_timing_now() - begin;
	plait__runtime_worked(PLAIT_WORK_LOAD, chunk->busy);
	plait__load_worker_stages(worker, chunk->busy, chunk->stage);
	left = __atomic_sub_fetch(&load->chunks_to_fill, 1, __ATOMIC_ACQ_REL);
	PLAIT__ASSERT(left >= 0, "each chunk is filled once");
	if (left == 0)
		complete(load);
}

/* The callback of each chunk.  StarPU runs it after it has released the tasks that wait for the
 * chunk.  So after the last one, all tasks that wait for the slot are released. */
static void chunk_over(void *arg)
{
	struct plait__load *load = arg;
	int left, consumer;

	left = __atomic_sub_fetch(&load->callbacks_left, 1, __ATOMIC_ACQ_REL);

	PLAIT__ASSERT(left >= 0, "each chunk has one callback");
	if (left > 0)
		return;
	consumer = __atomic_load_n(&load->ring->consumer, __ATOMIC_RELAXED);
	/* No policy moves a slot before the task that reads it is ready, so the load does. */
	if (consumer >= 0)
		starpu_data_idle_prefetch_on_node(load->ring->slot[load->slot], (unsigned)consumer,
						  1);
	load->done(load->user);
}

/* -- submission -------------------------------------------------------------------------------- */

/* handle: [cl->nbuffers]. */
static int submit(struct starpu_codelet *cl, const starpu_data_handle_t *handle,
		  struct plait__chunk *chunk, int priority)
{
	struct starpu_task *task = starpu_task_create();

	task->cl = cl;
	for (int i = 0; i < cl->nbuffers; i++)
		task->handles[i] = handle[i];
	task->cl_arg = chunk;
	task->name = cl->name;
	task->priority = priority;
	if (chunk && chunk->load->done) {
		task->callback_func = chunk_over;
		task->callback_arg = chunk->load;
	}
	return plait__recorder_submit(task);
}

static int submit_fill(struct plait__ring *ring, struct plait__chunk *chunk,
		       starpu_data_handle_t written, int priority)
{
	int workers = ring->tuner.workers;
	bool limited = workers <= ring->lanes;
	starpu_data_handle_t handle[3] = { written, ring->barrier };

	if (limited) {
		handle[1] = ring->lane[ring->tasks++ % workers];
		handle[2] = ring->barrier;
	}
	return submit(ring->fill[limited][chunk->rows != ring->chunk_rows], handle, chunk,
		      priority);
}

static int submit_chunks(struct plait__ring *ring, struct plait__load *load, int chunks,
			 int priority)
{
	starpu_data_handle_t gate = ring->gate[load->slot];
	starpu_data_handle_t both[2] = { ring->slot[load->slot], gate };
	int status = submit(ring->open, both, NULL, priority);

	for (int i = 0; i < chunks && status == 0; i++)
		status = submit_fill(ring, &load->chunk[i], gate, priority);
	return status < 0 ? status : submit(ring->close, both, NULL, priority);
}

/* Cuts a load into chunks; returns how many. */
static int cut(const struct plait__ring *ring, struct plait__load *load)
{
	int chunks = 0;

	for (int64_t first = 0; first < load->rows; chunks++) {
		struct plait__chunk *chunk = &load->chunk[chunks];
		int64_t left = load->rows - first;

		chunk->load = load;
		chunk->first = first;
		chunk->rows = left < ring->chunk_rows ? left : ring->chunk_rows;
		first += chunk->rows;
	}
	PLAIT__ASSERT(chunks > 0 && chunks <= ring->chunks, "a load has room for its chunks");
	return chunks;
}

/* Chooses the slot in use that was filled longest ago.  Its batch was consumed, because there are
 * never more batches under way than slots in use. */
static int choose_slot(const struct plait__ring *ring)
{
	int slot = 0;

	PLAIT__ASSERT(ring->tuner.depth > 0 && ring->tuner.depth <= ring->slots,
		      "no more slots are in use than there are");
	for (int i = 1; i < ring->tuner.depth; i++)
		if (ring->last[i] < ring->last[slot])
			slot = i;
	return slot;
}

int64_t plait__ring_replaced(const struct plait__ring *ring)
{
	return ring->last[choose_slot(ring)] - 1;
}

void plait__ring_restart(struct plait__ring *ring)
{
	memset(ring->last, 0, (size_t)ring->slots * sizeof *ring->last);
}

/* Only the last batch of an epoch is short. */
static int64_t rows_of(const struct plait__feed *feed, const struct plait__load *load)
{
	return (load->batches - 1) * feed->options.batch_size +
	       plait__feed_rows(feed, load->index + load->batches - 1);
}

int plait__ring_submit(struct plait__ring *ring, struct plait__load *load, int64_t k, int priority)
{
	const struct plait__feed *feed = ring->feed;
	int64_t entry = k % ring->loads;
	int slot, chunks, status;

	PLAIT__ASSERT(!__atomic_exchange_n(&ring->entered, true, __ATOMIC_ACQUIRE),
		      "plait__ring_submit and plait__ring_consumed are called in turn");
	slot = choose_slot(ring);
	PLAIT__ASSERT(ring->last[slot] <= k, "the numbers of loads grow");
	PLAIT__ASSERT(load->batches >= 1 && load->batches <= feed->slot_batches,
		      "a slot has room for the batches of a load");
	ring->last[slot] = k + 1;
	*load = (struct plait__load){ .epoch = load->epoch,
				      .index = load->index,
				      .batches = load->batches,
				      .done = load->done,
				      .user = load->user,
				      .ring = ring,
				      .rows = rows_of(feed, load),
				      .slot = slot,
				      .chunk = &ring->chunk[entry * ring->chunks],
				      .valid = &ring->valid[entry * feed->slot_batches] };
	load->reused = feed->options.load_once && ring->filled[slot] >= load->rows;
	if (!load->reused)
		ring->filled[slot] = load->rows;
	chunks = load->chunks_to_fill = load->callbacks_left = cut(ring, load);
	status = ring->chunks > 1 ? submit_chunks(ring, load, chunks, priority)
				  : submit_fill(ring, load->chunk, ring->slot[slot], priority);
	__atomic_store_n(&ring->entered, false, __ATOMIC_RELEASE);
	return status;
}
