/* SPDX-License-Identifier: MIT
 * Inside a dataset: one struct for every format; a format is a reader that fills it. */
#ifndef PLAIT__DATASET_H
#define PLAIT__DATASET_H

#include "src/base/base.h"
#include "src/base/hash.h"
#include "src/image/image.h"
#include <plait/dataset.h>

/* A sample as it is stored, before transforms. */
enum plait__stored_kind {
	PLAIT__STORED_ENCODED, /* JPEG or PNG: plait__image_decode */
	PLAIT__STORED_PLANES,  /* uint8 CHW of the data set's shape */
};

struct plait__stored {
	enum plait__stored_kind kind;
	const unsigned char *bytes; /* in the data set's memory, or in the caller's buffer */
	size_t size;
	int32_t label;
	const char *path; /* for messages: the file, or file and member; lives as the data set */
	int64_t offset;   /* of the record in that file */
};

struct plait_dataset {
	/* spec, class_names, lengths: freed by plait_dataset_destroy */
	struct plait_dataset_info info;

	/* Where samples are in memory, in order, as most formats have them: the loader
	 * converts straight from here. */
	const void *x;         /* [samples, dim...] of info.dtype, or NULL: use record or read */
	const int32_t *labels; /* [samples], or NULL; stored images have it too */
	const float *targets;  /* [samples, info.targets], or NULL */

	/* Images as they are stored: fetches sample index, reading it into memory if it is not
	 * mapped.  Thread-safe.  NULL for other data sets.  Errors: PLAIT_EIO, PLAIT_EFORMAT. */
	int (*fetch)(const struct plait_dataset *dataset, int64_t index,
		     struct plait__buffer *memory, struct plait__stored *stored);
	/* The file that a record is in, or file and member; lives as the data set.  No input or
	 * output: it is asked for while a read hangs.  NULL: nothing to say. */
	const char *(*path)(const struct plait_dataset *dataset, int64_t index);
	/* Images are known to differ in size; info.dim is that of the first that can be read.
	 * Even if not, one that opening did not look at may: whoever decodes compares. */
	bool varying;

	/* Adds what is cheap to know about all that is stored and would be another after a change,
	 * but not where it lies.  NULL: samples in memory, all of them, or a few that read makes,
	 * say what there is to know. */
	void (*digest)(const struct plait_dataset *dataset, struct plait__hash *hash);

	/* Where they are not: see plait_dataset_read_fn. */
	plait_dataset_read_fn read;
	void *user;

	void (*destroy)(
		struct plait_dataset *dataset); /* frees what the format allocated, or NULL */
	void *state;                            /* the format's own */
};

/* Bytes of one sample in info.dtype. */
size_t plait__dataset_sample_bytes(const struct plait_dataset *dataset);

/* A number that tells whether a data set holds what another run's did, wherever it lies: see
 * plait_loader_state_restore.  A sample that cannot be read counts as one that cannot.
 * PLAIT_ENOMEM. */
int plait__dataset_fingerprint(const struct plait_dataset *dataset, uint64_t *fingerprint_p);

/* As plait_dataset_read, but writes nothing behind the sample's length. */
int plait__dataset_read(const struct plait_dataset *dataset, int64_t index, uint64_t key, void *x,
			int32_t *label, float *target);

/* What path() says, or NULL. */
const char *plait__dataset_path(const struct plait_dataset *dataset, int64_t index);

/* Every format has a function that opens what follows the colon of a specification ("" if nothing
 * follows) into a zeroed data set whose spec is set.  On failure it may leave the data set
 * half-filled: the caller destroys it. */
#define PLAIT__FORMAT(name, function) \
	int plait__dataset_open_##function(struct plait_dataset *dataset, const char *rest);
#include "src/dataset/formats.def"
#undef PLAIT__FORMAT

/* Checks labels against classes, or finds classes = largest label + 1 if *classes is 0.
 * Errors: PLAIT_ELABEL naming spec, index, value and class count. */
int plait__dataset_check_labels(const char *spec, int64_t samples, const int32_t *labels,
				int64_t *classes);

#endif
