/* SPDX-License-Identifier: MIT
 * Many texts in few allocations. */
#include "config.h"
#include "src/dataset/stored.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int plait__texts_add(struct plait__texts *texts, const char *text, const char *spec)
{
	int64_t size = (int64_t)strlen(text) + 1;
	int status;

	PLAIT__ASSERT(!texts->pointed, "no text is added where there are pointers already");
	PLAIT__ASSERT(texts->used <= texts->capacity, "texts lie in their pool");
	status = plait__dataset_grow(&texts->item, &texts->room, texts->count + 1,
				     sizeof *texts->item, spec);
	if (status == 0)
		status = plait__dataset_grow(&texts->pool, &texts->capacity, texts->used + size, 1,
					     spec);
	if (status < 0)
		return status;
	memcpy(texts->pool + texts->used, text, (size_t)size);
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
