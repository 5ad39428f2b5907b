/* SPDX-License-Identifier: MIT
 * Memory that grows and is used again. */
#ifndef PLAIT__BUFFER_H
#define PLAIT__BUFFER_H

#include <stddef.h>

/* Memory of one worker, used again for each sample.  It grows to the size of the largest sample. */
struct plait__buffer {
	unsigned char *bytes;
	size_t capacity;
};

/* Returns at least size bytes, 64-byte aligned, whose contents are not those from before.  NULL
 * with the message kept if there is no memory. */
unsigned char *plait__buffer_reserve(struct plait__buffer *buffer, size_t size);
void plait__buffer_free(struct plait__buffer *buffer);

#endif
