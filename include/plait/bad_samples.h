/* SPDX-License-Identifier: MIT
 * Samples that cannot be delivered: what a loader does about them, and the list of them. */
#ifndef PLAIT_BAD_SAMPLES_H
#define PLAIT_BAD_SAMPLES_H

#include <plait/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A sample is bad if it cannot be read (PLAIT_EIO, PLAIT_EDATA) or decoded (PLAIT_EFORMAT,
 *  an image of too many pixels too), has another size than the rest (PLAIT_ESHAPE) or a label
 *  out of range (PLAIT_ELABEL).  A lack of memory is no sample's fault and always an error. */
enum plait_bad_policy {
	PLAIT_BAD_FAIL = 0, /* its batch fails */
	/* Another sample takes its place: that at a random position of the same epoch's order,
	 * drawn from (seed, epoch, position) alone, so that batches stay the same however they are
	 * made. After 16 draws of bad ones the batch fails. */
	PLAIT_BAD_REPLACE,
	/* It does not count: weight 0, label -1, numbers 0 (see struct plait_batch); to train so,
	 * the graph's loss must have weights.  A batch of bad samples only is delivered too; to
	 * train or evaluate on an epoch of them is PLAIT_EDATA. */
	PLAIT_BAD_MASK,
};

struct plait_bad_samples;

/** What a loader, plait_fit and the like do about bad samples. */
struct plait_bad_options {
	enum plait_bad_policy policy;
	/* So many different ones are tolerated, those already in the list counted too; one more
	 * fails every batch in which a bad one is met from then on.  0 = no limit; others need a
	 * list. */
	int64_t limit;
	/* Where they are noted; may be shared, as by training and validation, and must outlive
	 * whoever notes.  NULL: nowhere.  With PLAIT_BAD_FAIL the error's message is all there is.
	 */
	struct plait_bad_samples *list;
};

/** One of them; strings belong to the list. */
struct plait_bad_sample {
	const char *spec; /* the data set */
	int64_t index;
	const char *path; /* file, or file and member; NULL where there is none */
	int64_t offset;   /* bytes: where in the file the sample begins; 0 without a path */
	/* How often it was met: once an epoch, more if it was drawn as a substitute; in batches
	 * that were loaded ahead and never asked for, too. */
	int64_t times;
	/* The decoder's or the system's words; an offset in them counts from where the sample
	 * begins. */
	const char *message;
};

/** An empty list.  *list_p is set on success and freed with plait_bad_samples_destroy.
 *  Errors: PLAIT_EINVAL (list_p is NULL), PLAIT_ENOMEM. */
PLAIT_API int plait_bad_samples_create(struct plait_bad_samples **list_p);

/** How many different samples are in the list; none in NULL.  Thread-safe, as is
 *  plait_bad_samples_get; the list of epochs that were delivered whole depends on nothing but the
 *  batches' bytes, that of a run that ended early has samples of batches loaded ahead too. */
PLAIT_API int64_t plait_bad_samples_count(struct plait_bad_samples *list);

/** The i-th, ordered by data set and index; *sample is a copy.  While loads go on, another one
 *  may become the i-th.  Errors: PLAIT_EINVAL (there is none; list or sample is NULL). */
PLAIT_API int plait_bad_samples_get(struct plait_bad_samples *list, int64_t i,
				    struct plait_bad_sample *sample);

/** Frees the list; NULL is ignored. */
PLAIT_API void plait_bad_samples_destroy(struct plait_bad_samples *list);

#ifdef __cplusplus
}
#endif
#endif
