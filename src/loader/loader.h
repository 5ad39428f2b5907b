/* SPDX-License-Identifier: MIT
 * Inside a loader: which samples a batch has, and how a slot is filled with them. */
#ifndef PLAIT__LOADER_H
#define PLAIT__LOADER_H

#include "src/dataset/dataset.h"
#include "src/loader/pool.h"
#include "src/sampler/sampler.h"
#include "src/transform/transform.h"
#include <plait/loader.h>
#include <starpu.h>

/* A slot: inputs, then labels, targets and weights, each present or not, in one piece of memory
 * so that one handle and one transfer carry a batch.
 *
 * Weights: a sample that does not count (it fills up the last batch, or could not be read) has
 * weight 0, label -1 and bytes of 0; every other one has weight rows / valid, where rows is the
 * batch's samples, those that do not count included, and valid those that do.  So the mean of
 * weight x loss over the rows is the mean loss of the samples that count; all weights are exactly
 * 1 where all samples count, 0 where none does. */
struct plait__slot_layout {
	/* x is at 0; all are aligned. */
	size_t labels_offset, targets_offset, weights_offset, lengths_offset;
	size_t bytes;
};

struct plait__cache;
struct plait__ring;

struct plait_loader {
	struct plait_dataset *dataset;
	struct plait_loader_options options; /* defaults filled in: workers and prefetch are the
						most where they are tuned */
	bool tunes_workers, tunes_prefetch;
	struct plait__sampler sampler;
	int64_t batches; /* in an epoch */
	int ndim;        /* of one sample, as delivered */
	int64_t dim[PLAIT_MAX_DIMS];
	int64_t elements;
	bool exceeds_cache;             /* samples are in memory, and more than a cache holds */
	bool with_labels, with_targets; /* both as the data set has them, unless turned off */
	bool with_weights;              /* somebody asked for them, or a sample may not count */
	bool with_lengths;              /* batches are as long as their longest sample */
	struct plait__affine affine;    /* what normalising comes to, the transform's included */
	struct plait__slot_layout layout;

	struct plait__pool own_pool, *pool; /* pool: this or another loader's */
	struct plait__cache *cache;         /* or NULL */

	struct plait__ring *ring; /* plait_loader_next's own, made on its first call */
	int64_t next, submitted;  /* batches it has given and asked for, over all epochs */
	bool batch_is_out, at_end;
	uint64_t fingerprint; /* of the data set, once a state was saved or restored */
	bool fingerprinted;
};

/* Checks options, fills in their defaults and sets everything but the ring.  Needs no
 * StarPU; cpu_workers is what workers = 0 stands for.  Labels, targets and lengths that the data
 * set has are delivered only if wanted (sequences are all as long as the longest then); weights are
 * if wanted or if options make samples that do not count.  plait__loader_fini in any case. */
enum plait__with { PLAIT__LABELS = 1, PLAIT__TARGETS = 2, PLAIT__WEIGHTS = 4, PLAIT__LENGTHS = 8 };
int plait__loader_init(struct plait_loader *loader, struct plait_dataset *dataset,
		       const struct plait_loader_options *options, unsigned with, int cpu_workers);

/* After that: slots and cache within options.memory_limit, or within what is left in the pool of
 * another loader, which must outlive this one.  Lowers a prefetch that nobody asked for.
 * PLAIT_EINVAL (no cache for these samples), PLAIT_ENOMEM (slots beyond the limit). */
int plait__loader_open_memory(struct plait_loader *loader, struct plait__pool *shared);
void plait__loader_close_memory(struct plait_loader *loader);

/* Slots for which the limit still has room; before plait__loader_open_memory has claimed them,
 * all that it allows. */
int64_t plait__loader_slots_that_fit(const struct plait_loader *loader);

/* Frees what a loader has beside its ring, that memory included; a zeroed one has nothing. */
void plait__loader_fini(struct plait_loader *loader);

/* Of x of one sample in a slot. */
static inline size_t plait__loader_row_bytes(const struct plait_loader *loader)
{
	return (size_t)loader->elements * plait_dtype_size(loader->options.dtype);
}

