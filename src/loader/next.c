/* SPDX-License-Identifier: MIT
 * The loader for programs that write their own loop: the same ring and the same load tasks
 * as in plait_fit, read by the calling thread. */
#include "config.h"
#include "src/loader/ring.h"
#include "src/runtime/runtime.h"
#include "src/loader/watchdog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct next {
	struct plait_loader loader; /* first: a plait_loader is the start of one */
	struct plait__load *load;   /* [prefetch] */
	struct plait_load_stats stats;
	double wait;     /* microseconds, for this batch so far */
	double released; /* when the last one was given back */

	/* Only with a timeout: the batch is asked for, and may come when nobody waits any more. */
	struct plait__watchdog watchdog;
	starpu_pthread_mutex_t mutex;
	starpu_pthread_cond_t came;
	bool asked, there; /* mutex: there */
};

static struct plait__load *load_of(const struct plait_loader *loader, int64_t k)
{
	return &((const struct next *)loader)->load[k % loader->options.prefetch];
}

int plait_loader_create(struct plait_loader **loader_p, struct plait_dataset *dataset,
			const struct plait_loader_options *options)
{
	int status = plait__runtime_require("plait_loader_create");
	struct next *next;

	if (status == 0 && (!loader_p || !dataset))
		status = plait__error(PLAIT_EINVAL, "plait_loader_create: the %s is NULL",
				      dataset ? "loader_p" : "data set");
	if (status < 0)
		return status;
	next = plait__calloc(1, sizeof *next, "a loader");
	if (!next)
		return PLAIT_ENOMEM;
	status = plait__loader_init(&next->loader, dataset, options,
				    PLAIT__LABELS | PLAIT__TARGETS | PLAIT__LENGTHS,
				    plait_cpu_workers());
	if (status == 0)
		status = plait__loader_open_memory(&next->loader, NULL);
	if (status == 0) {
		next->load = plait__calloc((size_t)next->loader.options.prefetch,
					   sizeof *next->load, "loads");
		status = next->load ? 0 : PLAIT_ENOMEM;
	}
	if (status < 0) {
		plait__loader_fini(&next->loader);
		free(next);
		return status;
	}
	next->watchdog.timeout = next->loader.options.timeout * 1e6;
	STARPU_PTHREAD_MUTEX_INIT(&next->mutex, NULL);
	STARPU_PTHREAD_COND_INIT(&next->came, NULL);
	*loader_p = &next->loader;
	return 0;
}

static int submit_ahead(struct plait_loader *loader)
{
	int status = 0;

	while (loader->submitted < loader->next + plait__ring_depth(loader->ring) && status == 0) {
		int64_t k = loader->submitted;

		status = plait__ring_submit(loader->ring, load_of(loader, k), k,
					    k / loader->batches, k % loader->batches,
					    (int)(loader->next - k), NULL, NULL);
		loader->submitted += status == 0;
	}
	return status;
}

static void describe(const struct plait_loader *loader, struct plait_batch *batch)
{
	const struct plait__load *load = load_of(loader, loader->next);
	const unsigned char *slot = plait__ring_memory(load);

	*batch = (struct plait_batch){ .epoch = loader->next / loader->batches,
				       .index = loader->next % loader->batches,
				       .samples = plait__loader_rows(
					       loader, loader->next % loader->batches),
				       .valid = load->valid };
	if (loader->options.dtype == PLAIT_U8)
		batch->bytes = slot;
	else
		batch->x = (const float *)slot;
	if (loader->with_labels)
		batch->labels = (const int32_t *)(slot + loader->layout.labels_offset);
	if (loader->with_targets)
		batch->targets = (const float *)(slot + loader->layout.targets_offset);
	batch->length = plait__loader_length(loader, batch->epoch, batch->index);
	if (loader->with_lengths)
		batch->lengths = (const int32_t *)(slot + loader->layout.lengths_offset);
	if (loader->with_weights)
		batch->weights = (const float *)(slot + loader->layout.weights_offset);
}

static void batch_there(void *arg)
{
	struct next *next = arg;

	STARPU_PTHREAD_MUTEX_LOCK(&next->mutex);
	next->there = true;
	STARPU_PTHREAD_COND_SIGNAL(&next->came);
	STARPU_PTHREAD_MUTEX_UNLOCK(&next->mutex);
}

