/* SPDX-License-Identifier: MIT
 * The reader: for programs that write their own loop.  The ring and the load tasks are those of
 * plait_fit; the calling thread reads the batches. */
#include "config.h"
#include "src/loader/reader.h"
#include "src/runtime/runtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct plait__load *load_of(const struct plait_loader *loader, int64_t k)
{
	return &loader->load[k % loader->memory.slots];
}

int plait_loader_create(struct plait_loader **loader_p, struct plait_dataset *dataset,
			const struct plait_loader_options *options)
{
	int status = plait__runtime_require("plait_loader_create");
	struct plait_loader *loader;

	if (status == 0 && (!loader_p || !dataset))
		status = plait__error(PLAIT_EINVAL, "plait_loader_create: the %s is NULL",
				      dataset ? "loader_p" : "data set");
	if (status < 0)
		return status;
	loader = plait__calloc(1, sizeof *loader, "a loader");
	if (!loader)
		return PLAIT_ENOMEM;
	status = plait__feed_init(&loader->feed, dataset, options,
				  PLAIT__LABELS | PLAIT__TARGETS | PLAIT__LENGTHS,
				  plait_cpu_workers());
	if (status == 0)
		status = plait__load_memory_open(&loader->memory, &loader->feed, NULL);
	if (status == 0) {
		loader->load =
			plait__calloc((size_t)loader->memory.slots, sizeof *loader->load, "loads");
		status = loader->load ? 0 : PLAIT_ENOMEM;
	}
	if (status < 0) {
		plait__load_memory_close(&loader->memory);
		plait__feed_fini(&loader->feed);
		free(loader);
		return status;
	}
	loader->watchdog.timeout = loader->feed.options.timeout * 1e6;
	STARPU_PTHREAD_MUTEX_INIT(&loader->mutex, NULL);
	STARPU_PTHREAD_COND_INIT(&loader->arrival, NULL);
	*loader_p = loader;
	return 0;
}

static int submit_ahead(struct plait_loader *loader)
{
	int status = 0;

	while (loader->submitted < loader->next + plait__ring_depth(loader->ring) && status == 0) {
		int64_t k = loader->submitted;

		*load_of(loader, k) = (struct plait__load){ .epoch = k / loader->feed.batches,
							    .index = k % loader->feed.batches,
							    .batches = 1 };
		status = plait__ring_submit(loader->ring, load_of(loader, k), k,
					    (int)(loader->next - k));
		loader->submitted += status == 0;
	}
	PLAIT__ASSERT(status < 0 || loader->next < loader->submitted,
		      "the batch to read was submitted");
	PLAIT__ASSERT(loader->submitted - loader->next <= loader->memory.slots,
		      "no more batches are under way than there are slots");
	return status;
}

static void describe(const struct plait_loader *loader, struct plait_batch *batch)
{
	const struct plait__load *load = load_of(loader, loader->next);
	const unsigned char *slot = plait__ring_memory(load);

	PLAIT__ASSERT(load->epoch * loader->feed.batches + load->index == loader->next,
		      "the load is that of the batch to read");
	*batch = (struct plait_batch){ .epoch = loader->next / loader->feed.batches,
				       .index = loader->next % loader->feed.batches,
				       .samples = plait__feed_rows(
					       &loader->feed, loader->next % loader->feed.batches),
				       .valid = load->valid[0] };
	if (loader->feed.options.dtype == PLAIT_U8)
		batch->bytes = slot;
	else
		batch->x = (const float *)slot;
	if (loader->feed.has_labels)
		batch->labels = (const int32_t *)(slot + loader->feed.layout.labels_offset);
	if (loader->feed.has_targets)
		batch->targets = (const float *)(slot + loader->feed.layout.targets_offset);
	batch->length = plait__feed_length(&loader->feed, batch->epoch, batch->index);
	if (loader->feed.has_lengths)
		batch->lengths = (const int32_t *)(slot + loader->feed.layout.lengths_offset);
	if (loader->feed.has_weights)
		batch->weights = (const float *)(slot + loader->feed.layout.weights_offset);
}

static void batch_arrived(void *arg)
{
	struct plait_loader *loader = arg;

	STARPU_PTHREAD_MUTEX_LOCK(&loader->mutex);
	loader->arrived = true;
	STARPU_PTHREAD_COND_SIGNAL(&loader->arrival);
	STARPU_PTHREAD_MUTEX_UNLOCK(&loader->mutex);
}

/* Waits for the slot of the next batch until it is acquired or the watchdog finds that loading
 * stalls.  The next call then waits on for the same request. */
static int acquire_watched(struct plait_loader *loader)
{
	bool stalled = false;
	char idle[96], text[400];

	if (!loader->requested) {
		loader->requested = true;
		loader->arrived = false;
		starpu_data_acquire_cb(plait__ring_handle(load_of(loader, loader->next)), STARPU_R,
				       batch_arrived, loader);
	}
	STARPU_PTHREAD_MUTEX_LOCK(&loader->mutex);
	plait__watchdog_begin(&loader->watchdog, 0);
	while (!loader->arrived && !stalled) {
		plait__watchdog_wait(&loader->watchdog, &loader->arrival, &loader->mutex);
		stalled = !loader->arrived && plait__watchdog_look(&loader->watchdog, 0);
	}
	STARPU_PTHREAD_MUTEX_UNLOCK(&loader->mutex);
	loader->requested = stalled;
	if (!stalled)
		return 0;
	snprintf(idle, sizeof idle,
		 "no load is running, and the tasks of batch %" PRId64 " have not ended",
		 loader->next % loader->feed.batches);
	return plait__error(PLAIT_ETIMEOUT, "%s",
			    plait__watchdog_text(&loader->watchdog, idle, text, sizeof text));
}

