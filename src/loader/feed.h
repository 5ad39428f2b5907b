/* SPDX-License-Identifier: MIT
 * A feed: which samples each batch has, and how a slot is filled with them. */
#ifndef PLAIT__FEED_H
#define PLAIT__FEED_H

#include "src/dataset/dataset.h"
#include "src/sampler/sampler.h"
#include "src/transform/transform.h"
#include <plait/loader.h>
#include <starpu.h>

/* A slot: inputs, then labels, targets, weights, lengths and a key, each present or not, in one
 * piece of memory so that one handle and one transfer carry a batch.
 *
 * Weights: a sample that does not count (it fills up the last batch, or could not be read) has
 * weight 0, label -1 and bytes of 0; every other one has weight rows / valid, where rows is the
 * batch's samples, those that do not count included, and valid those that do.  So the mean of
 * weight x loss over the rows is the mean loss of the samples that count; all weights are exactly
 * 1 where all samples count, 0 where none does. */
struct plait__slot_layout {
	/* Bytes from the start of the slot, multiples of PLAIT__ALIGN; x is at 0. */
	size_t labels_offset, targets_offset, weights_offset, lengths_offset, key_offset;
	size_t bytes; /* of the slot */
};

struct plait__cache;

/* Samples of a batch where options say 0. */
#define PLAIT__BATCH_SIZE INT64_C(32)

/* A description of the batches, which does not change.  What is in a batch depends only on its
 * position, so any thread may call the functions below. */
struct plait__feed {
	struct plait_dataset *dataset;
	struct plait_loader_options options; /* with defaults filled in; workers and prefetch are
						the maximum where the tuner chooses them */
	bool tunes_workers;                  /* the tuner chooses the number of load workers */
	bool tunes_prefetch;                 /* the tuner chooses the number of slots in use */
	struct plait__sampler sampler;
	int64_t batches;             /* in an epoch */
	int ndim;                    /* dimensions of one sample, as delivered */
	int64_t dim[PLAIT_MAX_DIMS]; /* [ndim] */
	int64_t elements;            /* product of dim */
	bool exceeds_cache;          /* samples are in memory and larger than a core's cache */
	bool has_labels;             /* a slot has a part for labels */
	bool has_targets;            /* a slot has a part for targets */
	bool has_weights;            /* a slot has a part for weights */
	bool has_lengths;   /* a slot has a part for lengths: a batch is as long as its longest */
	bool has_key;       /* a slot has a part for the batch's random key */
	int64_t first_step; /* of the run, among all of its trainer's: no two share a key */
	struct plait__affine affine;      /* normalisation, the transform's included */
	struct plait__slot_layout layout; /* of a batch in a slot */
	int slot_batches;                 /* that a slot has room for */
};

/* Parts that a slot may have beside x. */
enum plait__slot_part {
	PLAIT__LABELS = 1,
	PLAIT__TARGETS = 2,
	PLAIT__WEIGHTS = 4,
	PLAIT__LENGTHS = 8,
	PLAIT__KEY = 16
};

/* Checks options and fills in their defaults.  Needs no StarPU; cpu_workers is what workers = 0
 * stands for.  parts: which of the labels, targets and lengths of the data set are delivered, and
 * whether a key is, a sum of plait__slot_part; without lengths, all sequences are padded to the
 * longest of the data set.  Weights are delivered if parts has them or if options make samples that
 * do not count. plait__feed_fini in any case; a zeroed feed has nothing to free. */
int plait__feed_init(struct plait__feed *feed, struct plait_dataset *dataset,
		     const struct plait_loader_options *options, unsigned parts, int cpu_workers);
void plait__feed_fini(struct plait__feed *feed);

/* Sets the layout for a batch size of feed->options, that was changed.  PLAIT_ENOMEM (a batch of
 * more bytes than can be counted). */
int plait__feed_lay_out(struct plait__feed *feed);

/* Gives each slot room for so many batches, one behind the other, which one load fills.
 * PLAIT_ENOMEM (a slot of more bytes than can be counted). */
int plait__feed_widen(struct plait__feed *feed, int batches);

static inline size_t plait__feed_slot_bytes(const struct plait__feed *feed)
{
	return feed->layout.bytes * (size_t)feed->slot_batches;
}

/* Whether making a batch is copying it: nothing is to be fetched, decoded or transformed. */
static inline bool plait__feed_is_quick(const struct plait__feed *feed)
{
	return feed->dataset->x && !feed->options.transform && feed->options.load_delay <= 0;
}

/* Bytes of x of one sample in a slot, padded to dim. */
static inline size_t plait__feed_row_bytes(const struct plait__feed *feed)
{
	return (size_t)feed->elements * plait_dtype_size(feed->options.dtype);
}

