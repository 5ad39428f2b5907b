/* SPDX-License-Identifier: MIT
 * A loader turns a data set into batches: an order of samples for each epoch, and a
 * ring of slots that load tasks fill ahead of whoever reads them. */
#ifndef PLAIT_LOADER_H
#define PLAIT_LOADER_H

#include <plait/bad_samples.h>
#include <plait/dataset.h>
#include <plait/sampler.h>
#include <plait/transform.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_loader;

/** What a loader keeps of stored images between epochs: in the order in which samples are first
 *  made, until its memory limit is reached; what is kept stays. */
enum plait_cache {
	PLAIT_CACHE_NONE = 0,
	PLAIT_CACHE_RAW,     /* the file's bytes: saves reading */
	PLAIT_CACHE_DECODED, /* the pixels before any transform: saves decoding too */
};

struct plait_loader_options {
	int64_t batch_size; /* samples; 0 = 32 */
	bool shuffle;       /* a fresh permutation each epoch, a function of (seed, epoch) alone */
	bool drop_last;     /* leave out the short last batch */
	bool pad_last;      /* or fill it up with samples that do not count */
	int workers;        /* load tasks at once, at most; 0 = just enough, tuned as it runs */
	int prefetch;       /* slots in the ring, so batches ready at once, at least 2; 0 = tuned */
	int64_t chunk;      /* samples a load task makes; 0 = what takes some 200 us, measured */
	double timeout;     /* seconds after which plait_loader_next gives up; 0 = never */
	uint64_t seed;
	struct plait_sampler sampler; /* which samples; zero = every one once */
	/* Of uint8 images; must outlive the loader; or NULL. */
	const struct plait_transform *transform;
	struct plait_normalize normalize; /* after the transform */
	struct plait_bad_options bad;     /* what to do about samples that cannot be delivered */
	/* Of x in a batch: 0 = PLAIT_F32.  PLAIT_U8, for uint8 samples only, takes a quarter of the
	 * memory and of the transfer to a GPU; neither normalisation is applied then, see
	 * plait_transform_affine, and padding is bytes of 0. */
	enum plait_dtype dtype;
	enum plait_cache cache; /* of images:, tar: and packed: data; others have none */
	/* Bytes for slots, then cache, in main memory; 0 = a quarter of the machine's memory, or of
	 * the control group's limit if that is less.  A default prefetch takes half of
	 * it at most, or two slots.  Members of a pool with the same limit share it. */
	int64_t memory_limit;
	/* For those who study overlap.  load_delay: seconds for which the load of each batch spins
	 * besides its work.  load_once: every slot is filled once and then given again as it is,
	 * which tells how fast the consumer is alone. */
	double load_delay;
	bool load_once;
};

/** Shape of the samples a loader delivers: the data set's, or what transform (may be NULL)
 *  makes of it.  dim: PLAIT_MAX_DIMS long.  Errors: PLAIT_ESHAPE (no image; images that
 *  differ in size and no transform to make them equal), PLAIT_EINVAL (dataset, ndim_p or dim is
 *  NULL). */
PLAIT_API int plait_sample_shape(const struct plait_dataset *dataset,
				 const struct plait_transform *transform, int *ndim_p,
				 int64_t *dim);

/** One batch; the pointers are into a slot and valid until plait_loader_release. */
struct plait_batch {
	int64_t epoch, index; /* counted from 0; index within the epoch */
	int64_t samples;      /* batch_size, or fewer in the last batch without pad_last */
	int64_t valid;        /* those of them that count */
	/* Of sequences, dimension 0 of each sample of x: as long as the longest of this batch (of
	 * the data set, with PLAIT_BAD_REPLACE), what is behind a shorter one's end is 0. */
	int64_t length;
	const int32_t *lengths; /* [samples], 0 for one that does not count (below); or NULL if
				 * samples are all of one length */
	const float *x;         /* [samples, ...]; NULL if the loader's dtype is PLAIT_U8 */
	const uint8_t *bytes;   /* then this is [samples, ...], else NULL */
	const int32_t *labels;  /* [samples], or NULL */
	const float *targets;   /* [samples, info->targets], or NULL */
	/* [samples], or NULL without pad_last and PLAIT_BAD_MASK: samples / valid for a sample that
	 * counts; 0 for one that does not, whose label is -1 and whose numbers are 0.  The mean of
	 * weight x loss over the batch is then the mean loss of the samples that count. */
	const float *weights;
};

