/* SPDX-License-Identifier: MIT
 * The index of tar archives: where the image of each sample is, and its class. */
#ifndef PLAIT__DATASET_TAR_INDEX_H
#define PLAIT__DATASET_TAR_INDEX_H

#include "src/dataset/formats/tar_walk.h"

/* Where an image is. */
struct plait__tar_image {
	int64_t offset, size; /* bytes, in the archive */
	int archive;          /* index of the archive */
};

/* The state of a tar data set. */
struct plait__archives {
	char *list;             /* the specification, cut into paths */
	struct plait__tar *tar; /* [count] */
	int count;
	struct plait__tar_image *image; /* [samples] */
	struct plait__texts member;     /* [samples] "path:name", for messages */
	int64_t image_room, label_room; /* samples for which there is memory */
};

/* Appends the samples of an archive to the data set, whose state is a struct plait__archives.
 * Errors: PLAIT_EIO, PLAIT_EFORMAT, PLAIT_ELABEL, PLAIT_ENOMEM. */
int plait__tar_index(struct plait_dataset *dataset, int archive);

#endif
