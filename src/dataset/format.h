/* SPDX-License-Identifier: MIT
 * What the formats of data sets share.  A format that reads whole files allocates x, labels and
 * targets by plait__data_allocate, and plait__dataset_free_arrays frees them. */
#ifndef PLAIT__DATASET_FORMAT_H
#define PLAIT__DATASET_FORMAT_H

#include "src/dataset/dataset.h"
#include "src/base/file.h"
#include "src/base/number.h"

/* The largest label: a label and the number of classes, which is one more, are int32. */
#define PLAIT__MAX_LABEL (INT32_MAX - 1)

/* As plait__grow (src/base/grow.h), but for arrays whose size a file decides: the memory comes from
 * plait__data_allocate, and spec is for its message.  PLAIT_ENOMEM. */
int plait__dataset_grow(void *array_p, int64_t *capacity, int64_t needed, size_t size,
			const char *spec);

/* Frees x, labels and targets: the destroy function of formats that allocate them. */
void plait__dataset_free_arrays(struct plait_dataset *dataset);

/* Copies the names of count classes.  PLAIT_EINVAL if one is NULL, PLAIT_ELABEL if a label cannot
 * tell so many classes apart, PLAIT_ENOMEM. */
int plait__dataset_set_names(struct plait_dataset *dataset, int64_t count,
			     const char *const *names);

/* Notes two classes whose names differ in Unicode's normal form only.  PLAIT_ENOMEM. */
int plait__dataset_note_twins(struct plait_dataset *dataset);

/* Copies the names of the features, info.dim[0] of them.  PLAIT_EINVAL, PLAIT_ENOMEM. */
int plait__dataset_set_features(struct plait_dataset *dataset, const char *const *names);

/* Makes labels and class names of texts: one for each sample, each with a zero byte at its end. The
 * classes are the different texts, sorted by their bytes.  PLAIT_ELABEL, PLAIT_ENOMEM. */
int plait__dataset_name_labels(struct plait_dataset *dataset, const char *texts);

/* Adds targets [samples,1] that have the values of the labels, for losses that need numbers. */
int plait__dataset_add_targets(struct plait_dataset *dataset);

/* For arrays that the caller owns.  The first checks that x can be samples; the second makes y the
 * labels (int32) or the targets (float32) of a data set that has its samples. */
int plait__dataset_check_x(const struct plait_tensor *x);
int plait__dataset_take_y(struct plait_dataset *dataset, const struct plait_tensor *y,
			  int64_t classes);

/* Makes labels of the targets, if each sample has one and all are whole numbers from 0 on. */
int plait__dataset_add_labels(struct plait_dataset *dataset);

/* An array in a file whose header was read: the next byte of the file is the array's first. */
struct plait__array {
	struct plait__file *file;
	struct plait__number type;
	int ndim;
	int64_t dim[PLAIT_MAX_DIMS];
	bool fortran; /* the first index varies fastest */
};

/* How samples of three dimensions lie in a file: channels first or last.  By the shape, bytes whose
 * last dimension is 1 or 3, and whose first is not, have channels last. */
enum plait__layout {
	PLAIT__LAYOUT_BY_SHAPE,
	PLAIT__LAYOUT_CHW,
	PLAIT__LAYOUT_HWC,
};

/* Splits "FIRST,SECOND" at its only comma into two new strings, the second NULL where there is no
 * comma; ",layout=chw" or ",layout=hwc" may follow.  usage is for the message. */
int plait__dataset_split(const char *rest, const char *usage, char **first_p, char **second_p,
			 enum plait__layout *layout_p);

/* Copies numbers of size bytes to [dim...], one row behind the other; stride[d] is how far apart
 * those are in from whose index d differs by 1. */
void plait__rearrange(const char *from, int ndim, const int64_t *dim, const int64_t *stride,
		      size_t size, char *to);

/* Reads the samples of a data set, along the first dimension.  uint8 stays uint8, all other types
 * become float, and a note says what that means for the network's inputs.  Channels come first,
 * whatever the file's layout.  PLAIT_EFORMAT if the file does not end with the array. */
int plait__array_read_x(const struct plait__array *array, enum plait__layout layout,
			struct plait_dataset *dataset);

/* Read one label or one vector of targets for each sample; x must have been read before.
 * PLAIT_ELABEL for a label that is negative or larger than PLAIT__MAX_LABEL. */
int plait__array_read_labels(const struct plait__array *array, struct plait_dataset *dataset);
int plait__array_read_targets(const struct plait__array *array, struct plait_dataset *dataset);

/* Reads a data set of two IDX files, or of one if labels is NULL: idx, and fashion-mnist, which
 * knows its files. */
int plait__dataset_read_idx(struct plait_dataset *dataset, const char *images, const char *labels,
			    enum plait__layout layout);

/* Finds the two files of "train" or "test" in the folder of Debian's package, or in the folder that
 * PLAIT_DATA names, and returns their paths as new strings.  PLAIT_EIO if there are none: the
 * message says how to get them. */
int plait__dataset_find_fashion_mnist(const char *part, char **images_p, char **labels_p);

#endif