/** A loader over dataset, which must outlive it; needs plait_start.  options may be NULL and is not
 *  kept.  Slots are allocated and the first loads submitted by the first plait_loader_next.
 *  Errors: PLAIT_EINVAL (an option; a cache for samples that are in memory or come from a
 *  function; loader_p or dataset is NULL), PLAIT_ESHAPE, PLAIT_ENOMEM (slots beyond the memory
 *  limit), PLAIT_ESTATE. */
PLAIT_API int plait_loader_create(struct plait_loader **loader_p, struct plait_dataset *dataset,
				  const struct plait_loader_options *options);

/** Samples in one epoch, one that is drawn twice counted twice: the positions of its order.
 *  0 for NULL. */
PLAIT_API int64_t plait_loader_positions(const struct plait_loader *loader);

/** Batches in one epoch; 0 for NULL. */
PLAIT_API int64_t plait_loader_batches(const struct plait_loader *loader);

/** Waits for the next batch, in order; loads of later ones, of the next epoch too, go
 *  on meanwhile.  One batch is held at a time.  PLAIT_END after the last batch of each
 *  epoch (the next call gives the next epoch's first).
 *  With a timeout: PLAIT_ETIMEOUT when for so long no worker has begun a sample or a stage
 *  of one; the message says which sample and stage.  Slow loads that move are waited for.  A
 *  hanging read cannot be stopped: the call may be repeated, and the batch still comes if
 *  the read ends.  Opening a data set is not watched.
 *  Errors: those of a batch that cannot be delivered, after which the next call gives the next
 *  one: PLAIT_EDATA, PLAIT_EIO, PLAIT_EFORMAT, PLAIT_ESHAPE, PLAIT_ELABEL; PLAIT_ESTATE (the last
 *  one was not released), PLAIT_EINVAL (loader or batch is NULL), PLAIT_ETIMEOUT, PLAIT_ENOMEM,
 *  PLAIT_ERUNTIME. */
PLAIT_API int plait_loader_next(struct plait_loader *loader, struct plait_batch *batch);

/** Gives the slot of the batch last returned back to the loads; does nothing if none is held or
 *  loader is NULL. */
PLAIT_API void plait_loader_release(struct plait_loader *loader);

/** What loading cost and whom it held up. */
struct plait_load_stats {
	int64_t batches, samples;
	double seconds;      /* wall time of these batches */
	double wait_seconds; /* of it, time in which the next batch was not there yet */
	double load_seconds; /* workers' time spent on loading, and its parts: reading stored bytes
				(or the user's function), JPEG and PNG, transform and conversion;
				these from every eighth sample */
	double fetch_seconds, decode_seconds, transform_seconds;
	double compute_seconds; /* CPU workers' time spent on computing, not free to load in */
	int workers;            /* CPU workers there are, */
	int loading;            /* how many of them may load at once, */
	int prefetch;           /* and slots in use, when the last batch came */
	/* Workers have their shares of computing: shards, layers that are placed, or trainers of a
	 * pool.  More shards are no advice then. */
	bool divided;
};

/** What the loader did since the last call, or since it was made; zeros for NULL.  Does nothing if
 *  stats is NULL. */
PLAIT_API void plait_loader_stats(struct plait_loader *loader, struct plait_load_stats *stats);

/** One line, of at most 150 characters.  The share of the time in which batches were waited for
 *  decides: "input-bound: waited 35 % of the time" if it is over a tenth, or over a hundredth for
 *  want of cores; else "compute-bound: waited 0 % of the time".  What explains it follows in words:
 *  the stage that takes the most of loading, with the cores that loading would take if nobody
 *  waited and those that it has; or how many times as fast loading could be; or that one worker
 *  computes at a time, with the option that helps, where computing is not divided yet.
 *  "nothing was loaded" where that is so, or stats is NULL.  Returns text, which may be NULL:
 *  nothing is written then. */
