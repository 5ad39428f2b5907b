/* SPDX-License-Identifier: MIT
 * Many names in few allocations. */
#include "config.h"
#include "src/dataset/stored.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int plait__texts_add(struct plait__texts *texts, const char *text, const char *spec)
{
	size_t size = strlen(text) + 1;

	PLAIT__ASSERT(!texts->pointed, "no text is added where there are pointers already");
	PLAIT__ASSERT(texts->used <= texts->capacity, "texts lie in their pool");
	if (texts->count == texts->room) {
		int64_t room = texts->room ? 2 * texts->room : 64;
		void *item = plait__data_allocate(texts->item, room, sizeof *texts->item, spec);

		if (!item)
			return PLAIT_ENOMEM;
		texts->item = item;
		texts->room = room;
	}
	if (texts->capacity - texts->used < size) {
		size_t capacity = 2 * (texts->capacity + size);
		char *pool = plait__data_allocate(texts->pool, (int64_t)capacity, 1, spec);

		if (!pool)
			return PLAIT_ENOMEM;
		texts->pool = pool;
		texts->capacity = capacity;
	}
	memcpy(texts->pool + texts->used, text, size);
	texts->item[texts->count++].offset = texts->used;
	texts->used += size;
	return 0;
}

void plait__texts_point(struct plait__texts *texts)
{
	PLAIT__ASSERT(!texts->pointed, "offsets become pointers once");
	texts->pointed = true;
	for (int64_t i = 0; i < texts->count; i++)
		texts->item[i].text = texts->pool + texts->item[i].offset;
}

void plait__texts_free(struct plait__texts *texts)
{
	free(texts->pool);
	free(texts->item);
}

bool plait__is_image_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0 ||
		       strcasecmp(dot, ".png") == 0);
}