/* Dimension 0 of the samples of a batch as they stand in its slot: the longest one's. */
int64_t plait__loader_length(const struct plait_loader *loader, int64_t epoch, int64_t index);

/* Samples in batch `index` of an epoch; of them, those of the data set: the rest is padding. */
int64_t plait__loader_rows(const struct plait_loader *loader, int64_t index);
int64_t plait__loader_taken(const struct plait_loader *loader, int64_t index);

/* A hash of the options that decide what is in a batch: whoever adds one adds it there. */
uint64_t plait__loader_configuration(const struct plait_loader *loader);

/* What making a sample goes through. */
enum plait__load_stage {
	PLAIT__IDLE,
	PLAIT__FETCH,
	PLAIT__DECODE,
	PLAIT__TRANSFORM,
	PLAIT__STAGES
};

/* What a worker makes samples with, and what it is at; zeroed at first. */
struct plait__load_worker {
	struct plait__buffer stored, pixels, scratch;
	int64_t sample; /* the last one begun; it and the next two are atomic: others look on */
	int stage;
	uint64_t moves;   /* stages begun so far */
	const char *path; /* where the sample's record is, once fetched; NULL: it has none */
	int64_t offset;
	bool trial;                         /* not for a batch: bad samples are not noted */
	bool timed;                         /* this sample is */
	double since;                       /* when the stage began */
	double microseconds[PLAIT__STAGES]; /* spent in each, of the timed samples of a fill */
};
void plait__load_worker_free(struct plait__load_worker *worker);

/* Where the time `busy` of the last fill went, as far as the timed samples tell. */
void plait__load_worker_stages(const struct plait__load_worker *worker, double busy,
			       double *microseconds);

/* A worker goes over to another stage of its sample. */
static inline void plait__load_stage(struct plait__load_worker *worker,
				     enum plait__load_stage stage)
{
	if (worker->timed) {
		double now = starpu_timing_now();

		worker->microseconds[worker->stage] += now - worker->since;
		worker->since = now;
	}
	__atomic_store_n(&worker->stage, stage, __ATOMIC_RELAXED);
	__atomic_store_n(&worker->moves, worker->moves + 1, __ATOMIC_RELAXED);
}

/* Where one sample goes; x: floats or bytes, as the loader's dtype says; label and target NULL
 * where there are none. */
struct plait__sample {
	void *x;
	size_t bytes; /* room at x; all of it is written */
	int32_t *label;
	float *target;
	int32_t *length; /* NULL where all are of one */
};

/* Asks for the bytes of sample index, which is made soon, of samples in memory: shuffled, each
 * would be waited for. */
void plait__sample_prefetch(const struct plait_loader *loader, int64_t index);

/* Makes sample index; key: its randomness.  Errors as plait__loader_fill. */
int plait__sample_make(const struct plait_loader *loader, int64_t index, uint64_t key,
		       struct plait__load_worker *worker, struct plait__sample *sample);

/* Fills rows [first, first + rows) of a slot with those of batch `index` of `epoch`: a pure
 * function of loader and position.  Errors: PLAIT_EDATA, PLAIT_ELABEL, PLAIT_EIO,
 * PLAIT_EFORMAT, PLAIT_ESHAPE, as options.bad has it, and PLAIT_ENOMEM; those rows are then
 * zeroed.  Rows are marked, not weighed. */
int plait__loader_fill(const struct plait_loader *loader, int64_t epoch, int64_t index,
		       int64_t first, int64_t rows, unsigned char *slot,
		       struct plait__load_worker *worker);

/* Marks a row of a slot as counting or not; nothing where there are no weights. */
void plait__loader_mark(const struct plait_loader *loader, unsigned char *slot, int64_t row,
			bool counts);

/* Once all rows of batch `index` are filled: turns marks into weights.  Returns the samples that
 * count.  Again is as once. */
int64_t plait__loader_weigh(const struct plait_loader *loader, int64_t index, unsigned char *slot);

#endif
