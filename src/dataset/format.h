/* SPDX-License-Identifier: MIT
 * What the formats of data sets share.  A format fills a zeroed data set with arrays of its
 * own (x, labels, targets, by plait__data_allocate), which plait__dataset_free_arrays frees. */
#ifndef PLAIT__DATASET_FORMAT_H
#define PLAIT__DATASET_FORMAT_H

#include "src/dataset/dataset.h"
#include "src/base/file.h"
#include "src/base/number.h"

/* Class labels are int32 and classes = largest + 1 is one too. */
#define PLAIT__MAX_LABEL (INT32_MAX - 1)

/* As plait__grow (src/base/grow.h), but for arrays whose size a file decides: the memory comes from
 * plait__data_allocate, and spec is for its message.  PLAIT_ENOMEM. */
int plait__dataset_grow(void *array_p, int64_t *capacity, int64_t needed, size_t size,
			const char *spec);

/* The destroy function of formats whose arrays are their own. */
void plait__dataset_free_arrays(struct plait_dataset *dataset);

/* Copies count class names. */
int plait__dataset_set_names(struct plait_dataset *dataset, int64_t count,
			     const char *const *names);

/* Labels from samples texts, each with a zero byte behind: classes are the texts that differ,
 * sorted by their bytes. */
int plait__dataset_name_labels(struct plait_dataset *dataset, const char *texts);

/* Adds targets [samples,1] of the labels' values, for losses that want numbers. */
int plait__dataset_add_targets(struct plait_dataset *dataset);

/* Arrays of the caller's: whether x can be samples, and y as labels or targets of the samples
 * that the data set has. */
int plait__dataset_check_x(const struct plait_tensor *x);
int plait__dataset_take_y(struct plait_dataset *dataset, const struct plait_tensor *y,
			  int64_t classes);

/* Splits "FIRST,SECOND" at its only comma into two new strings; usage is for the message. */
int plait__dataset_split(const char *rest, const char *usage, char **first_p, char **second_p);

/* An array in a file, which stands where the array's bytes begin; its header said the rest. */
struct plait__array {
	struct plait__file *file;
	struct plait__number type;
	int ndim;
	int64_t dim[PLAIT_MAX_DIMS];
};

/* Samples along the first dimension: bytes stay bytes, all else becomes float.  The array
 * must end the file. */
int plait__array_read_x(const struct plait__array *array, struct plait_dataset *dataset);

/* One label or target vector per sample of dataset, whose x was read before.
 * Errors of labels: PLAIT_ELABEL for a negative or too large one. */
int plait__array_read_labels(const struct plait__array *array, struct plait_dataset *dataset);
int plait__array_read_targets(const struct plait__array *array, struct plait_dataset *dataset);

/* fashion-mnist is idx with files of its own. */
int plait__dataset_read_idx(struct plait_dataset *dataset, const char *images, const char *labels);

/* Finds the two files of "train" or "test" where Debian puts them, or under PLAIT_DATA, as
 * new strings.  PLAIT_EIO says what would bring them. */
int plait__dataset_find_fashion_mnist(const char *part, char **images_p, char **labels_p);

#endif
