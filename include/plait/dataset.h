/* SPDX-License-Identifier: MIT
 * A dataset is samples at random access: sample i has an input (shape, dtype) and a
 * class label, a target vector, both or neither. */
#ifndef PLAIT_DATASET_H
#define PLAIT_DATASET_H

#include <plait/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_dataset;

/** What a dataset holds; strings and arrays belong to the dataset. */
struct plait_dataset_info {
	const char *spec; /* what it was opened with, for messages */
	int64_t samples;
	enum plait_dtype dtype; /* PLAIT_F32 or PLAIT_U8 */
	int ndim;               /* of one sample */
	int64_t dim[PLAIT_MAX_DIMS];
	int64_t classes;                  /* labels are in [0,classes); 0 = no class labels */
	const char *const *class_names;   /* classes of them, or NULL */
	const char *const *feature_names; /* of a vector: dim[0] of them, or NULL */
	int64_t targets;                  /* floats in a target vector; 0 = no targets */
	const int32_t *lengths; /* [samples]: dimension 0 of each, 1 to dim[0]; NULL: all dim[0] */
};

/** Opens a data set by its specification:
 *    fashion-mnist[:train|:test]   the files of Debian's package; PLAIT_DATA overrides the folder
 *    idx:IMAGES[,LABELS]           IDX files, plain or gzip
 *    npy:X.npy[,Y.npy][,layout=chw|hwc]   NumPy arrays; whole numbers from 0 on in Y = labels (and
 *                                  targets), others = targets.  Bytes [H,W,1] and [H,W,3] become
 *                                  [C,H,W] by their shape, unless layout says it; idx: likewise
 *    csv:FILE[,label=COL][,header=yes|no]   numbers with commas; COL: a name, a position, or none
 *                                  where no column is the label; else the last is; labels are all
 *                                  numbers, or all names
 *    images:DIR                    JPEG and PNG files in a folder per class, ordered so
 *    cifar10:DIR[:train|:test]     CIFAR-10's binary files
 *    tar:FILE[,FILE...]            WebDataset shards: NAME.jpg (.jpeg, .png) with NAME.cls
 *    packed:FILE                   any of these in one file, as plait pack writes it
 *    synthetic:SAMPLES,FEATURES,CLASSES   a separable problem made from a fixed seed
 *  Without labels, as for prediction, are idx: and npy: of one file, csv: with label=none, and
 *  images: of a folder without folders.
 *  Stored images are uint8 [3,H,W], the size that of most, or of the first; they may
 *  differ in size.
 *  *dataset_p is set only on success; the caller frees it with plait_dataset_destroy.
 *  Errors: PLAIT_EINVAL (unknown or malformed specification; dataset_p or spec is NULL), PLAIT_EIO
 *  (cannot read), PLAIT_EFORMAT (path, offset, expected, found), PLAIT_ELABEL, PLAIT_ENOMEM. */
PLAIT_API int plait_dataset_open(struct plait_dataset **dataset_p, const char *spec);

/** A data set over arrays in memory, which are read, not copied: they must live as long
 *  as the data set.  x: [N,...] PLAIT_F32 or PLAIT_U8.  y: PLAIT_I32 [N] class labels, or
 *  PLAIT_F32 [N] or [N,M] targets, or NULL.  classes: 0 = largest label + 1.
 *  Errors: PLAIT_ESHAPE, PLAIT_EINVAL (a dtype, classes; dataset_p, x or data is NULL),
 *  PLAIT_ELABEL, PLAIT_ENOMEM. */
PLAIT_API int plait_dataset_from_memory(struct plait_dataset **dataset_p,
					const struct plait_tensor *x, const struct plait_tensor *y,
					int64_t classes);

/** A data set of sequences in memory, one behind the other, which are read, not copied.
 *  x: [sum of lengths,...] PLAIT_F32 or PLAIT_U8; lengths: PLAIT_I32 [N], each at least 1; y and
 *  classes as above.  info->dim[0] is the longest; see plait_batch for how they are padded.
 *  Errors: PLAIT_ESHAPE, PLAIT_EINVAL (as above; lengths is NULL), PLAIT_ELABEL, PLAIT_ENOMEM. */
PLAIT_API int plait_dataset_from_sequences(struct plait_dataset **dataset_p,
					   const struct plait_tensor *x,
					   const struct plait_tensor *lengths,
					   const struct plait_tensor *y, int64_t classes);