/* Acquires the slot, or gives up waiting for it; it is asked for but once. */
static int acquire_watched(struct next *next)
{
	struct plait_loader *loader = &next->loader;
	bool stalled = false;
	char idle[96], text[400];

	if (!next->asked) {
		next->asked = true;
		next->there = false;
		starpu_data_acquire_cb(plait__ring_handle(load_of(loader, loader->next)), STARPU_R,
				       batch_there, next);
	}
	STARPU_PTHREAD_MUTEX_LOCK(&next->mutex);
	plait__watchdog_begin(&next->watchdog, 0);
	while (!next->there && !stalled) {
		plait__watchdog_wait(&next->watchdog, &next->came, &next->mutex);
		stalled = !next->there && plait__watchdog_look(&next->watchdog, 0);
	}
	STARPU_PTHREAD_MUTEX_UNLOCK(&next->mutex);
	next->asked = stalled;
	if (!stalled)
		return 0;
	snprintf(idle, sizeof idle,
		 "no load is running, and the tasks of batch %" PRId64 " have not ended",
		 loader->next % loader->batches);
	return plait__error(PLAIT_ETIMEOUT, "%s",
			    plait__watchdog_text(&next->watchdog, idle, text, sizeof text));
}

/* Waits for the next batch and takes it. */
static int acquire(struct plait_loader *loader)
{
	struct next *next = (struct next *)loader;
	double begin = starpu_timing_now();
	int status = 0;

	if (loader->options.timeout > 0)
		status = acquire_watched(next);
	else
		starpu_data_acquire(plait__ring_handle(load_of(loader, loader->next)), STARPU_R);
	loader->batch_is_out = status == 0;
	next->wait += starpu_timing_now() - begin;
	if (next->released <= 0)
		next->released = begin;
	return status;
}

static int begin(struct plait_loader *loader)
{
	int status = plait__ring_create(&loader->ring, loader, loader->options.prefetch, NULL);

	if (status < 0)
		return status;
	plait__watchdog_add(&((struct next *)loader)->watchdog, loader->ring, loader->dataset);
	plait__runtime_resume();
	return 0;
}

int plait_loader_next(struct plait_loader *loader, struct plait_batch *batch)
{
	int status = 0;

	if (loader->batch_is_out)
		return plait__error(PLAIT_ESTATE,
				    "plait_loader_next: the last batch was not released");
	if (!loader->ring)
		status = begin(loader);
	if (status < 0)
		return status;
	if (loader->next > 0 && loader->next % loader->batches == 0 && !loader->at_end) {
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
	struct next *next = (struct next *)loader;
	const struct plait__load *load;
	double now, all;

	if (!loader->batch_is_out)
		return;
	load = load_of(loader, loader->next);
	now = starpu_timing_now();
	all = now - next->released;
	plait__load_stats_add(&next->stats, load, all * 1e-6, next->wait * 1e-6);
	plait__ring_consumed(loader->ring, load, next->wait, all - next->wait);
	next->released = now;
	next->wait = 0;
	starpu_data_release(plait__ring_handle(load));
	loader->batch_is_out = loader->at_end = false;
	loader->next++;
}

void plait_loader_stats(struct plait_loader *loader, struct plait_load_stats *stats)
{
	struct next *next = (struct next *)loader;

	*stats = next->stats;
	memset(&next->stats, 0, sizeof next->stats);
}

void plait_loader_destroy(struct plait_loader *loader)
{
	if (!loader)
		return;
	struct next *next = (struct next *)loader;

	STARPU_PTHREAD_MUTEX_LOCK(&next->mutex);
	while (next->asked && !next->there)
		STARPU_PTHREAD_COND_WAIT(&next->came, &next->mutex);
	STARPU_PTHREAD_MUTEX_UNLOCK(&next->mutex);
	loader->batch_is_out |= next->asked;
	plait_loader_release(loader);
	if (loader->ring) {
		plait__ring_destroy(loader->ring);
		plait__runtime_pause();
	}
	plait__loader_fini(loader);
	STARPU_PTHREAD_MUTEX_DESTROY(&next->mutex);
	STARPU_PTHREAD_COND_DESTROY(&next->came);
	free(next->load);
	free(next);
}
