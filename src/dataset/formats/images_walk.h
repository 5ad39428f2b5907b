/* SPDX-License-Identifier: MIT
 * Finding the images below a folder. */
#ifndef PLAIT__DATASET_IMAGES_WALK_H
#define PLAIT__DATASET_IMAGES_WALK_H

#include "src/dataset/stored.h"

#include <limits.h>
#include <sys/stat.h>

struct plait__folder_id {
	dev_t device;
	ino_t inode;
};

/* The walk over all folders. */
struct plait__folder {
	struct plait_dataset *dataset; /* counts what is left out */
	struct plait__texts files;
	char path[PATH_MAX];           /* of the folder that is being read */
	char root[PATH_MAX];           /* the data set's folder, without links */
	struct plait__folder_id *seen; /* the folders that were read, and those of all classes */
	size_t seen_count, seen_room;
};

/* Lists the folders in folder->path as classes, and counts the rest as left out; if there is no
 * folder, lists the images there as files. */
int plait__folder_classes(struct plait__folder *folder, struct plait__texts *classes);

/* Remembers the folder of a class, so that no other class leads into it. */
int plait__folder_note(struct plait__folder *folder, const char *name);

/* Adds all images below the folder of a class.  A folder is read once: a link to one that is read
 * elsewhere, or that lies within the data set, is left out. */
int plait__folder_walk(struct plait__folder *folder, const char *name);

#endif
