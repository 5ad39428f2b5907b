/* SPDX-License-Identifier: MIT
 * A data set as the library sees it: one struct, which each format fills in its own way. */
#ifndef PLAIT__DATASET_H
#define PLAIT__DATASET_H

#include "src/base/base.h"
#include "src/base/hash.h"
#include "src/image/image.h"
#include <plait/dataset.h>

/* A sample as it is stored, before transforms. */
enum plait__stored_kind {
	PLAIT__STORED_ENCODED, /* JPEG or PNG: plait__image_decode */
	PLAIT__STORED_PLANES,  /* the numbers of a sample, of the data set's type and shape */
};

struct plait__stored {
	enum plait__stored_kind kind;
	const unsigned char *bytes; /* in the data set's memory, or in the caller's buffer */
	size_t size;
	int32_t label;
	const char
		*path; /* for messages: the file, or "file:member"; valid as long as the data set */
	int64_t offset; /* bytes from the start of that file to the record */
};

/* What was found besides the samples: see src/dataset/notes.h. */
struct plait__note {
	enum plait_note kind;
	int64_t count; /* how many of a kind were left out; 0: the note has its own text */
	char *one, *many, *first; /* what they are called, and where the first one is */
	char *text;
};

struct plait_dataset {
	/* spec, names, lengths: freed by plait_dataset_destroy */
	struct plait_dataset_info info;

	/* Samples in memory, in order.  Most formats have them, and the loader reads them here,
	 * after plait__dataset_bring. */
	const void *x;         /* [samples, dim...] of info.dtype; NULL: call fetch or read */
	const int32_t *labels; /* [samples], or NULL; data sets of stored images have it too */
	const float *targets;  /* [samples, info.targets], or NULL */

	/* Labels of plait_dataset_match_classes, which labels points to then; and those that the
	 * format made, which labels becomes again before destroy is called. */
	int32_t *renumbered;
	const int32_t *format_labels;

	/* Fetches a sample as it is stored.  Its bytes are in memory or in the data set's own
	 * memory. Thread-safe.  NULL if samples are not stored so.  PLAIT_EIO, PLAIT_EFORMAT. */
	int (*fetch)(const struct plait_dataset *dataset, int64_t index,
		     struct plait__buffer *memory, struct plait__stored *stored);
	/* x is filled when samples are first read: those whose byte here (atomic) is 0 are not
	 * there yet, and plait__dataset_bring reads them.  NULL: all are there. */
	const unsigned char *there;
	/* Reads sample index to its place in x.  On failure *where has the path and the offset of
	 * its record.  Thread-safe.  PLAIT_EIO, PLAIT_EFORMAT. */
	int (*bring)(const struct plait_dataset *dataset, int64_t index,
		     struct plait__stored *where);
	/* The file, or "file:member", that has a sample; valid as long as the data set.  Reads no
	 * file, because the watchdog calls it while another thread hangs in a read.  NULL: samples
	 * are in no file. */
	const char *(*path)(const struct plait_dataset *dataset, int64_t index);
	/* No size is that of more than half of the images: a transform must make them equal.  Else
	 * info.dim is that size, and an image of another one is a bad sample unless a transform
	 * makes it equal: who decodes an image compares its size. */
	bool varying;
	bool upright; /* the orientation that EXIF tells is applied */
	/* For messages: an image of the size info.dim; and, if varying, another and its size. */
	int64_t typical, other, other_height, other_width;

	/* Adds to the hash what tells changed data from unchanged and is cheap to find out for all
	 * samples, such as sizes.  Paths of files are left out, since data may be moved.  NULL: the
	 * samples themselves are hashed, those in memory or a few that read makes. */
	void (*digest)(const struct plait_dataset *dataset, struct plait__hash *hash);

	/* Makes a sample; for data sets without x and fetch. */
	plait_dataset_read_fn read;
	void *user;

	struct plait__note *note; /* [notes] */
	size_t note_room;
	int notes;

	/* Frees what the format allocated; or NULL. */
	void (*destroy)(struct plait_dataset *dataset);
	void *state; /* the format's own */
};

/* To be called before sample index is read from x.  *where is set on failure, as bring says. */
static inline int plait__dataset_bring(const struct plait_dataset *dataset, int64_t index,
				       struct plait__stored *where)
{
	if (!dataset->there || __atomic_load_n(&dataset->there[index], __ATOMIC_ACQUIRE))
		return 0;
	return dataset->bring(dataset, index, where);
}

/* Bytes of one sample in info.dtype. */
static inline size_t plait__dataset_sample_bytes(const struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = &dataset->info;

	return (size_t)plait_shape_elements(info->ndim, info->dim) * plait_dtype_size(info->dtype);
}

/* The label of a sample that was fetched. */
static inline int32_t plait__dataset_label(const struct plait_dataset *dataset, int64_t index,
					   const struct plait__stored *stored)
{
	return dataset->labels ? dataset->labels[index] : stored->label;
}

/* Decodes an image as plait__image_decode, and turns it where the data set says so, which needs
 * other memory. */
int plait__dataset_decode(const struct plait_dataset *dataset, const struct plait__stored *stored,
			  struct plait__buffer *memory, struct plait__buffer *turned,
			  struct plait__image *image);

/* PLAIT_ESHAPE: an image of this size where info.dim was expected, with both sizes and the image
 * that has the other. */
int plait__dataset_wrong_size(const struct plait_dataset *dataset, int height, int width);

/* A number that tells whether the data set of another run had the same data, at whatever path: see
 * plait_loader_state_restore.  A sample that cannot be read is no error: its status is hashed.
 * PLAIT_ENOMEM. */
int plait__dataset_fingerprint(const struct plait_dataset *dataset, uint64_t *fingerprint_p);

/* As plait_dataset_read, but does not zero the rest of x behind the sample's length. */
int plait__dataset_read(const struct plait_dataset *dataset, int64_t index, uint64_t key, void *x,
			int32_t *label, float *target);

/* What dataset->path returns; NULL if the data set has no such function. */
static inline const char *plait__dataset_path(const struct plait_dataset *dataset, int64_t index)
{
	return dataset->path ? dataset->path(dataset, index) : NULL;
}

/* Each format has a function that opens the data set of a specification.  rest is the text after
 * the colon, "" if there is none.  The data set is zeroed but for info.spec.  On failure some of
 * its fields may be set: the caller destroys it. */
#define PLAIT__FORMAT(name, function) \
	int plait__dataset_open_##function(struct plait_dataset *dataset, const char *rest);
#include "src/dataset/formats.def"
#undef PLAIT__FORMAT

/* Checks that labels are 0 to *classes - 1.  If *classes is 0, it is set to the largest label + 1.
 * PLAIT_ELABEL, with a message that names spec, index, label and classes. */
int plait__dataset_check_labels(const char *spec, int64_t samples, const int32_t *labels,
				int64_t *classes);

#endif
