/* SPDX-License-Identifier: MIT
 * A store's parameters and buffers as tensors, and from files. */
#ifndef PLAIT__STORE_FILE_H
#define PLAIT__STORE_FILE_H

#include "src/plan/store.h"
#include <plait/checkpoint.h>

/* A parameter or buffer, in the store's memory. */
struct plait_tensor plait__store_tensor(const struct plait__store *store,
					const struct plait_node *node);

/* Whether the file has all parameters and buffers, with their shapes, and no others.  PLAIT_ESHAPE,
 * PLAIT_EFORMAT (a dtype that cannot become what is wanted), PLAIT_ENOMEM.  path is for messages.
 */
int plait__store_check_file(const struct plait__store *store, const struct plait_checkpoint *file,
			    const char *path);

/* Takes those of a file that was checked. */
void plait__store_take(struct plait__store *store, const struct plait_checkpoint *file);

/* All of it, by the file's name.  On error nothing has changed. */
int plait__store_load(struct plait__store *store, const char *path);

/* Takes those of another store of the same graph. */
void plait__store_copy(struct plait__store *store, const struct plait__store *from);

#endif