/** A user's data set: read is called from several worker threads at once and must be
 *  pure: the same index and key always give the same bytes.  It writes the sample (in
 *  info->dtype) to x and, if info->classes > 0, the label to *label, and, if
 *  info->targets > 0, the vector to target; all of x, which may hold another sample's
 *  numbers.  It returns 0, or anything else to fail: that sample is bad then
 *  (bad_samples.h), and most often the run ends with PLAIT_EDATA naming index and result.
 *  With info->lengths it writes only the lengths[index] first parts of x.
 *  info is copied (strings and lengths too); of it spec, lengths and all names may be NULL.
 *  user is passed through.
 *  Errors: PLAIT_EINVAL (dataset_p, info or read is NULL, a field of info), PLAIT_ESHAPE,
 *  PLAIT_ENOMEM. */
typedef int (*plait_dataset_read_fn)(void *user, int64_t index, uint64_t key, void *x,
				     int32_t *label, float *target);
PLAIT_API int plait_dataset_from_callback(struct plait_dataset **dataset_p,
					  const struct plait_dataset_info *info,
					  plait_dataset_read_fn read, void *user);

/** The description; lives as long as the data set.  NULL for NULL. */
PLAIT_API const struct plait_dataset_info *plait_dataset_info(const struct plait_dataset *dataset);

/** The class labels [samples], or NULL where there are none or they are known only as samples are
 *  read.  They live as long as the data set.  NULL for NULL. */
PLAIT_API const int32_t *plait_dataset_labels(const struct plait_dataset *dataset);

/** What opening a data set met besides its samples. */
enum plait_note {
	PLAIT_NOTE_LOSS = 1, /* something was left out, or may be missing */
	PLAIT_NOTE_CHOICE,   /* how the data were understood where there is a choice */
};

/** Note i as a line of text, such as "left out 4 .webp, the first DIR/cat/1.webp", and its kind
 *  (kind may be NULL).  NULL where there is no such note, and for NULL.  It lives as long as the
 *  data set. */
PLAIT_API const char *plait_dataset_note(const struct plait_dataset *dataset, int i,
					 enum plait_note *kind);

/** Turns JPEG and PNG images as the orientation in their EXIF data says, which is ignored
 * otherwise. To be called before anything reads samples: sizes may change. Errors: PLAIT_EINVAL
 * (samples are no such files; dataset is NULL), as plait_dataset_open. */
PLAIT_API int plait_dataset_apply_exif(struct plait_dataset *dataset);

/** Numbers the classes as names does: class names become these, a label the position of its name
 *  there.  For data that name the same classes as others but in another order, or some of them.
 *  Names are compared by their characters: Unicode's forms NFC and NFD are the same.
 *  whose: who has these names, for messages.  To be called before anything uses the labels.
 *  Errors: PLAIT_ELABEL (a class that is none of names; nothing has changed), PLAIT_EINVAL (the
 *  data set has no class names, or labels only as samples are read; an argument is NULL, classes is
 *  not positive), PLAIT_ENOMEM. */
PLAIT_API int plait_dataset_match_classes(struct plait_dataset *dataset, int64_t classes,
					  const char *const *names, const char *whose);

/** Checks that the features of a data set, the columns of a table, are those of others: the same
 *  names in the same order.  Does nothing if the data set has no feature_names.  whose: who has
 *  these names, for messages.
 *  Errors: PLAIT_ESHAPE (another name at a position, or another count; the message names both),
 *  PLAIT_EINVAL (an argument is NULL, features is not positive). */
PLAIT_API int plait_dataset_match_features(const struct plait_dataset *dataset, int64_t features,
					   const char *const *names, const char *whose);

/** Reads sample index: x in info->dtype, zero behind its length, label and target where the set
 *  has them (either pointer may be NULL).  key seeds whatever is random in the sample.
 *  Thread-safe.
 *  Errors: PLAIT_EINVAL (index; dataset or x is NULL), PLAIT_EDATA; of a stored image PLAIT_EIO,
 *  PLAIT_EFORMAT, PLAIT_ENOMEM and PLAIT_ESHAPE (its size is another than the description's). */
PLAIT_API int plait_dataset_read(const struct plait_dataset *dataset, int64_t index, uint64_t key,
				 void *x, int32_t *label, float *target);

/** Frees the data set; NULL is ignored. */
PLAIT_API void plait_dataset_destroy(struct plait_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