/* Dimension 0 of all samples of a batch in its slot: that of the longest one. */
int64_t plait__feed_length(const struct plait__feed *feed, int64_t epoch, int64_t index);

/* Rows of batch `index` of any epoch, those that only fill it up included. */
int64_t plait__feed_rows(const struct plait__feed *feed, int64_t index);

/* Rows of batch `index` that have a sample of the data set: the first ones. */
int64_t plait__feed_samples(const struct plait__feed *feed, int64_t index);

/* What a worker is doing for a sample. */
enum plait__load_stage {
	PLAIT__IDLE,
	PLAIT__FETCH,
	PLAIT__DECODE,
	PLAIT__TRANSFORM,
	PLAIT__STAGES
};

/* Buffers and state of one worker that makes samples.  Zero it, then set cache.  Fields marked
 * atomic are read by other threads. */
struct plait__load_worker {
	struct plait__cache *cache;   /* where samples are looked up and kept; or NULL */
	struct plait__buffer stored;  /* bytes as the data set stores a sample */
	struct plait__buffer pixels;  /* a decoded image */
	struct plait__buffer turned;  /* the same, upright, with plait_dataset_apply_exif */
	struct plait__buffer scratch; /* intermediate results of a transform */
	int64_t sample;               /* index of the last sample begun; atomic */
	int stage;                    /* enum plait__load_stage; atomic */
	uint64_t stages_begun;        /* since the worker was zeroed; atomic */
	const char *path;             /* of the file that the sample was fetched from; NULL: none */
	int64_t offset;               /* bytes from the start of that file */
	bool discards;                /* the rows are for no batch: bad samples are not noted */
	bool timed;                   /* the sample being made is timed */
	double since;                 /* starpu_timing_now() when the stage began, if timed */
	double microseconds[PLAIT__STAGES]; /* in each stage, of this fill's timed samples */
};
void plait__load_worker_free(struct plait__load_worker *worker);

/* Divides `busy` microseconds, which the last fill took, among the stages in the proportion of
 * its timed samples. */
void plait__load_worker_stages(const struct plait__load_worker *worker, double busy,
			       double *microseconds);

/* A worker begins another stage of its sample. */
static inline void plait__load_stage(struct plait__load_worker *worker,
				     enum plait__load_stage stage)
{
	if (worker->timed) {
		double now = starpu_timing_now();

		worker->microseconds[worker->stage] += now - worker->since;
		worker->since = now;
	}
	__atomic_store_n(&worker->stage, stage, __ATOMIC_RELAXED);
	__atomic_store_n(&worker->stages_begun, worker->stages_begun + 1, __ATOMIC_RELAXED);
}

/* Where one sample is written. */
struct plait__sample {
	void *x;         /* floats or bytes, as options.dtype says */
	size_t bytes;    /* room at x; all of it is written */
	int32_t *label;  /* NULL: the slot has no labels */
	float *target;   /* NULL: the slot has no targets */
	int32_t *length; /* NULL: the slot has no lengths */
};

/* Makes the processor load the bytes of a sample into its cache.  Samples must be in memory.  In
 * shuffled order the processor cannot foresee which sample is next. */
void plait__sample_prefetch(const struct plait__feed *feed, int64_t index);

/* Makes sample index; key: the seed of what is random in it.  Errors as plait__feed_fill. */
int plait__sample_make(const struct plait__feed *feed, int64_t index, uint64_t key,
		       struct plait__load_worker *worker, struct plait__sample *sample);

/* Fills rows [first, first + rows) of a slot with those of batch `index` of `epoch`: a pure
 * function of feed and position.  Rows are marked as counting or not; plait__feed_weigh turns
 * the marks into weights.  PLAIT_ENOMEM; and PLAIT_EDATA, PLAIT_ELABEL, PLAIT_EIO,
 * PLAIT_EFORMAT and PLAIT_ESHAPE for a bad sample, if options.bad neither replaces nor masks it.
 * After an error the rows are 0. */
int plait__feed_fill(const struct plait__feed *feed, int64_t epoch, int64_t index, int64_t first,
		     int64_t rows, unsigned char *slot, struct plait__load_worker *worker);

/* Marks a row of a slot as counting or not; does nothing where the slot has no weights. */
void plait__feed_mark(const struct plait__feed *feed, unsigned char *slot, int64_t row,
		      bool counts);

/* Turns marks into weights, once all rows of batch `index` are filled.  Returns the number of
 * samples that count.  A second call changes nothing. */
int64_t plait__feed_weigh(const struct plait__feed *feed, int64_t index, unsigned char *slot);

/* Writes the key of batch `index` of `epoch` into its slot; does nothing where the slot has none.
 * It is a function of the seed and of which step of its trainer this is. */
void plait__feed_key(const struct plait__feed *feed, int64_t epoch, int64_t index,
		     unsigned char *slot);

#endif
