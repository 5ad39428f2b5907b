/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/image/buffer.h"
#include "src/base/base.h"

#include <stdint.h>
#include <stdlib.h>

unsigned char *plait__buffer_reserve(struct plait__buffer *buffer, size_t size)
{
	/* More than asked for, so that sizes that grow slowly do not allocate each time. */
	size_t capacity = size + size / 4;
	unsigned char *bytes;

	if (buffer->bytes && size <= buffer->capacity)
		return buffer->bytes;
	if (capacity < size || capacity > SIZE_MAX - 4096)
		capacity = SIZE_MAX - 4096;
	capacity = (capacity + 4096) & ~(size_t)4095;
	PLAIT__ASSERT(capacity >= size && capacity % 64 == 0,
		      "a buffer is aligned and large enough");
	bytes = aligned_alloc(64, capacity);
	if (!bytes) {
		plait__error(PLAIT_ENOMEM, "no memory for %zu bytes of an image", size);
		return NULL;
	}
	free(buffer->bytes);
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return bytes;
}

void plait__buffer_free(struct plait__buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct plait__buffer){ 0 };
}