PLAIT_API char *plait_load_verdict(const struct plait_load_stats *stats, char *text, size_t size);

/** Position i of epoch's order, 0 to positions - 1: the sample index.  Needs no memory and no
 *  earlier positions.  Errors, which are negative: PLAIT_EDATA (the sampler's function gives no
 *  sample of the data set), PLAIT_EINVAL (no such position or epoch; loader is NULL). */
PLAIT_API int64_t plait_loader_sample(const struct plait_loader *loader, int64_t epoch, int64_t i);

/** What a loader takes of main memory; sizes in bytes.  Slots and cache together are never more
 *  than limit. */
struct plait_loader_memory {
	int64_t limit; /* fixed when the loader was made */
	int slots;
	int64_t slot_bytes; /* of each */
	enum plait_cache cache;
	int64_t cache_limit; /* what slots and the cache's own table leave; 0: no cache */
	int64_t cache_bytes; /* of it used so far */
	int64_t cache_samples, samples; /* kept so far, and how many the data set has */
};

/** Fills in *memory; at any time.  Zeros for a loader that is NULL; does nothing if memory is
 *  NULL. */
PLAIT_API void plait_loader_memory(const struct plait_loader *loader,
				   struct plait_loader_memory *memory);

/** Waits for submitted loads, for ever if one hangs, and frees the loader; NULL is ignored. */
PLAIT_API void plait_loader_destroy(struct plait_loader *loader);

/** Where a loader is: 64 bytes, for a file of their own or for a checkpoint.  Positions are
 *  counted in batches released: those loaded ahead are loaded again. */
struct plait_loader_state {
	uint64_t magic; /* "PLAITLS" and the version, 1 */
	uint64_t seed;
	uint64_t epoch;
	uint64_t batch;         /* the next; if it is plait_loader_batches, PLAIT_END is next */
	uint64_t dataset;       /* fingerprint of the data set */
	uint64_t configuration; /* hash of the options that decide what is in a batch */
	uint64_t user;          /* the program's own word: set it before saving, read it after */
	uint64_t checksum;      /* of the above */
};

/** Sets all of *state but user.  The loader may be anywhere, before its first batch too.
 *  The first call takes the data set's fingerprint, see below.  Errors: PLAIT_EINVAL (loader
 *  or state is NULL), PLAIT_ENOMEM. */
PLAIT_API int plait_loader_state_save(struct plait_loader *loader,
				      struct plait_loader_state *state);

/** Makes a new loader, before its first plait_loader_next, go on where the state says, at
 *  once and exactly: batches and PLAIT_END come as they would have come.  The seed becomes the
 *  state's.  Data and the options that decide what is in a batch must be those of the loader
 *  that was saved; workers, prefetch, chunk and policy need not.
 *
 *  The same data is: samples, shape, classes, labels, targets; numbers in memory (256 MiB of
 *  them); names and sizes of image files, members of tar files, checksums of packed files, and
 *  the bytes of 16 samples.  Of a callback's data it is what read gives for 16 samples and key
 *  0.  Where the data lies may change.  Of steps of a transform that are callbacks only the
 *  place counts, of a sampler's order only its number of draws.
 *
 *  Errors, which leave the loader as it is: PLAIT_ESTATE (the loader has begun), PLAIT_EFORMAT
 *  (no state, another version, damaged), PLAIT_EDATA (other data), PLAIT_EINVAL (other options;
 *  loader or state is NULL), PLAIT_ENOMEM. */
PLAIT_API int plait_loader_state_restore(struct plait_loader *loader,
					 const struct plait_loader_state *state);

/** A state in a file of 64 bytes, little-endian.  Writing replaces the file at once: whatever
 *  happens, it holds the old state or the new one.  Reading checks what it holds.
 *  Errors: PLAIT_EINVAL (state or path is NULL), PLAIT_EIO, PLAIT_EFORMAT, PLAIT_ENOMEM. */
PLAIT_API int plait_loader_state_write(const struct plait_loader_state *state, const char *path);
PLAIT_API int plait_loader_state_read(struct plait_loader_state *state, const char *path);

#ifdef __cplusplus
}
#endif
#endif