static int acquire(struct plait_loader *loader)
{
	double begin = starpu_timing_now();
	int status = 0;

	if (loader->feed.options.timeout > 0)
		status = acquire_watched(loader);
	else
		starpu_data_acquire(plait__ring_handle(load_of(loader, loader->next)), STARPU_R);
	loader->batch_is_out = status == 0;
	loader->wait += starpu_timing_now() - begin;
	if (loader->released <= 0)
		loader->released = begin;
	return status;
}

static int begin(struct plait_loader *loader)
{
	int status = plait__ring_create(&loader->ring, &loader->feed, &loader->memory,
					loader->memory.slots, NULL);

	if (status < 0)
		return status;
	loader->watchdog.ring = &loader->watched;
	plait__watchdog_add(&loader->watchdog, loader->ring, loader->feed.dataset);
	plait__runtime_resume();
	return 0;
}

int plait_loader_next(struct plait_loader *loader, struct plait_batch *batch)
{
	int status = 0;

	if (!loader || !batch)
		return plait__error(PLAIT_EINVAL, "plait_loader_next: the %s is NULL",
				    loader ? "batch" : "loader");
	if (loader->batch_is_out)
		return plait__error(PLAIT_ESTATE,
				    "plait_loader_next: the last batch was not released");
	if (!loader->ring)
		status = begin(loader);
	if (status < 0)
		return status;
	if (loader->next > 0 && loader->next % loader->feed.batches == 0 && !loader->at_end) {
		loader->at_end = true;
		return PLAIT_END;
	}
	status = submit_ahead(loader);
	if (status == 0)
		status = acquire(loader);
	if (status < 0)
		return status;
	status = plait__load_error(load_of(loader, loader->next));
	if (status < 0)
		plait_loader_release(loader);
	else
		describe(loader, batch);
	return status;
}

void plait_loader_release(struct plait_loader *loader)
{
	const struct plait__load *load;
	double now, all;

	if (!loader || !loader->batch_is_out)
		return;
	load = load_of(loader, loader->next);
	now = starpu_timing_now();
	all = now - loader->released;
	plait__load_stats_add(&loader->stats, load, 0, all * 1e-6, loader->wait * 1e-6);
	plait__ring_consumed(loader->ring, load, loader->wait, all - loader->wait);
	loader->released = now;
	loader->wait = 0;
	starpu_data_release(plait__ring_handle(load));
	loader->batch_is_out = loader->at_end = false;
	loader->next++;
}

void plait_loader_stats(struct plait_loader *loader, struct plait_load_stats *stats)
{
	if (stats)
		*stats = loader ? loader->stats : (struct plait_load_stats){ 0 };
	if (stats && loader)
		memset(&loader->stats, 0, sizeof loader->stats);
}

int64_t plait_loader_positions(const struct plait_loader *loader)
{
	return loader ? loader->feed.sampler.positions : 0;
}

int64_t plait_loader_batches(const struct plait_loader *loader)
{
	return loader ? loader->feed.batches : 0;
}

int64_t plait_loader_sample(const struct plait_loader *loader, int64_t epoch, int64_t i)
{
	struct plait__epoch_order order;

	if (!loader)
		return plait__error(PLAIT_EINVAL, "plait_loader_sample: the loader is NULL");
	if (epoch < 0 || i < 0 || i >= loader->feed.sampler.positions)
		return plait__error(PLAIT_EINVAL,
				    "plait_loader_sample: position %" PRId64 " of epoch %" PRId64
				    ", there are 0 to %" PRId64 " in epochs from 0",
				    i, epoch, loader->feed.sampler.positions - 1);
	order = plait__sampler_epoch(&loader->feed.sampler, loader->feed.options.seed, epoch);
	return plait__sampler_at(&order, i, NULL);
}

void plait_loader_memory(const struct plait_loader *loader, struct plait_loader_memory *memory)
{
	if (!memory)
		return;
	*memory = (struct plait_loader_memory){ 0 };
	if (loader)
		plait__load_memory_describe(&loader->memory, &loader->feed, memory);
}

void plait_loader_destroy(struct plait_loader *loader)
{
	if (!loader)
		return;

	STARPU_PTHREAD_MUTEX_LOCK(&loader->mutex);
	while (loader->requested && !loader->arrived)
		STARPU_PTHREAD_COND_WAIT(&loader->arrival, &loader->mutex);
	STARPU_PTHREAD_MUTEX_UNLOCK(&loader->mutex);
	loader->batch_is_out |= loader->requested;
	plait_loader_release(loader);
	if (loader->ring) {
		plait__ring_destroy(loader->ring);
		plait__runtime_pause();
	}
	plait__load_memory_close(&loader->memory);
	plait__feed_fini(&loader->feed);
	STARPU_PTHREAD_MUTEX_DESTROY(&loader->mutex);
	STARPU_PTHREAD_COND_DESTROY(&loader->arrival);
	free(loader->load);
	free(loader);
}
