/* SPDX-License-Identifier: MIT
 * Notes that a format makes while it opens a data set. */
#ifndef PLAIT__NOTES_H
#define PLAIT__NOTES_H

#include "src/dataset/dataset.h"

/* Counts something that the format found and does not take: what it is called, once and if there
 * are several, and where this one is.  PLAIT_ENOMEM. */
int plait__dataset_leave_out(struct plait_dataset *dataset, const char *one, const char *many,
			     const char *path);

/* Adds a note with a text of its own.  PLAIT_ENOMEM. */
int plait__dataset_note(struct plait_dataset *dataset, enum plait_note kind, const char *format,
			...) __attribute__((format(printf, 3, 4)));

/* Gives a text to each note that has none.  PLAIT_ENOMEM. */
int plait__notes_finish(struct plait_dataset *dataset);
void plait__notes_free(struct plait_dataset *dataset);

#endif
